/** Every language has every key of English, with the same values in its texts and the plurals that its grammar needs. */
import { describe, expect, it } from 'vitest';

type Message = string | Record<string, string>;
const files = import.meta.glob<{ default: Record<string, Message> }>('./*.json', { eager: true });
const languages = Object.entries(files).map(([path, { default: messages }]) => [path.slice(2, -5), messages] as const);
const english = files['./en.json']?.default ?? {};

const valuesIn = (message: Message) => {
  const texts = typeof message === 'string' ? [message] : Object.values(message);
  return [...new Set(texts.flatMap((text) => text.match(/\{\w+\}/g) ?? []))].filter((name) => name !== '{count}').sort();
};

describe.each(languages)('%s', (code, messages) => {
  it('has the keys of English, in the same order', () => {
    expect(Object.keys(messages)).toEqual(Object.keys(english));
  });

  it.each(Object.entries(messages))('%s', (key, message) => {
    const original = english[key] ?? '';
    expect(valuesIn(message)).toEqual(valuesIn(original));
    expect(typeof message).toBe(typeof original);
    if (typeof message === 'string') return expect(message.trim()).not.toBe('');
    const categories = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    expect(Object.keys(message).sort()).toEqual([...categories].sort());
  });
});
