/**
 * The API as the page calls it: typed by the server's own document, with addresses below the page's root, and with failures
 * that can be shown. `take` turns an answer into its data or throws an `ApiFailure`.
 */
import createClient from 'openapi-fetch';
import { ApiFailure } from './failure';
import { eventsOf, type ServerEvent } from './sse';
import type { paths } from './schema';

/** Where the page stands: the server may be below any path. */
export const root = new URL('./', document.baseURI);

/** An address of the server as an absolute one. */
export const addressOf = (path: string): string => new URL(path.replace(/^\//, ''), root).href;

export const api = createClient<paths>({
  baseUrl: root.href.replace(/\/$/, ''),
  // Looked up when it is called: the page's tests put another one in its place.
  fetch: (request) => fetch(request),
});

let onUnauthorized: () => void = () => undefined;

/** Who is told when the session has ended. */
export function whenUnauthorized(handler: () => void): void {
  onUnauthorized = handler;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Documents that the server describes only as objects are named by the caller. */
export async function take<T>(answering: Promise<Answer<unknown>>): Promise<T> {
  let answer: Answer<unknown>;
  try {
    answer = await answering;
  } catch (error) {
    throw ApiFailure.of(error);
  }
  if (answer.response.ok) return answer.data as T;
  throw refused(answer.response.status, answer.error);
}

function refused(status: number, body: unknown): ApiFailure {
  const failure = ApiFailure.ofAnswer(status, body);
  if (failure.kind === 'unauthorized') onUnauthorized();
  return failure;
}

/** A stream of events of the server, until it ends. */
export async function* listen(path: string, signal: AbortSignal, lastId?: string): AsyncGenerator<ServerEvent> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (lastId !== undefined) headers['last-event-id'] = lastId;
  const response = await fetch(addressOf(path), { headers, signal, cache: 'no-store' });
  if (!response.ok || !response.body) {
    throw refused(response.status, await response.json().catch(() => undefined));
  }
  yield* eventsOf(response.body);
}
