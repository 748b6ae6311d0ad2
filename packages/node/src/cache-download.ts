import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import {
  downloadPart,
  isSegmentError,
  type LoadOptions,
  type ModelPart,
  SegmentError,
  sha256Hex,
} from '@seg/core';
import { writeFileAtomic } from './atomic-write.ts';
import { blobPath, cacheError, makeBlobFolder, writeBlobName } from './blob-store.ts';
import { withFileLock } from './file-lock.ts';
import { systemCode } from './io-error.ts';
import type { Tried } from './not-delivered.ts';
import { readVerified } from './verified-file.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Downloads a part into the cache from the first address that delivers it, one process at a time; whoever waited reads
 * the finished file. Null when no address delivered, with the reasons added to `tried`. The caller owns the bytes.
 *
 * @throws SegmentError `io` (the cache cannot be written); or `signal.reason`
 */
export async function downloadIntoCache(
  dir: string,
  part: ModelPart,
  addresses: readonly string[],
  tried: Tried[],
  options: LoadOptions,
): Promise<Bytes | null> {
  const { signal } = options;
  const blob = blobPath(dir, part.sha256);
  try {
    await makeBlobFolder(dir);
    return await withFileLock(`${blob}.lock`, signal, async () => {
      const waitedFor = await readVerified(blob, part, signal);
      if (waitedFor.state === 'right') return waitedFor.bytes;
      for (const address of addresses) {
        const bytes = await tryAddress(blob, part, address, tried, options);
        if (bytes === null) continue;
        await writeBlobName(dir, part).catch(() => undefined); // only a name: the file is there
        return bytes;
      }
      return null;
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw isSegmentError(error) ? error : cacheError('written', dir, error);
  }
}

/** One address. A file that came whole takes the blob's name; one that broke off stays for the next time. */
async function tryAddress(
  blob: string,
  part: ModelPart,
  address: string,
  tried: Tried[],
  options: LoadOptions,
): Promise<Bytes | null> {
  const partial = await openPartial(`${blob}.part`);
  let bytes: Bytes;
  try {
    bytes = await resumeOrRestart(partial, { ...part, urls: [address] }, options);
    await partial.file.sync();
  } catch (error) {
    options.signal?.throwIfAborted();
    if (partial.failure !== null) throw partial.failure;
    if (!isSegmentError(error)) throw error;
    tried.push({
      place: error.detail.received ?? `${address}: ${error.message}`,
      wrong: error.code === 'integrity',
      cause: error,
    });
    return null;
  } finally {
    await partial.file.close();
  }
  await publish(`${blob}.part`, blob, bytes);
  return bytes;
}

async function resumeOrRestart(partial: PartialFile, part: ModelPart, options: LoadOptions): Promise<Bytes> {
  const have = await partial.read();
  if (have.length > 0) {
    const resumed = await resume(partial, part, have, options);
    if (resumed !== null) return resumed;
  }
  const bytes = await downloadPart(part, { ...options, onChunk: partial.write });
  const received = await sha256Hex(bytes);
  if (received === part.sha256) return bytes;
  await partial.file.truncate(0);
  throw new SegmentError('integrity', 'the wrong file', {
    received: `${part.urls[0]} (its sha256 is ${received})`,
  });
}

/** Null when what was there does not belong to the file, or this server cannot continue it: then it is fetched anew. */
async function resume(
  partial: PartialFile,
  part: ModelPart,
  have: Bytes,
  options: LoadOptions,
): Promise<Bytes | null> {
  let arrived = false;
  const onChunk = async (chunk: Uint8Array, offset: number): Promise<void> => {
    arrived = true;
    await partial.write(chunk, offset);
  };
  try {
    const bytes = have.length === part.bytes ? have : await downloadPart(part, { ...options, have, onChunk });
    return (await sha256Hex(bytes)) === part.sha256 ? bytes : null;
  } catch (error) {
    if (arrived || options.signal?.aborted) throw error;
    return null;
  }
}

/** The beginning of a file whose download broke off. */
interface PartialFile {
  readonly file: FileHandle;
  /** Why it could not be written: the disk's fault, not the address's. */
  failure: unknown;
  read(): Promise<Bytes>;
  write(chunk: Uint8Array, offset: number): Promise<void>;
}

async function openPartial(path: string): Promise<PartialFile> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT);
  const partial: PartialFile = {
    file,
    failure: null,
    async read() {
      const bytes = await file.readFile();
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    async write(chunk, offset) {
      try {
        if (offset === 0) await file.truncate(0);
        await file.write(chunk, 0, chunk.length, offset);
      } catch (error) {
        partial.failure = error;
        throw error;
      }
    },
  };
  return partial;
}

async function publish(path: string, blob: string, bytes: Bytes): Promise<void> {
  try {
    await rename(path, blob);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    // another process cleared the cache meanwhile
    await writeFileAtomic(blob, bytes, { force: true });
  }
}
