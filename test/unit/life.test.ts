import { describe, expect, it } from 'vitest';
import { Life } from '../../src/worker/life.ts';

const never = new Promise<never>(() => undefined);

describe('the life of a worker', () => {
  it('answers calls as the worker does, and forgets them', async () => {
    const life = new Life(() => undefined);
    const calls = [life.guard(Promise.resolve(1)), life.guard(Promise.reject(new Error('refused')))];
    expect(life.waiting).toBe(2);
    expect(await calls[0]).toBe(1);
    await expect(calls[1]).rejects.toThrow('refused');
    await Promise.resolve();
    expect(life.waiting).toBe(0);
  });
  it('ends once, and rejects what waits and what is asked later', async () => {
    const ends: string[] = [];
    const life = new Life<Error>((error) => ends.push(error.message));
    const waits = life.guard(never);
    life.end(new Error('gone'));
    life.end(new Error('gone again'));
    await expect(waits).rejects.toThrow('gone');
    await expect(life.guard(never)).rejects.toThrow('gone');
    expect(ends).toEqual(['gone']);
    expect(life.waiting).toBe(0);
  });
});
