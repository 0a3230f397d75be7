/** Sends a document with its progress, which `fetch` doesn't tell. */
import { addressOf } from '$/api/client';
import { ApiFailure } from '$/api/failure';
import type { AddedDocumentDoc } from './documents';

/** Takes in a file; `told` hears the share that is sent. */
export function upload(file: File, told: (share: number) => void, signal: AbortSignal): Promise<AddedDocumentDoc[]> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf(`/api/knowledge?name=${encodeURIComponent(file.name)}`));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.responseType = 'text';
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const body = read(request.responseText);
      if (request.status < 300) resolve((body as { documents: AddedDocumentDoc[] }).documents);
      else reject(ApiFailure.ofAnswer(request.status, body));
    };
    request.onerror = () => reject(new ApiFailure('offline', 'network error'));
    request.onabort = () => reject(new ApiFailure('refused', 'aborted'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
