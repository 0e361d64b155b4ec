// Records the dispatches that a library encodes during one call, so that they can be replayed and timed exactly like our
// own, and so that it shows where the call ran: a call without a dispatch ran on the CPU. Works for every library that uses
// this page's WebGPU, compiled to WebAssembly or not, because all of them end in these methods.

import type { Bound } from '../../../src/gpu/dispatch.ts';

interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly groups: readonly {
    readonly index: number;
    readonly group: GPUBindGroup;
    readonly offsets: readonly number[];
  }[];
  readonly size:
    | { readonly kind: 'counts'; readonly x: number; readonly y: number; readonly z: number }
    | { readonly kind: 'indirect'; readonly buffer: GPUBuffer; readonly offset: number };
}

export interface Range {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

export interface Recording {
  readonly dispatches: readonly Dispatch[];
  /** Buffer ranges that the dispatches bind, each once, those of later dispatches first. */
  readonly ranges: readonly Range[];
  /** What the call wrote into buffers: uniforms, mostly, which libraries pool and overwrite in the next call. */
  readonly writes: readonly Write[];
  /** Copies and clears between passes; a replay leaves them out. */
  readonly copies: number;
  readonly submits: number;
}

interface Write {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: ArrayBuffer;
}

interface PassState {
  pipeline: GPUComputePipeline | undefined;
  readonly groups: Map<number, { readonly group: GPUBindGroup; readonly offsets: readonly number[] }>;
}

interface Tape {
  readonly dispatches: Dispatch[];
  readonly writes: Write[];
  copies: number;
  submits: number;
}

export interface Recorder {
  /** Runs `body`; all that is encoded on this page meanwhile is recorded. */
  record(body: () => Promise<void>): Promise<Recording>;
}

/** Wraps the page's WebGPU methods; call it before any library makes bind groups. */
export function installRecorder(): Recorder {
  const bound = new WeakMap<GPUBindGroup, readonly Range[]>();
  const passes = new WeakMap<GPUComputePassEncoder, PassState>();
  let tape: Tape | undefined;

  const stateOf = (pass: GPUComputePassEncoder): PassState => {
    const known = passes.get(pass) ?? { pipeline: undefined, groups: new Map() };
    passes.set(pass, known);
    return known;
  };
  const note = (pass: GPUComputePassEncoder, size: Dispatch['size']): void => {
    const { pipeline, groups } = stateOf(pass);
    if (!tape || !pipeline) return;
    tape.dispatches.push({
      pipeline,
      size,
      groups: [...groups].map(([index, { group, offsets }]) => ({ index, group, offsets })),
    });
  };

  const device = GPUDevice.prototype;
  const { createBindGroup } = device;
  device.createBindGroup = function (descriptor) {
    const group = createBindGroup.call(this, descriptor);
    const ranges = [...descriptor.entries].flatMap(({ resource }): Range[] => {
      if (resource instanceof GPUBuffer) return [{ buffer: resource, offset: 0, size: resource.size }];
      if (!('buffer' in resource)) return [];
      const { buffer, offset = 0, size = buffer.size - offset } = resource;
      return [{ buffer, offset, size }];
    });
    bound.set(group, ranges);
    return group;
  };

  const pass = GPUComputePassEncoder.prototype;
  const { setPipeline, dispatchWorkgroups, dispatchWorkgroupsIndirect } = pass;
  pass.setPipeline = function (pipeline) {
    if (tape) stateOf(this).pipeline = pipeline;
    return setPipeline.call(this, pipeline);
  };
  type Group = [
    index: number,
    group: GPUBindGroup | null,
    offsets?: Iterable<number>,
    from?: number,
    length?: number,
  ];
  pass.setBindGroup = new Proxy(pass.setBindGroup, {
    apply(target, self: GPUComputePassEncoder, args: Group) {
      const [index, group, offsets = [], from = 0, length] = args;
      const picked = [...offsets].slice(from, length === undefined ? undefined : from + length);
      if (tape && group) stateOf(self).groups.set(index, { group, offsets: picked });
      return Reflect.apply(target, self, args);
    },
  });
  pass.dispatchWorkgroups = function (x, y = 1, z = 1) {
    note(this, { kind: 'counts', x, y, z });
    return dispatchWorkgroups.call(this, x, y, z);
  };
  pass.dispatchWorkgroupsIndirect = function (buffer, offset) {
    note(this, { kind: 'indirect', buffer, offset });
    return dispatchWorkgroupsIndirect.call(this, buffer, offset);
  };

  const counted = <F extends (...args: never[]) => unknown>(method: F, count: (t: Tape) => void): F =>
    new Proxy(method, {
      apply(target, self, args) {
        if (tape) count(tape);
        return Reflect.apply(target, self, args);
      },
    });
  const copied = (t: Tape): void => {
    t.copies++;
  };
  const encoder = GPUCommandEncoder.prototype;
  encoder.clearBuffer = counted(encoder.clearBuffer, copied);
  encoder.copyBufferToBuffer = counted(encoder.copyBufferToBuffer, copied);
  const queue = GPUQueue.prototype;
  queue.submit = counted(queue.submit, (t) => {
    t.submits++;
  });
  type WriteArgs = [
    buffer: GPUBuffer,
    offset: number,
    data: ArrayBufferLike | ArrayBufferView,
    from?: number,
    size?: number,
  ];
  queue.writeBuffer = new Proxy(queue.writeBuffer, {
    apply(target, self, args: WriteArgs) {
      const [buffer, offset, data, from, size] = args;
      tape?.writes.push({ buffer, offset, bytes: bytesOf(data, from, size) });
      return Reflect.apply(target, self, args);
    },
  });

  return {
    async record(body) {
      const mine: Tape = { dispatches: [], writes: [], copies: 0, submits: 0 };
      tape = mine;
      try {
        await body();
      } finally {
        tape = undefined;
      }
      const ranges: Range[] = [];
      for (const { groups } of mine.dispatches.toReversed()) {
        for (const { group } of groups) {
          for (const range of bound.get(group) ?? []) {
            const same = (r: Range): boolean => r.buffer === range.buffer && r.offset === range.offset;
            if (!ranges.some(same)) ranges.push(range);
          }
        }
      }
      return { ...mine, ranges };
    },
  };
}

/** A copy of what writeBuffer takes: `from` and `size` count elements of a typed array, else bytes. */
function bytesOf(data: ArrayBufferLike | ArrayBufferView, from = 0, size?: number): ArrayBuffer {
  const view = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  const unit = ArrayBuffer.isView(data) && 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1;
  return Uint8Array.from(view.subarray(from * unit, size === undefined ? undefined : (from + size) * unit))
    .buffer;
}

/** Writes again what the recorded call wrote: before every replay, because another call may have reused the buffers. */
export function restore(device: GPUDevice, { writes }: Recording): void {
  for (const { buffer, offset, bytes } of writes) device.queue.writeBuffer(buffer, offset, bytes);
}

/** A recording as something that our clocks can time. */
export function replayOf(recording: Recording, label: string): Bound {
  return {
    label,
    encode(pass) {
      for (const { pipeline, groups, size } of recording.dispatches) {
        pass.setPipeline(pipeline);
        for (const { index, group, offsets } of groups) pass.setBindGroup(index, group, offsets);
        switch (size.kind) {
          case 'counts':
            pass.dispatchWorkgroups(size.x, size.y, size.z);
            break;
          case 'indirect':
            pass.dispatchWorkgroupsIndirect(size.buffer, size.offset);
            break;
        }
      }
    },
  };
}
