/**
 * Previews of HTML and SVG that a model wrote: in a frame with a document of its own, which the server sends with a policy
 * and a sandbox. Scripts in it run, in an origin that is nobody's: they reach no server, no storage and not this page. A frame is
 * made when the reader asks for it.
 */
import { addressOf } from '$/api/client';
import { t } from '$/i18n/language.svelte';

const LANGUAGES = new Set(['html', 'svg', 'xhtml']);

export function canPreview(language: string): boolean {
  return LANGUAGES.has(language.toLowerCase());
}

/** Adds a button that shows the preview, and takes it away again. */
export function addPreview(head: HTMLElement, figure: HTMLElement, code: HTMLElement, language: string): void {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = t('chat.preview');
  button.setAttribute('aria-pressed', 'false');
  head.insertBefore(button, head.lastChild);
  let frame: HTMLIFrameElement | undefined;
  button.addEventListener('click', () => {
    if (frame) {
      frame.remove();
      frame = undefined;
    } else {
      frame = makeFrame(code.textContent ?? '', language);
      figure.append(frame);
    }
    button.setAttribute('aria-pressed', String(frame !== undefined));
  });
}

function makeFrame(markup: string, language: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.className = 'preview';
  frame.title = t('chat.preview_of');
  // The document is sandboxed by its policy already; twice holds where one is forgotten.
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.referrerPolicy = 'no-referrer';
  const whole = language.toLowerCase() === 'svg' ? `<!doctype html><body>${markup}</body>` : markup;
  const ready = ({ source, data }: MessageEvent) => {
    if (source !== frame.contentWindow || data !== 'ready') return;
    removeEventListener('message', ready);
    frame.contentWindow?.postMessage({ markup: whole }, '*');
  };
  addEventListener('message', ready);
  frame.src = addressOf('/preview.html');
  return frame;
}
