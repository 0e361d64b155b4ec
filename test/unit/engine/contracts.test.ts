// The shapes that other rooms build on: trace blocks, run files, request data.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { REASONS, type Reason, reasonCode, reasonName } from '../../../src/engine/reason.ts';
import { promptLength, writePrompt } from '../../../src/engine/request.ts';
import { type RunFile, readRunFile, writeRunFile } from '../../../src/engine/run-file.ts';
import { Trace, traceStart, traceTransferables } from '../../../src/engine/trace.ts';

describe('trace blocks', () => {
  it('rebuild the same trace on the other side of a transfer, in pieces', () => {
    const source = new Trace();
    const copy = new Trace();
    let cursor = traceStart;
    for (let i = 0; i < 1000; i++) {
      const n = source.rows.extend();
      source.rows.columns.request[n] = i;
      source.rows.columns.count[n] = i * 3;
      const e = source.events.extend();
      source.events.columns.time[e] = i / 7;
      if (i % 137 !== 0) continue;
      const block = source.since(cursor);
      cursor = source.cursor();
      copy.append(structuredClone(block, { transfer: traceTransferables(block) }));
      expect(block.rows.columns.request.length).toBe(0); // moved, not copied
    }
    copy.append(source.since(cursor));
    expect(copy.since(traceStart)).toEqual(source.since(traceStart));
  });

  it('refuses a block out of order', () => {
    const source = new Trace();
    source.steps.extend(2);
    expect(() => new Trace().append(source.since({ ...traceStart, steps: 1 }))).toThrow('starts at row 1');
  });
});

describe('request', () => {
  it('writes given and seeded prompt parts; one seed gives one text', () => {
    const prompt = [{ tokens: [5, 6] }, { seed: 9, length: 4 }];
    const a = new Int32Array(promptLength(prompt));
    const b = new Int32Array(4);
    writePrompt(prompt, 512, a);
    writePrompt([{ seed: 9, length: 4 }], 512, b);
    expect([...a.subarray(0, 2)]).toEqual([5, 6]);
    expect(a.subarray(2)).toEqual(b);
    expect(b.every((token) => token >= 0 && token < 512)).toBe(true);
  });
});

describe('reasons', () => {
  it('go to codes and back, and an unknown code is named so', () => {
    for (const name of Object.keys(REASONS) as Reason[]) expect(reasonName(reasonCode(name))).toBe(name);
    expect(reasonName(250)).toBe('unplanned');
  });
});

describe('run file', () => {
  const run: RunFile = {
    format: 'lockstep-run',
    version: 1,
    header: {
      device: 'unit steps',
      clock: 'virtual',
      lookahead: 0,
      strategy: 'serial',
      knobs: {},
      settings: { slots: 1, order: 'fcfs', prefixCache: false, holdFinished: false },
      limits: { pages: 4, pageSize: 8, window: 32, vocabulary: 512 },
      workload: { id: 'none', knobs: {} },
      numerics: {},
      tuned: {},
      seeds: {},
    },
    requests: [{ id: 0, arrival: 0, prompt: [{ seed: 1, length: 8 }], maxTokens: 2 }],
    aborts: [],
    idles: [],
    steps: [{ planned: 0, arrived: 1, start: 0, end: 1, admit: [[0, 0, 0]], rows: [[0, 8, 0]], tokens: [7] }],
  };
  it('reads back what it wrote, one step a line', () => {
    const text = writeRunFile(run);
    expect(unwrap(readRunFile(text))).toEqual(run);
    expect(text).toContain('\n{"planned":0,"arrived":1,"start":0,"end":1,"admit":[[0,0,0]]');
  });
  it('tells not JSON, another format, another version and a missing part apart', () => {
    const codeOf = (text: string) => {
      const result = readRunFile(text);
      return result.ok ? 'ok' : result.error.code;
    };
    expect(codeOf('{')).toBe('not-json');
    expect(codeOf('[]')).toBe('not-a-run');
    expect(codeOf(JSON.stringify({ ...run, version: 2 }))).toBe('version');
    expect(codeOf(JSON.stringify({ ...run, steps: undefined }))).toBe('incomplete');
  });
});
