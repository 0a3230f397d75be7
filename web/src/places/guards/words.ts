/** Words, icons and tones for what guards find and do; names of rules and entities stay as the program has them. */
import { t, type MessageKey } from '$/i18n/language.svelte';
import { check, flag, shield, type IconShape } from '$/ui/icons';

export const KINDS = ['secret', 'pii', 'injection', 'content'] as const;
export const PLACES = ['store', 'recall', 'input', 'output', 'scan'] as const;
export type Kind = (typeof KINDS)[number];

const known = (prefix: 'kind' | 'action' | 'place', name: string): string => {
  const key = `guards.${prefix}_${name}`;
  const text = t(key as MessageKey);
  return text === key ? name : text;
};

export const kindWord = (kind: string): string => known('kind', kind);
export const actionWord = (action: string): string => known('action', action);
export const placeWord = (place: string): string => known('place', place);

/** `EMAIL_ADDRESS` as it is read. */
export const entityWord = (entity: string): string => entity.toLowerCase().replaceAll('_', ' ');

export function look(action: string): { icon: IconShape; tone: string } {
  if (action === 'block' || action === 'quarantine') return { icon: shield, tone: 'danger' };
  if (action === 'mask') return { icon: shield, tone: 'warn' };
  return action === 'allow' ? { icon: check, tone: '' } : { icon: flag, tone: 'warn' };
}
