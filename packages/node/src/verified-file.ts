import { open } from 'node:fs/promises';
import { type ModelPart, sha256Hex } from '@seg/core';
import { ioError, systemCode } from './io-error.ts';

/** What a file on disk turned out to be when it was held against a card's size and sha256. */
export type FileCheck =
  | { readonly state: 'right'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly state: 'absent' | 'wrong' | 'unreadable'; readonly reason: string; readonly cause?: unknown };

/** Reads a file and checks it; rejects only on abort. The caller owns the bytes. */
export async function readVerified(
  path: string,
  part: Pick<ModelPart, 'bytes' | 'sha256'>,
  signal: AbortSignal | undefined,
): Promise<FileCheck> {
  try {
    const read = await readWhole(path, part.bytes, signal);
    if ('size' in read) return { state: 'wrong', reason: `${read.size} bytes instead of ${part.bytes}` };
    const received = await sha256Hex(read.bytes);
    if (received !== part.sha256) return { state: 'wrong', reason: `its sha256 is ${received}` };
    return { state: 'right', bytes: read.bytes };
  } catch (cause) {
    signal?.throwIfAborted();
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent', reason: 'no such file' };
    return { state: 'unreadable', reason: ioError('read', path, cause).message, cause };
  }
}

/** The file's bytes, or only its size where that is wrong already. */
async function readWhole(
  path: string,
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> } | { readonly size: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size !== bytes) return { size };
    const read = await file.readFile(signal === undefined ? {} : { signal });
    return { bytes: new Uint8Array(read.buffer, read.byteOffset, read.length) };
  } finally {
    await file.close();
  }
}
