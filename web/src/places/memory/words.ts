/** Pure work on texts: marking words, queries for an unfinished word, times, sizes, and commands that go on with a conversation. */
import { language, number } from '$/i18n/language.svelte';
import type { ArchivedConversation } from './documents';

export interface TextPiece {
  text: string;
  isMarked: boolean;
}

const WORD = /[\p{L}\p{N}_]/u;

/**
 * A text cut into what matches the words of a query and what doesn't. A word counts where it begins one of the text, or anywhere
 * if that is asked for.
 */
export function marked(text: string, terms: readonly string[], { isAnywhere = false } = {}): TextPiece[] {
  const wanted = terms.map((term) => term.trim()).filter(Boolean).sort((one, other) => other.length - one.length);
  if (wanted.length === 0) return [{ text, isMarked: false }];
  const pattern = new RegExp(wanted.map(escaped).join('|'), 'giu');
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const before = text.slice(0, match.index).at(-1);
    if (!isAnywhere && before !== undefined && WORD.test(before) && WORD.test(match[0].charAt(0)) && !isWide(match[0])) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), isMarked: false });
    pieces.push({ text: match[0], isMarked: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isMarked: false });
  return pieces;
}

const escaped = (term: string) => term.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** Scripts without spaces between words: there a word may begin anywhere. */
const isWide = (word: string) => /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(word);

/** The query for words that are still being typed: the last one may be a beginning. */
export function asTyped(words: string): string {
  const last = /(?:^|\s)([\p{L}\p{N}]{2,})$/u.exec(words)?.[1];
  const hasOpenQuote = (words.match(/"/g) ?? []).length % 2 === 1;
  return last && !hasOpenQuote && !isWide(last) ? `${words}*` : words;
}

/** The words of a query, for marking them in a text: without operators and quotes. */
export function termsOf(query: string): string[] {
  return query.split(/["\s*]+/).filter((word) => word.length > 1);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000], ['month', 2_629_800_000], ['week', 604_800_000], ['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000],
];

/** How long ago something was, in one word or two. */
export function ago(time: string | number | null, now = Date.now()): string {
  const millis = millisOf(time);
  if (millis === undefined) return '';
  const passed = millis - now;
  const [unit, step] = STEPS.find(([, length]) => Math.abs(passed) >= length) ?? ['minute', 60_000];
  return new Intl.RelativeTimeFormat(language.code, { numeric: 'auto' }).format(Math.trunc(passed / step), unit);
}

/** A time of the server as milliseconds. */
export function millisOf(time: string | number | null | undefined): number | undefined {
  const millis = typeof time === 'string' ? Date.parse(time) : (time ?? NaN);
  return Number.isNaN(millis) ? undefined : millis;
}

/** A day in words, as short as it is clear. */
export function dayOf(time: string | number | null | undefined, style: 'long' | 'short' = 'short'): string {
  const millis = millisOf(time);
  if (millis === undefined) return '';
  const options: Intl.DateTimeFormatOptions = style === 'long'
    ? { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }
    : { year: 'numeric', month: 'short', day: 'numeric' };
  return new Intl.DateTimeFormat(language.code, options).format(millis);
}

/** A day as the API and addresses write it, by the reader's clock. */
export function dayKey(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** The day that `dayKey` wrote, at its noon, where no change of the clock makes it another one. */
export function dayAt(key: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(key) ?? [];
  return year ? new Date(Number(year), Number(month) - 1, Number(day), 12).getTime() : undefined;
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size, with at most one digit behind the point. */
export function size(bytes: number): string {
  const step = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const unit = SIZES[step] ?? 'byte';
  return number(bytes / 1000 ** step, { style: 'unit', unit, unitDisplay: step === 0 ? 'long' : 'short', maximumFractionDigits: 1 });
}

/** The assistants that can go on with a conversation, and how they are told which. */
const RESUMES: Record<string, (id: string) => string> = {
  'claude-code': (id) => `claude --resume ${id}`,
  codex: (id) => `codex resume ${id}`,
  'gemini-cli': (id) => `gemini --resume ${id}`,
  opencode: (id) => `opencode --session ${id}`,
};

/** The command that goes on with a conversation in its assistant; nothing where there is none, or the id isn't plain. */
export function resumeCommand({ source, id }: Pick<ArchivedConversation, 'source' | 'id'>, directory?: string): string | undefined {
  const command = RESUMES[source];
  if (!command || !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(id)) return undefined;
  // A directory comes from a log: quoted, it can only ever be one, and one with control characters is left out.
  const isPlain = directory !== undefined && /^\/[^\p{C}]*$/u.test(directory);
  return isPlain ? `cd '${directory.replaceAll("'", `'\\''`)}' && ${command(id)}` : command(id);
}
