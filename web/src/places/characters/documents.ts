/** What the routes of characters answer: the OpenAPI document describes these only as objects. */

export interface CharacterSummary {
  id: string;
  name: string;
  creator: string;
  tags: string[];
  greetings: number;
  lore: number;
  has_picture: boolean;
  is_shipped: boolean;
  problems: string[];
}

export interface CharacterFailure {
  file: string;
  problem: string;
}

export interface CharacterList {
  characters: CharacterSummary[];
  failures: CharacterFailure[];
}

/** An entry of a lorebook. Cards of strangers have anything in their fields. */
export interface LoreEntryDoc {
  index: number;
  name: unknown;
  keys: unknown;
  secondary_keys: unknown;
  text: unknown;
  enabled: boolean;
  always: boolean;
  order: unknown;
}

/** What a person set for a character; nothing where it is as the character's file says. */
export interface CharacterSettings {
  model: string | null;
  tools: string[] | null;
  recall: boolean | null;
  facts: boolean | null;
}

export interface CharacterDoc extends CharacterSummary, CharacterSettings {
  description: string;
  personality: string;
  scenario: string;
  nickname: string;
  version: string;
  texts: { greetings: string[]; examples: string; system: string; after: string; notes: string };
  settings: CharacterSettings;
  lore_entries: LoreEntryDoc[];
  file_version: string;
  is_editable: boolean;
  file: string | null;
  card: Record<string, unknown>;
}
