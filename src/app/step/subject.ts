// What is stepped through: a shipped kernel with small inputs that fit it, its edited form, a pasted kernel, or
// a captured dispatch; each as one launch for the stepper and what the page needs to know beside it.

import { messageOf } from '../../core/message-of.ts';
import { err, failure, ok, type Result } from '../../core/result.ts';
import type { Catalog, KernelVersion } from '../../kernels/catalog.ts';
import { parseExpr } from '../../kernels/expr.ts';
import { codeStart } from '../../kernels/header.ts';
import { type Layout, layoutOf, pack } from '../../kernels/layout.ts';
import type { Dims, Dtype, Fill, Op, Values } from '../../kernels/op.ts';
import { type Prepared, prepare } from '../../kernels/prepare.ts';
import type { BufferInput, Order, SubgroupSize } from '../../stepper/index.ts';
import type { CapturedDispatch, StepLaunch } from '../../worker/step-protocol.ts';

/** How it is run: what the person chooses beside the kernel. */
export interface Settings {
  readonly subgroupSize: SubgroupSize;
  readonly order: Order;
  readonly workgroup: number;
  readonly pass: number;
}

/** The contract behind a subject, when it has one. */
export interface Contract {
  readonly op: Op;
  readonly version: KernelVersion;
  readonly dims: Dims;
  readonly dtype: Dtype;
  /** Prepared kernel, `code` replaced by the source that runs. */
  readonly prepared: Prepared;
  /** The text before any edit. */
  readonly original: string;
  readonly inputs: Values;
}

export interface Subject {
  readonly title: string;
  /** The text that runs: with params set and the shader's library appended. */
  readonly source: string;
  /** The text that is shown: with the lines that are struck out. */
  readonly display: string;
  /** First line worth showing: after the header that the Bench page shows. */
  readonly firstLine: number;
  readonly launch: StepLaunch;
  readonly contract: Contract | null;
  /** The sizes that its tensors' layouts come from; empty for an own kernel. */
  readonly dims: Dims;
  /** Layouts of storage bindings by name. */
  readonly layouts: ReadonlyMap<string, Layout>;
  /** What buffers held after a captured dispatch, by binding name. */
  readonly after: ReadonlyMap<string, Uint8Array>;
}

/** Cells that all tensors of a stepped shape may have together: it must fit a page and a moment. */
const mostCells = 2 ** 20;
/** The reference is computed in the page: more arithmetic would hold it for longer than a blink. */
const mostFlops = 3e7;

const unknown = (kernel: string): Result<never> =>
  err(
    failure(
      'unknown-kernel',
      `There is no kernel “${kernel}”.`,
      'The link may come from another version; choose a kernel above.',
    ),
  );

function sized(op: Op, dims: Dims, dtype: Dtype): Result<true> {
  const wrong = Object.entries(dims).find(([, n]) => !Number.isFinite(n) || n < 0);
  if (wrong)
    return err(failure('bad-shape', `${wrong[0]} cannot be ${wrong[1]}.`, 'Sizes are whole numbers from 0.'));
  try {
    let cells = 0;
    for (const tensor of Object.values(op.tensors)) {
      const { rows, columns } = layoutOf(tensor, dims, dtype);
      cells += rows * columns;
    }
    if (cells > mostCells)
      return err(
        failure(
          'too-large',
          `This shape has ${cells.toLocaleString('en')} cells.`,
          `Step shows up to ${mostCells.toLocaleString('en')}; choose a smaller one.`,
        ),
      );
    const flops = parseExpr(op.flops);
    if (flops.ok && flops.value.evaluate(dims) > mostFlops)
      return err(
        failure('too-large', 'This shape computes too much to be stepped through.', 'Choose a smaller one.'),
      );
    return ok(true);
  } catch (error) {
    return err(
      failure('bad-shape', `This shape does not fit ${op.title}: ${messageOf(error)}.`, 'Change its sizes.'),
    );
  }
}

export interface KernelRequest {
  /** `op/version` */
  readonly kernel: string;
  readonly dims: Dims | null;
  readonly dtype: Dtype;
  readonly params: Readonly<Record<string, number>>;
  readonly fill: Fill;
  readonly seed: number;
  /** Replaces the prepared text. */
  readonly edited: string | null;
}

/** The launch of a shipped kernel, or of its edited text. */
export function kernelSubject(catalog: Catalog, request: KernelRequest, settings: Settings): Result<Subject> {
  const [opId = '', versionId = ''] = request.kernel.split('/');
  const entry = catalog.get(opId);
  const version = entry?.versions.find((v) => v.id === versionId);
  if (!entry || !version) return unknown(request.kernel);
  const { op } = entry;
  const dims = { ...op.shapes.step, ...request.dims };
  const dtype = version.dtypes.includes(request.dtype) ? request.dtype : (version.dtypes[0] ?? 'f32');
  const fits = sized(op, dims, dtype);
  if (!fits.ok) return fits;
  try {
    const known = new Set(version.params.map((p) => p.name));
    const params = Object.fromEntries(Object.entries(request.params).filter(([name]) => known.has(name)));
    const prepared = prepare(op, version, dims, dtype, params);
    if (!prepared.ok) return prepared;
    const inputs = op.inputs(dims, request.fill, dtype, request.seed);
    return ok(assemble(op, version, dims, dtype, prepared.value, inputs, request.edited, settings));
  } catch (error) {
    return err(
      failure(
        'bad-shape',
        `${op.title} cannot be prepared: ${messageOf(error)}.`,
        'Change the shape or the parameters.',
      ),
    );
  }
}

function assemble(
  op: Op,
  version: KernelVersion,
  dims: Dims,
  dtype: Dtype,
  prepared: Prepared,
  inputs: Values,
  edited: string | null,
  settings: Settings,
): Subject {
  const layouts = new Map<string, Layout>();
  const buffers: BufferInput[] = [];
  for (const { name, layout } of prepared.buffers) {
    layouts.set(name, layout);
    const binding = prepared.bindings.find((b) => b.name === name);
    const values = inputs[name];
    if (!binding) continue;
    buffers.push({
      group: binding.group,
      binding: binding.binding,
      bytes: new Uint8Array(values ? pack(layout, values) : new ArrayBuffer(layout.bytes)),
    });
  }
  const uniform = prepared.bindings.find((b) => b.access === 'uniform');
  if (uniform)
    buffers.push({ group: uniform.group, binding: uniform.binding, bytes: new Uint8Array(prepared.uniform) });
  const source = edited ?? prepared.code;
  const pass = Math.min(settings.pass, prepared.passes.length - 1);
  return {
    title: `${op.id} · ${version.id.replaceAll('_', ' ')}`,
    source,
    display: source,
    firstLine: codeStart(source),
    launch: {
      source,
      constants: prepared.constants,
      passes: prepared.passes,
      pass,
      buffers,
      subgroupSize: settings.subgroupSize,
      order: settings.order,
      workgroup: settings.workgroup,
    },
    contract: {
      op,
      version,
      dims,
      dtype,
      prepared: { ...prepared, code: source },
      original: prepared.code,
      inputs,
    },
    dims,
    layouts,
    after: new Map(),
  };
}

/** The launch of a captured dispatch: the very bytes that the model's step had. */
export function capturedSubject(
  catalog: Catalog,
  captured: CapturedDispatch,
  settings: Settings,
): Result<Subject> {
  const { op: opId, version: versionId } = captured.name;
  const entry = catalog.get(opId);
  const version = entry?.versions.find((v) => v.id === versionId);
  if (!entry || !version) return unknown(`${opId}/${versionId}`);
  const prepared = prepare(entry.op, version, captured.dims, 'f32', captured.params);
  if (!prepared.ok) return prepared;
  const { bindings, constants, passes, buffers: named } = prepared.value;
  const buffers = bindings.map((b): BufferInput => {
    const bytes =
      b.access === 'uniform' ? captured.uniform : (captured.buffers[b.name]?.before ?? new ArrayBuffer(16));
    return { group: b.group, binding: b.binding, bytes: new Uint8Array(bytes) };
  });
  const where =
    captured.name.layer === 'embed' || captured.name.layer === 'head'
      ? captured.name.layer
      : `layer ${captured.name.layer}`;
  return ok({
    title: `${captured.name.role} · ${where} (captured)`,
    source: captured.code,
    display: captured.code,
    firstLine: codeStart(captured.code),
    launch: {
      source: captured.code,
      constants,
      passes: passes.map((pass, i) => ({
        entry: pass.entry,
        workgroups: captured.workgroups[i] ?? pass.workgroups,
      })),
      pass: Math.min(settings.pass, passes.length - 1),
      buffers,
      subgroupSize: settings.subgroupSize,
      order: settings.order,
      workgroup: settings.workgroup,
    },
    contract: null,
    dims: captured.dims,
    layouts: new Map(named.map(({ name, layout }) => [name, layout])),
    after: new Map(Object.entries(captured.buffers).map(([name, b]) => [name, new Uint8Array(b.after)])),
  });
}
