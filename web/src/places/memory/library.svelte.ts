/** What the archive has as a whole: its projects and sources, how much of it there is, and the import. Kept in step by the feed. */
import { api, take } from '$/api/client';
import { ApiFailure } from '$/api/failure';
import type { components } from '$/api/schema';
import { feed } from '$/state/feed.svelte';
import type { ImportStateDoc, ProjectDoc, SourceDoc, SourcesDoc } from './documents';

class Library {
  projects = $state.raw<ProjectDoc[]>();
  sources = $state.raw<SourceDoc[]>([]);
  /** Names of the sources that could be imported. */
  found = $state.raw<string[]>([]);
  status = $state.raw<components['schemas']['ArchiveStatusDoc']>();
  import = $state.raw<ImportStateDoc>({ state: 'idle' });
  failure = $state.raw<ApiFailure>();
  /** Rises when what is archived has changed: views that show it load anew. */
  changes = $state(0);
  #hasStarted = false;

  get projectNames(): string[] {
    return (this.projects ?? []).map(({ name }) => name);
  }

  get sourceNames(): string[] {
    return this.sources.filter(({ messages }) => messages > 0).map(({ source }) => source);
  }

  /** Loads it the first time; the feed keeps it in step from then on. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    feed.on('import', (data) => this.#told(data as unknown as ImportStateDoc));
    feed.on('forgotten', () => this.#changed());
    feed.on('reset', () => this.#changed());
    void this.load();
  }

  #told(state: ImportStateDoc): void {
    this.import = state;
    if (state.state === 'done') this.#changed();
  }

  #changed(): void {
    this.changes += 1;
    void this.load();
  }

  async load(): Promise<void> {
    this.failure = undefined;
    try {
      const [projects, sources, status, state] = await Promise.all([
        take<{ projects: ProjectDoc[] }>(api.GET('/api/projects')),
        take<SourcesDoc>(api.GET('/api/sources')),
        take<components['schemas']['ArchiveStatusDoc']>(api.GET('/api/status')),
        take<ImportStateDoc>(api.GET('/api/import')),
      ]);
      this.projects = projects.projects;
      this.sources = sources.sources;
      this.found = sources.found;
      this.status = status;
      this.import = state;
    } catch (error) {
      this.failure = ApiFailure.of(error);
    }
  }

  /** Imports what is new in the logs. */
  async startImport(): Promise<void> {
    this.import = { state: 'running', progress: { stage: 'import', done: 0, total: 0 } };
    try {
      await take(api.POST('/api/import', { body: { embed: true } }));
    } catch (error) {
      const failure = ApiFailure.of(error);
      // Another page may have begun one.
      if (failure.kind === 'conflict') return;
      this.import = { state: 'failed', error: { code: failure.code ?? failure.kind, message: failure.message } };
    }
  }
}

export const library = new Library();
