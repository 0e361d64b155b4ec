// Strict JSON: what JSON.parse accepts, without names that occur twice and without depth that overflows.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson, show } from '../../../src/model/strict-json.ts';

const verdict = (text: string): unknown => {
  const read = parseStrictJson(text);
  return read.ok ? read.value : read.error;
};

describe('strict JSON', () => {
  it('is JSON.parse where no name occurs twice', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(verdict(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses a name twice, wherever it is added', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.jsonValue(), (inner, name, other) => {
        const pair = (value: unknown): string => `${JSON.stringify(name)} :${JSON.stringify(value)}`;
        const twice = `[{"around":[1,{${pair(inner)},${JSON.stringify(`between ${name}`)}:{},${pair(other)}}]}]`;
        expect(verdict(twice)).toBe(`names ${show(name)} twice`);
      }),
    );
  });

  it.each([
    ['{"a":1,"\\u0061":2}', 'names "a" twice'],
    ['{"a\\"":1,"b":{"a\\"":1}}', { 'a"': 1, b: { 'a"': 1 } }],
    ['{"a":["a","a",{"a":"a"}],"b":"a"}', { a: ['a', 'a', { a: 'a' }], b: 'a' }],
    ['{"a":"{\\"a\\":1,","b":"\\\\"}', { a: '{"a":1,', b: '\\' }],
    ['', 'is no JSON'],
    ['{"a":1,}', 'is no JSON'],
    ['1 2', 'is no JSON'],
  ])('%s', (text, expected) => expect(verdict(text)).toEqual(expected));

  it('refuses depth that would overflow a stack', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseStrictJson(nested(128)).ok).toBe(true);
    expect(verdict(nested(129))).toContain('nested deeper');
    expect(verdict(nested(1e6))).toContain('nested deeper');
  });
});
