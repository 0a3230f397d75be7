/**
 * The page in the reader's language: texts by key from one file a language, loaded when it is needed, and numbers, times and
 * plurals by the browser's own `Intl`. English is in the page and stands in for what a language lacks. Another language is
 * one file in this folder: a test says what is missing in it.
 */
import en from './en.json';
import { keep, recall, whenKeptElsewhere } from '$/lib/storage';

export type MessageKey = keyof typeof en;
type Message = string | { [category in Intl.LDMLPluralRule]?: string };
type Messages = Record<string, Message>;

const loaders = import.meta.glob<{ default: Messages }>(['./*.json', '!./en.json']);
const codeOf = (path: string) => path.slice(2, -5);

/** The languages that there are, by their codes. */
export const languages: readonly string[] = ['en', ...Object.keys(loaders).map(codeOf)].sort();

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur']);

/** The language that is shown. It changes once its texts are there. */
let code = $state('en');
let messages = $state.raw<Messages>(en);
/** What the person chose; `system` goes by what the browser prefers. */
let chosen = $state('system');

export const language = {
  get code() {
    return code;
  },
  get chosen() {
    return chosen;
  },
};

/** Shows a language from now on, and keeps the choice. */
export async function chooseLanguage(choice: string): Promise<void> {
  keep('language', choice === 'system' ? undefined : choice);
  await show(choice);
}

/** Shows what was chosen before, or what the browser prefers. */
export function startLanguage(): Promise<void> {
  whenKeptElsewhere('language', (value) => void show(value ?? 'system'));
  return show(recall('language') ?? 'system');
}

async function show(choice: string): Promise<void> {
  chosen = languages.includes(choice) ? choice : 'system';
  const wanted = chosen === 'system' ? preferred(navigator.languages) : chosen;
  const load = loaders[`./${wanted}.json`];
  try {
    messages = load ? (await load()).default : en;
    code = load ? wanted : 'en';
  } catch {
    // Its file can't be had now: the texts stay as they are.
  }
  document.documentElement.lang = code;
  document.documentElement.dir = RIGHT_TO_LEFT.has(code) ? 'rtl' : 'ltr';
}

/** The first of the browser's languages that there is. */
export function preferred(wanted: readonly string[]): string {
  const short = wanted.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return short.find((tag) => languages.includes(tag)) ?? 'en';
}

/** What a language is called in itself. */
export function nameOfLanguage(tag: string): string {
  return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
}

/** The text of a key. `{name}` in it stands for a value; `count` also chooses the plural. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  const message = messages[key] ?? (en as Messages)[key] ?? key;
  const text = typeof message === 'string' ? message : plural(message, Number(values['count'] ?? 0));
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? number(value) : value;
  });
}

function plural(forms: Exclude<Message, string>, count: number): string {
  return forms[new Intl.PluralRules(code).select(count)] ?? forms.other ?? '';
}

export function number(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(code, options).format(value);
}

/** A date and time in full, for what is shown on demand. */
export function fullTime(millis: number): string {
  return new Intl.DateTimeFormat(code, { dateStyle: 'full', timeStyle: 'short' }).format(millis);
}

/** The time of day. */
export function clockTime(millis: number): string {
  return new Intl.DateTimeFormat(code, { timeStyle: 'short' }).format(millis);
}

/** A day, short. */
export function day(millis: number): string {
  return new Intl.DateTimeFormat(code, { dateStyle: 'medium' }).format(millis);
}

/** A duration in seconds, short enough to be read at a glance. */
export function seconds(millis: number): string {
  const digits = millis < 10_000 ? 1 : 0;
  return number(millis / 1000, { style: 'unit', unit: 'second', unitDisplay: 'narrow', maximumFractionDigits: digits });
}

export type DayGroup = 'today' | 'yesterday' | 'week' | 'month' | 'older';

/** Which group of a list a time belongs to. */
export function dayGroup(millis: number, now: number = Date.now()): DayGroup {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const day = 86_400_000;
  if (millis >= midnight) return 'today';
  if (millis >= midnight - day) return 'yesterday';
  if (millis >= midnight - 6 * day) return 'week';
  return millis >= midnight - 29 * day ? 'month' : 'older';
}

/** How large something is, in the largest unit that fits. */
export function bytes(count: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), units.length - 1);
  const style = { style: 'unit', unit: units[step] ?? 'byte', unitDisplay: 'short', maximumFractionDigits: 1 } as const;
  return number(count / 1000 ** step, style);
}
