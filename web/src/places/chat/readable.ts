/** JSON as a person reads it: a text as it is, an object of plain values as lines, anything else indented. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value, null, 2);
  const entries = Object.entries(value);
  const isPlain = entries.every(([, one]) => one === null || typeof one !== 'object');
  if (!isPlain) return JSON.stringify(value, null, 2);
  return entries.map(([name, one]) => `${name}: ${String(one)}`).join('\n');
}
