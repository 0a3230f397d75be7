/** Findings are counted in bytes and may lie over one another. */
import { describe, expect, it } from 'vitest';
import { stretches } from './spans';

describe('stretches', () => {
  it('cut a text of several alphabets where the bytes say', () => {
    const text = 'é 中 a@b.c 🙂';
    const start = new TextEncoder().encode('é 中 ').length;
    const cut = stretches(text, [{ start, end: start + 5 }]);
    expect(cut).toEqual([{ text: 'é 中 ', found: [] }, { text: 'a@b.c', found: [0] }, { text: ' 🙂', found: [] }]);
  });

  it('know who covers what where findings overlap, and stay within the text', () => {
    expect(stretches('abcdef', [{ start: 0, end: 4 }, { start: 2, end: 99 }])).toEqual([
      { text: 'ab', found: [0] }, { text: 'cd', found: [0, 1] }, { text: 'ef', found: [1] },
    ]);
    expect(stretches('', [])).toEqual([]);
  });
});
