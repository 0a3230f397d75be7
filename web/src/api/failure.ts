/**
 * What can go wrong between the page and the server, in the form in which it is shown: what failed, and what to do. Texts of
 * the server are shown as they are, as text.
 */
import type { components } from './schema';

export type FailureKind = 'offline' | 'unauthorized' | 'forbidden' | 'not_found' | 'conflict' | 'busy' | 'refused' | 'server';

export class ApiFailure extends Error {
  readonly kind: FailureKind;
  readonly hint: string | undefined;
  /** The code that the server gave the error, such as `no_model`. */
  readonly code: string | undefined;

  constructor(kind: FailureKind, message: string, { hint, code }: { hint?: string | undefined; code?: string | undefined } = {}) {
    super(message);
    this.kind = kind;
    this.hint = hint;
    this.code = code;
  }

  static ofAnswer(status: number, body: unknown): ApiFailure {
    const error = (body as Partial<components['schemas']['ApiErrorDoc']> | undefined)?.error;
    const details = { hint: error?.hint ?? undefined, code: error?.code };
    return new ApiFailure(kindOf(status), error?.message ?? `status ${status}`, details);
  }

  /** Whatever was thrown, as a failure. What isn't one already is taken for a network that can't be reached. */
  static of(thrown: unknown): ApiFailure {
    if (thrown instanceof ApiFailure) return thrown;
    return new ApiFailure('offline', thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function kindOf(status: number): FailureKind {
  if (status === 401) return 'unauthorized';
  if (status === 403 || status === 421) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 409) return 'conflict';
  if (status === 429 || status === 503) return 'busy';
  return status >= 500 ? 'server' : 'refused';
}
