/** The characters that there are, and what can be done with them. */
import { api, take } from '$/api/client';
import type { ChatMessageDoc, ConversationDoc } from '$/api/documents';
import { ApiFailure } from '$/api/failure';
import type { components } from '$/api/schema';
import { conversations } from '$/state/conversations.svelte';
import type { CharacterDoc, CharacterFailure, CharacterList, CharacterSettings, CharacterSummary } from './documents';

class CharacterLibrary {
  /** Nothing while they are on their way. */
  list = $state.raw<CharacterSummary[] | undefined>();
  failures = $state.raw<CharacterFailure[]>([]);
  failure = $state.raw<ApiFailure | undefined>();

  async load(): Promise<void> {
    try {
      const { characters, failures } = await take<CharacterList>(api.GET('/api/characters'));
      this.list = characters.sort((a, b) => Number(a.is_shipped) - Number(b.is_shipped) || a.name.localeCompare(b.name));
      this.failures = failures;
      this.failure = undefined;
    } catch (error) {
      this.failure = ApiFailure.of(error);
    }
  }

  get(id: string): Promise<CharacterDoc> {
    return take(api.GET('/api/characters/{id}', { params: { path: { id } } }));
  }

  /** Takes in a card. One of its name gives way only where that is asked for. */
  async add(name: string, card: Blob, replace = false): Promise<CharacterDoc> {
    const request = api.POST('/api/characters', {
      params: { query: { name, replace } },
      headers: { 'content-type': 'application/octet-stream' },
      body: card as never,
      bodySerializer: (body) => body as never,
    });
    const added = await take<CharacterDoc>(request);
    void this.load();
    return added;
  }

  async change({ id, file_version: version }: CharacterDoc, change: components['schemas']['CharacterBody']): Promise<CharacterDoc> {
    const params = { path: { id }, header: { 'If-Match': `"${version}"` } };
    const changed = await take<CharacterDoc>(api.PATCH('/api/characters/{id}', { params, body: change }));
    void this.load();
    return changed;
  }

  set(id: string, { model, tools, recall, facts }: CharacterSettings): Promise<CharacterDoc> {
    const body = {
      ...(model === null ? {} : { model }), ...(tools === null ? {} : { tools }),
      ...(recall === null ? {} : { recall }), ...(facts === null ? {} : { facts }),
    };
    return take(api.PUT('/api/characters/{id}/settings', { params: { path: { id } }, body }));
  }

  async remove(id: string): Promise<void> {
    await take(api.DELETE('/api/characters/{id}', { params: { path: { id } } }));
    this.list = this.list?.filter((one) => one.id !== id);
    void this.load();
  }

  /** A copy under another name, as a card of one's own. */
  duplicate(character: CharacterDoc, name: string): Promise<CharacterDoc> {
    const data = { ...(character.card['data'] as object), name };
    return this.add('card.json', new Blob([JSON.stringify({ ...character.card, data })]));
  }

  /** Begins a conversation with the greeting that was chosen; its id. */
  async begin(character: string, greeting: number): Promise<string> {
    const made = await take<ConversationDoc>(api.POST('/api/conversations', { body: { character } }));
    conversations.remember(made);
    const head = greeting > 0 ? variantOf(made.thread, greeting) : undefined;
    if (head !== undefined) await take(api.PATCH('/api/conversations/{id}', { params: { path: { id: made.id } }, body: { head } }));
    return made.id;
  }
}

/** The greeting at this place beside the one that is shown. */
function variantOf(thread: ChatMessageDoc[], at: number): string | undefined {
  return thread[0]?.variants[at];
}

export const library = new CharacterLibrary();
