/**
 * A conversation of the archive as its reader has it: messages by their positions, fetched in pages around what is in sight, so
 * that one of tens of thousands of messages opens as fast as a short one. Pages that went out of sight before their turn
 * came aren't fetched.
 */
import { SvelteMap } from 'svelte/reactivity';
import { api, take } from '$/api/client';
import { ApiFailure } from '$/api/failure';
import type { ArchivedConversation, ArchivedMessage, FoundDoc, OutlineDoc, ReadDoc } from './documents';

const PAGE_MESSAGES = 50;
const MAX_REQUESTS = 2;

export class Reader {
  readonly id: string;
  conversation = $state.raw<ArchivedConversation>();
  outline = $state.raw<OutlineDoc>();
  failure = $state.raw<ApiFailure>();
  /** Where to begin. */
  start = $state(0);
  readonly messages = new SvelteMap<number, ArchivedMessage>();
  readonly #seen = new Map<number, number>();
  readonly #waiting = new Set<number>();
  readonly #fetched = new Set<number>();
  readonly #ended = new AbortController();
  #requests = 0;

  constructor(id: string) {
    this.id = id;
  }

  get total(): number {
    return this.conversation?.messages ?? 0;
  }

  /** Opens it at its beginning, or at a message. */
  async load(message: string | undefined): Promise<void> {
    this.failure = undefined;
    try {
      const around = message === undefined ? { limit: PAGE_MESSAGES } : { around: message, context: PAGE_MESSAGES / 2 };
      const read = await this.#read(around);
      const at = message === undefined ? 0 : read.messages.findIndex(({ id }) => id === message);
      this.#keep(read);
      this.start = read.first + Math.max(at, 0);
      this.conversation = read.conversation;
      void this.#loadOutline();
    } catch (error) {
      if (!this.#ended.signal.aborted) this.failure = ApiFailure.of(error);
    }
  }

  close(): void {
    this.#ended.abort();
  }

  async #loadOutline(): Promise<void> {
    try {
      const params = { path: { conversation: this.id } };
      this.outline = await take<OutlineDoc>(api.GET('/api/archive/{conversation}/outline', { params, signal: this.#ended.signal }));
    } catch {
      // Without it there is no map, and all else works.
    }
  }

  /** The positions of messages that hold a text. */
  find(q: string, signal: AbortSignal): Promise<FoundDoc> {
    return take<FoundDoc>(api.GET('/api/archive/{conversation}/find', { params: { path: { conversation: this.id }, query: { q } }, signal }));
  }

  /** The position of a message; nothing if it isn't there. */
  async positionOf(message: string): Promise<number | undefined> {
    for (const [position, { id }] of this.messages) if (id === message) return position;
    try {
      const read = await this.#read({ around: message, context: PAGE_MESSAGES / 2 });
      const at = read.messages.findIndex(({ id }) => id === message);
      this.#keep(read);
      return at < 0 ? undefined : read.first + at;
    } catch {
      return undefined;
    }
  }

  /** Says that a position is in sight; the function that it returns says that it isn't any more. */
  need(position: number): () => void {
    const page = Math.floor(position / PAGE_MESSAGES);
    this.#seen.set(page, (this.#seen.get(page) ?? 0) + 1);
    if (!this.messages.has(position) && !this.#fetched.has(page)) {
      this.#waiting.add(page);
      queueMicrotask(() => this.#fetchNext());
    }
    return () => {
      const left = (this.#seen.get(page) ?? 1) - 1;
      if (left > 0) this.#seen.set(page, left);
      else this.#seen.delete(page);
    };
  }

  #fetchNext(): void {
    while (this.#requests < MAX_REQUESTS) {
      const page = [...this.#waiting].at(-1);
      if (page === undefined) return;
      this.#waiting.delete(page);
      if (this.#seen.has(page) && !this.#fetched.has(page)) void this.#fetchPage(page);
    }
  }

  async #fetchPage(page: number): Promise<void> {
    this.#fetched.add(page);
    this.#requests += 1;
    try {
      this.#keep(await this.#read({ from: page * PAGE_MESSAGES, limit: PAGE_MESSAGES }));
    } catch (error) {
      this.#fetched.delete(page);
      if (!this.#ended.signal.aborted) this.failure = ApiFailure.of(error);
    } finally {
      this.#requests -= 1;
      this.#fetchNext();
    }
  }

  /** Tries again what couldn't be fetched. */
  retry(): void {
    this.failure = undefined;
    if (!this.conversation) return;
    for (const page of this.#seen.keys()) if (!this.#fetched.has(page)) this.#waiting.add(page);
    this.#fetchNext();
  }

  #keep({ messages, first }: ReadDoc): void {
    messages.forEach((message, at) => this.messages.set(first + at, message));
  }

  #read(query: { around?: string; context?: number; from?: number; limit?: number }): Promise<ReadDoc> {
    const params = { path: { conversation: this.id }, query };
    return take<ReadDoc>(api.GET('/api/archive/{conversation}', { params, signal: this.#ended.signal }));
  }
}
