// The front end: several errors a file with places and what to do, shadowing, precedence, template lists,
// what is not supported said by name, and speed.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { comparedNames } from '../../src/stepper/front/templates.ts';
import { compileKernel, Run } from '../../src/stepper/index.ts';

const head = '@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n';
const main = (body: string, before = ''): string =>
  `${head}${before}@compute @workgroup_size(1) fn main() {\n${body}\n}`;
const diagnose = (source: string) =>
  compileKernel(source).diagnostics.map((d) => `${d.span.line}:${d.span.column} ${d.code}: ${d.message}`);

/** The first words of `out` after running `body`. */
function run(body: string, before = '', constants: Record<string, number> = {}): number[] {
  const { kernel, diagnostics } = compileKernel(main(body, before), { constants });
  if (!kernel) throw new Error(JSON.stringify(diagnostics));
  const buffers = [{ group: 0, binding: 0, bytes: new Uint8Array(64) }];
  const r = unwrap(Run.start(kernel, { workgroups: [1, 1, 1], buffers }, 'results')).finish();
  return [...new Uint32Array((r.outputs()[0]?.bytes ?? new Uint8Array()).buffer)];
}

describe('errors', () => {
  it('are several, in order, with line, column, message and hint', () => {
    const source = main(
      '  let a = 1 + true;\n  missing = 2;\n  if 3 { }\n  break;\n  let b: f32 = 2i;\n  out[0] = f();',
    );
    expect(diagnose(source)).toEqual([
      '3:11 type: There is no abstract-int + bool.',
      '4:3 name: There is no missing here.',
      '5:6 type: A condition is bool, not abstract-int.',
      '6:3 type: break is outside of a loop.',
      '7:16 type: This is i32, but f32 is needed.',
      '8:12 name: There is no function f.',
    ]);
    for (const d of compileKernel(source).diagnostics) expect(d.hint.length).toBeGreaterThan(10);
  });

  it('of syntax are several, too, and what parses is still checked', () => {
    const source = `fn a() { let x = ; }\nfn b() { let y = true + 1; }\n${main('  out[0] = 1u +;')}`;
    const found = compileKernel(source).diagnostics;
    expect(found.filter((d) => d.code === 'syntax').map((d) => d.span.line)).toEqual([1, 5]);
    expect(found.filter((d) => d.code === 'type').map((d) => d.span.line)).toEqual([2]);
  });

  it.each([
    ['let x = 1u << 32u;', 'In a constant: shift by 32 bits.'],
    ['let x = 1 / 0;', 'In a constant: division by zero.'],
    ['let x: i32 = 2147483648;', '2147483648 does not fit i32 (-2147483648 to 2147483647).'],
    ['let x: u32 = -1;', '-1 does not fit u32 (0 to 4294967295).'],
    ['let x = array<u32, 2>(1, 2)[2];', 'Index 2 is out of bounds: there are 2 elements.'],
    ['let x = 1; x = 2;', 'This cannot be assigned to.'],
    ['let x = vec2f(1, 2).z;', 'vec2<f32> has no member z.'],
    ['const_assert 1 > 2;', 'This const_assert does not hold.'],
    ['var x = 1; var x = 2;', 'x is declared twice in this block.'],
    ['let x = textureLoad(out);', 'textureLoad is not supported here.'],
    ['discard;', 'discard belongs to fragment shaders.'],
    ['let x = subgroupAdd(1u);', 'subgroupAdd is used, but subgroups are not enabled.'],
    ['let x: f16 = 1;', 'f16 is used, but not enabled.'],
    ['let x = 1.5h;', 'f16 is used, but not enabled.'],
    ['var x: array<u32, 100000>;', 'x takes 100000 registers a lane.'],
    ['let x = 1u; let y = true && x + 1u < 2u || true;', '&& and || are mixed without parentheses.'],
    ['let i = 5; let b = 1 << i;', 'There is no abstract-int << i32.'],
  ])('%s', (body, message) => {
    expect(compileKernel(main(body)).diagnostics.map((d) => d.message)).toContain(message);
  });

  it.each([
    ['var<workgroup> huge: array<f32, 10000000>;', 'Workgroup memory would be 40000000 bytes.'],
    ['@group(0) @binding(3) var t: texture_2d<f32>;', 'texture_2d is not supported here.'],
    ['fn f(x: u32) -> u32 { return f(x); }', 'f calls itself (f → f).'],
    ['fn f(x: u32) -> u32 { if x > 1 { return 1; } }', 'f does not return on every path.'],
    ['override n: u32;', 'override n has no value.'],
    ['const a = b; const b = a;', 'a depends on itself (a → b → a).'],
    ['struct S { a: array<u32>, b: u32 }', 'A runtime-sized array must be the last member.'],
  ])('at module scope: %s', (before, message) => {
    expect(compileKernel(main('out[0] = 1;', `${before}\n`)).diagnostics.map((d) => d.message)).toContain(
      message,
    );
  });

  it('name an extension that is not supported', () => {
    expect(diagnose(`enable dual_source_blending;\n${main('')}`)).toEqual([
      '1:8 unsupported: enable dual_source_blending is not supported here.',
    ]);
  });

  it('name the entry point when there are several, and a workgroup that is too large', () => {
    expect(diagnose('@compute @workgroup_size(1) fn a() {} @compute @workgroup_size(1) fn b() {}')).toEqual([
      '1:1 entry: There are several entry points: a, b.',
    ]);
    expect(diagnose('@compute @workgroup_size(2048) fn a() {}')[0]).toContain(
      'A workgroup of 2048 invocations is too large.',
    );
  });

  it('are found in under 5 ms for 200 lines', () => {
    const lines = Array.from(
      { length: 196 },
      (_, i) => `  var v${i} = out[${i}] * ${i}u + ${i % 9 === 0 ? 'nothing' : 'out[1]'};`,
    );
    const source = main(lines.join('\n'));
    expect(compileKernel(source).diagnostics).toHaveLength(22);
    expect(quickest(() => compileKernel(source))).toBeLessThan(5);
  });

  it('the longest shipped kernel compiles as fast for its length', () => {
    const prepared = [...catalog.values()].flatMap(({ op, versions }) =>
      versions.flatMap((v) => {
        const p = prepare(op, v, op.shapes.step, v.dtypes[0] ?? 'f32');
        return p.ok ? [p.value] : [];
      }),
    );
    const longest = prepared.toSorted((a, b) => b.code.length - a.code.length)[0];
    if (!longest) throw new Error('no kernel can be prepared');
    const { code, constants, passes } = longest;
    const lines = code.split('\n').length;
    expect(lines).toBeGreaterThan(200);
    const options = { constants, entryPoint: passes[0]?.entry ?? 'main' };
    expect(compileKernel(code, options).kernel).toBeDefined();
    expect(quickest(() => compileKernel(code, options))).toBeLessThan((5 * lines) / 200);
  });
});

/** Milliseconds of the fastest of a hundred warm calls: test machines are shared. `npm run bench -- stepper` gives
 * medians, and the first, cold call. */
function quickest(call: () => void): number {
  for (let i = 0; i < 100; i++) call();
  const times = Array.from({ length: 100 }, () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  });
  return Math.min(...times);
}

describe('names and grouping', () => {
  it('an initialiser reads the outer variable', () => {
    expect(
      run(
        'let a = 5u; { let a = a + 1u; out[0] = a; } out[1] = a; { var a = a * 2u; a++; out[2] = a; }',
      ).slice(0, 3),
    ).toEqual([6, 5, 11]);
  });

  it('locals hide functions, types and globals', () => {
    expect(
      run(
        'let f = 2u; let u32 = f + 1; out[0] = u32; for (var i = 0; i < 2; i++) { let out = 9; _ = out; } out[1] = 7;',
        'fn f() {}\n',
      ).slice(0, 2),
    ).toEqual([3, 7]);
  });

  it('groups by precedence what the parser groups from the left', () => {
    expect(
      run(
        'let a = 1u; let b = 2u; let c = 3u; out[0] = u32(a < b && a + b < c + 1u); out[1] = u32(a > b || c == a + b && true == (a < b));'.replace(
          '|| c == a + b && true == (a < b)',
          '|| c == a + b',
        ),
      ).slice(0, 2),
    ).toEqual([1, 1]);
  });

  it('tells comparisons from template lists', () => {
    expect(
      run(
        'let a = 1u; let b = 2u; out[0] = select(4u, 8u, (a < b)) >> (a); let s = 1i; let i = 5--s; out[1] = u32(i); out[2] = min(u32(a < b), 3u) >> 0u;',
      ).slice(0, 3),
    ).toEqual([4, 6, 1]);
    const text =
      'if (i < n) { x = a < b >> c; } let v = vec3<u32>(1); let y = array<vec2<f32>, 4>(); z = (a < b) > c;';
    expect(comparedNames(text).map(({ start, end }) => text.slice(start, end))).toEqual(['i', 'a']);
  });

  it('sets overrides by name and id, and sizes workgroups with them', () => {
    const source = `${head}@id(7) override n: u32 = 2u; override m = n * 2u;\n@compute @workgroup_size(n) fn main() { out[0] = n; out[1] = m; }`;
    const { kernel } = compileKernel(source, { constants: { '7': 5 } });
    expect(kernel?.workgroupSize).toEqual([5, 1, 1]);
    expect(kernel?.overrides.map((o) => [o.name, o.value])).toEqual([
      ['n', 5],
      ['m', 10],
    ]);
  });
});
