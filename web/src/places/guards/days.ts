/** Findings by day, for a chart of the days that were. */

export interface Day {
  /** Its midnight. */
  start: number;
  counts: Record<string, number>;
  total: number;
}

/** The last days up to today, each with its findings by kind. */
export function byDay(found: readonly { time: number; kind: string }[], days: number, now: number = Date.now()): Day[] {
  const midnight = (millis: number) => new Date(millis).setHours(0, 0, 0, 0);
  const list: Day[] = Array.from({ length: days }, (_, at) => {
    const day = new Date(midnight(now));
    day.setDate(day.getDate() - (days - 1 - at));
    return { start: day.getTime(), counts: {}, total: 0 };
  });
  const of = new Map(list.map((day) => [day.start, day]));
  for (const { time, kind } of found) {
    const day = of.get(midnight(time));
    if (!day) continue;
    day.counts[kind] = (day.counts[kind] ?? 0) + 1;
    day.total += 1;
  }
  return list;
}
