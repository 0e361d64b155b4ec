// Importers on lines with the quirks of the real files, and on samples of those files when they are there.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { promptLength } from '../../../src/engine/request.ts';
import { importTrace } from '../../../src/workloads/importers/index.ts';

const options = {
  limits: { pages: 100_000, pageSize: 16, window: 262_144, vocabulary: 512 },
  first: 0,
  scale: 1,
  speed: 1,
  spread: true,
  limit: 'exact',
} as const;
const read = (text: string, more = {}) => unwrap(importTrace(text, { ...options, ...more }));
const problem = (text: string) => {
  const result = importTrace(text, options);
  return result.ok ? 'ok' : result.error.message;
};
const brief = (text: string, more = {}) =>
  read(text, more).requests.map((r) => [r.arrival, promptLength(r.prompt), r.maxTokens]);

describe('Azure', () => {
  const head = 'TIMESTAMP,ContextTokens,GeneratedTokens\r\n';
  it('reads CRLF, seven decimals, no last newline', () => {
    const rows = brief(`${head}2023-11-16 18:17:03.9799600,4808,10\r\n2023-11-16 18:17:04.0319600,3180,8`);
    expect(rows[0]).toEqual([0, 4808, 10]);
    expect(rows[1]?.[0]).toBeCloseTo(0.052, 6);
  });
  it('names a bad line by its number', () => {
    expect(problem(`${head}2023-11-16 18:17:03.97,4808,10\r\n2023-11-16 18:17,1,2`)).toBe(
      'Azure LLM inference trace, line 3: "2023-11-16 18:17" is no time.',
    );
    expect(problem(`${head}2023-11-16 18:17:03.97,x,10`)).toContain('line 2: "x" is no count');
    expect(problem('TIMESTAMP,ContextTokens\r\n')).toContain('line 1: the header lacks GeneratedTokens');
  });
});

describe('Mooncake', () => {
  const line = (timestamp: number, input: number, hashes: number[]) =>
    JSON.stringify({ timestamp, input_length: input, output_length: 5, hash_ids: hashes });
  it('shares blocks by hash, and the last block may be partial', () => {
    const { requests } = read([line(0, 600, [1, 2]), line(40, 700, [1, 3])].join('\n'));
    expect(requests[0]?.prompt).toEqual([
      { seed: 1, length: 512 },
      { seed: 2, length: 88 },
    ]);
    expect(requests[1]?.prompt[0]).toEqual(requests[0]?.prompt[0]);
    expect(requests[1]?.arrival).toBe(0.04);
  });
  it('spreads stamps that were rounded to 3 s, or replays them and says so', () => {
    const text = [0, 0, 0, 3000, 5999, 5999].map((t, i) => line(t, 10, [i])).join('\n');
    expect(brief(text).map(([t]) => t)).toEqual([0, 1, 2, 3, 6, 7.5]);
    const verbatim = read(text, { spread: false });
    expect(verbatim.requests.map((r) => r.arrival)).toEqual([0, 0, 0, 3, 5.999, 5.999]);
    expect(verbatim.notes.join(' ')).toContain('an artificial burst every 3 s');
  });
  it('names a bad line', () => {
    expect(problem(`${line(0, 600, [1, 2])}\n${line(1, 600, [1])}`)).toContain(
      'line 2: hash_ids must have 2 entries for 600 tokens',
    );
    expect(problem(`${line(0, 600, [1, 2])}\n{"hash_ids"`)).toContain('line 2: this is not JSON');
  });
});

describe('other formats', () => {
  it('BurstGPT, leaving out failed requests', () => {
    const made = read(
      'Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,a,1,ChatGPT,472,18,490,Conversation log\n45,b,1,ChatGPT,1087,0,1087,Conversation log\n118,c,1,GPT-4,417,276,693,API log\n',
    );
    expect(made.requests.map((r) => [r.arrival, r.maxTokens])).toEqual([
      [0, 18],
      [113, 276],
    ]);
    expect(made.notes.join(' ')).toContain('1 rows without prompt or answer');
  });
  it('Vidur', () => {
    expect(brief('arrived_at,num_prefill_tokens,num_decode_tokens\n0.5,374,44\n1.5,396,109\n')).toEqual([
      [0, 374, 44],
      [1, 396, 109],
    ]);
  });
  it('ShareGPT, by length', () => {
    const text = JSON.stringify([
      {
        conversations: [
          { from: 'human', value: 'x'.repeat(40) },
          { from: 'gpt', value: 'y'.repeat(20) },
        ],
      },
    ]);
    expect(brief(text)).toEqual([[0, 10, 5]]);
  });
  it.each([
    ['[null, "conversations"]', 'ShareGPT, line 1: entry 0 has no conversations.'],
    ['[{"conversations": [null, null, 3]}]', 'ok'],
    ['null\n{"hash_ids": []}', 'Mooncake trace, line 1: this is no object.'],
    ['7\n{"hash_ids": []}', 'Mooncake trace, line 1: this is no object.'],
  ])('entries that are no objects: %j', (text, message) => {
    expect(problem(text)).toBe(message);
  });
  it('an unknown file', () => {
    expect(problem('hello')).toBe('The file is none of the traces that can be read.');
  });
});

describe('scaling', () => {
  it('states the factor and counts what is cut', () => {
    const text = `arrived_at,num_prefill_tokens,num_decode_tokens\n${Array.from({ length: 200 }, (_, i) => `${i},${i === 7 ? 9000 : 900},100`).join('\n')}`;
    const { requests, notes } = read(text, {
      limits: { ...options.limits, window: 500 },
      scale: 0,
      speed: 2,
    });
    expect(requests.every((r) => promptLength(r.prompt) + r.maxTokens <= 500)).toBe(true);
    expect(notes).toEqual([
      'Vidur: 200 of 200 requests.',
      'All lengths are scaled by 0.5.',
      '1 of 200 prompts are cut to fit 500 tokens.',
      'Time is played 2 times as fast.',
    ]);
  });
});

const SAMPLES = '../shared/traces';
describe.skipIf(!existsSync(SAMPLES))(`samples of real traces (${SAMPLES}; skipped when absent)`, () => {
  it.each([
    ['azure2023_conv_first500.csv', 500],
    ['azure2023_code_first500.csv', 500],
    ['mooncake_conversation_first300.jsonl', 300],
    ['mooncake_synthetic_first100.jsonl', 100],
  ])('%s', (file, rows) => {
    const { requests, notes } = read(readFileSync(`${SAMPLES}/${file}`, 'utf8'));
    expect(requests.length).toBe(rows);
    expect(notes.some((note) => note.includes('rounded to 3 s'))).toBe(file.includes('conversation'));
  });
});
