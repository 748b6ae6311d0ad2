import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { isSegmentError, type ModelPart, type SegmentError } from '@seg/core';
import { expect, onTestFinished } from 'vitest';

/** A folder of its own for the running test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'seg-node-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A file system of its own that is full soon; prints why where none can be mounted, and gives null. */
export async function smallDisk(size: string): Promise<string | null> {
  const folder = await temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status !== 0) {
    console.warn('skipped: no small file system could be mounted here (that takes root)');
    return null;
  }
  onTestFinished(() => void spawnSync('umount', [folder])); // hooks run last one first: before the folder goes
  return folder;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SHARED = resolve(ROOT, process.env.SEG_SHARED ?? '../shared');

/** Whether files of the shared folder are there; prints why tests are skipped where they are not. */
export function hasShared(...paths: string[]): boolean {
  const missing = paths.map(shared).filter((path) => !existsSync(path));
  if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not found (set SEG_SHARED)`);
  return missing.length === 0;
}

export function shared(path: string): string {
  return join(SHARED, path);
}

/** The SegmentError that a promise rejects with; fails for anything else. */
export async function errorOf(promise: Promise<unknown>): Promise<SegmentError> {
  const error: unknown = await promise.then(
    () => 'it resolved',
    (reason: unknown) => reason,
  );
  if (isSegmentError(error)) return error;
  expect.fail(`a SegmentError was expected, this came: ${String(error)}`);
}

/** The same bytes on every machine, different for each seed, that no compression makes small. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A part of a made-up model with these bytes. */
export function partOf(bytes: Uint8Array, path: string, urls: readonly string[]): ModelPart {
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), urls };
}

/** A PNG of 8 bits a sample made by hand: `rows` are the filtered rows, as they are compressed. */
export function pngOf(
  width: number,
  height: number,
  colorType: number,
  rows: Uint8Array,
  palette?: Uint8Array,
): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, colorType, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...(palette === undefined ? [] : [pngChunk('PLTE', palette)]),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', new Uint8Array(0)),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
