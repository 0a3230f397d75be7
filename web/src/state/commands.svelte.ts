/**
 * What can be done by a word: in the palette, and after `/` where a message is written. Places add theirs while they are
 * shown, under the same words as on buttons and the command line.
 */
import { untrack } from 'svelte';
import type { IconShape } from '$/ui/icons';

export interface Command {
  /** Unique, and what is written after `/`. */
  name: string;
  label: string;
  icon?: IconShape;
  /** As it is shown, such as `Ctrl+K`. */
  keys?: string;
  /** Whether it can be had with `/` in the composer, too. */
  isSlash?: boolean;
  run: () => void;
}

class Commands {
  #sets = $state.raw<(() => Command[])[]>([]);

  get list(): Command[] {
    return this.#sets.flatMap((commands) => commands());
  }

  /** Adds commands until what is returned is called. They are made anew whenever they are wanted, in the language of then. */
  add(commands: () => Command[]): () => void {
    this.#sets = [...untrack(() => this.#sets), commands];
    return () => (this.#sets = untrack(() => this.#sets).filter((one) => one !== commands));
  }
}

export const commands = new Commands();
