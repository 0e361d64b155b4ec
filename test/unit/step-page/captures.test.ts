// Captured dispatches by name: kept while there is room, read back from an address that has only the name.

import { describe, expect, it } from 'vitest';
import { captureText, keepCapture, readCapture, recallCapture } from '../../../src/app/step/captures.ts';
import type { CapturedDispatch } from '../../../src/worker/step-protocol.ts';

const dispatch = (role: string, layer: number | string, bytes: number): CapturedDispatch => ({
  name: { op: 'matmul', version: '01_naive', role, layer },
  code: '',
  dims: {},
  params: {},
  workgroups: [[1, 1, 1]],
  uniform: new ArrayBuffer(16),
  buffers: { a: { before: new ArrayBuffer(bytes), after: new ArrayBuffer(bytes) } },
});

describe('a capture', () => {
  it('is found by the name that the address holds, and two of one dispatch are two', () => {
    const one = dispatch('qkv', 3, 64);
    const [first, second] = [keepCapture(one), keepCapture(one)];
    expect(first).not.toBe(second);
    expect(recallCapture(first)).toBe(one);
    expect(readCapture(first)).toEqual({ kernel: 'matmul/01_naive', role: 'qkv', layer: '3' });
  });

  it('gives way to newer ones when there are too many bytes, never the newest itself', () => {
    const old = keepCapture(dispatch('attention', 0, 60 * 2 ** 20));
    const next = keepCapture(dispatch('attention', 1, 60 * 2 ** 20));
    const newest = keepCapture(dispatch('attention', 2, 60 * 2 ** 20));
    expect(recallCapture(old)).toBeUndefined();
    expect(recallCapture(next)).toBeDefined();
    expect(recallCapture(newest)).toBeDefined();
    const huge = keepCapture(dispatch('attention', 3, 200 * 2 ** 20));
    expect(recallCapture(huge)).toBeDefined();
    expect(recallCapture(newest)).toBeUndefined();
  });

  it('says what it was when only its name is left', () => {
    const text = (s: string): string | null => {
      const name = readCapture(s);
      return name && captureText(name);
    };
    expect(text('paged_attention/02_page_walk:attention:3:0123abcd')).toBe('attention of layer 3');
    expect(text('linear/01_rows:lm_head:head:0123abcd')).toBe('lm head of the head');
    expect(text('<script>')).toBeNull();
    expect(recallCapture('paged_attention/02_page_walk:attention:3:0123abcd')).toBeUndefined();
  });
});
