/**
 * Server-sent events over `fetch`: unlike `EventSource` it can send headers, says why it failed, and can be stopped at once.
 * It knows the format alone; what events mean is for whoever reads them.
 */

export interface ServerEvent {
  /** The event's name; `message` unless it has one. */
  name: string;
  data: string;
  /** The id that was sent last, with this event or before it. */
  id: string;
}

/** Takes a stream of text apart into events. Whatever comes, it never fails: unknown fields are skipped. */
export class EventParser {
  #rest = '';
  #name = '';
  #data: string[] = [];
  #id = '';

  /** The events that end in this piece of text. */
  push(piece: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const text = this.#rest + piece;
    // A carriage return at the very end may be the first half of a line break.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + text.slice(end);
    for (const line of lines) {
      const event = line === '' ? this.#finish() : this.#field(line);
      if (event) events.push(event);
    }
    return events;
  }

  #field(line: string): undefined {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#name = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
  }

  #finish(): ServerEvent | undefined {
    const [name, data] = [this.#name || 'message', this.#data];
    this.#name = '';
    this.#data = [];
    return data.length > 0 ? { name, data: data.join('\n'), id: this.#id } : undefined;
  }
}

/** How long a stream may be silent. The server sends a comment every 15 seconds: after two that are missed it is dead. */
const SILENCE_MILLIS = 35_000;

/** The events of a response, until it ends. Throws if the connection breaks or falls silent. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  const parser = new EventParser();
  try {
    for (;;) {
      const { value, done } = await beforeSilence(reader.read());
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function beforeSilence<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the connection fell silent')), SILENCE_MILLIS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}
