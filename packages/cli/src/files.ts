import { readFile, stat } from 'node:fs/promises';
import { SegmentError } from '@seg/core';

/** The same text for every name of one file (links included); null where there is no file. */
export async function fileIdentity(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.dev}:${found.ino}`;
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}

/** A whole file. @throws SegmentError `io`; or `signal.reason` */
export async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const read = await readFile(path, { signal });
    return new Uint8Array(read.buffer, read.byteOffset, read.length);
  } catch (cause) {
    signal.throwIfAborted();
    throw new SegmentError('io', `cannot read ${path}: ${reasonOf(cause)}`, {
      hint: 'Check the name',
      cause,
    });
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  return error instanceof Error ? error.message : String(error);
}
