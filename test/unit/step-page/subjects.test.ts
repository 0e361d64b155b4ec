// What the Step page runs: every shipped kernel on its small inputs, struck lines, pasted kernels, hostile links.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../../src/app/packed.ts';
import { asFile } from '../../../src/app/step/as-file.ts';
import { bytesFor, defaultBinding, emptyOwn, ownSubject, parseOwn } from '../../../src/app/step/own.ts';
import { barrierLines, strikeOut } from '../../../src/app/step/strike.ts';
import { capturedSubject, kernelSubject, type Settings } from '../../../src/app/step/subject.ts';
import { unwrap } from '../../../src/core/result.ts';
import { catalog, versionOf } from '../../../src/kernels/catalog.ts';
import { prepare } from '../../../src/kernels/prepare.ts';
import { compileKernel, Run } from '../../../src/stepper/index.ts';

const settings: Settings = { subgroupSize: 32, order: { kind: 'round-robin' }, workgroup: 0, pass: 0 };
const request = (kernel: string) =>
  ({ kernel, dims: null, dtype: 'f32', params: {}, fill: 'normal', seed: 1, edited: null }) as const;
const all = [...catalog.values()].flatMap(({ op, versions }) => versions.map((v) => `${op.id}/${v.id}`));

describe('a shipped kernel', () => {
  it.each(all)('%s opens on its small shape: every binding has its bytes', (kernel) => {
    const subject = unwrap(kernelSubject(catalog, request(kernel), settings));
    const { launch, contract } = subject;
    const compiled = compileKernel(launch.source, {
      constants: launch.constants,
      entryPoint: launch.passes[0]?.entry ?? '',
    });
    expect(compiled.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    for (const b of compiled.kernel?.bindings ?? []) {
      const bytes =
        launch.buffers.find((x) => x.group === b.group && x.binding === b.binding)?.bytes.length ?? 0;
      expect(bytes, b.name).toBeGreaterThanOrEqual(b.minBytes);
    }
    const lines = subject.source.split('\n');
    expect(lines[subject.firstLine - 1]?.startsWith('// @')).toBe(false);
    expect(contract?.prepared.code).toBe(contract?.original);
  });

  it('is refused with a reason when it does not exist or its shape is absurd', () => {
    const codes = [
      kernelSubject(catalog, request('matmul/99_none'), settings),
      kernelSubject(catalog, request(''), settings),
      kernelSubject(catalog, { ...request('matmul/01_naive'), dims: { m: 1e9 } }, settings),
      kernelSubject(catalog, { ...request('matmul/01_naive'), dims: { m: -3 } }, settings),
      kernelSubject(catalog, { ...request('matmul/01_naive'), dims: { m: 1.5 } }, settings),
      kernelSubject(
        catalog,
        { ...request('matmul/01_naive'), dims: { m: 1400, n: 1400, k: 1400 } },
        settings,
      ),
    ].map((r) => (r.ok ? 'ok' : r.error.code));
    expect(codes).toEqual([
      'unknown-kernel',
      'unknown-kernel',
      'too-large',
      'bad-shape',
      'bad-shape',
      'too-large',
    ]);
  });
});

describe('a captured dispatch', () => {
  it('runs on the very bytes it was captured with, and makes what it made', () => {
    const made = unwrap(kernelSubject(catalog, request('matmul/01_naive'), settings));
    const prepared = made.contract?.prepared;
    expect(prepared).toBeDefined();
    if (!prepared) return;
    const bytesOf = (name: string): ArrayBuffer => {
      const b = prepared.bindings.find((x) => x.name === name);
      const bytes = made.launch.buffers.find((x) => x.group === b?.group && x.binding === b.binding)?.bytes;
      return new Uint8Array(bytes ?? []).buffer;
    };
    const run = (launch: typeof made.launch): Uint8Array | undefined => {
      const { kernel } = compileKernel(launch.source, { constants: launch.constants });
      if (!kernel) throw new Error('it compiles');
      const [pass] = launch.passes;
      const started = unwrap(
        Run.start(kernel, { workgroups: pass?.workgroups ?? [1, 1, 1], buffers: launch.buffers }, 'results'),
      );
      return started.finish().outputs()[0]?.bytes;
    };
    const after = run(made.launch);
    const captured = unwrap(
      capturedSubject(
        catalog,
        {
          name: { op: 'matmul', version: '01_naive', role: 'qkv', layer: 3 },
          code: prepared.code,
          dims: made.contract?.dims ?? {},
          params: {},
          workgroups: prepared.passes.map((p) => p.workgroups),
          uniform: prepared.uniform,
          buffers: Object.fromEntries(
            ['a', 'b', 'c'].map((name) => [
              name,
              {
                before: bytesOf(name),
                after: name === 'c' ? new Uint8Array(after ?? []).buffer : bytesOf(name),
              },
            ]),
          ),
        },
        settings,
      ),
    );
    expect(captured.title).toBe('qkv · layer 3 (captured)');
    expect(run(captured.launch)).toEqual(captured.after.get('c'));
    expect(captured.after.get('c')?.some((x) => x !== 0)).toBe(true);
  });

  it('of a kernel that is not shipped is refused by name', () => {
    const name = { op: 'gone', version: '01', role: 'qkv', layer: 0 };
    const empty = {
      code: '',
      dims: {},
      params: {},
      workgroups: [],
      uniform: new ArrayBuffer(0),
      buffers: {},
    };
    expect(capturedSubject(catalog, { name, ...empty }, settings)).toMatchObject({
      ok: false,
      error: { code: 'unknown-kernel' },
    });
  });
});

describe('striking a line out', () => {
  const source = 'a();\n  workgroupBarrier(); // why\nb();';

  it('takes its code and moves nothing', () => {
    const struck = strikeOut(source, [2]);
    expect(struck).toHaveLength(source.length);
    expect(struck.split('\n')[1]?.trim()).toBe('// why');
    expect(strikeOut(source, [])).toBe(source);
    expect(strikeOut(source, [99])).toBe(source);
  });

  it('is offered where a line holds a barrier alone', () => {
    expect([...barrierLines(source)]).toEqual([2]);
    expect([...barrierLines('if (x) { workgroupBarrier(); }')]).toEqual([]);
  });
});

describe('an edited source as a file for the benchmark', () => {
  const contracts = all.map((kernel) => {
    const { contract } = unwrap(kernelSubject(catalog, request(kernel), settings));
    if (!contract) throw new Error(kernel);
    return { kernel, ...contract };
  });
  const prepared = ({ op, version, dtype, dims }: (typeof contracts)[number], file: string) => {
    const own = unwrap(versionOf(op.id, 'edited', file));
    return { own, code: unwrap(prepare(op, own, dims, dtype)).code, was: version };
  };

  it.each(contracts)('$kernel: comes back as it ran', (c) => {
    expect(prepared(c, asFile(c.original, c.original)).code).toBe(c.original);
  });

  it.each(contracts.filter((c) => c.version.lib.length > 0))('$kernel: takes an edited lib along', (c) => {
    // the last line of the text is a lib's
    const edited = `${c.original.trimEnd()}\nconst edited_lib: u32 = 7u;\n`;
    const { own, code, was } = prepared(c, asFile(edited, c.original));
    expect(own.lib).toEqual([]);
    expect([own.title, own.passes, own.params, own.reduction]).toEqual([
      was.title,
      was.passes,
      was.params,
      was.reduction,
    ]);
    expect(code.endsWith('const edited_lib: u32 = 7u;\n')).toBe(true);
    const plain = (text: string) => text.replace(/^\/\/ ?@lib.*\n(\/\/ (?!@).*\n)*/m, '');
    expect(plain(code)).toBe(plain(edited));
  });
});

describe('a pasted kernel', () => {
  it('gets bytes by fill, in the type of its binding', () => {
    const floats = new Float32Array(bytesFor({ ...defaultBinding, count: 4 }, 'array<f32>', 1).buffer);
    expect([...floats]).toEqual([0, 1, 2, 3]);
    const words = new Uint32Array(
      bytesFor({ fill: 'data', count: 3, data: '7, 8\n9' }, 'array<u32>', 1).buffer,
    );
    expect([...words.slice(0, 3)]).toEqual([7, 8, 9]);
    expect(bytesFor({ ...defaultBinding, fill: 'random' }, 'array<i32>', 1)).toEqual(
      bytesFor({ ...defaultBinding, fill: 'random' }, 'array<i32>', 1),
    );
  });

  it('binds as many bytes as it was given scalars, f16 in two each', () => {
    const count = (n: number, type: string) => bytesFor({ ...defaultBinding, count: n }, type, 1);
    expect(count(3, 'array<u32>').length).toBe(12);
    expect(count(1, 'array<f32>').length).toBe(4);
    expect([...new Uint16Array(count(4, 'array<vec2h>').buffer)]).toEqual([0, 0x3c00, 0x4000, 0x4200]);
    // a binding is whole words
    expect(count(3, 'array<f16>').length).toBe(8);
  });

  it('sees its arrays as long as they are, and what lies behind them as out of bounds', () => {
    const source = `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { y[i] = arrayLength(&y); }`;
    const own = { ...emptyOwn, bindings: { y: { ...defaultBinding, count: 3 } } };
    const { launch } = unwrap(ownSubject(source, own, settings));
    const { kernel } = compileKernel(source);
    if (!kernel) throw new Error('does not compile');
    const run = unwrap(
      Run.start(kernel, { workgroups: [1, 1, 1], buffers: launch.buffers }, 'results'),
    ).finish();
    expect(run.found()).toMatchObject([{ kind: 'out-of-bounds', index: 3, length: 3 }]);
    const y = run.outputs()[0]?.bytes ?? new Uint8Array();
    expect([...new Uint32Array(y.slice().buffer)]).toEqual([3, 3, 3]);
  });

  it('may have uniforms of vectors and matrices, whose buffers are whole 16 bytes', () => {
    const source = `struct U { m: mat3x3f, v: vec3f, n: u32 }
// @group(7) @binding(7) var<uniform> not: U;
@group(0) @binding(0) var<uniform> u: U;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = (u.m * u.v).x; }`;
    const own = { ...emptyOwn, bindings: { u: { ...defaultBinding, count: 17 } } };
    const { launch } = unwrap(ownSubject(source, own, settings));
    expect(launch.buffers.map((b) => [b.group, b.binding, b.bytes.length])).toEqual([
      [0, 0, 80],
      [0, 1, 1024],
    ]);
    expect(compileKernel(source).diagnostics).toEqual([]);
  });

  it('with settings from a link: whatever they hold, they become settings or a failure', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const parsed = parseOwn(JSON.stringify(value) ?? 'nothing');
        if (!parsed.ok) return;
        expect(parsed.value.grid.every((n) => Number.isInteger(n) && n >= 1 && n <= 65535)).toBe(true);
        for (const b of Object.values(parsed.value.bindings)) expect(b.count).toBeLessThanOrEqual(2 ** 22);
      }),
    );
    expect(parseOwn('{"grid":[1e9,"x",-1],"bindings":{"x":{"count":1e12,"fill":"evil"}}}')).toEqual({
      ok: true,
      value: { grid: [1, 1, 1], seed: 1, bindings: { x: { fill: 'zeros', count: 256, data: '' } } },
    });
  });

  it('starts from an example that compiles', () => {
    const { launch } = unwrap(ownSubject('', emptyOwn, settings));
    expect(compileKernel(launch.source).diagnostics).toEqual([]);
  });
});

describe('a source in a link', () => {
  it('comes back as it was', async () => {
    const text = 'fn f() {}\n// ünïcode ✔\n'.repeat(50);
    expect(await unpack(await pack(text), 'The source')).toEqual({ ok: true, value: text });
  });

  it('is refused when it is damaged or unpacks to too much', async () => {
    expect((await unpack('not base64 !!', 'The source')).ok).toBe(false);
    expect((await unpack('AAAA', 'The source')).ok).toBe(false);
    const bomb = await pack('a'.repeat(5 * 2 ** 20));
    const refused = await unpack(bomb, 'The source');
    expect(refused.ok ? '' : refused.error.message).toContain(
      'The source cannot be read: it unpacks to more than 4 MiB',
    );
  });
});
