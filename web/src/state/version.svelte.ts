/**
 * Whether the server has a newer page than this one. Then files that this page hasn't loaded yet may be gone, so the person
 * is told, and the next change of place loads the page anew. Nothing is lost by it: drafts are kept, turns are the server's.
 */
import { root } from '$/api/client';
import { feed } from './feed.svelte';

/** The script that this page began with; its name changes with anything in the page. */
const ENTRY_SCRIPT = /assets\/index-[\w-]+\.js/;
const ownScript = ENTRY_SCRIPT.exec(document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? '')?.[0];

class Version {
  /** A newer page is there. */
  isOld = $state(false);

  start(): void {
    // What Vite says in any browser's wording when a chunk isn't there.
    addEventListener('vite:preloadError', () => void this.check());
    // A server that comes back may be another one.
    feed.on('reset', () => void this.check());
  }

  /** Asks the server whether its page is still made of this script. */
  async check(): Promise<void> {
    if (this.isOld || !import.meta.env.PROD) return;
    try {
      const response = await fetch(root, { cache: 'no-cache' });
      const html = await response.text();
      const script = ENTRY_SCRIPT.exec(html)?.[0];
      this.isOld = script !== undefined && script !== ownScript;
    } catch {
      // Not now; the next `reset` asks again.
    }
  }
}

export const version = new Version();
