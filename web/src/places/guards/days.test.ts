/** Days without findings are there too, and what is older isn't. */
import { expect, it } from 'vitest';
import { byDay } from './days';

it('counts findings by their day', () => {
  const now = new Date(2026, 2, 30, 12).getTime();
  const at = (day: number) => new Date(2026, 2, day, 23, 59).getTime();
  const days = byDay([{ time: at(30), kind: 'pii' }, { time: at(28), kind: 'pii' }, { time: at(28), kind: 'secret' }, { time: at(1), kind: 'pii' }], 3, now);
  expect(days.map(({ total }) => total)).toEqual([2, 0, 1]);
  expect(days[0]?.counts).toEqual({ pii: 1, secret: 1 });
});
