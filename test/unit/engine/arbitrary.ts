// Random strategies, knobs, workloads and pools for property tests: small, and always able to finish.

import fc from 'fast-check';
import type { Knob, KnobValue } from '../../../src/core/knobs.ts';
import type { Request } from '../../../src/engine/request.ts';
import type { Limits } from '../../../src/engine/view.ts';
import { strategies } from '../../../src/strategies/index.ts';

const arbitraryKnob = (name: string, knob: Knob): fc.Arbitrary<KnobValue> => {
  switch (knob.kind) {
    case 'int':
      return fc.integer({ min: knob.min, max: Math.min(knob.max, name === 'slots' ? 6 : 120) });
    case 'number':
      return fc.double({ min: knob.min, max: Math.min(knob.max, 5e6), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...Object.keys(knob.options));
    case 'list':
      return fc.constantFrom('', '2', '2,4', '3,8');
  }
};

export interface Case {
  readonly strategy: string;
  readonly knobs: Record<string, KnobValue>;
  readonly requests: readonly Request[];
  readonly limits: Limits;
  readonly lookahead: 0 | 1;
  readonly freeOrder: 'fifo' | 'lifo';
}

const arbitraryRequests = (aborts: boolean): fc.Arbitrary<Request[]> =>
  fc
    .array(
      fc.record({
        gap: fc.constantFrom(0, 0, 0.5, 3),
        shared: fc.integer({ min: 0, max: 40 }),
        own: fc.integer({ min: 1, max: 40 }),
        maxTokens: fc.integer({ min: 1, max: 24 }),
        cut: fc.option(fc.integer({ min: 1, max: 24 }), { nil: undefined }),
        priority: fc.integer({ min: 0, max: 2 }),
        sampled: fc.boolean(),
        fork: fc.boolean(),
        abort: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((specs) => {
      const requests: Request[] = [];
      let arrival = 0;
      for (const [id, spec] of specs.entries()) {
        arrival += spec.gap;
        const before = requests[id - 1];
        const forks = spec.fork && before !== undefined;
        const prompt =
          forks || spec.shared === 0
            ? (before?.prompt ?? [{ seed: 1000 + id, length: spec.own }])
            : [
                { seed: 7, length: spec.shared },
                { seed: 1000 + id, length: spec.own },
              ];
        requests.push({
          id,
          arrival,
          prompt,
          maxTokens: spec.maxTokens,
          priority: spec.priority,
          deadline: arrival + spec.own,
          ...(spec.cut === undefined ? {} : { endsAfter: spec.cut }),
          ...(spec.sampled ? { sampling: { temperature: 1, seed: id } } : {}),
          ...(forks ? { forkOf: before.forkOf ?? before.id } : {}),
          ...(aborts && spec.abort !== undefined ? { abortAt: arrival + spec.abort } : {}),
        });
      }
      return requests;
    });

export const arbitraryCase = (only?: string, aborts = false): fc.Arbitrary<Case> =>
  fc.constantFrom(...(only ? [only] : strategies.keys())).chain((strategy) => {
    const knobs = Object.entries(strategies.get(strategy)?.knobs ?? {});
    return fc.record({
      strategy: fc.constant(strategy),
      knobs: fc.record(Object.fromEntries(knobs.map(([name, knob]) => [name, arbitraryKnob(name, knob)]))),
      requests: arbitraryRequests(aborts),
      lookahead: fc.constantFrom(0 as const, 1 as const),
      freeOrder: fc.constantFrom('fifo' as const, 'lifo' as const),
      // 80 prompt and 24 output tokens are 13 pages of 8: the largest request just fits the smallest pool
      limits: fc.record({
        pages: fc.integer({ min: 13, max: 60 }),
        pageSize: fc.constantFrom(8, 12, 16),
        window: fc.constant(104),
        vocabulary: fc.constant(512),
      }),
    });
  });
