import {
  downloadPart,
  isSegmentError,
  type LoadOptions,
  type ModelPart,
  SegmentError,
  sha256Hex,
} from '@seg/core';
import { createPartial, type PartialFile } from './cache-partial.ts';
import { type Bytes, type CacheStore, readVerified } from './cache-store.ts';

/** A place where a file was looked for in vain. */
export interface Tried {
  /** The place and the reason, for people. */
  readonly place: string;
  /** Whether there was a file, but not the one that the card names. */
  readonly wrong: boolean;
  readonly cause?: unknown;
}

/**
 * Downloads a part from the first address that delivers it, into the cache where there is one: one page at a time, and
 * whoever waited reads the finished file. Null when no address delivered, with the reasons added to `tried`. The caller
 * owns the bytes. Rejects with `signal.reason`.
 */
export function downloadVerified(
  store: CacheStore | null,
  part: ModelPart,
  addresses: readonly string[],
  tried: Tried[],
  options: LoadOptions,
): Promise<Bytes | null> {
  return withLock(store === null ? null : `seg-models/${part.sha256}`, options.signal, async () => {
    const waitedFor = store === null ? null : await readVerified(store, part, options.signal);
    if (waitedFor?.state === 'right') {
      options.onProgress?.({ loaded: part.bytes, total: part.bytes });
      return waitedFor.bytes;
    }
    const partial = createPartial(store, part.sha256);
    for (const address of addresses) {
      const bytes = await tryAddress(partial, { ...part, urls: [address] }, tried, options);
      if (bytes === null) continue;
      await partial.drop(); // first: both together may be more than the quota
      await store?.write(part.sha256, bytes, part.path).catch(() => {}); // full, or refused: the model is here
      return bytes;
    }
    return null;
  });
}

async function tryAddress(
  partial: PartialFile,
  part: ModelPart,
  tried: Tried[],
  options: LoadOptions,
): Promise<Bytes | null> {
  try {
    return await resumeOrRestart(partial, part, options);
  } catch (error) {
    await partial.keep();
    options.signal?.throwIfAborted();
    if (!isSegmentError(error)) throw error;
    tried.push({
      place: error.detail.received ?? `${part.urls[0]}: ${error.message}`,
      wrong: error.code === 'integrity',
      cause: error,
    });
    return null;
  }
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
  await partial.drop();
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

/** Two pages at once would each download the file. Without Web Locks they do, and the last one's copy stays: no harm. */
async function withLock<Result>(
  name: string | null,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const locks = globalThis.navigator?.locks;
  if (name === null || locks === undefined) return await work();
  let begun = false;
  const begin = (): Promise<Result> => {
    begun = true;
    return work();
  };
  try {
    return await locks.request(name, signal === undefined ? {} : { signal }, begin);
  } catch (error) {
    signal?.throwIfAborted();
    if (begun) throw error;
    return await work(); // a sandboxed page has the API and may not use it
  }
}
