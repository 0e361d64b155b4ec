// The address: what moves it, what history keeps, and that nothing pulls the reader to another page.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { text, whole } from '../../src/app/codec.ts';

/** Entries as the browser keeps them, and what it calls when the reader moves by himself. */
const browser = {
  entries: [''],
  moved: (): void => undefined,
  /** A link to another address, or Back. */
  follow(to: string): void {
    location.hash = to;
    browser.moved();
  },
};

async function router() {
  vi.resetModules();
  const { pageView, pageLink, place } = await import('../../src/app/router.ts');
  const schema = { run: text(), t: whole(0, 0, 100) };
  return { bench: pageView('bench', schema), step: pageView('step', schema), pageLink, place };
}

beforeEach(() => {
  browser.entries = ['#/bench?run=7'];
  vi.stubGlobal('location', { hash: '#/bench?run=7', href: 'http://localhost/#/bench?run=7' });
  vi.stubGlobal('window', {
    addEventListener: (type: string, heard: () => void) => {
      if (type === 'popstate') browser.moved = heard;
    },
  });
  vi.stubGlobal('history', {
    pushState: (_: null, __: string, to: string) => browser.entries.push(to),
    replaceState: (_: null, __: string, to: string) => browser.entries.splice(-1, 1, to),
  });
});

describe('the page that is shown', () => {
  it('goes to a new entry and adjusts the one at hand', async () => {
    const { bench } = await router();
    bench.go({ run: '8' });
    expect(browser.entries).toEqual(['#/bench?run=7', '#/bench?run=8']);
    await new Promise((resolve) => setTimeout(resolve, 250)); // an adjustment right after is written later
    bench.adjust({ t: 3 });
    expect(browser.entries).toEqual(['#/bench?run=7', '#/bench?run=8&t=3']);
    expect(bench.view.value).toEqual({ run: '8', t: 3 });
  });
});

describe('a page that was left', () => {
  it('changes what it comes back to, and neither the page in view nor the history', async () => {
    const { bench, step, pageLink, place } = await router();
    browser.follow('#/step?t=5');
    const before = [...browser.entries];
    bench.adjust({ run: '' });
    bench.go({ t: 9 });
    expect(place.value.page).toBe('step');
    expect(browser.entries).toEqual(before);
    expect(bench.view.value).toEqual({ run: '', t: 9 });
    expect(pageLink('bench')).toBe('#/bench?t=9');
    expect(step.view.value.t).toBe(5);
    browser.follow(pageLink('bench'));
    expect(bench.view.value).toEqual({ run: '', t: 9 });
    expect(pageLink('step')).toBe('#/step?t=5');
  });

  it('is as it was left when it is come back to by its link', async () => {
    const { bench, pageLink } = await router();
    browser.follow('#/step');
    expect(bench.view.value.run).toBe('7');
    expect(pageLink('bench')).toBe('#/bench?run=7');
  });

  it('that was never opened starts as usual; the bare address is the first page', async () => {
    const { bench, step, pageLink } = await router();
    browser.follow('');
    expect(step.view.value).toEqual({ run: '', t: 0 });
    expect(pageLink('batching')).toBe('#/batching');
    bench.adjust({ t: 4 });
    expect(location.hash).toBe('');
    expect(pageLink('bench')).toBe('#/bench?run=7&t=4');
  });
});
