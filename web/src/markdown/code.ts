/**
 * A block of code: its language, a button that copies it, and the code, coloured when it has settled. Colours come from a
 * worker, so that no code, however long its lines, holds up the page.
 */
import { t } from '$/i18n/language.svelte';
import { colour } from './colours';
import { addPreview, canPreview } from './preview';
import type { CodeBlock } from './tree';

const COPIED_MILLIS = 1500;
const parts = new WeakMap<HTMLElement, { code: HTMLElement; language: string }>();

export function makeCode(block: CodeBlock): HTMLElement {
  const figure = document.createElement('figure');
  figure.className = 'code';
  const head = document.createElement('figcaption');
  const name = document.createElement('span');
  name.textContent = block.language;
  const copy = document.createElement('button');
  copy.type = 'button';
  copy.textContent = t('code.copy');
  const pre = document.createElement('pre');
  // It can be wider than the page, and so has to be reachable with the keyboard to be scrolled.
  pre.tabIndex = 0;
  pre.dir = 'ltr';
  const code = document.createElement('code');
  code.append(block.code);
  pre.append(code);
  head.append(name, copy);
  if (canPreview(block.language)) addPreview(head, figure, code, block.language);
  figure.append(head, pre);
  parts.set(figure, { code, language: block.language });
  copy.addEventListener('click', () => void copyText(copy, code.textContent ?? ''));
  figure.addEventListener('settled', () => void colour(code, block.language), { once: true });
  return figure;
}

/** Puts other code into a block in place; whether it is a block of this language. */
export function fillCode(figure: HTMLElement, block: CodeBlock): boolean {
  const part = parts.get(figure);
  if (!part || part.language !== block.language) return false;
  const shown = part.code.textContent ?? '';
  if (shown === block.code) return true;
  const text = part.code.firstChild;
  if (part.code.childNodes.length === 1 && text instanceof Text && block.code.startsWith(shown)) {
    text.appendData(block.code.slice(shown.length));
  } else {
    part.code.replaceChildren(block.code);
  }
  return true;
}

async function copyText(button: HTMLButtonElement, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = t('code.copied');
  } catch {
    button.textContent = t('code.not_copied');
  }
  setTimeout(() => (button.textContent = t('code.copy')), COPIED_MILLIS);
}
