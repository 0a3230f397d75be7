/**
 * Files that go with the message that is being written. Pictures are sent to the server at once and go with the message;
 * documents become knowledge of the conversation, so that they count in all of it, and wait while there is none yet.
 */
import { addressOf } from '$/api/client';
import type { MediaPlace } from '$/api/documents';
import { ApiFailure } from '$/api/failure';
import { draftFilesOf, keepDraftFiles, NEW_CONVERSATION } from '$/state/drafts';

const PICTURE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** Pictures of one message, as the server takes them. */
const MAX_PICTURES = 16;

export interface Attachment {
  key: number;
  name: string;
  kind: 'picture' | 'document';
  state: 'waiting' | 'sending' | 'ready' | 'failed';
  /** From 0 to 1. */
  progress: number;
  place?: MediaPlace;
  failure?: ApiFailure;
  file?: File;
  request?: XMLHttpRequest;
}

export class Attachments {
  list = $state<Attachment[]>([]);
  #conversation = NEW_CONVERSATION;
  #isOffRecord = false;
  #last = 0;

  /** Those of a conversation's draft. */
  open(conversation: string, isOffRecord: boolean): void {
    this.#isOffRecord = isOffRecord;
    if (conversation === this.#conversation && this.list.length > 0) return;
    this.#conversation = conversation;
    this.list = draftFilesOf(conversation).map((place) => this.#made(place.name ?? '', 'picture', { state: 'ready', place }));
  }

  get isSending(): boolean {
    return this.list.some(({ state }) => state === 'sending');
  }

  /** The pictures that go with the message. */
  get places(): MediaPlace[] {
    return this.list.flatMap(({ place }) => (place ? [place] : []));
  }

  get documents(): Attachment[] {
    return this.list.filter(({ kind, state }) => kind === 'document' && state === 'waiting');
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const kind = PICTURE_TYPES.has(file.type) ? 'picture' : 'document';
      if (kind === 'picture' && this.list.filter((one) => one.kind === 'picture').length >= MAX_PICTURES) continue;
      this.list.push(this.#made(file.name, kind, { file }));
      const added = this.list.at(-1);
      if (added && (kind === 'picture' || this.#conversation !== NEW_CONVERSATION)) void this.#send(added, this.#conversation);
    }
  }

  retry(attachment: Attachment): void {
    void this.#send(attachment, this.#conversation);
  }

  remove(attachment: Attachment): void {
    attachment.request?.abort();
    this.list = this.list.filter(({ key }) => key !== attachment.key);
    this.#keep();
  }

  /** Sends the documents that waited for a conversation. */
  async sendDocuments(conversation: string): Promise<void> {
    for (const waiting of this.documents) {
      await this.#send(waiting, conversation);
      if (waiting.failure) throw waiting.failure;
    }
  }

  /** The message was sent with them. */
  clear(): void {
    this.list = [];
    this.#keep();
  }

  #made(name: string, kind: Attachment['kind'], more: Partial<Attachment>): Attachment {
    this.#last += 1;
    return { key: this.#last, name, kind, state: 'waiting', progress: 0, ...more };
  }

  #keep(): void {
    keepDraftFiles(this.#conversation, this.places);
  }

  async #send(attachment: Attachment, conversation: string): Promise<void> {
    const { file, kind, name } = attachment;
    if (!file) return;
    attachment.state = 'sending';
    delete attachment.failure;
    const path = kind === 'picture'
      ? `/api/assets?off_record=${this.#isOffRecord}`
      : `/api/knowledge?name=${encodeURIComponent(name)}&conversation=${encodeURIComponent(conversation)}`;
    try {
      const stored = await upload(attachment, path, file);
      if (kind === 'picture') attachment.place = { ...(stored as MediaPlace), name };
      attachment.state = 'ready';
      this.#keep();
    } catch (error) {
      attachment.failure = ApiFailure.of(error);
      attachment.state = 'failed';
    }
  }
}

/** Sends a file and tells how far it is, which `fetch` can't. */
function upload(attachment: Attachment, path: string, file: File): Promise<unknown> {
  const request = new XMLHttpRequest();
  attachment.request = request;
  return new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => (attachment.progress = total > 0 ? loaded / total : 0);
    request.onload = () => {
      const answer: unknown = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer);
      else reject(ApiFailure.ofAnswer(request.status, answer));
    };
    request.onerror = () => reject(new ApiFailure('offline', 'the connection broke'));
    request.onabort = () => reject(new ApiFailure('refused', 'stopped'));
    request.open('POST', addressOf(path));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
