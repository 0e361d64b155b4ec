// The bits of floats.

import { Float16Array } from '../../core/float16.ts';

const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);
const f16 = new Float16Array(1);
const u16 = new Uint16Array(f16.buffer);

export function f32Bits(x: number): number {
  f32[0] = x;
  return u32[0] ?? 0;
}

export function f16Bits(x: number): number {
  f16[0] = x;
  return u16[0] ?? 0;
}
