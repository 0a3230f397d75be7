/**
 * The list of conversations, in step with the server: pinned ones first, then those that were changed last. A turn changes one
 * entry and never fetches the list again.
 */
import { SvelteSet } from 'svelte/reactivity';
import { api, take } from '$/api/client';
import type { ConversationDoc, ConversationList, ConversationSettings, ConversationSummary } from '$/api/documents';
import { ApiFailure } from '$/api/failure';
import { feed } from './feed.svelte';

const PAGE_ITEMS = 50;
/** Changes elsewhere that come together are one request. */
const GATHER_MILLIS = 400;

/** What a new conversation begins with. */
export interface NewConversation {
  off_record?: boolean;
  project?: string;
  settings?: ConversationSettings;
}

/** Which conversations are listed. */
export interface ListFilter {
  tag?: string;
  project?: string;
  archived?: boolean;
}

class Conversations {
  /** Nothing while the first page is on its way. */
  list = $state.raw<ConversationSummary[] | undefined>();
  failure = $state.raw<ApiFailure | undefined>();
  hasMore = $state(false);
  filter = $state.raw<ListFilter>({});
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

  /** Lists those that fit a filter from now on. */
  async narrow(filter: ListFilter): Promise<void> {
    this.filter = filter;
    this.list = undefined;
    this.#setNext(null);
    await this.load();
  }

  /** Those in which something is found, best first. */
  async search(words: string, signal: AbortSignal): Promise<ConversationSummary[]> {
    const query = { q: words, limit: PAGE_ITEMS };
    return (await take<ConversationList>(api.GET('/api/conversations', { params: { query }, signal }))).conversations;
  }

  /** The first page, over what is there: entries that were loaded before stay. */
  async load(): Promise<void> {
    const { filter } = this;
    try {
      const page = await this.#page();
      if (filter !== this.filter) return;
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
    // Before the first page is there, it brings everything by itself.
    if (this.#fits(summary)) this.#put([...(this.list ?? []), summary]);
    else this.list = this.list?.filter((entry) => entry.id !== summary.id);
  }

  #fits({ archived, project, tags, id }: ConversationSummary): boolean {
    const { filter } = this;
    if (this.#hidden.has(id)) return false;
    if (archived !== (filter.archived ?? false)) return false;
    if (filter.project !== undefined && filter.project !== project) return false;
    return filter.tag === undefined || tags.includes(filter.tag);
  }

  /** Those that are about to be deleted, and can still be brought back. */
  readonly #hidden = new Set<string>();

  /** Takes one out of the list until it is shown again. */
  hide(id: string): void {
    this.#hidden.add(id);
    this.list = this.list?.filter((entry) => entry.id !== id);
  }

  show(summary: ConversationSummary): void {
    this.#hidden.delete(summary.id);
    this.remember(summary);
  }

  forget(id: string): void {
    this.list = this.list?.filter((entry) => entry.id !== id);
    this.running.delete(id);
  }

  /** Makes a conversation. */
  async create(settings: NewConversation = {}): Promise<ConversationDoc> {
    const made = await take<ConversationDoc>(api.POST('/api/conversations', { body: settings as never }));
    this.remember(made);
    return made;
  }

  /** Whoever shows a conversation tells of its changes until they call what this returns. */
  isShown(id: string): () => void {
    this.#open.add(id);
    return () => void this.#open.delete(id);
  }

  async #page(after?: string): Promise<ConversationList> {
    const query = { limit: PAGE_ITEMS, ...this.filter, ...(after === undefined ? {} : { after }) };
    return take<ConversationList>(api.GET('/api/conversations', { params: { query } }));
  }

  #setNext(next: string | null): void {
    this.#next = next;
    this.hasMore = next !== null;
  }

  /** Of entries with the same id the last one counts. */
  #put(entries: ConversationSummary[]): void {
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    for (const id of this.#hidden) byId.delete(id);
    this.list = [...byId.values()].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updated - a.updated);
  }

  #loadSoon(): void {
    clearTimeout(this.#reload);
    this.#reload = setTimeout(() => void this.load(), GATHER_MILLIS);
  }
}

export const conversations = new Conversations();
