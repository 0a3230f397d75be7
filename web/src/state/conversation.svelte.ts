/**
 * One conversation that is open: what is stored of it, the turns that are under way, and what was sent and isn't stored yet,
 * as one list of messages. Each keeps its id from the moment it is sent, so that nothing moves when it is stored.
 */
import { untrack } from 'svelte';
import { api, take } from '$/api/client';
import type { ChatMessageDoc, ConversationDoc, ConversationSettings, MediaPlace, StartedTurn } from '$/api/documents';
import { ApiFailure } from '$/api/failure';
import { conversations } from './conversations.svelte';
import { attemptOf, wasSent } from './drafts';
import { feed } from './feed.svelte';
import { LiveTurn } from './live_turn.svelte';

/** A message of the person that the server hasn't stored yet. */
interface SentMessage {
  id: string;
  text: string;
  attachments: MediaPlace[];
  /** What it follows, where that isn't the end of what is shown. */
  parent?: string | null | undefined;
}

/** What goes with a text that is said. */
export interface SayOptions {
  attachments?: MediaPlace[];
  /** The message that it follows, where that isn't the end of what is shown; `null` is the very start. */
  parent?: string | null;
}

export type ShownMessage =
  | { id: string; kind: 'stored'; message: ChatMessageDoc }
  | { id: string; kind: 'sent'; text: string; attachments: MediaPlace[] }
  | { id: string; kind: 'live'; turn: LiveTurn };

export interface ConversationChange {
  title?: string;
  pinned?: boolean;
  archived?: boolean;
  tags?: string[];
  /** Empty for none. */
  project?: string;
  settings?: ConversationSettings;
  head?: string;
}

export class OpenConversation {
  readonly id: string;
  stored = $state.raw<ConversationDoc | undefined>();
  failure = $state.raw<ApiFailure | undefined>();
  #sent = $state.raw<SentMessage[]>([]);
  #live = $state.raw<LiveTurn[]>([]);
  #loading: Promise<void> | undefined;
  #isStale = false;
  readonly #ends: (() => void)[];

  constructor(id: string, known?: ConversationDoc) {
    this.id = id;
    this.#ends = [
      conversations.isShown(id),
      feed.on('reset', () => void this.load()),
      feed.on('conversation', (event) => {
        if (event.id === id && !event.deleted) void this.load();
      }),
      feed.on('turn', (event) => {
        if (event.conversation === id && event.running) this.#follow({ turn: event.turn });
      }),
    ];
    if (known) this.#take(known);
    else void this.load();
  }

  /** Lets go of everything; turns go on without anybody who looks. */
  close(): void {
    for (const end of this.#ends) end();
    for (const turn of this.#live) turn.leave();
  }

  /** The messages in the order in which they are shown. */
  get messages(): ShownMessage[] {
    const live = new Map(this.#live.map((turn) => [turn.answer, turn]));
    const shown: ShownMessage[] = (this.stored?.thread ?? []).map((message) => {
      const turn = live.get(message.id);
      return turn ? { id: message.id, kind: 'live', turn } : { id: message.id, kind: 'stored', message };
    });
    const has = new Set(shown.map(({ id }) => id));
    const sent = this.#sent.filter(({ id }) => !has.has(id)).map((message) => ({ ...message, kind: 'sent' }) as const);
    const answers = this.#live
      .filter(({ answer }) => answer !== '' && !has.has(answer))
      .map((turn) => ({ id: turn.answer, kind: 'live', turn }) as const);
    return inOrder(beforeBranch(shown, sent, answers), sent, answers);
  }

  /** The turn that answers now. */
  get running(): LiveTurn | undefined {
    return this.#live.find((turn) => !turn.hasEnded);
  }

  /** Turns that wait until the one that is under way has ended. */
  get waiting(): LiveTurn[] {
    return this.#live.filter((turn) => !turn.hasEnded).slice(1);
  }

  /** A turn that is waiting for the person. */
  get asking(): LiveTurn | undefined {
    return this.#live.find((turn) => turn.isAsking);
  }

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  /** Reads it anew. While that is under way, being asked again reads it once more after that. */
  load(): Promise<void> {
    this.#isStale = true;
    this.#loading ??= this.#loadWhileStale().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #loadWhileStale(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        const path = { id: this.id };
        this.#take(await take<ConversationDoc>(api.GET('/api/conversations/{id}', { params: { path } })));
        this.failure = undefined;
      } catch (error) {
        this.failure = ApiFailure.of(error);
      }
    }
  }

  #take(conversation: ConversationDoc): void {
    // An answer that was overtaken by a newer one.
    if (this.stored && conversation.version < this.stored.version) return;
    this.stored = conversation;
    conversations.remember(conversation);
    const has = new Set(conversation.thread.map(({ id }) => id));
    this.#sent = this.#sent.filter(({ id }) => !has.has(id));
    if (conversation.running.length > 0) conversations.running.add(this.id);
    else conversations.running.delete(this.id);
    for (const turn of conversation.running) this.#follow({ turn });
  }

  #follow(started: Pick<StartedTurn, 'turn'> & Partial<StartedTurn>): void {
    const known = untrack(() => this.#live.find(({ id }) => id === started.turn));
    if (known) return;
    const turn = new LiveTurn(started);
    this.#live = [...this.#live, turn];
    void turn.follow().then(async (ended) => {
      if (!ended) return;
      await this.load();
      // Where it couldn't be read, or nothing of it was kept, what was heard of the turn is better than nothing.
      const isKept = this.stored?.thread.some(({ id }) => id === turn.answer || id === turn.question);
      if (!this.failure && (isKept || !turn.error)) this.#live = this.#live.filter((other) => other !== turn);
    });
  }

  /** Says something. The draft goes when the server has it; what fails can be sent again and is said once. */
  async send(text: string, { attachments = [], parent }: SayOptions = {}): Promise<void> {
    const id = attemptOf(this.id, text);
    this.#sent = [...this.#sent.filter((sent) => sent.id !== id), { id, text, attachments, parent }];
    try {
      const body = { text, id, attachments: attachments.map((place) => place.id), ...(parent === undefined ? {} : { parent }) };
      const started = await this.#begin(body);
      wasSent(this.id, text);
      this.#follow(started);
    } catch (error) {
      this.#sent = this.#sent.filter((sent) => sent.id !== id);
      throw error;
    }
  }

  /** What was refused and goes back to where it is written. */
  returned = $state('');

  /** Takes back a message that the server refused and kept nothing of, so that it can be written differently. */
  withdraw(turn: LiveTurn): void {
    this.returned = this.#sent.find(({ id }) => id === turn.question)?.text ?? '';
    this.#sent = this.#sent.filter(({ id }) => id !== turn.question);
    this.#live = this.#live.filter((other) => other !== turn);
  }

  /** Has a message answered anew, beside the answers that it has. */
  async regenerate(message: string): Promise<void> {
    await this.#again({ regenerate: message });
  }

  /** Has an answer that was cut go on. */
  async goOn(message: string): Promise<void> {
    await this.#again({ continue: message });
  }

  async #again(body: { regenerate: string } | { continue: string }): Promise<void> {
    this.#follow(await this.#begin(body));
    await this.load();
  }

  #begin(body: object): Promise<StartedTurn> {
    const request = api.POST('/api/conversations/{id}/turns', { params: { path: { id: this.id } }, body: body as never });
    return take<StartedTurn>(request as Promise<never>);
  }

  /** Changes what is said of the conversation: title, tags, settings, the branch that is shown. */
  async change(body: ConversationChange): Promise<void> {
    const request = api.PATCH('/api/conversations/{id}', { params: { path: { id: this.id } }, body: body as never });
    this.#take(await take<ConversationDoc>(request));
  }

  /** Gives a message another text in its place; what follows stays. */
  async edit(message: string, text: string): Promise<void> {
    const path = { id: this.id, message };
    this.#take(await take<ConversationDoc>(api.PATCH('/api/conversations/{id}/messages/{message}', { params: { path }, body: { text } })));
  }

  /** Deletes a message, or it and all that follows; what takes it back. */
  async remove(message: string, following: boolean): Promise<() => Promise<void>> {
    const params = { path: { id: this.id, message }, query: { following } };
    const removed = await take<{ undo: string; conversation: ConversationDoc }>(api.DELETE('/api/conversations/{id}/messages/{message}', { params }));
    this.#take(removed.conversation);
    return async () => {
      this.#take(await take<ConversationDoc>(api.POST('/api/undo/{token}', { params: { path: { token: removed.undo } } })));
    };
  }

  /** A new conversation that begins as this one does, up to a message. */
  async fork(message: string): Promise<ConversationDoc> {
    const body = { from: this.id, from_message: message };
    const made = await take<ConversationDoc>(api.POST('/api/conversations', { body: body as never }));
    conversations.remember(made);
    return made;
  }

  async stop(): Promise<void> {
    await this.running?.cancel();
  }
}

/** What is stored up to where something is said or answered anew: what follows there belongs to another branch. */
function beforeBranch(
  stored: ShownMessage[],
  sent: { parent?: string | null | undefined }[],
  answers: { turn: LiveTurn }[],
): ShownMessage[] {
  const other = sent.find(({ parent }) => parent !== undefined)?.parent;
  if (other === null) return [];
  const anew = answers.map(({ turn }) => turn.question).find((question) => stored.some(({ id }) => id === question));
  const last = other ?? anew;
  const at = stored.findIndex(({ id }) => id === last);
  return at < 0 ? stored : stored.slice(0, at + 1);
}

/** What is stored, then each question that was sent with its answer, then answers of questions that are stored. */
function inOrder(
  stored: ShownMessage[],
  sent: Extract<ShownMessage, { kind: 'sent' }>[],
  answers: Extract<ShownMessage, { kind: 'live' }>[],
): ShownMessage[] {
  const answerTo = new Map(answers.map((answer) => [answer.turn.question, answer]));
  const placed = new Set<string>();
  const withAnswer = (message: ShownMessage): ShownMessage[] => {
    const answer = answerTo.get(message.id);
    if (!answer) return [message];
    placed.add(answer.id);
    return [message, answer];
  };
  const last = stored.at(-1);
  const all = [...stored.slice(0, -1), ...(last ? withAnswer(last) : []), ...sent.flatMap(withAnswer)];
  return [...all, ...answers.filter(({ id }) => !placed.has(id))];
}
