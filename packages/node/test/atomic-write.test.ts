import { spawnSync } from 'node:child_process';
import { chmod, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { writeFileAtomic } from '../src/atomic-write.ts';
import { errorOf, noise, smallDisk, temporaryFolder } from './helpers.ts';

const bytes = noise(100_000);

describe('writes', () => {
  test('a file and nothing else', async () => {
    const folder = await temporaryFolder();
    await writeFileAtomic(join(folder, 'mask.png'), bytes);
    expect(await readdir(folder)).toEqual(['mask.png']);
    expect(new Uint8Array(await readFile(join(folder, 'mask.png')))).toEqual(bytes);
  });

  test('over another file only with force, and then whole', async () => {
    const path = join(await temporaryFolder(), 'mask.png');
    await writeFile(path, 'the old one');
    const error = await errorOf(writeFileAtomic(path, bytes));
    expect(error).toMatchObject({
      code: 'io',
      message: `${path} exists already. Pass force to replace it, or choose another name`,
    });
    expect(await readFile(path, 'utf8')).toBe('the old one');
    await writeFileAtomic(path, bytes, { force: true });
    expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    expect(await readdir(join(path, '..'))).toEqual(['mask.png']);
  });

  test('one of many at once wins, and the others say that it exists', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'mask.png');
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => writeFileAtomic(path, noise(50_000, i + 1))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason.message).toContain('exists already');
    expect(await readdir(folder)).toEqual(['mask.png']);
  });

  test('through a link into the file that it names', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'real.png'), 'old');
    await symlink('real.png', join(folder, 'link.png'));
    await writeFileAtomic(join(folder, 'link.png'), bytes, { force: true });
    expect(await readlink(join(folder, 'link.png'))).toBe('real.png');
    expect((await stat(join(folder, 'real.png'))).size).toBe(bytes.length);
  });

  test('names of 255 bytes', async () => {
    const folder = await temporaryFolder();
    await writeFileAtomic(join(folder, 'm'.repeat(255)), bytes);
    const error = await errorOf(writeFileAtomic(join(folder, 'm'.repeat(256)), bytes));
    expect(error.message).toContain('the name is too long');
    expect(await readdir(folder)).toHaveLength(1);
  });
});

describe('refuses', () => {
  test('a missing folder, a folder, a file as a folder, a device', async () => {
    const folder = await temporaryFolder();
    const missing = await errorOf(writeFileAtomic(join(folder, 'no', 'mask.png'), bytes));
    expect(missing.code).toBe('io');
    expect(missing.message).toContain('its folder does not exist. Make the folder first or choose another');
    expect((await errorOf(writeFileAtomic(folder, bytes, { force: true }))).message).toContain(
      'it is a folder',
    );
    await writeFile(join(folder, 'file'), '');
    const inFile = await errorOf(writeFileAtomic(join(folder, 'file', 'mask.png'), bytes));
    expect(inFile.message).toContain('a part of its path is a file');
    expect(await readdir(folder)).toEqual(['file']);
    spawnSync('mkfifo', [join(folder, 'pipe')]); // for a device: a test that failed would replace a real one
    const device = await errorOf(writeFileAtomic(join(folder, 'pipe'), bytes, { force: true }));
    expect(device.message).toContain('not a regular file');
  });

  test('a folder without permission', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o555);
    onTestFinished(() => chmod(folder, 0o755));
    const error = await asNobody(() => errorOf(writeFileAtomic(join(folder, 'mask.png'), bytes)));
    expect(error.code).toBe('io');
    expect(error.message).toContain('no permission. Change the permissions of the file or its folder');
    expect(await readdir(folder)).toEqual([]);
  });

  test('abort, before and in the middle, leaves nothing', async () => {
    const folder = await temporaryFolder();
    const reason = new Error('enough');
    const aborted = writeFileAtomic(join(folder, 'a'), bytes, { signal: AbortSignal.abort(reason) });
    await expect(aborted).rejects.toBe(reason);
    const controller = new AbortController();
    const large = writeFileAtomic(join(folder, 'b'), new Uint8Array(200e6), { signal: controller.signal });
    await vi.waitFor(async () => expect(await readdir(folder)).toHaveLength(1), { interval: 1 });
    controller.abort(reason);
    await expect(large).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a full disk', () => {
  test('says so and leaves nothing', async ({ skip }) => {
    const folder = await smallDisk('64k');
    if (folder === null) return skip();
    await writeFile(join(folder, 'old.png'), 'old');
    for (const name of ['mask.png', 'old.png']) {
      const error = await errorOf(writeFileAtomic(join(folder, name), bytes, { force: true }));
      expect(error.code).toBe('io');
      expect(error.message).toContain(
        `cannot write ${join(folder, name)}: the disk is full. Free some space`,
      );
    }
    expect(await readdir(folder)).toEqual(['old.png']);
    expect(await readFile(join(folder, 'old.png'), 'utf8')).toBe('old');
  });
});

/** Root may write everywhere: gives that up while `work` runs. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
