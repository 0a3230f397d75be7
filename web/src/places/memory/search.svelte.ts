/**
 * A search as it is typed. Each keystroke asks by words alone, which is answered at once; when typing pauses, the same is asked
 * by meaning too. Answers that come after a newer question are dropped, and what the person has begun to look at stays until
 * they ask for the better answer.
 */
import { api, take } from '$/api/client';
import { ApiFailure } from '$/api/failure';
import type { HitDoc, SearchDoc } from './documents';
import { asTyped } from './words';

export const FILTER_NAMES = ['project', 'source', 'role', 'since', 'until', 'file', 'tool'] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type SearchFilters = { [name in FilterName]?: string };

const PAUSE_MILLIS = 350;
const HITS = 20;

export class MemorySearch {
  words = $state('');
  filters = $state.raw<SearchFilters>({});
  /** What is shown. */
  answer = $state.raw<SearchDoc>();
  /** The answer by meaning, while the one by words is being looked at. */
  better = $state.raw<SearchDoc>();
  failure = $state.raw<ApiFailure>();
  isAsking = $state(false);
  hasMore = $state(false);
  /** The hit that the keyboard is at. */
  active = $state(0);
  /** The person has moved among the hits. */
  isLookedAt = false;

  /** There is no model that finds by meaning: it needn't be asked again. */
  #isByWordsOnly = false;
  #asked = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  get hits(): HitDoc[] {
    return this.answer?.hits ?? [];
  }

  get isEmpty(): boolean {
    return this.words.trim() === '';
  }

  /** Asks for what is typed now. */
  ask(): void {
    this.#begin();
    if (this.isEmpty) {
      this.answer = undefined;
      return;
    }
    const { signal } = this.#asked;
    this.isAsking = true;
    void this.#byWords(signal);
    if (!this.#isByWordsOnly) this.#timer = setTimeout(() => void this.#byMeaning(signal), PAUSE_MILLIS);
  }

  /** Forgets what was asked; answers that are on their way are dropped. */
  stop(): void {
    this.#begin();
  }

  #begin(): void {
    this.#asked.abort();
    this.#asked = new AbortController();
    clearTimeout(this.#timer);
    this.failure = undefined;
    this.better = undefined;
    this.isAsking = false;
    this.isLookedAt = false;
    this.active = 0;
  }

  async #byWords(signal: AbortSignal): Promise<void> {
    try {
      this.#show(await this.#fetch('lexical', asTyped(this.words.trim()), signal), signal);
    } catch (error) {
      if (!signal.aborted) this.failure = ApiFailure.of(error);
    } finally {
      if (!signal.aborted) this.isAsking = false;
    }
  }

  async #byMeaning(signal: AbortSignal): Promise<void> {
    let found: SearchDoc;
    try {
      found = await this.#fetch('hybrid', this.words.trim(), signal);
    } catch {
      // The answer by words stands, and says what is wrong.
      return;
    }
    if (signal.aborted) return;
    if (found.mode === 'lexical') this.#isByWordsOnly = true;
    else if (found.hits.length === 0 || isSame(found, this.answer)) return;
    else if (this.isLookedAt) this.better = found;
    else this.#show(found, signal);
  }

  #show(found: SearchDoc, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.answer = found;
    this.hasMore = found.hits.length === HITS;
    this.active = 0;
  }

  /** Shows the answer by meaning. */
  showBetter(): void {
    if (!this.better) return;
    this.answer = this.better;
    this.hasMore = this.better.hits.length === HITS;
    this.better = undefined;
    this.active = 0;
  }

  /** Shows further hits below. */
  async more(): Promise<void> {
    const { signal } = this.#asked;
    const shown = this.answer;
    if (!shown) return;
    this.isLookedAt = true;
    try {
      const next = await this.#fetch(shown.mode, shown.query, signal, shown.hits.length);
      if (signal.aborted) return;
      const known = new Set(shown.hits.map((hit) => hit.message_id));
      this.answer = { ...shown, hits: [...shown.hits, ...next.hits.filter((hit) => !known.has(hit.message_id))] };
      this.hasMore = next.hits.length === HITS;
    } catch (error) {
      if (!signal.aborted) this.failure = ApiFailure.of(error);
    }
  }

  #fetch(mode: SearchDoc['mode'], q: string, signal: AbortSignal, offset = 0): Promise<SearchDoc> {
    const { role, ...others } = this.filters;
    const query = { q, mode, limit: HITS, offset, per_conversation: 3, ...others, ...(role ? { role: role as 'user' } : {}) };
    return take<SearchDoc>(api.GET('/api/search', { params: { query }, signal }));
  }
}

const isSame = (one: SearchDoc, other: SearchDoc | undefined) =>
  one.hits.map((hit) => hit.message_id).join() === other?.hits.map((hit) => hit.message_id).join();
