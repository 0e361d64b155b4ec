import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalog } from '../../src/kernels/catalog.ts';
import {
  bytes,
  day,
  duration,
  exact,
  figure,
  percent,
  spoken,
  tickText,
  times,
} from '../../src/views/format.ts';
import { spreadLabels } from '../../src/views/labels.ts';
import { decades, linear, logarithmic } from '../../src/views/scale.ts';
import { tokenize } from '../../src/views/wgsl.ts';

describe('numbers', () => {
  it.each([
    [2310.4, '2,310'],
    [118, '118'],
    [92.44, '92.4'],
    [7.4421, '7.44'],
    [9.999, '10.0'],
    [0.01234, '0.0123'],
    [0, '0'],
    [2.1e-6, '2.1e−6'],
    [999.6, '1,000'],
    [-1234567, '-1,230,000'],
    [Number.POSITIVE_INFINITY, '∞'],
  ])('%d as %s', (value, text) => expect(figure(value)).toBe(text));

  it('fractions, ratios, times, bytes and ticks', () => {
    expect([percent(0.7), percent(0.042), percent(1), percent(0.0064)]).toEqual([
      '70 %',
      '4.2 %',
      '100 %',
      '0.64 %',
    ]);
    expect(times(19.62)).toBe('19.6×');
    expect([duration(0.2), duration(11), duration(130), duration(3900)]).toEqual([
      '1 s',
      '11 s',
      '2 min 10 s',
      '1 h 5 min',
    ]);
    expect([bytes(1023), bytes(16384), bytes(2 ** 32), bytes(1536)]).toEqual([
      '1023 B',
      '16 KiB',
      '4 GiB',
      '1.50 KiB',
    ]);
    expect([tickText(0.1), tickText(5), tickText(2000)]).toEqual(['0.1', '5', '2,000']);
    expect([12, 123, 1234, 12345678].map(exact)).toEqual(['12', '123', '1,234', '12,345,678']);
    expect(day('2001-09-13T12:00:00.000Z')).toBe('13 Sep 2001');
    expect(exact(7.4421)).toBe('7.4421');
    expect(spoken('04_register_8x4')).toBe('04 register 8×4');
  });
});

describe('scales', () => {
  it('map ends to ends and label round numbers', () => {
    const x = linear(2310, 100, 500);
    expect([x(0), x(2310)]).toEqual([100, 500]);
    expect(x.ticks).toEqual([0, 500, 1000, 1500, 2000]);
    const y = logarithmic(1, 1000, 300, 0, 10);
    expect(y(1)).toBe(300);
    expect(y(1000)).toBeCloseTo(0, 9);
    expect(y.ticks).toEqual([1, 10, 100, 1000]);
    expect(decades([3, 250], 10)).toEqual([1, 1000]);
  });
});

describe('labels beside points', () => {
  it('never overlap, never leave a picture that has room, and keep their order', () => {
    const many = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(many, (ys) => {
        const placed = spreadLabels(ys, 14, 0, 300);
        const byPlace = placed.map((y, i) => ({ y, from: ys[i] ?? 0 })).sort((a, b) => a.y - b.y);
        byPlace.forEach(({ y, from }, i) => {
          expect(y).toBeGreaterThanOrEqual(-1e-6);
          expect(y).toBeLessThanOrEqual(300 + 1e-6);
          const before = byPlace[i - 1];
          if (!before) return;
          expect(y - before.y).toBeGreaterThanOrEqual(14 - 1e-6);
          expect(from).toBeGreaterThanOrEqual(before.from);
        });
      }),
    );
  });
  it('leaves labels with room where their points are', () => {
    expect(spreadLabels([10, 100, 50], 14, 0, 300)).toEqual([10, 100, 50]);
  });
});

describe('coloured source', () => {
  it.each([...catalog.values()].flatMap((e) => e.versions).map((v) => [v.path, v.source] as const))(
    '%s: the pieces give the source back',
    (_, source) => {
      const back = tokenize(source).map((line) => line.map((token) => token.text).join(''));
      expect(back.join('\n')).toBe(source);
    },
  );
  it('tells words apart', () => {
    const kinds = tokenize('let x: u32 = max(4u, 1e-3); // why').flat();
    expect(kinds.filter((t) => t.kind !== 'plain').map((t) => [t.kind, t.text])).toEqual([
      ['keyword', 'let'],
      ['type', 'u32'],
      ['builtin', 'max'],
      ['number', '4u'],
      ['number', '1e-3'],
      ['comment', '// why'],
    ]);
    expect(tokenize('/* a\nb */ let c')[1]?.[0]?.kind).toBe('comment');
  });
});

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const channel = (i: number): number => {
      const c = Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2);
  };
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

describe('colours', () => {
  const css = readFileSync('src/app/styles/tokens.css', 'utf8');
  const token = (name: string, dark: boolean): string => {
    const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css)?.[dark ? 2 : 1];
    if (found) return found;
    const other = new RegExp(`--${name}: var\\(--([\\w-]+)\\)`).exec(css)?.[1];
    if (!other) throw new Error(`tokens.css has no --${name}`);
    return token(other, dark);
  };
  const texts = [
    'ink',
    'ink-2',
    'ink-3',
    'warn',
    'good',
    'bad',
    'focus',
    'code-keyword',
    'code-type',
    'code-number',
    'code-builtin',
    'code-comment',
  ];
  it.each([false, true])('text reads on every ground (AA, dark: %s)', (dark) => {
    for (const text of texts) {
      for (const ground of ['panel', 'paper', 'sunken', 'select'])
        expect(
          contrast(token(text, dark), token(ground, dark)),
          `${text} on ${ground}`,
        ).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(token('warn', dark), token('warn-ground', dark))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token('ink-2', dark), token('warn-ground', dark))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token('ink-2', dark), token('bad-ground', dark))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token('bad', dark), token('bad-ground', dark))).toBeGreaterThanOrEqual(4.5);
  });
  it.each([false, true])('marks stand out from the panel (3:1, dark: %s)', (dark) => {
    for (const mark of ['ours', 'peer', 'prefill', 'decode', 'recompute', 'read', 'write', 'line-strong'])
      expect(contrast(token(mark, dark), token('panel', dark)), mark).toBeGreaterThanOrEqual(3);
  });
});
