/** A turn heard from its start and one that is joined later have the same text. */
import { describe, expect, it, vi } from 'vitest';
import { LiveTurn } from './live_turn.svelte';

// The page's root is read when its modules are loaded.
vi.hoisted(() => Object.assign(globalThis, { document: { baseURI: 'http://localhost/' } }));

const snapshot = (text: string, events: { event: string; data: Record<string, unknown> }[] = []) => ({
  turn: 't', conversation: 'c', question: 'q', answer: 'a', text, reasoning: '', is_ended: false, events,
});

describe('a turn', () => {
  it('grows by what comes, and a snapshot takes the place of what was heard', () => {
    const turn = new LiveTurn({ turn: 't' });
    turn.hear('RunSnapshot', snapshot('one '));
    turn.hear('RunContent', { text: 'two ' });
    expect(turn.text).toBe('one two ');
    turn.hear('RunSnapshot', snapshot('one two three '));
    turn.hear('RunContent', { text: 'four' });
    expect(turn.text).toBe('one two three four');
  });

  it('has each call once, as it ended', () => {
    const turn = new LiveTurn({ turn: 't' });
    const started = { id: '1', tool: 'search_memory', state: 'running' };
    turn.hear('ToolCallStarted', started);
    turn.hear('ToolCallProgress', { id: '1', progress: 0.5 });
    turn.hear('RunSnapshot', snapshot('', [{ event: 'ToolCallStarted', data: started }]));
    turn.hear('ToolCallCompleted', { id: '1', tool: 'search_memory', state: 'done', duration_ms: 20 });
    expect(turn.calls).toHaveLength(1);
    expect(turn.calls[0]).toMatchObject({ state: 'done', duration_ms: 20 });
  });

  it('ends with its error', () => {
    const turn = new LiveTurn({ turn: 't' });
    turn.hear('RunError', { error: { code: 'model_error', message: 'no', hint: 'do' } });
    expect([turn.hasEnded, turn.error?.hint]).toEqual([true, 'do']);
  });
});
