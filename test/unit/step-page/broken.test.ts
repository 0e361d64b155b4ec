// A stepper that breaks in a way that nobody expected: the page says so and does not wait for ever.

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/core/result.ts';

const stepper = vi.hoisted(() => ({
  made: 0,
  deaths: [] as ((error: Error) => void)[],
  open: (): Promise<unknown> => new Promise(() => undefined),
}));
class StoppedError extends Error {
  override readonly name = 'StoppedError';
}
vi.mock('../../../src/worker/step-client.ts', () => ({
  StoppedError,
  connectStepper: (onDeath: (error: Error) => void) => {
    stepper.made++;
    stepper.deaths.push(onDeath);
    const stop = (why: string): void => onDeath(new StoppedError(why));
    return { api: { open: () => stepper.open() }, stop };
  },
}));
vi.mock('../../../src/app/step/recipe.ts', async (original) => ({
  ...(await original<object>()),
  makeSubject: async () => ok({ launch: {}, source: '' }),
}));

beforeAll(() => {
  vi.stubGlobal('location', { hash: '#/step', href: 'http://localhost/#/step' });
  vi.stubGlobal('window', { addEventListener: () => undefined });
  vi.stubGlobal('history', { pushState: () => undefined, replaceState: () => undefined });
});

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

describe('the Step page', () => {
  it('shows what the stepper threw', async () => {
    const { follow, phase } = await import('../../../src/app/step/session.ts');
    stepper.open = () => Promise.reject(new Error('no such register'));
    const end = follow();
    await later();
    expect(phase.value).toMatchObject({ kind: 'failed', failure: { code: 'internal' } });
    expect(phase.value.kind === 'failed' && phase.value.failure.message).toContain('no such register');
    end();
  });
  it('hears of the death of its own stepper, not of one that was replaced', async () => {
    const { phase, stepper: calls, stop } = await import('../../../src/app/step/session.ts');
    const before = stepper.made;
    stop();
    expect(phase.value).toMatchObject({ kind: 'failed', failure: { code: 'stopped' } });
    calls();
    expect(stepper.made).toBe(before + 1);
    phase.value = { kind: 'open' };
    stepper.deaths[0]?.(new StoppedError('the old one, late'));
    calls();
    expect(stepper.made).toBe(before + 1);
    expect(phase.value.kind).toBe('open');
  });
});
