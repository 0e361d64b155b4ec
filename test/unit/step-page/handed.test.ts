// A dispatch that another page hands over: it is what the address names, leaving it leaves it, going back returns.

import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { CapturedDispatch } from '../../../src/worker/step-protocol.ts';

const dispatch: CapturedDispatch = {
  name: { op: 'matmul', version: '01_naive', role: 'qkv', layer: 3 },
  code: '',
  dims: {},
  params: {},
  workgroups: [[1, 1, 1]],
  uniform: new ArrayBuffer(16),
  buffers: {},
};

// the router reads the address once, when it is loaded, and writes it on a timer, after the test's end too
beforeAll(() => {
  const written = { hash: '#/step', href: 'http://localhost/#/step' };
  vi.stubGlobal('location', written);
  vi.stubGlobal('window', { addEventListener: () => undefined });
  vi.stubGlobal('history', { pushState: () => undefined, replaceState: () => undefined });
});

describe('a captured dispatch', () => {
  it('is shown when it is handed over, named in the address with its kernel, and found again', async () => {
    const { captured, followHanded, openCaptured } = await import('../../../src/app/step/recipe.ts');
    const { fresh, step } = await import('../../../src/app/step/view.ts');
    step.adjust({ t: '90', strike: ['4'], kernel: 'softmax/01_rows' });
    openCaptured(dispatch);
    expect(captured.value).toBeNull();
    const end = followHanded();
    const { capture, kernel, t, strike } = step.view.value;
    expect(capture).toMatch(/^matmul\/01_naive:qkv:3:[\da-f]{8}$/);
    expect([kernel, t, strike]).toEqual(['matmul/01_naive', '', []]);
    expect(captured.value).toBe(dispatch);
    // another kernel, then back
    step.go({ ...fresh, kernel: 'softmax/01_rows' });
    expect(captured.value).toBeNull();
    step.go({ capture });
    expect(captured.value).toBe(dispatch);
    // one that is handed over while the page is open
    openCaptured({ ...dispatch, name: { ...dispatch.name, layer: 'head' } });
    expect(captured.value?.name.layer).toBe('head');
    end();
  });
});
