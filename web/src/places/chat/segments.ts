/**
 * An answer as it was made: pieces of text, with the calls of tools between them where they were made. Places in a text come
 * from the server as bytes of UTF-8.
 */
import type { ToolCallDoc } from '$/api/documents';

export type Segment = { text: string; at: number } | { calls: ToolCallDoc[]; at: number };

/** The index in a string at which so many bytes of UTF-8 have gone by; the start of a character, and the end at most. */
export function indexOfByte(text: string, bytes: number, from = { index: 0, bytes: 0 }): number {
  let { index, bytes: passed } = from;
  while (index < text.length) {
    const code = text.codePointAt(index) ?? 0;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
    if (passed + size > bytes) break;
    passed += size;
    index += code < 0x1_0000 ? 1 : 2;
  }
  return index;
}

/** The text between two places. */
export function textOfBytes(text: string, start: number, end: number): string {
  return text.slice(indexOfByte(text, start), indexOfByte(text, end));
}

/** The pieces in their order; calls of one place stand together. `at` stays the same while the text grows. */
export function segmentsOf(text: string, calls: ToolCallDoc[]): Segment[] {
  if (calls.length === 0) return text.trim() === '' ? [] : [{ text, at: 0 }];
  const places = new Map<number, ToolCallDoc[]>();
  for (const call of calls) {
    const at = call.at ?? 0;
    places.set(at, [...(places.get(at) ?? []), call]);
  }
  const segments: Segment[] = [];
  let done = 0;
  let bytes = 0;
  for (const [at, group] of [...places].sort(([a], [b]) => a - b)) {
    const end = indexOfByte(text, at, { index: done, bytes });
    if (text.slice(done, end).trim() !== '') segments.push({ text: text.slice(done, end), at: done });
    segments.push({ calls: group, at });
    done = end;
    bytes = at;
  }
  if (text.slice(done).trim() !== '') segments.push({ text: text.slice(done).replace(/^\n+/, ''), at: done });
  return segments;
}
