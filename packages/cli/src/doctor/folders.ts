import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createModelCache, type ModelCache } from '@seg/node/cache';

/** A place of model files. */
export interface FolderReport {
  readonly role: 'cache' | 'mirror';
  readonly path: string | null;
  /** The cache: can be written. The mirror: can be read, is an address, or is not set. */
  readonly ok: boolean;
  readonly reason: string | null;
  /** Null where it was not counted. */
  readonly files: number | null;
  readonly bytes: number | null;
}

export async function examineFolders(): Promise<FolderReport[]> {
  const cache = createModelCache({ offline: true });
  return [await examineCache(cache), await examineMirror(cache.mirror)];
}

async function examineCache(cache: ModelCache): Promise<FolderReport> {
  const report = { role: 'cache', path: cache.dir } as const;
  try {
    const files = await cache.list();
    await access(await nearestExisting(cache.dir), constants.W_OK);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return { ...report, ok: true, reason: null, files: files.length, bytes };
  } catch (error) {
    return {
      ...report,
      ok: false,
      reason: `cannot be written: ${reasonOf(error)}`,
      files: null,
      bytes: null,
    };
  }
}

/** The cache is made when it is first needed: until then the folder above it must allow that. */
async function nearestExisting(path: string): Promise<string> {
  const exists = await stat(path).catch(() => null);
  return exists !== null || dirname(path) === path ? path : await nearestExisting(dirname(path));
}

async function examineMirror(mirror: string | null): Promise<FolderReport> {
  const report = { role: 'mirror', path: mirror, files: null, bytes: null } as const;
  if (mirror === null) return { ...report, ok: true, reason: 'SEG_MODEL_MIRROR is not set' };
  if (/^https?:/i.test(mirror)) return { ...report, ok: true, reason: 'an address; it was not asked' };
  try {
    const entries = await readdir(mirror);
    return { ...report, ok: true, reason: null, files: entries.length, bytes: await sizeOf(mirror, entries) };
  } catch (error) {
    return { ...report, ok: false, reason: `cannot be read: ${reasonOf(error)}` };
  }
}

async function sizeOf(folder: string, entries: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const found = await stat(`${folder}/${entry}`).catch(() => null);
      return found?.isFile() === true ? found.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
