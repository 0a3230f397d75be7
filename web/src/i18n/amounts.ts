/** Amounts that people read at a glance: sizes, shares, and how long ago something was. */
import { language, number } from './language.svelte';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** A size in the largest unit of which there is at least one. */
export function bytes(size: number): string {
  const power = size < 1 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), UNITS.length - 1);
  const value = size / 1000 ** power;
  return number(value, { style: 'unit', unit: UNITS[power] as string, unitDisplay: 'short', maximumFractionDigits: value < 10 && power > 0 ? 1 : 0 });
}

export function share(of: number): string {
  return number(of, { style: 'percent', maximumFractionDigits: 0 });
}

const STEPS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]] as const;

/** How long ago a time was, in the largest unit. */
export function ago(millis: number, now: number = Date.now()): string {
  const format = new Intl.RelativeTimeFormat(language.code, { numeric: 'auto' });
  const past = now - millis;
  const [unit, step] = STEPS.find(([, length]) => past >= length) ?? ['minute', 60_000];
  return format.format(-Math.floor(Math.max(past, 0) / step), unit);
}

/** A day as it is said. */
export function dayOf(millis: number): string {
  return new Intl.DateTimeFormat(language.code, { day: 'numeric', month: 'short' }).format(millis);
}
