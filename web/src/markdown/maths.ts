/**
 * Maths in Markdown: `$$…$$`, `\(…\)` and `\[…\]`. A single `$` is money. Only the marks are found here; what is between them
 * is turned into MathML by KaTeX, which is loaded when there is some.
 */
import type MarkdownIt from 'markdown-it';

const MARKS = [
  { open: '$$', close: '$$', isBlock: true },
  { open: '\\[', close: '\\]', isBlock: true },
  { open: '\\(', close: '\\)', isBlock: false },
] as const;
/** Longer formulas are shown as they were written. */
const MAX_CHARACTERS = 5000;

export function maths(markdown: InstanceType<typeof MarkdownIt>): void {
  markdown.inline.ruler.before('escape', 'maths', (state, silent) => {
    const mark = MARKS.find(({ open }) => state.src.startsWith(open, state.pos));
    if (!mark) return false;
    const start = state.pos + mark.open.length;
    const end = state.src.indexOf(mark.close, start);
    const formula = end < 0 ? '' : state.src.slice(start, end);
    if (formula.trim() === '' || formula.length > MAX_CHARACTERS) return false;
    if (!silent) {
      const token = state.push('maths', '', 0);
      token.content = formula;
      token.markup = mark.isBlock ? 'block' : 'inline';
    }
    state.pos = end + mark.close.length;
    return true;
  });
}

const ELEMENTS = new Set([
  'math', 'semantics', 'mrow', 'mi', 'mo', 'mn', 'mtext', 'mspace', 'msup', 'msub', 'msubsup', 'mfrac', 'msqrt', 'mroot', 'mover', 'munder',
  'munderover', 'mtable', 'mtr', 'mtd', 'mpadded', 'mphantom', 'mstyle', 'menclose', 'merror', 'mmultiscripts', 'mprescripts', 'none', 'ms',
]);
/** Attributes that only say how a formula looks. */
const ATTRIBUTES = new Set([
  'accent', 'accentunder', 'align', 'columnalign', 'columnlines', 'columnspacing', 'columnspan', 'depth', 'display', 'displaystyle', 'fence', 'form',
  'height', 'largeop', 'linethickness', 'lspace', 'mathvariant', 'maxsize', 'minsize', 'movablelimits', 'notation', 'rowlines', 'rowspacing',
  'rspace', 'scriptlevel', 'separator', 'stretchy', 'symmetric', 'voffset', 'width',
]);
const NAMESPACE = 'http://www.w3.org/1998/Math/MathML';

interface MathNode {
  type?: string;
  text?: string;
  /** Of a space. */
  character?: string | null;
  width?: number;
  attributes?: Record<string, string>;
  children?: MathNode[];
}

/** Puts a formula into an element. Until it is there, and where it can't be read, it stands as it was written. */
export async function showMaths(target: HTMLElement, formula: string, isBlock: boolean): Promise<void> {
  try {
    const { mathTree } = await import('./katex');
    const made = elementOf(mathTree(formula, isBlock));
    if (target.dataset['formula'] !== formula || !made) return;
    target.replaceChildren(made);
  } catch {
    // It stays as it was written.
  }
}

/** Elements and attributes of MathML's list alone, whatever a formula asks for. */
function elementOf(node: MathNode): Node | undefined {
  if (node.type === undefined) {
    if (node.text !== undefined) return document.createTextNode(node.text);
    if (node.width !== undefined) return space(node.character, node.width);
    const children = (node.children ?? []).map(elementOf).filter((child) => child !== undefined);
    return children.length === 1 ? children[0] : wrapped(children);
  }
  if (node.type === 'semantics') {
    const shown = node.children?.[0];
    return shown && elementOf(shown);
  }
  if (!ELEMENTS.has(node.type)) return wrapped((node.children ?? []).map(elementOf).filter((child) => child !== undefined));
  const element = document.createElementNS(NAMESPACE, node.type);
  for (const [name, value] of Object.entries(node.attributes ?? {})) if (ATTRIBUTES.has(name)) element.setAttribute(name, value);
  for (const child of node.children ?? []) element.append(...[elementOf(child)].filter((made) => made !== undefined));
  return element;
}

function space(character: string | null | undefined, width: number): Node {
  if (character) return document.createTextNode(character);
  const element = document.createElementNS(NAMESPACE, 'mspace');
  element.setAttribute('width', `${width}em`);
  return element;
}

function wrapped(children: Node[]): Element {
  const row = document.createElementNS(NAMESPACE, 'mrow');
  row.append(...children);
  return row;
}
