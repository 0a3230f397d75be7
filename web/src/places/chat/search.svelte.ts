/** Searches conversations while words are typed: the answer to the newest words counts, whichever comes last. */
import type { ConversationSummary } from '$/api/documents';
import { ApiFailure } from '$/api/failure';
import { conversations } from '$/state/conversations.svelte';

const PAUSE_MILLIS = 120;

export class ConversationSearch {
  words = $state('');
  /** Nothing while it is on its way. */
  found = $state.raw<ConversationSummary[] | undefined>();
  failure = $state.raw<ApiFailure | undefined>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = new AbortController();

  set(words: string): void {
    this.words = words;
    this.failure = undefined;
    clearTimeout(this.#timer);
    this.#asked.abort();
    if (words.trim() === '') {
      this.found = undefined;
      return;
    }
    this.#timer = setTimeout(() => void this.#ask(words), PAUSE_MILLIS);
  }

  async #ask(words: string): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const found = await conversations.search(words, asked.signal);
      if (!asked.signal.aborted) this.found = found;
    } catch (error) {
      if (!asked.signal.aborted) this.failure = ApiFailure.of(error);
    }
  }
}
