/** A document of the server that a view shows: nothing while it is on its way, and why it didn't come. */
import { ApiFailure } from '$/api/failure';

export class Loading<T> {
  value = $state.raw<T | undefined>();
  failure = $state.raw<ApiFailure | undefined>();
  readonly #ask: () => Promise<T>;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Asks for it, also again: what was there stays until the answer comes. */
  async load(): Promise<void> {
    try {
      this.value = await this.#ask();
      this.failure = undefined;
    } catch (error) {
      this.failure = ApiFailure.of(error);
    }
  }
}
