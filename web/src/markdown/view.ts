/**
 * Shows a growing Markdown text in an element: settled blocks are made once and never touched again, the last one is changed
 * in place, so that a selection in it stays and nothing flickers. Once a frame at most, and rarer if a frame isn't enough.
 */
import { GrowingMarkdown } from './blocks';
import { fillCode, makeCode } from './code';
import { showMaths } from './maths';
import type { CodeBlock, Formula, TreeElement, TreeNode } from './tree';

/** Of the time between two changes, the work on one may take this part. */
const MAX_SHARE_OF_TIME = 0.25;

export class MarkdownView {
  readonly #target: HTMLElement;
  readonly #growing = new GrowingMarkdown();
  #text = '';
  #frame: number | undefined;
  #notBefore = 0;

  constructor(target: HTMLElement) {
    this.#target = target;
  }

  /** The text as it is now; shown with the next frame, or at once if it won't grow any more. */
  show(text: string, { isFinal }: { isFinal: boolean }): void {
    if (text === this.#text && !isFinal) return;
    this.#text = text;
    if (isFinal) this.#draw(isFinal);
    else this.#frame ??= requestAnimationFrame((now) => this.#drawInTime(now));
  }

  end(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  #drawInTime(now: number): void {
    this.#frame = undefined;
    if (now < this.#notBefore) {
      this.#frame = requestAnimationFrame((later) => this.#drawInTime(later));
      return;
    }
    this.#draw(false);
    const took = performance.now() - now;
    this.#notBefore = now + took / MAX_SHARE_OF_TIME;
  }

  #draw(isFinal: boolean): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    const { kept, added } = this.#growing.take(this.#text);
    patchChildren(this.#target, added, kept);
    if (isFinal) for (const block of this.#target.querySelectorAll<HTMLElement>('.code')) block.dispatchEvent(new Event('settled'));
  }
}

/** Makes the children of an element, from number `from` on, what the nodes say. */
function patchChildren(parent: Element, nodes: TreeNode[], from = 0): void {
  nodes.forEach((node, at) => {
    const existing = parent.childNodes[from + at];
    const made = existing && patched(existing, node) ? existing : make(node);
    if (made === existing) return;
    if (existing) existing.replaceWith(made);
    else parent.append(made);
  });
  while (parent.childNodes.length > from + nodes.length) parent.lastChild?.remove();
}

/** Changes a node in place, if it is of the same kind. */
function patched(existing: Node, node: TreeNode): boolean {
  if (typeof node === 'string') {
    if (!(existing instanceof Text)) return false;
    if (existing.data !== node) setText(existing, node);
    return true;
  }
  if (!(existing instanceof HTMLElement)) return false;
  if ('code' in node) return fillCode(existing, node);
  if ('formula' in node) return existing.dataset['formula'] === node.formula && existing.classList.contains('block') === node.isBlock;
  if (existing.localName !== node.tag || !hasAttributes(existing, node)) return false;
  patchChildren(existing, node.children);
  return true;
}

/** Adds to a text where it only grew: that keeps a selection in it. */
function setText(existing: Text, text: string): void {
  if (text.startsWith(existing.data)) existing.appendData(text.slice(existing.data.length));
  else existing.data = text;
}

function hasAttributes(existing: Element, { attributes }: TreeElement): boolean {
  const names = Object.keys(attributes);
  return existing.attributes.length === names.length && names.every((name) => existing.getAttribute(name) === attributes[name]);
}

function make(node: TreeNode): Node {
  if (typeof node === 'string') return document.createTextNode(node);
  if ('code' in node) return makeCode(node satisfies CodeBlock);
  if ('formula' in node) return makeFormula(node);
  const made = document.createElement(node.tag);
  for (const [name, value] of Object.entries(node.attributes)) made.setAttribute(name, value);
  patchChildren(made, node.children);
  return made;
}

function makeFormula({ formula, isBlock }: Formula): HTMLElement {
  const made = document.createElement('span');
  made.className = isBlock ? 'maths block' : 'maths';
  made.dataset['formula'] = formula;
  // Until it is drawn, and where it can't be, it stands as it was written.
  made.textContent = isBlock ? `$$${formula}$$` : `\\(${formula}\\)`;
  if (isBlock) made.tabIndex = 0;
  void showMaths(made, formula, isBlock);
  return made;
}
