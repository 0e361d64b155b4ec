import { describe, expect, it } from 'vitest';
import { mishap, watchMishaps } from '../../src/app/mishaps.ts';

const event = (type: string, rest: object): Event => Object.assign(new Event(type), rest);

describe('what nobody expected', () => {
  it('is shown with its message, whether thrown or rejected, until it is put away', () => {
    const page = new EventTarget();
    const stop = watchMishaps(page);
    expect(mishap.shown).toBeNull();
    page.dispatchEvent(event('unhandledrejection', { reason: new Error('no such step') }));
    expect(mishap.shown?.text).toContain('no such step.');
    page.dispatchEvent(event('error', { error: new TypeError('x is undefined') }));
    expect(mishap.shown?.text).toContain('x is undefined.');
    mishap.dismiss();
    expect(mishap.shown).toBeNull();
    stop();
    page.dispatchEvent(event('unhandledrejection', { reason: 'late' }));
    expect(mishap.shown).toBeNull();
  });
  it('is not what the browser remarks by itself', () => {
    const page = new EventTarget();
    const stop = watchMishaps(page);
    page.dispatchEvent(event('error', { message: 'ResizeObserver loop limit exceeded', error: null }));
    expect(mishap.shown).toBeNull();
    stop();
  });
});
