import { describe, expect, it } from 'vitest';
import { asTyped, dayAt, dayKey, marked, resumeCommand, termsOf } from './words';

const shown = (text: string, terms: string[]) => marked(text, terms).map((piece) => (piece.isMarked ? `[${piece.text}]` : piece.text)).join('');

describe('marked', () => {
  it.each([
    ['The retry policy retries', ['retry'], 'The [retry] policy retries'],
    ['Retrying', ['retry'], '[Retry]ing'],
    ['preretry', ['retry'], 'preretry'],
    ['a.b (c) *d*', ['a.b', '*d'], '[a.b] (c) [*d]*'],
    ['渡轮时刻表', ['时刻'], '渡轮[时刻]表'],
    ['nothing', [], 'nothing'],
    ['<b>bold</b>', ['bold'], '<b>[bold]</b>'],
  ])('%s by %j', (text, terms, expected) => expect(shown(text, terms)).toBe(expected));

  it('loses nothing of the text', () => {
    const text = 'one two  three\nTWO';
    expect(marked(text, ['two', 'one']).map((piece) => piece.text).join('')).toBe(text);
  });
});

describe('asTyped', () => {
  it.each([['ret', 'ret*'], ['retry pol', 'retry pol*'], ['retry ', 'retry '], ['"retry pol', '"retry pol'], ['a', 'a'], ['src/x.rs', 'src/x.rs'], ['时刻', '时刻']])(
    '%s', (words, expected) => expect(asTyped(words)).toBe(expected),
  );
});

it('takes the words out of a query', () => expect(termsOf('"retry policy" ferr* x')).toEqual(['retry', 'policy', 'ferr']));

it('writes a day and reads it again', () => {
  expect(dayKey(new Date(dayAt('2026-03-29') ?? 0))).toBe('2026-03-29');
  expect(dayAt('tomorrow')).toBeUndefined();
});

describe('resumeCommand', () => {
  it.each([
    ['claude-code', '0b1f-22', undefined, 'claude --resume 0b1f-22'],
    ['codex', '0b1f', "/home/o'neil/x", "cd '/home/o'\\''neil/x' && codex resume 0b1f"],
    ['codex', '0b1f', '/tmp\nrm -rf ~', 'codex resume 0b1f'],
    ['codex', '; rm -rf ~', '/tmp', undefined],
    ['codex', '--yolo', '/tmp', undefined],
    ['chatgpt', '0b1f', '/tmp', undefined],
  ])('%s %s', (source, id, directory, expected) => expect(resumeCommand({ source, id }, directory)).toBe(expected));
});
