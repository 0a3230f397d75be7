/** Copies a text and says whether it worked. */
import { t } from '$/i18n/language.svelte';
import { toasts } from '$/state/toasts.svelte';

export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toasts.add(done);
  } catch {
    toasts.add(t('code.not_copied'), { tone: 'danger' });
  }
}
