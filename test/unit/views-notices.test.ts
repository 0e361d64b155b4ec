import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeRun, encodeRun, trimmed } from '../../src/app/bench/link.ts';
import { parseGlossary } from '../../src/app/glossary.ts';
import { deadNotice, failureNotice, fallbackNotice, lostNotice } from '../../src/app/notices.ts';
import type { WorkerFailureCode } from '../../src/worker/protocol.ts';
import { file, row } from './views-rows.ts';

const failure = (code: WorkerFailureCode) => ({ code, message: `the ${code} message`, hint: 'a hint' });
const chrome = { origin: 'http://gpu.lan:8080', chromium: 142, platform: 'Linux' };
const other = { ...chrome, chromium: null, platform: 'macOS' };

describe('notices', () => {
  const all = [
    failureNotice(failure('insecure-origin'), chrome),
    failureNotice(failure('no-webgpu'), chrome),
    failureNotice(failure('no-webgpu'), other),
    failureNotice(failure('no-adapter'), chrome),
    fallbackNotice,
    lostNotice('reset', true),
    lostNotice('reset', false),
    deadNotice('The GPU worker stopped: out of memory.'),
  ];
  it('each situation has its own words, and each says what to do', () => {
    for (const key of ['id', 'title'] as const) expect(new Set(all.map((n) => n[key])).size).toBe(all.length);
    for (const notice of all) expect(notice.todo.length).toBeGreaterThan(0);
  });
  it('names the origin, tells a blocked browser from one that cannot, and offers Linux its flags', () => {
    expect(failureNotice(failure('insecure-origin'), chrome).text).toContain('http://gpu.lan:8080');
    expect(failureNotice(failure('no-webgpu'), chrome).todo.join()).toContain('--enable-unsafe-webgpu');
    expect(failureNotice(failure('no-webgpu'), { ...chrome, platform: 'Windows' }).todo.join()).not.toContain(
      'Linux',
    );
    expect(failureNotice(failure('no-webgpu'), other).title).toBe('This browser has no WebGPU');
    expect(failureNotice(failure('no-webgpu'), { ...chrome, chromium: 109 }).title).toBe(
      'This browser has no WebGPU',
    );
  });
});

describe('a run in a link', () => {
  it('comes back whole, and only what was asked for', async () => {
    const run = file([row({ version: '01' }), row({ version: '02', op: 'other' })]);
    const text = await encodeRun(trimmed(run, (r) => r.op === 'matmul'));
    expect(text).toMatch(/^[\w-]+$/);
    const back = await decodeRun(text);
    if (!back.ok) throw new Error(back.error.message);
    expect(back.value.results.map((r) => r.version)).toEqual(['01']);
    expect(back.value.device).toEqual(run.device);
  });
  it('says so when it is cut, foreign, or a bomb', async () => {
    const text = await encodeRun(file([row({ version: '01' })]));
    for (const bad of [text.slice(0, text.length / 2), '%%%', '', 'AAAA']) {
      const decoded = await decodeRun(bad);
      expect(decoded.ok).toBe(false);
    }
    const zeros = new Blob([new Uint8Array(32 * 2 ** 20)])
      .stream()
      .pipeThrough(new CompressionStream('deflate-raw'));
    const packed = Buffer.from(await new Response(zeros).arrayBuffer()).toString('base64url');
    const decoded = await decodeRun(packed);
    expect(!decoded.ok && decoded.error.message).toContain('more than 4 MiB');
  });
});

describe('glossary', () => {
  const entries = parseGlossary(readFileSync('GLOSSARY.md', 'utf8'));
  it('reads entries that run over lines, with several names', () => {
    const parsed = parseGlossary(
      '## A\n\n- **one**, no\n- **two, deux**: the number\n  after `one`.\n\n**three** — last.\n',
    );
    expect(Object.fromEntries(parsed)).toEqual({
      one: 'no',
      two: 'the number after one.',
      deux: 'the number after one.',
      three: 'last.',
    });
  });
  const sources = readdirSync('src/app', { recursive: true, encoding: 'utf8' }).filter((f) =>
    f.endsWith('.tsx'),
  );
  const used = sources.flatMap((f) =>
    [...readFileSync(join('src/app', f), 'utf8').matchAll(/<Term of="([^"]+)"/g)].map((m) => m[1] ?? ''),
  );
  it.each([...new Set(used)])('explains "%s", which a page uses', (term) => {
    expect(entries.get(term.toLowerCase())).toMatch(/\w.*\.$/);
  });
  it('is used at all', () => expect(used.length).toBeGreaterThan(5));
});
