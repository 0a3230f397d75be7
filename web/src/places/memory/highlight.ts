/**
 * Marks words in what is shown without touching it: the browser paints ranges (CSS.highlights), so that virtual lists, selections
 * and Markdown that is changed in place stay as they are. Browsers without it show the text unmarked.
 */
import { marked } from './words';

const NAME = 'found';
const MAX_RANGES = 2000;

/** Marks the words in an element, and whatever comes into it, until the function that it returns is called. */
export function highlightWords(element: HTMLElement, terms: readonly string[], isAnywhere: boolean): () => void {
  if (!('highlights' in CSS) || terms.length === 0) return () => undefined;
  let frame: number | undefined;
  const draw = () => {
    frame = undefined;
    CSS.highlights.set(NAME, new Highlight(...rangesIn(element, terms, isAnywhere)));
  };
  const later = () => (frame ??= requestAnimationFrame(draw));
  const observer = new MutationObserver(later);
  observer.observe(element, { childList: true, subtree: true, characterData: true });
  later();
  return () => {
    observer.disconnect();
    if (frame !== undefined) cancelAnimationFrame(frame);
    CSS.highlights.delete(NAME);
  };
}

function rangesIn(element: HTMLElement, terms: readonly string[], isAnywhere: boolean): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && ranges.length < MAX_RANGES) {
    const node = walker.currentNode as Text;
    let at = 0;
    for (const { text, isMarked } of marked(node.data, terms, { isAnywhere })) {
      if (isMarked) ranges.push(rangeOf(node, at, text.length));
      at += text.length;
    }
  }
  return ranges;
}

function rangeOf(node: Text, start: number, length: number): Range {
  const range = new Range();
  range.setStart(node, start);
  range.setEnd(node, start + length);
  return range;
}
