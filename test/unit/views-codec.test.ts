import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHash, list, oneOf, parseHash, readView, text, whole, writeView } from '../../src/app/codec.ts';

const schema = {
  op: text('matmul'),
  tuning: oneOf(['stored', 'search', 'off']),
  shapes: list,
  lane: whole(0, 0, 255),
};

describe('the address of a view', () => {
  it('leaves defaults out', () => {
    expect(writeView(schema, readView(schema, new URLSearchParams())).toString()).toBe('');
  });

  it('gives every view back', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((s) => !s.includes('~'));
    const views = fc.record({
      op: fc.string(),
      tuning: fc.constantFrom('stored' as const, 'search' as const, 'off' as const),
      shapes: fc.array(word, { maxLength: 4 }),
      lane: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(views, (view) => {
        const hash = formatHash({ page: 'bench', params: writeView(schema, view) });
        const back = parseHash(hash);
        expect(back.page).toBe('bench');
        expect(readView(schema, back.params)).toEqual(view);
      }),
    );
  });

  it('reads what does not belong as the default', () => {
    const params = new URLSearchParams('tuning=always&lane=999');
    expect(readView(schema, params)).toEqual({ op: 'matmul', tuning: 'stored', shapes: [], lane: 0 });
    expect(readView(schema, new URLSearchParams('lane=')).lane).toBe(0);
    expect(readView(schema, new URLSearchParams('lane=1e2')).lane).toBe(100);
  });

  it('reads bare addresses', () => {
    expect(parseHash('').page).toBe('');
    expect(parseHash('#/').page).toBe('');
    expect(parseHash('#/step/').page).toBe('step');
    expect(parseHash('#/bench?op=a?b').params.get('op')).toBe('a?b');
  });
});
