/** The models that can be asked, and the servers of models that were found on this machine where there are none. */
import { api, take } from '$/api/client';
import { ApiFailure } from '$/api/failure';
import type { components } from '$/api/schema';

type ListedModel = components['schemas']['ListedModelDoc'];
type LocalServer = components['schemas']['LocalServerDoc'];
type NewProvider = { name: string; base_url: string; key?: string | undefined; profile?: string | undefined };

class Models {
  /** Nothing while it isn't known. */
  list = $state.raw<ListedModel[] | undefined>();
  problems = $state.raw<components['schemas']['ProviderProblemDoc'][]>([]);
  failure = $state.raw<ApiFailure | undefined>();
  local = $state.raw<LocalServer[] | undefined>();

  /** No model can be asked, and no provider is set up that could have some. */
  get isUnset(): boolean {
    return this.list?.length === 0 && this.problems.length === 0;
  }

  async load(): Promise<void> {
    try {
      const { models, problems } = await take<components['schemas']['ModelsDoc']>(api.GET('/api/models'));
      this.list = models;
      this.problems = problems;
      this.failure = undefined;
    } catch (error) {
      this.failure = ApiFailure.of(error);
    }
  }

  /** Looks for servers on this machine. Those who may not manage providers find none. */
  async findLocal(): Promise<void> {
    try {
      this.local = (await take<components['schemas']['LocalServersDoc']>(api.GET('/api/providers/local'))).servers;
    } catch {
      this.local = [];
    }
  }

  /** Adds a provider, which the server asks for its models first. */
  async add({ name, base_url, key, profile }: NewProvider): Promise<void> {
    const provider = { name, base_url, ...(profile ? { profile } : {}) };
    await take(api.POST('/api/providers', { body: { check: true, provider, ...(key ? { key } : {}) } }));
    await this.load();
  }
}

export const models = new Models();
