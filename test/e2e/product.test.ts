// The built site carries none of the libraries that it is compared with.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { siteFolder } from './build.ts';

it('has no peer in it', () => {
  const files = readdirSync(siteFolder, { recursive: true, encoding: 'utf8' });
  const scripts = files.filter((file) => file.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(3);
  expect(files.filter((file) => file.endsWith('.wasm'))).toEqual([]);
  // names that each library cannot do without, in its published code
  const marks = /onnxruntime|WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE|backend not ready, call init/;
  const carriers = scripts.filter((file) => marks.test(readFileSync(join(siteFolder, file), 'utf8')));
  expect(carriers).toEqual([]);
});
