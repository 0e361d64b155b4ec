// The Model page's pure parts: spelling, page fills, step times, candidates.

import { describe, expect, it } from 'vitest';
import { promptIds, stopsOf, tokenizerVocabulary } from '../../src/app/model/vocabulary.ts';
import { parametersText } from '../../src/views/model/figures.ts';
import { describeFill, describeFills, pageFills } from '../../src/views/model/page-fill.ts';
import { bytesAsIds, parseIds, StreamSpeller, spellId } from '../../src/views/model/spell.ts';
import { summarizeTimes, type TimedStep, timeBars } from '../../src/views/model/step-times.ts';
import { candidates } from '../../src/worker/generate/candidates.ts';

describe('spelling', () => {
  it('turns text into bytes and ids into text that stays readable', () => {
    expect(bytesAsIds('hé', 512)).toEqual([104, 195, 169]);
    expect(bytesAsIds('hé', 128)).toEqual([104]);
    expect([104, 10, 195, 411].map(spellId).join('')).toBe('h↵⟨195⟩⟨411⟩');
    expect(parseIds(' 1, 2 3\n4 ')).toEqual([1, 2, 3, 4]);
    expect(parseIds('1, -2')).toBeNull();
    expect(parseIds('1.5')).toBeNull();
  });

  it('holds back ids until their character is whole', () => {
    const bytes = [...new TextEncoder().encode('a→é')];
    const speller = new StreamSpeller((ids) => new TextDecoder().decode(Uint8Array.from(ids)));
    expect(bytes.map((byte) => speller.next(byte))).toEqual(['a', '', '', '→', '', 'é']);
  });
});

describe('vocabularies', () => {
  const json = (value: unknown): Blob => new Blob([JSON.stringify(value)]);
  const words = { '<s>': 0, '</s>': 1, the: 2, page: 3, holds: 4 };
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab: words, unk_token: '<s>' },
  };

  it('reads a tokenizer.json, and spells what it reads piece by piece', async () => {
    const made = await tokenizerVocabulary(tokenizer, {}, [1]);
    expect(made.encode('the page holds the page')).toEqual([2, 3, 4, 2, 3]);
    const spell = made.speller();
    expect([2, 3, 4].map(spell).join('')).toBe('the page holds');
    expect(made.stops).toEqual([1]);
    expect(promptIds(made, 'ids', '4, 3')).toEqual([4, 3]);
    expect(promptIds(made, 'text', 'page')).toEqual([3]);
    await expect(tokenizerVocabulary({}, {}, [])).rejects.toThrow();
  });

  it('ends texts at the ids that config.json names', async () => {
    expect(await stopsOf(json({ eos_token_id: 7 }))).toEqual([7]);
    expect(await stopsOf(json({ eos_token_id: [7, 9] }))).toEqual([7, 9]);
    expect(await stopsOf(json({}))).toEqual([]);
  });
});

describe('page fills', () => {
  it('fills pages in the order of the block table', () => {
    const fills = pageFills(4, 8, [{ table: [2, 0], computed: 11 }]);
    expect(fills.map((f) => [f.state, f.tokens])).toEqual([
      ['partial', 3],
      ['free', 0],
      ['full', 8],
      ['free', 0],
    ]);
    expect(describeFill({ page: 0, index: 1, answers: [0], tokens: 3, state: 'partial' }, 8)).toBe(
      'page 0: entry 1 of the block table, positions 8 to 10',
    );
    expect(describeFills(fills, 8)).toBe('2 of 4 pages taken; 11 tokens fill 16 places.');
  });

  it('tells which pages answers share', () => {
    const fills = pageFills(6, 8, [
      { table: [2, 0], computed: 11 },
      { table: [2, 5], computed: 12 },
    ]);
    expect(fills.map((f) => f.answers.length)).toEqual([1, 0, 2, 0, 0, 1]);
    expect(fills[2] && describeFill(fills[2], 8)).toBe(
      'page 2: entry 0 of the block table, positions 0 to 7, full, shared by answers 1, 2',
    );
    expect(describeFills(fills, 8)).toBe(
      '3 of 6 pages taken; 15 tokens fill 24 places. 1 shared: without that, 1 more.',
    );
  });
});

const step = (phase: TimedStep['phase'], ms: number, pace: TimedStep['pace'] = 'flow'): TimedStep => ({
  phase,
  start: 0,
  count: phase === 'prefill' ? 10 : 1,
  tokens: [1],
  ms,
  hostMs: 1,
  pace,
  dispatches: 22,
});

describe('step times', () => {
  it('counts the prompt to the first token and leaves the first decodes and the other pace out', () => {
    const steps = [
      { ...step('prefill', 8), tokens: [null] },
      step('prefill', 4),
      step('decode', 50, 'await'),
      step('decode', 90),
      step('decode', 80),
      ...[4, 4, 7].map((ms) => step('decode', ms)),
    ];
    const sum = summarizeTimes(steps);
    expect([sum.firstTokenMs, sum.promptTokens, sum.decodes, sum.pace]).toEqual([12, 20, 3, 'flow']);
    expect(sum.medianMs).toBe(4);
    expect(sum.tokensPerSecond).toBe(200);
    expect(summarizeTimes(steps.slice(0, 1)).firstTokenMs).toBeNull();
  });

  it('cuts bars that would flatten the others, and marks them', () => {
    const { bars, topMs } = timeBars(
      [step('prefill', 100), ...[4, 4, 4, 4].map((ms) => step('decode', ms))],
      4,
    );
    expect(topMs).toBe(4);
    expect(bars.map((b) => b.index)).toEqual([1, 2, 3, 4]);
    const all = timeBars([step('prefill', 100), ...[4, 4, 4, 4].map((ms) => step('decode', ms))], 9);
    expect(all.topMs).toBe(10);
    expect(all.bars.map((b) => b.cut)).toEqual([true, false, false, false, false]);
  });
});

describe('sizes', () => {
  it('are said as people say them', () => {
    expect(parametersText(1235814400)).toBe('1.24 B');
    expect(parametersText(131000)).toBe('131 k');
  });
});

describe('candidates', () => {
  it('ranks as the sampler breaks ties, and its entropy is in bits', () => {
    const flat = candidates(new Float32Array(8), 3, 5, 2);
    expect(flat.entropyBits).toBeCloseTo(3);
    expect(flat.chosen).toEqual({ id: 3, rank: 3, probability: 0.125 });
    expect(flat.best.map((c) => c.id)).toEqual([0, 1]);
    const sharp = candidates(Float32Array.of(1000, 0, 999), 0, 1, 3);
    expect(sharp.chosen.rank).toBe(0);
    expect(sharp.best.map((c) => c.id)).toEqual([0, 2, 1]);
    expect(sharp.best[0]?.probability).toBeCloseTo(1 / (1 + Math.exp(-1)));
  });
});
