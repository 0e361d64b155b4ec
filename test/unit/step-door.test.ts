// The way to the Step page: it takes the reader along from the page that asked, and from no other.

import { expect, it, vi } from 'vitest';
import type { Capture } from '../../src/worker/generate/protocol.ts';
import { stubPage } from './page-globals.ts';

const capture = {
  name: { op: 'matmul', version: '01_naive', role: 'qkv', layer: 3 },
  code: '',
  dims: {},
  workgroups: [[1, 1, 1]],
  uniform: new ArrayBuffer(16),
  buffers: {},
} as unknown as Capture;

async function opened(hash: string, askedBy: 'batching' | 'model') {
  stubPage(hash);
  vi.resetModules();
  const { openInStep } = await import('../../src/app/step-door.ts');
  const { captured, followHanded } = await import('../../src/app/step/recipe.ts');
  await openInStep(capture, askedBy);
  const end = followHanded();
  end();
  return { hash: location.hash, role: captured.value?.name.role };
}

it.each([
  ['', 'batching'],
  ['#/batching?door=step', 'batching'],
  ['#/model?look=3', 'model'],
] as const)('opens the dispatch for the reader of “%s”, who asked on %s', async (hash, askedBy) => {
  expect(await opened(hash, askedBy)).toEqual({ hash: '#/step', role: 'qkv' });
});

it.each([
  ['#/model', 'batching'],
  ['#/step?t=7', 'batching'],
  ['', 'model'],
] as const)('leaves the reader at “%s” who had asked on %s', async (hash, askedBy) => {
  expect(await opened(hash, askedBy)).toEqual({ hash, role: undefined });
});
