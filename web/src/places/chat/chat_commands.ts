/** What the chat can do by a word: in the palette and after `/`. */
import { t } from '$/i18n/language.svelte';
import { router } from '$/router/router.svelte';
import type { Command } from '$/state/commands.svelte';
import type { OpenConversation } from '$/state/conversation.svelte';
import { eyeOff, pencil, plus, refresh, sliders, trash } from '$/ui/icons';
import { panel } from './panel.svelte';

interface Context {
  open: OpenConversation | undefined;
  toggleOffRecord: () => void;
  regenerate: () => void;
  remove: () => void;
}

export function chatCommands({ open, toggleOffRecord, regenerate, remove }: Context): Command[] {
  const all: Command[] = [
    { name: 'new', label: t('list.new'), icon: plus, keys: 'Ctrl+Shift+O', isSlash: true, run: () => router.go(['chat']) },
    {
      name: 'write', label: t('chat.write'), icon: pencil, keys: 'Shift+Esc',
      run: () => document.querySelector<HTMLElement>('main textarea')?.focus(),
    },
  ];
  if (!open) return [...all, { name: 'off-record', label: t('chat.off_record'), icon: eyeOff, isSlash: true, run: toggleOffRecord }];
  return [
    ...all,
    { name: 'settings', label: t('chat.settings'), icon: sliders, keys: 'Ctrl+.', isSlash: true, run: () => panel.open({ kind: 'settings' }) },
    { name: 'regenerate', label: t('chat.answer_anew'), icon: refresh, isSlash: true, run: regenerate },
    { name: 'delete', label: t('chat.delete_conversation'), icon: trash, isSlash: true, run: remove },
  ];
}
