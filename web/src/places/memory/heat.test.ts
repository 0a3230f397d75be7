import { describe, expect, it } from 'vitest';
import { heatYear } from './heat';

const TODAY = new Date(2026, 11, 1, 9);

describe('heatYear', () => {
  it('ends with today, in rows that begin with the first day of the week', () => {
    const { rows, weeks } = heatYear(new Map(), TODAY);
    expect(rows.length).toBe(7);
    expect(weeks.length).toBe(53);
    expect(rows.every((row) => row.length === 53)).toBe(true);
    expect(rows[1]?.at(-1)?.key).toBe('2026-12-01');
    expect(rows[2]?.at(-1)).toBeUndefined();
    expect(rows[0]?.[0]?.time.getDay()).toBe(1);
    expect(heatYear(new Map(), TODAY, { firstDay: 0 }).rows[0]?.[0]?.time.getDay()).toBe(0);
  });

  it('has no day twice, over changes of the clock too', () => {
    const keys = heatYear(new Map(), TODAY).rows.flat().flatMap((day) => (day ? [day.key] : []));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('gives steps by fifths, rising', () => {
    const counts = new Map([1, 2, 3, 4, 1000].map((count, at) => [`2026-11-0${at + 1}`, count]));
    const { rows, bounds } = heatYear(counts, TODAY);
    const steps = rows.flat().filter((day) => day && day.count > 0).map((day) => day?.step);
    expect([...steps].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(bounds).toEqual([...bounds].sort((one, other) => one - other));
    expect(new Set(bounds).size).toBe(5);
  });
});
