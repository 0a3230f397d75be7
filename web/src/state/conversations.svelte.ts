/**
 * The list of conversations, in step with the server: pinned ones first, then those that were changed last. A turn changes one
 * entry and never fetches the list again.
 */
import { SvelteSet } from 'svelte/reactivity';
import { api, take } from '$/api/client';
import type { ConversationDoc, ConversationList, ConversationSummary } from '$/api/documents';
import { ApiFailure } from '$/api/failure';
import { feed } from './feed.svelte';

const PAGE_ITEMS = 50;
/** Changes elsewhere that come together are one request. */
const GATHER_MILLIS = 400;

class Conversations {
  /** Nothing while the first page is on its way. */
  list = $state.raw<ConversationSummary[] | undefined>();
  failure = $state.raw<ApiFailure | undefined>();
  hasMore = $state(false);
  /** Those with a turn under way, by id. */
  readonly running = new SvelteSet<string>();
  #next: string | null = null;
  #isLoading = false;
  #reload: ReturnType<typeof setTimeout> | undefined;
  /** Conversations that are open and tell of their own changes. */
  readonly #open = new Set<string>();

  start(): void {
    feed.on('reset', () => {
      // Conversations that are open tell again which turns are under way.
      this.running.clear();
      void this.load();
    });
    feed.on('turn', ({ conversation, running }) => {
      if (running) this.running.add(conversation);
      else this.running.delete(conversation);
    });
    feed.on('conversation', ({ id, deleted }) => {
      if (deleted) this.forget(id);
      else if (!this.#open.has(id)) this.#loadSoon();
    });
    void this.load();
  }

  /** The first page, over what is there: entries that were loaded before stay. */
  async load(): Promise<void> {
    try {
      const page = await this.#page();
      const known = this.list ?? [];
      if (known.length === 0) this.#setNext(page.next);
      this.failure = undefined;
      const stays = page.next === null ? [] : known;
      this.#put([...stays, ...page.conversations]);
      if (page.next === null) this.#setNext(null);
    } catch (error) {
      this.failure = ApiFailure.of(error);
    }
  }

  async loadMore(): Promise<void> {
    if (this.#isLoading || this.#next === null) return;
    this.#isLoading = true;
    try {
      const page = await this.#page(this.#next);
      this.#setNext(page.next);
      this.#put([...(this.list ?? []), ...page.conversations]);
    } catch (error) {
      this.failure = ApiFailure.of(error);
    } finally {
      this.#isLoading = false;
    }
  }

  /** A conversation as it is now. */
  remember(summary: ConversationSummary): void {
    if (summary.archived) this.forget(summary.id);
    else this.#put([...(this.list ?? []), summary]);
  }

  forget(id: string): void {
    this.list = this.list?.filter((entry) => entry.id !== id);
    this.running.delete(id);
  }

  /** Makes a conversation. */
  async create(): Promise<ConversationDoc> {
    const made = await take<ConversationDoc>(api.POST('/api/conversations', { body: {} }));
    this.remember(made);
    return made;
  }

  /** Whoever shows a conversation tells of its changes until they call what this returns. */
  isShown(id: string): () => void {
    this.#open.add(id);
    return () => void this.#open.delete(id);
  }

  async #page(after?: string): Promise<ConversationList> {
    const query = { limit: PAGE_ITEMS, ...(after === undefined ? {} : { after }) };
    return take<ConversationList>(api.GET('/api/conversations', { params: { query } }));
  }

  #setNext(next: string | null): void {
    this.#next = next;
    this.hasMore = next !== null;
  }

  /** Of entries with the same id the last one counts. */
  #put(entries: ConversationSummary[]): void {
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    this.list = [...byId.values()].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updated - a.updated);
  }

  #loadSoon(): void {
    clearTimeout(this.#reload);
    this.#reload = setTimeout(() => void this.load(), GATHER_MILLIS);
  }
}

export const conversations = new Conversations();
