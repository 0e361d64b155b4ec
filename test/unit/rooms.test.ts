// What ARCHITECTURE.md promises of the rooms beyond imports: only src/gpu opens a device, and makes its buffers and pipelines.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const making =
  /\.(requestDevice|requestAdapter|createBuffer|createComputePipeline(Async)?|createShaderModule)\(/;

it('only src/gpu opens a device and makes buffers and pipelines', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.tsx?$/.test(file));
  const makers = files.filter((file) => making.test(readFileSync(`src/${file}`, 'utf8')));
  expect(makers).toContain('gpu/device.ts');
  expect(makers.filter((file) => !file.startsWith('gpu/'))).toEqual([]);
});
