/** The form of a tool's question: which input a field of its schema is, and the values that it is answered with. */
import type { InputAsked, QuestionField } from '$/api/documents';

export type FormValue = string | boolean | string[];

/** What can be chosen; nothing where anything can be written. */
export function choicesOf(field: QuestionField): { value: string; label: string }[] {
  const named = field.oneOf ?? field.items?.anyOf;
  if (named) return named.map((one) => ({ value: String(one.const), label: one.title ?? String(one.const) }));
  const values = field.enum ?? field.items?.enum ?? [];
  return values.map((value, at) => ({ value: String(value), label: field.enumNames?.[at] ?? String(value) }));
}

/** The value that a field begins with. */
export function firstValue(field: QuestionField): FormValue {
  if (field.type === 'boolean') return field.default === true;
  if (field.type === 'array') return Array.isArray(field.default) ? field.default.map(String) : [];
  return field.default === undefined || field.default === null ? '' : String(field.default);
}

const FORMATS: Record<string, string> = { email: 'email', uri: 'url', date: 'date', 'date-time': 'datetime-local' };

export function inputTypeOf({ type, format }: QuestionField): string {
  if (type === 'number' || type === 'integer') return 'number';
  return FORMATS[format ?? ''] ?? 'text';
}

/** The values as the schema wants them. What was left empty and needn't be there is left out. */
export function valuesOf(schema: InputAsked['schema'], values: Record<string, FormValue>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const value = values[name];
    if (value === undefined || (value === '' && !schema.required?.includes(name))) continue;
    if (typeof value !== 'string') given[name] = value;
    else if (field.type === 'number' || field.type === 'integer') given[name] = Number(value);
    else if (field.format === 'date-time') given[name] = new Date(value).toISOString();
    else given[name] = value;
  }
  return given;
}
