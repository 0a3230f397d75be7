/** Whether the server lets this browser in. It is found out by asking for anything: there is no request for it alone. */
import { api, take, whenUnauthorized } from '$/api/client';

class Session {
  isLocked = $state(false);

  start(): void {
    whenUnauthorized(() => (this.isLocked = true));
  }

  /** Begins a session with a key, and the page anew. */
  async begin(key: string): Promise<void> {
    await take(api.POST('/api/session', { body: { key } }));
    location.reload();
  }
}

export const session = new Session();
