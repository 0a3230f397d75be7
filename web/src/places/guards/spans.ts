/** What guards found in a text as stretches of it. Guards count bytes of UTF-8, the page counts in its own units. */

export interface Found {
  start: number;
  end: number;
  kind: string;
  entity: string;
  rule: string;
  score: number;
  verdict: string;
  why: string;
}

export interface Stretch {
  text: string;
  /** Which findings cover it, by their places in the list. */
  found: number[];
}

/** The text in stretches, each covered by the same findings throughout. */
export function stretches(text: string, found: readonly Pick<Found, 'start' | 'end'>[]): Stretch[] {
  const bytes = new TextEncoder().encode(text);
  const cuts = new Set([0, bytes.length]);
  for (const { start, end } of found) {
    cuts.add(Math.min(start, bytes.length));
    cuts.add(Math.min(end, bytes.length));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  const decoder = new TextDecoder();
  return sorted.slice(0, -1).flatMap((from, at) => {
    const to = sorted[at + 1] ?? from;
    const covering = found.flatMap(({ start, end }, which) => (start < to && end > from ? [which] : []));
    return to > from ? [{ text: decoder.decode(bytes.slice(from, to)), found: covering }] : [];
  });
}
