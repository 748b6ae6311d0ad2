import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AbortOptions, type ModelPart, SegmentError } from '@seg/core';
import { writeFileAtomic } from './atomic-write.ts';
import { ioError, systemCode } from './io-error.ts';
import { readVerified } from './verified-file.ts';

/*
 * The cache's folder: blobs/<sha256> is a file, <sha256>.json says what it is called, <sha256>.part is a download that
 * broke off, <sha256>.lock is there while one runs.
 */

/** One file in the cache. */
export interface CachedFile {
  /** The part's path in its card, or the sha256 where that is not known any more. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly path: string;
}

export interface VerifiedFile extends CachedFile {
  /** False where the bytes have changed; the next load fetches them again. */
  readonly ok: boolean;
}

const BLOB = /^[0-9a-f]{64}$/;
const OURS = /^[0-9a-f]{64}(\.(json|part|lock))?$|^\.seg-[0-9a-f-]{36}\.tmp$/;

export function blobFolder(dir: string): string {
  return join(dir, 'blobs');
}

export function blobPath(dir: string, sha256: string): string {
  return join(blobFolder(dir), sha256);
}

export async function makeBlobFolder(dir: string): Promise<void> {
  await mkdir(blobFolder(dir), { recursive: true });
}

/** Notes what a blob is called. Only for people: a cache without it works. */
export async function writeBlobName(dir: string, part: ModelPart): Promise<void> {
  const text = JSON.stringify({ name: part.path, bytes: part.bytes, sha256: part.sha256 });
  await writeFileAtomic(`${blobPath(dir, part.sha256)}.json`, new TextEncoder().encode(text), {
    force: true,
  });
}

export async function listBlobs(dir: string): Promise<CachedFile[]> {
  const files: CachedFile[] = [];
  for (const sha256 of (await folderEntries(dir)).filter((entry) => BLOB.test(entry))) {
    const path = blobPath(dir, sha256);
    const found = await stat(path).catch(() => null); // another process may clear it meanwhile
    if (found !== null)
      files.push({ name: await readBlobName(path, sha256), sha256, bytes: found.size, path });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function verifyBlobs(dir: string, { signal }: AbortOptions): Promise<VerifiedFile[]> {
  const files: VerifiedFile[] = [];
  for (const file of await listBlobs(dir)) {
    files.push({ ...file, ok: (await readVerified(file.path, file, signal)).state === 'right' });
  }
  return files;
}

/** Removes what this cache wrote and nothing else: `dir` may be a folder that holds other things. */
export async function clearBlobs(dir: string): Promise<{ files: number; bytes: number }> {
  const files = await listBlobs(dir);
  for (const entry of (await folderEntries(dir)).filter((name) => OURS.test(name))) {
    const path = join(blobFolder(dir), entry);
    await rm(path, { force: true }).catch((error: unknown) => {
      throw cacheError('cleared', dir, error);
    });
  }
  return { files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

/** An error of the cache's own folder, which says how to choose another. */
export function cacheError(what: 'written' | 'read' | 'cleared', dir: string, cause: unknown): SegmentError {
  const reason = ioError(what === 'read' ? 'read' : 'write', dir, cause).message;
  return new SegmentError('io', `the model cache cannot be ${what}: ${reason}`, {
    hint: 'SEG_CACHE or the option dir can name another folder',
    cause,
  });
}

async function folderEntries(dir: string): Promise<string[]> {
  try {
    return await readdir(blobFolder(dir));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw cacheError('read', dir, error);
  }
}

async function readBlobName(path: string, sha256: string): Promise<string> {
  try {
    const value: unknown = JSON.parse(await readFile(`${path}.json`, 'utf8'));
    if (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string')
      return value.name;
  } catch {
    // lost or damaged: the blob is as good as before
  }
  return sha256;
}
