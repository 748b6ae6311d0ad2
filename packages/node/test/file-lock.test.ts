import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFileLock } from '../src/file-lock.ts';
import { temporaryFolder } from './helpers.ts';

test('one at a time, and the next one comes also after a failure', async () => {
  const path = join(await temporaryFolder(), 'lock');
  const events: string[] = [];
  const hold = (name: string, fail: boolean) =>
    withFileLock(path, undefined, async () => {
      events.push(`${name} in`);
      await new Promise((next) => setTimeout(next, 30));
      events.push(`${name} out`);
      if (fail) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([hold('a', true), hold('b', false), hold('c', false)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(events).toHaveLength(6);
  for (let i = 0; i < 6; i += 2) expect(events[i]?.slice(0, 1)).toBe(events[i + 1]?.slice(0, 1));
  await expect(stat(path)).rejects.toThrow('ENOENT');
});

test('the holder beats, so that a long download is not taken for a dead one', async () => {
  const path = join(await temporaryFolder(), 'lock');
  await withFileLock(path, undefined, async () => {
    await utimes(path, new Date(0), new Date(0));
    await new Promise((next) => setTimeout(next, 2_500));
    expect(Date.now() - (await stat(path)).mtimeMs).toBeLessThan(2_000);
  });
});

test('a lock that another one took over is left alone', async () => {
  const path = join(await temporaryFolder(), 'lock');
  const other = JSON.stringify({ pid: process.pid, host: 'other', token: 'theirs' });
  await withFileLock(path, undefined, () => writeFile(path, other));
  expect(await readFile(path, 'utf8')).toBe(other);
});
