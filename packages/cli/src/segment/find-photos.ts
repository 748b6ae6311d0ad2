import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, parse } from 'node:path';
import { SegmentError } from '@seg/core';
import { type Failure, failureOf } from '../failure.ts';

/** A photo to segment. */
export interface PhotoInput {
  /** As it was named, for messages and JSON; `-` for stdin. */
  readonly label: string;
  /** Null for stdin. */
  readonly path: string | null;
}

/** What a folder's photos end in. HEIC is among them so that it is refused by name and not passed over in silence. */
const PHOTO_ENDINGS = new Set(
  ['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'avif', 'tif', 'tiff', 'gif', 'heic', 'heif'].map(
    (e) => `.${e}`,
  ),
);

/** What a run before may have written beside the photos. */
const OUR_OUTPUT = /\.(labels|mask|overlay|cutout)\.\w+$/i;

/**
 * The photos that arguments name: files, folders (their pictures, not those of folders inside), glob patterns, `-`. What
 * names nothing becomes a failure, so that the others are done. A photo named twice is done once.
 */
export async function findPhotos(
  names: readonly string[],
): Promise<{ readonly photos: readonly PhotoInput[]; readonly failures: readonly Failure[] }> {
  const photos = new Map<string, PhotoInput>();
  const failures: Failure[] = [];
  for (const name of names) {
    try {
      for (const path of await expand(name)) {
        const key = path === '-' ? '-' : await realpath(path);
        if (!photos.has(key)) photos.set(key, { label: path, path: path === '-' ? null : path });
      }
    } catch (error) {
      failures.push(failureOf(error, name));
    }
  }
  return { photos: [...photos.values()], failures };
}

async function expand(name: string): Promise<readonly string[]> {
  if (name === '-') return [name];
  const found = await stat(name).catch(() => null);
  if (found?.isDirectory()) return await photosIn(name);
  if (found !== null) return [name];
  const { glob, isDynamicPattern } = await import('tinyglobby');
  const pattern = process.platform === 'win32' ? name.replaceAll('\\', '/') : name;
  if (!isDynamicPattern(pattern)) {
    throw new SegmentError('io', `cannot read ${name}: no such file`, { hint: 'Check the name' });
  }
  const matches = await glob(pattern, { expandDirectories: false });
  if (matches.length > 0) return matches.sort();
  throw new SegmentError('io', `no file matches ${name}`, { hint: 'Check the pattern' });
}

async function photosIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && isPhotoName(entry.name))
    .map(({ name }) => name);
  if (names.length > 0) return names.sort().map((name) => join(folder, name));
  throw new SegmentError('io', `the folder ${folder} holds no pictures`, {
    hint: 'Folders inside it are not looked into; a pattern can: "FOLDER/**/*.jpg"',
  });
}

function isPhotoName(name: string): boolean {
  return !name.startsWith('.') && PHOTO_ENDINGS.has(extname(name).toLowerCase()) && !OUR_OUTPUT.test(name);
}

/** `boy` for `photos/boy.jpg`: what the names of its outputs begin with. */
export function photoStem({ path }: PhotoInput): string {
  return path === null ? 'stdin' : parse(path).name;
}
