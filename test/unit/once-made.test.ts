// What is made once for a device: a failure is no answer for good.

import { expect, it } from 'vitest';
import { onceMade } from '../../src/worker/session.ts';

it('is made once, and again after a failure', async () => {
  let made = 0;
  let broken = true;
  const get = onceMade(async () => {
    made++;
    if (broken) throw new Error('planted');
    return made;
  });
  await expect(Promise.all([get(), get()])).rejects.toThrow('planted');
  expect(made).toBe(1);
  broken = false;
  expect(await get()).toBe(2);
  expect(await get()).toBe(2);
});
