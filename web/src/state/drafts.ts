/**
 * What a person has typed and not sent, by conversation. It survives reloads, lost connections and new versions of the page.
 * A message keeps the id of its first try, so that sending it again after an answer that never came says it once.
 */
import type { MediaPlace } from '$/api/documents';
import { keep, recall, recallJson } from '$/lib/storage';

/** The draft of a conversation that doesn't exist yet. */
export const NEW_CONVERSATION = 'new';

interface Attempt {
  id: string;
  text: string;
}

export function draftOf(conversation: string): string {
  return recall(`draft.${conversation}`) ?? '';
}

export function keepDraft(conversation: string, text: string): void {
  keep(`draft.${conversation}`, text === '' ? undefined : text);
}

/** Files that go with what is typed: they are the server's already, so that only their places are kept. */
export function draftFilesOf(conversation: string): MediaPlace[] {
  const kept = recallJson<MediaPlace[]>(`files.${conversation}`);
  return Array.isArray(kept) ? kept.filter((place) => typeof place?.id === 'string') : [];
}

export function keepDraftFiles(conversation: string, files: MediaPlace[]): void {
  keep(`files.${conversation}`, files.length === 0 ? undefined : JSON.stringify(files));
}

/** The id under which this text is sent: the one of the last try, if that was of the same text. */
export function attemptOf(conversation: string, text: string): string {
  const last = recallJson<Attempt>(`attempt.${conversation}`);
  if (last?.text === text) return last.id;
  const id = randomId();
  keep(`attempt.${conversation}`, JSON.stringify({ id, text } satisfies Attempt));
  return id;
}

/** It was sent: draft and try are forgotten, unless something else has been typed meanwhile. */
export function wasSent(conversation: string, text: string): void {
  keep(`attempt.${conversation}`, undefined);
  if (draftOf(conversation) === text) keepDraft(conversation, '');
}

/** A UUID of version 4. `crypto.randomUUID` is only there on secure origins, and a server in the local network is none. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
