/** Calls stand where they were made, whatever characters the text has. */
import { describe, expect, it } from 'vitest';
import { indexOfByte, segmentsOf, textOfBytes } from './segments';

const call = (id: string, at: number) => ({ id, tool: 't', state: 'done', at });

describe('segments', () => {
  it('counts bytes as UTF-8 does', () => {
    for (const text of ['plain', 'é ü', '日本語', '😀x', 'مرحبا']) {
      const encoder = new TextEncoder();
      for (let index = 0; index <= text.length; index += 1) {
        const before = text.slice(0, index);
        if (/[\ud800-\udbff]$/.test(before)) continue;
        expect(indexOfByte(text, encoder.encode(before).length), `${text} ${index}`).toBe(index);
      }
      expect(indexOfByte(text, 1000)).toBe(text.length);
    }
    expect(textOfBytes('é😀x', 2, 6)).toBe('😀');
  });

  it('puts calls between the text before and behind them', () => {
    expect(segmentsOf('é before. behind', [call('1', 11), call('2', 11)])).toEqual([
      { text: 'é before. ', at: 0 },
      { calls: [call('1', 11), call('2', 11)], at: 11 },
      { text: 'behind', at: 10 },
    ]);
  });

  it('keeps calls where the text is empty or was made shorter', () => {
    expect(segmentsOf('', [call('1', 0)])).toEqual([{ calls: [call('1', 0)], at: 0 }]);
    expect(segmentsOf('ab', [call('1', 400)])).toEqual([{ text: 'ab', at: 0 }, { calls: [call('1', 400)], at: 400 }]);
    expect(segmentsOf('  ', [])).toEqual([]);
  });
});
