/** What the side panel of the chat shows: the place of a source, what a turn sent, or what is set for the conversation. */
import type { KnowledgeSection, RecalledPlace } from '$/api/documents';

export type PanelContent =
  | { kind: 'settings' }
  | { kind: 'request'; turn: string }
  | { kind: 'message'; place: RecalledPlace }
  | { kind: 'section'; section: KnowledgeSection };

class ChatPanel {
  content = $state.raw<PanelContent | undefined>();
  /** What had the focus when it was opened, and gets it back. */
  #opener: HTMLElement | undefined;

  open(content: PanelContent): void {
    if (!this.content) this.#opener = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
    this.content = content;
  }

  close(): void {
    this.content = undefined;
    this.#opener?.focus();
    this.#opener = undefined;
  }
}

export const panel = new ChatPanel();
