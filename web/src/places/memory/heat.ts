/** The days of a year as a grid of weeks, each with a step of five for how much was said. */
import { dayKey } from './words';

export const STEPS = 5;

export interface HeatDay {
  key: string;
  time: Date;
  count: number;
  /** 0 for nothing, else 1 to 5. */
  step: number;
}

export interface HeatYear {
  /** Seven rows, one for each day of the week; `undefined` before the first day and after the last. */
  rows: (HeatDay | undefined)[][];
  /** The first day of each column. */
  weeks: Date[];
  /** The smallest count of each step from 1 on. */
  bounds: number[];
}

/** The grid of the `weeks` weeks that end with today. `firstDay` is the first day of the week, 0 for Sunday. */
export function heatYear(counts: ReadonlyMap<string, number>, today: Date, { weeks = 53, firstDay = 1 } = {}): HeatYear {
  const start = new Date(today.getFullYear(), today.getMonth(), today.getDate(), 12);
  start.setDate(start.getDate() - ((start.getDay() - firstDay + 7) % 7) - 7 * (weeks - 1));
  const bounds = boundsOf([...counts.values()]);
  const rows: (HeatDay | undefined)[][] = Array.from({ length: 7 }, () => []);
  const starts: Date[] = [];
  const last = dayKey(today);
  for (let week = 0; week < weeks; week += 1) {
    for (let day = 0; day < 7; day += 1) {
      const time = new Date(start.getFullYear(), start.getMonth(), start.getDate() + 7 * week + day, 12);
      if (day === 0) starts.push(time);
      const key = dayKey(time);
      const count = counts.get(key) ?? 0;
      rows[day]?.push(key > last ? undefined : { key, time, count, step: stepOf(count, bounds) });
    }
  }
  return { rows, weeks: starts, bounds };
}

/** Bounds by fifths of the days on which something was said: a single day with very much leaves the others their shades. */
function boundsOf(counts: number[]): number[] {
  const sorted = counts.filter((count) => count > 0).sort((one, other) => one - other);
  const bounds = Array.from({ length: STEPS }, (_, step) => (step === 0 ? 1 : (sorted[Math.floor((sorted.length * step) / STEPS)] ?? 1)));
  // Each begins above the one before, so that the legend has no step twice.
  for (let step = 1; step < STEPS; step += 1) bounds[step] = Math.max(bounds[step] ?? 1, (bounds[step - 1] ?? 0) + 1);
  return bounds;
}

function stepOf(count: number, bounds: number[]): number {
  return count === 0 ? 0 : bounds.filter((bound) => count >= bound).length;
}
