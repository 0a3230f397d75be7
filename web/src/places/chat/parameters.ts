/** The parameters of models' APIs that have a field of their own; others are shown if they are set. */

export const NUMBERS = [
  { name: 'temperature', min: 0, max: 2, step: 'any' },
  { name: 'top_p', min: 0, max: 1, step: 'any' },
  { name: 'max_tokens', min: 1, max: 1_000_000, step: 1 },
  { name: 'presence_penalty', min: -2, max: 2, step: 'any' },
  { name: 'frequency_penalty', min: -2, max: 2, step: 'any' },
  { name: 'seed', min: 0, max: 4_294_967_295, step: 1 },
] as const;

/** The value of a field: a number or other JSON where it is that, else a text; nothing where it is empty. */
export function readParameter(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  try {
    return JSON.parse(trimmed) as unknown;
  } catch {
    return trimmed;
  }
}
