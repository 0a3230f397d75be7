/** A question's form asks for what the schema has, and answers in its types. */
import { describe, expect, it } from 'vitest';
import { choicesOf, firstValue, inputTypeOf, valuesOf } from './question';

const schema = {
  properties: {
    name: { type: 'string' }, age: { type: 'integer' }, mail: { type: 'string', format: 'email' }, agreed: { type: 'boolean', default: true },
    size: { type: 'string', enum: ['s', 'm'], enumNames: ['Small', 'Medium'] }, tags: { type: 'array', items: { enum: ['a', 'b'] } },
  },
  required: ['name'],
};

describe('a question', () => {
  it('begins with what the schema says', () => {
    expect(Object.values(schema.properties).map(firstValue)).toEqual(['', '', '', true, '', []]);
    expect(choicesOf(schema.properties.size)).toEqual([{ value: 's', label: 'Small' }, { value: 'm', label: 'Medium' }]);
    expect(choicesOf({ oneOf: [{ const: 'x', title: 'X' }] })).toEqual([{ value: 'x', label: 'X' }]);
    expect(Object.values(schema.properties).map(inputTypeOf)).toEqual(['text', 'number', 'email', 'text', 'text', 'text']);
  });

  it('answers in the types of the schema, without what was left empty', () => {
    const given = valuesOf(schema, { name: '', age: '7', mail: '', agreed: false, size: 'm', tags: ['b'] });
    expect(given).toEqual({ name: '', age: 7, agreed: false, size: 'm', tags: ['b'] });
  });
});
