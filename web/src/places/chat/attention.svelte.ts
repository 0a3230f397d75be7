/**
 * Tells the person that something waits or is done while they look elsewhere: by a mark in the tab's title, and by a
 * notification where they allowed those.
 */
import { t } from '$/i18n/language.svelte';
import type { OpenConversation } from '$/state/conversation.svelte';

/** Shorter answers are worth no notification. */
const LONG_TURN_MILLIS = 10_000;
const MARK = '● ';

class Attention {
  permission = $state<NotificationPermission | 'none'>('Notification' in globalThis && isSecureContext ? Notification.permission : 'none');
  /** Something waits that the person hasn't seen. */
  isWanted = $state(false);

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.isWanted = false;
    });
  }

  async ask(): Promise<void> {
    this.permission = await Notification.requestPermission();
  }

  /** What the tab is called. */
  titled(title: string): string {
    return this.isWanted ? MARK + title : title;
  }

  /** Follows a conversation for as long as the effect lives that this is called in. */
  watch(open: () => OpenConversation | undefined): void {
    let began: number | undefined;
    let asked: string | undefined;
    $effect(() => {
      const conversation = open();
      const asking = conversation?.asking;
      const waits = asking ? (asking.approvals[0]?.id ?? asking.questions[0]?.id) : undefined;
      if (waits !== undefined && waits !== asked) this.#tell(conversation, t('chat.asking'));
      asked = waits;
      if (conversation?.running) {
        began ??= Date.now();
      } else if (began !== undefined) {
        if (Date.now() - began >= LONG_TURN_MILLIS) this.#tell(conversation, t('chat.answered'));
        began = undefined;
      }
    });
  }

  #tell(conversation: OpenConversation | undefined, what: string): void {
    if (!document.hidden) return;
    this.isWanted = true;
    if (this.permission !== 'granted') return;
    try {
      const shown = new Notification(what, { body: conversation?.stored?.title ?? '', tag: conversation?.id ?? '' });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      // Some phones show them from service workers only; the title has told.
    }
  }
}

export const attention = new Attention();
