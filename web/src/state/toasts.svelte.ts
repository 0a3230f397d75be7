/** Short notes about what has just happened, with at most one thing to do about it; read out politely. */

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'danger';
  action?: { label: string; run: () => void } | undefined;
}

const SHOWN_MILLIS = 6000;

class Toasts {
  list = $state<Toast[]>([]);
  #last = 0;

  add(text: string, { tone = 'plain', action }: { tone?: Toast['tone']; action?: Toast['action'] } = {}): void {
    this.#last += 1;
    const toast: Toast = { id: this.#last, text, tone, action };
    this.list.push(toast);
    // One that asks for something waits twice as long.
    setTimeout(() => this.remove(toast.id), action ? 2 * SHOWN_MILLIS : SHOWN_MILLIS);
  }

  remove(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
