/** Asks the worker for the colours of code, and puts them in. Without an answer the code stays as it is. */
import { scriptUrl } from '$/lib/policy';
import workerUrl from './colours.worker?worker&url';

/** A piece of code with the name of its class, such as `keyword`; none for plain text. */
export type ColouredPiece = [text: string, scope?: string];

/** Longer code is shown without colours. */
const MAX_COLOURED_CHARACTERS = 100_000;
/** A worker that thinks longer than this is ended; what it had to colour stays plain. */
const PATIENCE_MILLIS = 2000;

let worker: Worker | undefined;
let last = 0;

export async function colour(target: HTMLElement, language: string): Promise<void> {
  const code = target.textContent ?? '';
  if (language === '' || code.length > MAX_COLOURED_CHARACTERS) return;
  const pieces = await ask(code, language);
  // It may have become other code meanwhile.
  if (!pieces || target.textContent !== code) return;
  target.replaceChildren(...pieces.map(made));
}

function made([text, scope]: ColouredPiece): Node {
  if (scope === undefined) return document.createTextNode(text);
  const span = document.createElement('span');
  span.className = `hl-${scope}`;
  span.textContent = text;
  return span;
}

function ask(code: string, language: string): Promise<ColouredPiece[] | undefined> {
  worker ??= new Worker(scriptUrl(workerUrl), { type: 'module' });
  const asked = worker;
  last += 1;
  const id = last;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      asked.terminate();
      if (worker === asked) worker = undefined;
      done(undefined);
    }, PATIENCE_MILLIS);
    asked.addEventListener('message', hear);
    asked.addEventListener('error', fail);
    asked.postMessage({ id, code, language });
    function hear({ data }: MessageEvent<{ id: number; pieces: ColouredPiece[] }>) {
      if (data.id === id) done(data.pieces);
    }
    function fail() {
      done(undefined);
    }
    function done(pieces: ColouredPiece[] | undefined) {
      clearTimeout(timer);
      asked.removeEventListener('message', hear);
      asked.removeEventListener('error', fail);
      resolve(pieces);
    }
  });
}
