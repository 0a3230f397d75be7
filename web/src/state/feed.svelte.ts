/**
 * The feed of events that keeps every open page in step. One tab of a browser listens for all of them, since a browser opens
 * few connections to one server: whoever holds the lock is that tab, and tells the others. Events aren't kept by the
 * server, so after each gap everybody hears `reset` and loads anew what they show.
 */
import { listen, root } from '$/api/client';
import { ApiFailure } from '$/api/failure';
import { pauseBefore } from '$/lib/retry';

export interface FeedEvents {
  conversation: { id: string; deleted?: boolean };
  turn: { turn: string; conversation: string; running: boolean };
  import: Record<string, unknown>;
  forgotten: Record<string, unknown>;
  MemoryUpdate: Record<string, unknown>;
  /** Something may have been missed. */
  reset: Record<string, never>;
}

type FeedName = keyof FeedEvents;
type Handler = (data: never) => void;
type Told = { name: FeedName; data: unknown } | { status: FeedStatus } | { asks: true };

/** `waiting` is a gap so short that nobody need be told. */
export type FeedStatus = 'waiting' | 'live' | 'offline' | 'ended';

const CHANNEL_NAME = `lorekeep-feed ${root.pathname}`;
/** Tries that fail before the page says that the server can't be reached. */
const QUIET_TRIES = 2;

class Feed {
  status = $state<FeedStatus>('waiting');
  readonly #handlers = new Map<FeedName, Set<Handler>>();
  #channel: BroadcastChannel | undefined;

  /** Calls back for each event of a name, until the function that it returns is called. */
  on<N extends FeedName>(name: N, handler: (data: FeedEvents[N]) => void): () => void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler as Handler));
    return () => void handlers.delete(handler as Handler);
  }

  start(): void {
    if (!('BroadcastChannel' in globalThis) || !navigator.locks) {
      void this.#listen();
      return;
    }
    this.#channel = new BroadcastChannel(CHANNEL_NAME);
    this.#channel.onmessage = ({ data }: MessageEvent<Told>) => this.#hear(data);
    this.#channel.postMessage({ asks: true } satisfies Told);
    void navigator.locks.request(CHANNEL_NAME, () => this.#listen());
  }

  #hear(told: Told): void {
    if ('name' in told) this.#tell(told.name, told.data);
    else if ('status' in told) this.status = told.status;
    else if (this.#isListening) this.#channel?.postMessage({ status: this.status } satisfies Told);
  }

  #isListening = false;

  /** Listens for all tabs, for as long as this one is open or the session lasts. */
  async #listen(): Promise<void> {
    this.#isListening = true;
    const { signal } = new AbortController();
    // Another tab may have listened before, and what happened since its end is lost.
    let wasConnected = this.status !== 'waiting';
    for (let tries = 0; this.status !== 'ended'; tries += 1) {
      try {
        // The name of the last event says that there was a connection before; without it there is no `reset`.
        for await (const { name, data } of listen('/api/events', signal, wasConnected ? '1' : undefined)) {
          if (name === 'shutdown') break;
          this.#shareEvent(name as FeedName, data);
          this.#share('live');
          tries = 0;
          wasConnected = true;
        }
      } catch (error) {
        if (ApiFailure.of(error).kind === 'unauthorized') return this.#share('ended');
      }
      if (tries >= QUIET_TRIES) this.#share('offline');
      await pauseBefore(tries, signal);
    }
  }

  #shareEvent(name: FeedName, text: string): void {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      return;
    }
    this.#channel?.postMessage({ name, data } satisfies Told);
    this.#tell(name, data);
  }

  #share(status: FeedStatus): void {
    if (status === this.status) return;
    this.status = status;
    this.#channel?.postMessage({ status } satisfies Told);
  }

  #tell(name: FeedName, data: unknown): void {
    for (const handler of this.#handlers.get(name) ?? []) handler(data as never);
  }
}

export const feed = new Feed();
