// The execution vectors recorded from Dawn on SwiftShader (see ../shared/conformance when it is there):
// every storage buffer must come out byte for byte.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { SubgroupSize } from '../../src/stepper/api.ts';
import { compileProgram } from '../../src/stepper/compile/compile.ts';
import { bindMemories } from '../../src/stepper/machine/memories.ts';
import { Runner } from '../../src/stepper/machine/runner.ts';

interface Vector {
  readonly q: string;
  readonly wgsl: string;
  readonly entry?: string;
  readonly constants?: Record<string, number>;
  readonly wg: readonly number[];
  readonly binds: readonly { g: number; b: number; u: string; n: number; in: string; out?: string }[];
}

const folder = '../shared/conformance';

function bytes(n: number, base64: string): Uint8Array {
  const out = new Uint8Array(n);
  out.set(Buffer.from(base64, 'base64').subarray(0, n));
  return out;
}

/** What went wrong, or undefined. */
function run(v: Vector, subgroupSize: SubgroupSize): string | undefined {
  const compiled = compileProgram(
    v.wgsl,
    {
      subgroupSize,
      ...(v.entry ? { entryPoint: v.entry } : {}),
      ...(v.constants ? { constants: v.constants } : {}),
    },
    false,
  );
  if (!compiled.program) return `does not compile: ${compiled.diagnostics[0]?.message}`;
  const inputs = v.binds.map((b) => ({ group: b.g, binding: b.b, bytes: bytes(b.n, b.in) }));
  const memories = bindMemories(compiled.program, inputs);
  if (!memories.ok) return memories.error.message;
  const [x = 1, y = 1, z = 1] = v.wg;
  const runner = new Runner(compiled.program, memories.value, [x, y, z], { kind: 'sequential' }, 1e6, {
    outOfBounds: () => {},
    divergentBarrier: () => {},
  });
  for (let w = 0; w < runner.workgroups; w++) {
    runner.begin(w);
    for (;;) {
      const { progress } = runner.advance(1e6);
      if (progress === 'runaway') return 'runs away';
      if (progress === 'done') break;
    }
  }
  for (const b of v.binds) {
    if (b.u !== 'storage') continue;
    const at = compiled.program.bindings.findIndex((i) => i.group === b.g && i.binding === b.b);
    const got = at < 0 ? bytes(b.n, b.in) : memories.value[at + 1]?.content();
    const wanted = bytes(b.n, b.out ?? b.in);
    const wrong = wanted.findIndex((x, i) => got?.[i] !== x);
    if (wrong >= 0) return `binding ${b.b} byte ${wrong}: ${got?.[wrong]} instead of ${wanted[wrong]}`;
  }
  return undefined;
}

const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz')) : [];

if (files.length === 0) it.skip(`conformance vectors (${folder} is absent)`, () => {});

// the device that recorded them has subgroups of 4; what does not ask for subgroups must not depend on it
for (const file of files) {
  describe(`conformance vectors ${file}`, () => {
    const vectors = gunzipSync(readFileSync(`${folder}/${file}`))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Vector);
    it.each([4, 32] as const)('agree with subgroups of %d', (width) => {
      const failures: string[] = [];
      for (const v of vectors) {
        if (width !== 4 && v.wgsl.includes('enable subgroups')) continue;
        let problem: string | undefined;
        try {
          problem = run(v, width);
        } catch (e) {
          problem = `throws ${(e as Error).stack?.split('\n').slice(0, 3).join(' | ')}`;
        }
        if (problem) failures.push(`${v.q}: ${problem}`);
      }
      expect(failures).toEqual([]);
      expect(vectors.length).toBeGreaterThan(100);
    });
  });
}
