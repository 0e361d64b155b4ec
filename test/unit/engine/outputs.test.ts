// Whether runs gave the same answers: what is held against what, and when there is nothing to hold.
import { describe, expect, it } from 'vitest';
import { type Answers, answersIn, identical } from '../../../src/engine/outputs.ts';
import { atOnce, serve } from './serve.ts';

const run = (outputs: Record<number, readonly number[]>, complete = true): Answers => ({
  outputs: new Map(Object.entries(outputs).map(([id, tokens]) => [Number(id), tokens])),
  complete,
});

describe('the answers of runs', () => {
  it('are the same token by token, or differ in a request and a token', () => {
    expect(identical([run({ 0: [1, 2], 1: [3] }), run({ 0: [1, 2], 1: [3] })])).toEqual({
      verdict: 'same',
      tokens: 3,
    });
    expect(identical([run({ 0: [1, 2] }), run({ 0: [1, 2] }), run({ 0: [1, 5] })])).toEqual({
      verdict: 'different',
      request: 0,
      token: 1,
      runs: [0, 2],
    });
    expect(identical([run({ 0: [1, 2] }), run({ 0: [1] })])).toMatchObject({
      verdict: 'different',
      token: 1,
    });
  });

  it('differ where a request is missing from either side', () => {
    const missing = { verdict: 'different', request: 7, token: 0, runs: [0, 1] };
    expect(identical([run({ 0: [1], 7: [2] }), run({ 0: [1] })])).toEqual(missing);
    expect(identical([run({ 0: [1] }), run({ 0: [1], 7: [2] })])).toEqual(missing);
  });

  it('count as far as they came in a run that was cut short', () => {
    expect(identical([run({ 0: [1] }, false), run({ 0: [1, 2], 1: [3] })])).toEqual({
      verdict: 'same',
      tokens: 3,
    });
    expect(identical([run({ 0: [9] }, false), run({ 0: [1, 2] })])).toMatchObject({
      verdict: 'different',
      runs: [1, 0],
    });
  });

  it('are not called the same when there is nothing to compare', () => {
    const nothing = { verdict: 'nothing to compare' };
    expect(identical([])).toEqual(nothing);
    expect(identical([run({ 0: [1] })])).toEqual(nothing);
    expect(identical([run({}), run({})])).toEqual(nothing);
    expect(identical([run({ 0: [1] }), run({ 1: [1] }, false)])).toEqual(nothing);
  });

  it('of a trace are complete unless the run was cut short', () => {
    const { engine, trace } = serve('serial', {}, atOnce([8, 2]));
    expect(answersIn(trace)).toMatchObject({ complete: true });
    engine.submit({ id: 1, arrival: 9, prompt: [{ seed: 1, length: 4 }], maxTokens: 2 }, 9);
    engine.lose(10);
    expect(answersIn(trace)).toMatchObject({ complete: false });
  });
});
