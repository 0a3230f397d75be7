/**
 * Deleting a conversation with a way back: it goes out of sight at once, and for good when the note about it has gone, or the
 * page is left. The server itself has no way back.
 */
import { addressOf, api, take } from '$/api/client';
import type { ConversationSummary } from '$/api/documents';
import { ApiFailure } from '$/api/failure';
import { t } from '$/i18n/language.svelte';
import { conversations } from './conversations.svelte';
import { toasts } from './toasts.svelte';

/** As long as the note with its button is shown. */
const UNDO_MILLIS = 12_000;
const pending = new Map<string, ReturnType<typeof setTimeout>>();

export function removeSoon(summary: ConversationSummary): void {
  const { id } = summary;
  conversations.hide(id);
  pending.set(id, setTimeout(() => void removeNow(summary), UNDO_MILLIS));
  const run = () => {
    clearTimeout(pending.get(id));
    if (pending.delete(id)) conversations.show(summary);
  };
  toasts.add(t('delete.done', { title: summary.title ?? t('list.untitled') }), { action: { label: t('chat.undo'), run } });
}

async function removeNow(summary: ConversationSummary): Promise<void> {
  pending.delete(summary.id);
  try {
    await take(api.DELETE('/api/conversations/{id}', { params: { path: { id: summary.id } } }));
    conversations.forget(summary.id);
  } catch (error) {
    conversations.show(summary);
    toasts.add(ApiFailure.of(error).message, { tone: 'danger' });
  }
}

addEventListener('pagehide', () => {
  for (const id of pending.keys()) {
    void fetch(addressOf(`/api/conversations/${encodeURIComponent(id)}`), { method: 'DELETE', keepalive: true });
  }
});
