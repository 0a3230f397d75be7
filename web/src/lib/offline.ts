/** Registers the service worker that keeps the shell for times without a network, where the browser allows one. */
import { root } from '$/api/client';
import { scriptUrl } from './policy';

export async function keepShell(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register(scriptUrl('sw.js'), { scope: root.pathname });
    // A newer worker waits until the page is loaded anew, as it has been now.
    registration.waiting?.postMessage('activate');
  } catch {
    // Without it the page works as long as the server does.
  }
}
