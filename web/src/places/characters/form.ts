/** A character as a form, and what of it was changed: only that is sent, so that the rest of its file stays as it is. */
import type { components } from '$/api/schema';
import type { CharacterDoc, LoreEntryDoc } from './documents';

type CharacterBody = components['schemas']['CharacterBody'];
type LoreBody = components['schemas']['LoreBody'];

export interface LoreForm {
  /** Its place in the file; nothing for a new one. */
  index: number | undefined;
  /** What tells it from the others in the page. */
  id: number;
  name: string;
  /** One a line. */
  keys: string;
  secondary: string;
  text: string;
  enabled: boolean;
  always: boolean;
  order: string;
}

/** The texts of a character that are one field each. */
export const TEXT_FIELDS = [
  'name', 'nickname', 'description', 'personality', 'scenario', 'examples', 'system', 'after', 'notes', 'creator', 'version',
] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

export type CharacterForm = Record<TextField, string> & { tags: string; greetings: string[]; lore: LoreForm[] };

const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const linesOf = (value: unknown): string => (Array.isArray(value) ? value.map(textOf).join('\n') : textOf(value).split(',').join('\n'));
export const listOf = (text: string, separator: string): string[] => text.split(separator).map((part) => part.trim()).filter(Boolean);

let lastId = 0;

export function newLore(): LoreForm {
  lastId += 1;
  return { index: undefined, id: lastId, name: '', keys: '', secondary: '', text: '', enabled: true, always: false, order: '100' };
}

function loreOf(entry: LoreEntryDoc): LoreForm {
  return {
    ...newLore(), index: entry.index, name: textOf(entry.name), keys: linesOf(entry.keys), secondary: linesOf(entry.secondary_keys),
    text: textOf(entry.text), enabled: entry.enabled, always: entry.always, order: textOf(entry.order),
  };
}

export function formOf(character: CharacterDoc): CharacterForm {
  const { name, nickname, description, personality, scenario, creator, version, texts } = character;
  const { examples, system, after, notes, greetings } = texts;
  return {
    name, nickname, description, personality, scenario, creator, version, examples, system, after, notes,
    tags: character.tags.join(', '), greetings: [...greetings], lore: character.lore_entries.map(loreOf),
  };
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What differs from the character; nothing if all is the same. */
export function changeOf(character: CharacterDoc, form: CharacterForm): CharacterBody | undefined {
  const before = formOf(character);
  const change: CharacterBody = {};
  for (const field of TEXT_FIELDS) if (form[field] !== before[field]) change[field] = form[field];
  const said = form.greetings.filter((greeting) => greeting.trim() !== '');
  if (!isSame(said, before.greetings)) change.greetings = said;
  if (!isSame(listOf(form.tags, ','), character.tags)) change.tags = listOf(form.tags, ',');
  const lore = form.lore.map((entry) => loreChange(entry, before.lore.find(({ index }) => index === entry.index)));
  const stays = lore.length === before.lore.length && lore.every((entry, at) => isSame(entry, { index: at }));
  if (!stays) change.lore = lore;
  return Object.keys(change).length > 0 ? change : undefined;
}

function loreChange(form: LoreForm, before: LoreForm | undefined): LoreBody {
  const was = before ?? { ...newLore(), order: '' };
  const order = Number.parseInt(form.order, 10);
  return {
    ...(form.index === undefined ? {} : { index: form.index }),
    ...(form.name === was.name ? {} : { name: form.name }),
    ...(form.keys === was.keys && before ? {} : { keys: listOf(form.keys, '\n') }),
    ...(form.secondary === was.secondary ? {} : { secondary_keys: listOf(form.secondary, '\n') }),
    ...(form.text === was.text && before ? {} : { text: form.text }),
    ...(form.enabled === was.enabled ? {} : { enabled: form.enabled }),
    ...(form.always === was.always ? {} : { always: form.always }),
    ...(form.order === was.order || Number.isNaN(order) ? {} : { order }),
  };
}

/** A text as it will be said: names in the place of the macros that stand for them. */
export function spoken(text: string, character: Pick<CharacterDoc, 'name' | 'nickname'>, person: string): string {
  return text.replace(/\{\{char\}\}/gi, character.nickname || character.name).replace(/\{\{user\}\}/gi, person);
}
