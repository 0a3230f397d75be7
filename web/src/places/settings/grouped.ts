/** The program's settings as they are read: by section, those that match, and where each value comes from. */
import type { components } from '$/api/schema';
import { t } from '$/i18n/language.svelte';

export type Setting = components['schemas']['SettingInForce'];

/** By section in their order; with words those that have all of them, else all or those that aren't as they come. */
export function grouped(settings: Setting[], words: string, areSet: boolean): [string, Setting[]][] {
  const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    const text = `${setting.key} ${setting.about} ${setting.variable}`.toLowerCase();
    if (!sought.every((word) => text.includes(word)) || (areSet && setting.origin === 'default')) continue;
    const section = setting.key.split('.', 1)[0] ?? '';
    groups.set(section, [...(groups.get(section) ?? []), setting]);
  }
  return [...groups];
}

export function originOf({ origin, place }: Setting): string {
  if (origin === 'file') return t('settings.origin_file', { line: place ?? '' });
  if (origin === 'environment') return t('settings.origin_environment', { name: place ?? '' });
  if (origin === 'dotenv') return t('settings.origin_dotenv', { name: place ?? '' });
  return t('settings.origin_default');
}
