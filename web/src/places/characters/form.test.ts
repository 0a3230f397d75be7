/** Only what was changed is sent, and entries of a lorebook keep their places in the file. */
import { describe, expect, it } from 'vitest';
import type { CharacterDoc } from './documents';
import { changeOf, formOf, newLore, spoken } from './form';

const settings = { model: null, tools: null, recall: null, facts: null };
const character: CharacterDoc = {
  id: 'ann', name: 'Ann', creator: 'me', tags: ['garden', 'calm'], greetings: 2, lore: 2, has_picture: false, is_shipped: false, problems: [],
  description: 'Keeps an orchard.', personality: '', scenario: '', nickname: '', version: '1',
  texts: { greetings: ['Hi, {{user}}.', 'Ho.'], examples: '', system: '', after: '', notes: '' },
  ...settings, settings,
  lore_entries: [
    { index: 0, name: null, keys: ['pear', '/quinces?/i'], secondary_keys: null, text: 'Sweet.', enabled: true, always: false, order: '7' },
    { index: 1, name: { odd: 1 }, keys: 'owl, bird', secondary_keys: [3], text: 5, enabled: false, always: true, order: null },
  ],
  file_version: 'ab', is_editable: true, file: 'ann.json', card: {},
};

describe('a form', () => {
  it('that nobody touched changes nothing, whatever types a card has', () => {
    expect(changeOf(character, formOf(character))).toBeUndefined();
  });

  it('sends the fields that differ, without empty greetings', () => {
    const form = { ...formOf(character), scenario: 'At the gate.', tags: 'garden', greetings: ['Hi, {{user}}.', ' ', 'Ho.', 'New.'] };
    expect(changeOf(character, form)).toEqual({ scenario: 'At the gate.', tags: ['garden'], greetings: ['Hi, {{user}}.', 'Ho.', 'New.'] });
  });

  it('names entries of the lorebook by their places, with what differs', () => {
    const form = formOf(character);
    const [pear, owl] = form.lore as [(typeof form.lore)[0], (typeof form.lore)[0]];
    const lore = [{ ...owl, enabled: true }, { ...pear, keys: 'pear\n\n apple ' }, { ...newLore(), keys: 'x', text: 'y' }];
    expect(changeOf(character, { ...form, lore })).toEqual({
      lore: [{ index: 1, enabled: true }, { index: 0, keys: ['pear', 'apple'] }, { keys: ['x'], text: 'y', order: 100 }],
    });
    expect(changeOf(character, { ...form, lore: [pear] })).toEqual({ lore: [{ index: 0 }] });
  });

  it('shows texts with names', () => {
    expect(spoken('{{char}} greets {{USER}}', character, 'you')).toBe('Ann greets you');
  });
});
