/** Who the chat can speak as, as far as it is needed to choose one and to name who speaks. */
import { api, take } from '$/api/client';

export interface CharacterSummary {
  id: string;
  name: string;
  tags: string[];
  greetings: number;
  has_picture: boolean;
}

class Characters {
  /** Nothing while it isn't known. */
  list = $state.raw<CharacterSummary[] | undefined>();
  #isLoading = false;

  async load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      this.list = (await take<{ characters: CharacterSummary[] }>(api.GET('/api/characters') as Promise<never>)).characters;
    } catch {
      // There is nobody to choose then.
    } finally {
      this.#isLoading = false;
    }
  }

  /** The name of a character, once it is known. */
  nameOf(id: string | undefined): string | undefined {
    if (!id) return undefined;
    if (this.list === undefined) void this.load();
    return this.list?.find((character) => character.id === id)?.name;
  }
}

export const characters = new Characters();
