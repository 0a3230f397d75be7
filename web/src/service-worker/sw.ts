/**
 * Keeps the page usable without a network, and never in the way of a new one. Rules: what isn't under a hashed name comes from
 * the network first; a hashed file from the cache first; a missing one is missing, since HTML in the place of a script
 * leaves a blank page. Nothing of the API is kept here. A new worker waits until the page says that nothing is under way.
 */
declare const self: ServiceWorkerGlobalScope;
declare const __BUILD__: string;
export {};

const CACHE_PREFIX = 'lorekeep-';
const CACHE_NAME = `${CACHE_PREFIX}${__BUILD__}`;

/** A hashed name stands for one content, whatever else is in the request for it. */
const ANY_REQUEST: CacheQueryOptions = { ignoreVary: true };

const root = new URL('./', self.location.href);
const isAsset = (url: URL) => url.pathname.startsWith(`${root.pathname}assets/`);

self.addEventListener('install', (event) => event.waitUntil(keepShell()));
self.addEventListener('activate', (event) => event.waitUntil(dropOlder()));
self.addEventListener('message', (event) => {
  if (event.data === 'activate') void self.skipWaiting();
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== root.origin) return;
  if (request.mode === 'navigate') event.respondWith(navigated(request));
  else if (isAsset(url)) event.respondWith(cachedFirst(request));
});

/** The shell and everything that it names. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE_NAME);
  const response = await fetch(root, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`the shell answered ${response.status}`);
  const html = await response.clone().text();
  await cache.put(root, response);
  const named = [...html.matchAll(/(?:href|src)="\.\/([^"]+)"/g)].map((match) => new URL(match[1] ?? '', root).href);
  await cache.addAll([...new Set(named)].filter((address) => isAsset(new URL(address))));
}

/** Other builds' files. Those of the page that is open stay until it is closed: it may yet ask for them. */
async function dropOlder(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== CACHE_NAME);
  await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function navigated(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const shell = await caches.match(root, ANY_REQUEST);
    if (!shell) throw error;
    return withRoot(shell, new URL(request.url));
  }
}

/** The shell as the server gives it to this address: with the way to the root in it. */
async function withRoot(shell: Response, url: URL): Promise<Response> {
  const below = url.pathname.slice(root.pathname.length).split('/').length - 1;
  const html = await shell.text();
  const headers = new Headers(shell.headers);
  headers.delete('content-length');
  return new Response(html.replace('<base href="./">', `<base href="${'../'.repeat(below) || './'}">`), { headers });
}

async function cachedFirst(request: Request): Promise<Response> {
  const cached = await caches.match(request, ANY_REQUEST);
  if (cached) return cached;
  const response = await fetch(request);
  if (response.ok) {
    const cache = await caches.open(CACHE_NAME);
    await cache.put(request, response.clone());
  }
  return response;
}
