/**
 * What the browser keeps for the page: small texts under names. Where it keeps nothing, in a private window or with storage
 * cleared or full, they last as long as the page does. Nothing of value is kept here alone, but drafts.
 */

const PREFIX = 'lorekeep.';
const fallback = new Map<string, string>();

export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? fallback.get(name);
  } catch {
    return fallback.get(name);
  }
}

export function keep(name: string, value: string | undefined): void {
  if (value === undefined) fallback.delete(name);
  else fallback.set(name, value);
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // It stays in memory.
  }
}

/** A kept value of JSON; nothing if there is none or it can't be read. */
export function recallJson<T>(name: string): T | undefined {
  const text = recall(name);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** Calls back when another tab keeps something under this name. */
export function whenKeptElsewhere(name: string, handler: (value: string | undefined) => void): void {
  addEventListener('storage', (event) => {
    if (event.key === PREFIX + name) handler(event.newValue ?? undefined);
  });
}
