/**
 * Which place of the page is shown: the path below the root, by the browser's history. Links are ordinary links with
 * relative addresses; a click on one changes the place without loading the page, unless a newer page is there.
 */
import { root } from '$/api/client';
import { version } from '$/state/version.svelte';

/** The parts of the path, such as `['chat', '0b1f…']`. */
function partsOf(path: string): string[] {
  if (!path.startsWith(root.pathname)) return [];
  const below = path.slice(root.pathname.length).split('/').filter(Boolean);
  return below.map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

class Router {
  parts = $state.raw(partsOf(location.pathname));
  query = $state.raw(new URLSearchParams(location.search));

  start(): void {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#clicked(event));
  }

  /** The address of a path such as `chat/0b1f…`. */
  addressOf(...parts: string[]): string {
    return root.pathname + parts.map(encodeURIComponent).join('/');
  }

  /** The same with parameters behind it; those without a value are left out. */
  addressWith(parts: readonly string[], query: Record<string, string | undefined>): string {
    const set = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
    const search = new URLSearchParams(set).toString();
    return this.addressOf(...parts) + (search ? `?${search}` : '');
  }

  /** Shows a place. `replace` leaves no way back to the one before. */
  go(parts: string[], { replace = false, query = {} }: { replace?: boolean; query?: Record<string, string | undefined> } = {}): void {
    this.#change(new URL(this.addressWith(parts, query), root), replace);
  }

  #change(url: URL, replace: boolean): void {
    if (version.isOld) {
      location.assign(url);
      return;
    }
    if (url.href === location.href) return;
    if (replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    this.#read();
  }

  #read(): void {
    this.parts = partsOf(location.pathname);
    this.query = new URLSearchParams(location.search);
  }

  #clicked(event: MouseEvent): void {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!isPlain || event.defaultPrevented || !link?.hasAttribute('data-place')) return;
    event.preventDefault();
    this.#change(new URL(link.href), false);
  }
}

export const router = new Router();
