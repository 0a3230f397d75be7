/** What the reader of server-sent events makes of texts that come in any pieces. */
import { describe, expect, it } from 'vitest';
import { EventParser, type ServerEvent } from './sse';

const STREAM = ': ping\n\nid: 1\nevent: RunContent\ndata: {"text":"a"}\n\r\ndata: two\r\ndata:lines\r\n\r\nid: 7\n\nevent: end\ndata\n\n';
const EVENTS: ServerEvent[] = [
  { name: 'RunContent', data: '{"text":"a"}', id: '1' },
  { name: 'message', data: 'two\nlines', id: '1' },
  { name: 'end', data: '', id: '7' },
];

function inPieces(text: string, size: number): ServerEvent[] {
  const parser = new EventParser();
  const events: ServerEvent[] = [];
  for (let at = 0; at < text.length; at += size) events.push(...parser.push(text.slice(at, at + size)));
  return events;
}

describe('events', () => {
  it.each([1, 2, 3, 7, 1000])('are the same in pieces of %i', (size) => {
    expect(inPieces(STREAM, size)).toEqual(EVENTS);
  });

  it('that are not finished are not told', () => {
    expect(inPieces('data: half', 4)).toEqual([]);
  });
});
