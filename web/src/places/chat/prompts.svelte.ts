/** Prompts that servers of tools offer, as texts to begin a message with. They are asked for when `/` is first written. */
import { api, take } from '$/api/client';

export interface PromptArgument {
  name: string;
  description?: string | null;
  is_required?: boolean;
}

export interface OfferedPrompt {
  server: string;
  name: string;
  title: string | null;
  description: string;
  arguments: PromptArgument[];
}

class Prompts {
  /** Nothing while nobody asked. */
  list = $state.raw<OfferedPrompt[] | undefined>();
  #isLoading = false;

  async load(): Promise<void> {
    if (this.list || this.#isLoading) return;
    this.#isLoading = true;
    try {
      const { servers } = await take<{ servers: { name: string; state: string }[] }>(api.GET('/api/mcp-servers') as Promise<never>);
      const usable = servers.filter(({ state }) => state !== 'disabled' && state !== 'failed');
      this.list = (await Promise.all(usable.map(({ name }) => this.#of(name)))).flat();
    } catch {
      // Without them there are the page's own commands.
    } finally {
      this.#isLoading = false;
    }
  }

  async #of(server: string): Promise<OfferedPrompt[]> {
    try {
      const params = { path: { server } };
      const { prompts } = await take<{ prompts: Omit<OfferedPrompt, 'server'>[] }>(api.GET('/api/mcp-servers/{server}/prompts', { params }) as Promise<never>);
      return prompts.map((prompt) => ({ ...prompt, server }));
    } catch {
      return [];
    }
  }

  /** The text of a prompt with its arguments filled in. */
  async fill({ server, name }: OfferedPrompt, given: Record<string, string>): Promise<string> {
    const params = { path: { server, name } };
    const body = { arguments: given as never };
    return (await take<{ text: string }>(api.POST('/api/mcp-servers/{server}/prompts/{name}', { params, body }) as Promise<never>)).text;
  }
}

export const prompts = new Prompts();
