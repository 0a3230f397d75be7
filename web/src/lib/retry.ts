/** How long to wait before trying again: twice as long each time, with jitter, up to a limit; at once when the network is back. */

const FIRST_MILLIS = 400;
const MAX_MILLIS = 15_000;

/** Waits before try number `attempt`, from 0; until `signal` at most. */
export function pauseBefore(attempt: number, signal: AbortSignal): Promise<void> {
  const millis = Math.min(FIRST_MILLIS * 2 ** attempt, MAX_MILLIS) * (0.75 + Math.random() / 2);
  return new Promise((resolve) => {
    const timer = setTimeout(end, millis);
    signal.addEventListener('abort', end, { once: true });
    addEventListener('online', end, { once: true });
    function end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      removeEventListener('online', end);
      resolve();
    }
  });
}
