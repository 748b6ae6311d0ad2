import { randomUUID } from 'node:crypto';
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AbortOptions, SegmentError } from '@seg/core';
import { ioError, systemCode } from './io-error.ts';

export interface WriteOptions extends AbortOptions {
  /** Replace a file that is there already; false by default. */
  readonly force?: boolean | undefined;
}

/**
 * Writes a file whole or not at all: into a temporary file beside it, forced to disk, then renamed. Whatever fails, and
 * on abort, the temporary file is removed and a file that was there before is untouched. Borrows `bytes` until it settles.
 *
 * @throws SegmentError `io` (exists and no `force`, no such folder, no permission, disk full); or `signal.reason`
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  const { force = false, signal } = options;
  signal?.throwIfAborted();
  const target = await checkTarget(path, force);
  const temporary = join(dirname(target), `.seg-${randomUUID()}.tmp`);
  try {
    await writeDurably(temporary, bytes, signal);
    signal?.throwIfAborted();
    if (force) await rename(temporary, target);
    else await publishNew(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    throw systemCode(error) === 'EEXIST' ? existsError(path) : ioError('write', path, error);
  }
}

/** Where to write: links are followed, so that the file they name is replaced and not the link. */
async function checkTarget(path: string, force: boolean): Promise<string> {
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return path;
    throw ioError('write', path, error);
  }
  if (found.isDirectory()) {
    throw new SegmentError('io', `cannot write ${path}: it is a folder`, { hint: 'Name a file' });
  }
  // renaming over /dev/null would replace the device
  if (!found.isFile()) throw new SegmentError('io', `cannot write ${path}: it is not a regular file`);
  if (!force) throw existsError(path);
  return await realpath(path);
}

async function writeDurably(path: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes, signal === undefined ? {} : { signal });
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Unlike a rename, a hard link refuses to replace a file that came in the meantime. */
async function publishNew(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw error;
    // FAT and some network file systems have no hard links: there the check at the start has to do
    await rename(temporary, target);
    return;
  }
  await rm(temporary);
}

function existsError(path: string): SegmentError {
  return new SegmentError('io', `${path} exists already`, {
    hint: 'Pass force to replace it, or choose another name',
  });
}
