/**
 * A turn that is under way: its events from a snapshot on, through lost connections. The text only ever grows, or is set
 * to that of a newer snapshot, so that what is shown is always a whole beginning of what the server has.
 */
import { addressOf, api, listen, take } from '$/api/client';
import type {
  ApprovalAsked, FindingDoc, InputAsked, KnowledgeRecalled, RecalledFact, RecalledPlace, ShownError, StartedTurn, ToolCallDoc, TurnSnapshot,
} from '$/api/documents';
import { ApiFailure } from '$/api/failure';
import { pauseBefore } from '$/lib/retry';

export type TurnPhase = 'waiting' | 'reasoning' | 'answering' | 'calling' | 'ended';

/** Something that the person is asked, and when this page heard of it. */
export type Asked<T> = T & { since: number };

const ENDS = new Set(['RunCompleted', 'RunError', 'RunCancelled']);

export class LiveTurn {
  readonly id: string;
  /** Ids of the messages; empty until a snapshot tells them. */
  question = $state('');
  answer = $state('');
  text = $state.raw('');
  reasoning = $state.raw('');
  calls = $state<ToolCallDoc[]>([]);
  notices = $state<string[]>([]);
  /** What guards found in what the person said, and in the answer. */
  findings = $state<{ input: FindingDoc[]; output: FindingDoc[] }>({ input: [], output: [] });
  recalled = $state.raw<RecalledPlace[]>([]);
  facts = $state.raw<RecalledFact[]>([]);
  knowledge = $state.raw<KnowledgeRecalled | undefined>();
  /** Calls that wait for the person to allow them, and since when this page knows. */
  approvals = $state<Asked<ApprovalAsked>[]>([]);
  /** What servers of tools want to know. */
  questions = $state<Asked<InputAsked>[]>([]);
  model = $state('');
  phase = $state<TurnPhase>('waiting');
  /** When it could be seen first that the model thinks. */
  reasoningSince = $state<number | undefined>();
  reasoningUntil = $state<number | undefined>();
  error = $state.raw<ShownError | undefined>();
  /** The connection is lost and is being made again. */
  isReconnecting = $state(false);
  isStopping = $state(false);
  readonly #stop = new AbortController();

  constructor(started: Pick<StartedTurn, 'turn'> & Partial<StartedTurn>) {
    this.id = started.turn;
    this.question = started.question ?? '';
    this.answer = started.answer ?? '';
  }

  get hasEnded(): boolean {
    return this.phase === 'ended';
  }

  /** Follows the turn to its end, or until `leave` is called; whether it ended. */
  async follow(): Promise<boolean> {
    const { signal } = this.#stop;
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        for await (const { name, data } of listen(`/api/turns/${this.id}/events`, signal)) {
          this.isReconnecting = false;
          tries = 0;
          this.hear(name, JSON.parse(data));
          if (this.hasEnded) return true;
        }
      } catch (error) {
        // A turn that the server doesn't know has left what there is of it in its conversation.
        if (!signal.aborted && ApiFailure.of(error).kind === 'not_found') return true;
      }
      if (signal.aborted) break;
      this.isReconnecting = true;
      await pauseBefore(tries, signal);
    }
    return false;
  }

  /** Follows it no longer; the turn itself goes on. */
  leave(): void {
    this.#stop.abort();
  }

  /** Stops the turn itself. */
  async cancel(): Promise<void> {
    this.isStopping = true;
    const response = await fetch(addressOf(`/api/turns/${this.id}/cancel`), { method: 'POST' });
    if (response.ok) return;
    this.isStopping = false;
    throw ApiFailure.ofAnswer(response.status, await response.json().catch(() => undefined));
  }

  /** Whether it waits for an answer of the person. */
  get isAsking(): boolean {
    return !this.hasEnded && (this.approvals.length > 0 || this.questions.length > 0);
  }

  /** Says whether a call may be made. */
  async decide(call: string, decision: 'allow' | 'allow_always' | 'deny'): Promise<void> {
    await take(api.POST('/api/turns/{id}/approve', { params: { path: { id: this.id } }, body: { call, decision } }));
    this.#answered(call);
  }

  /** Answers a question of a tool's server; without values, declines to. */
  async answerQuestion(question: string, values: Record<string, unknown> | undefined): Promise<void> {
    const body = { question, ...(values ? { values: values as never } : {}) };
    await take(api.POST('/api/turns/{id}/answer', { params: { path: { id: this.id } }, body }));
    this.#answered(question);
  }

  #answered(id: string): void {
    this.approvals = this.approvals.filter((asked) => asked.id !== id);
    this.questions = this.questions.filter((asked) => asked.id !== id);
  }

  /** What one event says. */
  hear(name: string, data: Record<string, unknown>): void {
    if (name === 'RunSnapshot') this.#take(data as unknown as TurnSnapshot);
    else if (name === 'RunStarted') this.#begin(data);
    else if (name === 'ReasoningStep') this.#reason(String(data['text'] ?? ''));
    else if (name === 'RunContent') this.#content(String(data['text'] ?? ''));
    else if (name === 'ApprovalRequested') this.#ask(this.approvals, data as unknown as ApprovalAsked);
    else if (name === 'InputRequested') this.#ask(this.questions, data as unknown as InputAsked);
    else if (name === 'GuardFinding') this.#found(data as unknown as { side: string; finding: FindingDoc });
    else if (name === 'MemoryRecalled') this.#recall(data as unknown as { messages?: RecalledPlace[]; facts?: RecalledFact[] });
    else if (name === 'KnowledgeRecalled') this.knowledge = data as unknown as KnowledgeRecalled;
    else if (name.startsWith('ToolCall')) this.#call(data as unknown as ToolCallDoc);
    else if (name === 'RunNotice') this.notices.push(String(data['notice'] ?? ''));
    else if (ENDS.has(name)) this.#end(data);
  }

  #take(snapshot: TurnSnapshot): void {
    this.question = snapshot.question;
    this.answer = snapshot.answer;
    this.calls = [];
    this.notices = [];
    this.findings = { input: [], output: [] };
    this.approvals = [];
    this.questions = [];
    for (const { event, data } of snapshot.events) this.hear(event, data);
    // Last, since events that are told again mustn't add to it.
    this.text = snapshot.text;
    this.reasoning = snapshot.reasoning;
    if (this.hasEnded) return;
    if (snapshot.text !== '') this.phase = 'answering';
    else if (snapshot.reasoning !== '') this.phase = 'reasoning';
  }

  #begin(data: Record<string, unknown>): void {
    this.question = String(data['question'] ?? this.question);
    this.answer = String(data['answer'] ?? this.answer);
    this.model = String(data['model'] ?? '');
  }

  #ask<T extends { id: string }>(list: Asked<T>[], asked: T): void {
    if (!list.some(({ id }) => id === asked.id)) list.push({ ...asked, since: Date.now() });
    this.phase = 'calling';
  }

  #found({ side, finding }: { side: string; finding: FindingDoc }): void {
    this.findings[side === 'input' ? 'input' : 'output'].push(finding);
  }

  #recall({ messages, facts }: { messages?: RecalledPlace[]; facts?: RecalledFact[] }): void {
    this.recalled = messages ?? [];
    this.facts = facts ?? [];
  }

  #reason(text: string): void {
    this.reasoningSince ??= performance.now();
    this.reasoning += text;
    this.phase = 'reasoning';
  }

  #content(text: string): void {
    if (this.reasoningSince !== undefined) this.reasoningUntil ??= performance.now();
    this.text += text;
    this.phase = 'answering';
  }

  /** A call is told when it begins, in parts as it goes on, and when it ends. */
  #call(call: ToolCallDoc): void {
    const known = this.calls.find(({ id }) => id === call.id);
    if (known) Object.assign(known, call);
    else if (call.tool !== undefined) this.calls.push(call);
    if (call.approval !== undefined || (call.state !== undefined && call.state !== 'running')) this.#answered(call.id);
    this.phase = 'calling';
  }

  #end(data: Record<string, unknown>): void {
    const error = data['error'] as ShownError | undefined;
    if (error) this.error = error;
    this.phase = 'ended';
  }
}
