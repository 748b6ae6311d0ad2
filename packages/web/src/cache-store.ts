import { type AbortOptions, abortable, type ModelPart, SegmentError, sha256Hex } from '@seg/core';

/*
 * Files lie in the Cache API, under their sha256. It is where every browser keeps large downloads (https pages, workers,
 * private windows too), an entry appears whole or not at all, and the user clears it with the site's data. OPFS has
 * no atomic write, and on the page no write at all in Safari before 26.
 *
 * The addresses are never asked: a host under .invalid, so that no service worker's `caches.match` takes one for a page's.
 * <sha256> is a file, <sha256>/<offset> a piece of a download that broke off.
 */
const BASE = 'https://seg.invalid/models/';
const FILE = /^[0-9a-f]{64}$/;

export type Bytes = Uint8Array<ArrayBuffer>;

/** One file in the cache. */
export interface CachedFile {
  /** The part's path in its card. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface VerifiedFile extends CachedFile {
  /** False where the bytes have changed; the next load fetches them again. */
  readonly ok: boolean;
}

/** The storage of one origin, under one name. Its methods reject with what the browser says, such as QuotaExceededError. */
export interface CacheStore {
  read(key: string): Promise<Bytes | null>;
  /** `name` is for people. */
  write(key: string, body: Bytes | Blob, name?: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** All keys under a prefix. */
  keys(prefix: string): Promise<string[]>;
  /** The file's name and size, from its headers. */
  describe(sha256: string): Promise<CachedFile | null>;
}

/** The given storage or the browser's; null, with the reason, where there is none (plain http, Node) or it is refused (blocked site data). */
export async function openStore(
  name: string,
  given: CacheStorage | undefined,
): Promise<{ readonly store: CacheStore } | { readonly store: null; readonly cause: unknown }> {
  try {
    const storage = given ?? globalThis.caches; // asking for it is an error on sandboxed pages
    return storage === undefined
      ? { store: null, cause: undefined }
      : { store: storeOf(await storage.open(name)) };
  } catch (cause) {
    return { store: null, cause };
  }
}

function storeOf(cache: Cache): CacheStore {
  return {
    async read(key) {
      const found = await cache.match(BASE + key);
      return found === undefined ? null : new Uint8Array(await found.arrayBuffer());
    },
    async write(key, body, name = '') {
      const bytes = body instanceof Blob ? body.size : body.length;
      const headers = {
        'content-type': 'application/octet-stream',
        'content-length': String(bytes),
        'x-seg-name': encodeURIComponent(name), // headers hold no other letters
      };
      await cache.put(BASE + key, new Response(body, { headers }));
    },
    async remove(key) {
      await cache.delete(BASE + key);
    },
    async keys(prefix) {
      const all = (await cache.keys()).map(({ url }) => url);
      return all.filter((url) => url.startsWith(BASE + prefix)).map((url) => url.slice(BASE.length));
    },
    async describe(sha256) {
      const headers = (await cache.match(BASE + sha256))?.headers;
      if (headers === undefined) return null; // another page cleared it meanwhile
      const name = decodeURIComponent(headers.get('x-seg-name') ?? '') || sha256;
      return { name, sha256, bytes: Number(headers.get('content-length')) };
    },
  };
}

export async function listFiles(store: CacheStore): Promise<CachedFile[]> {
  const keys = (await store.keys('')).filter((key) => FILE.test(key));
  const files = await Promise.all(keys.map(store.describe));
  return files.filter((file) => file !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function verifyFiles(store: CacheStore, { signal }: AbortOptions): Promise<VerifiedFile[]> {
  const verified: VerifiedFile[] = [];
  for (const file of await listFiles(store)) {
    signal?.throwIfAborted();
    const check = await readVerified(store, file, signal);
    verified.push({ ...file, ok: check.state === 'right' });
  }
  return verified;
}

/** Removes what was written through this module, pieces included, and nothing else. */
export async function clearFiles(store: CacheStore): Promise<{ files: number; bytes: number }> {
  const files = await listFiles(store);
  for (const key of await store.keys('')) await store.remove(key);
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** What an entry turned out to be when it was held against a card's size and sha256. */
export type FileCheck =
  | { readonly state: 'right'; readonly bytes: Bytes }
  | { readonly state: 'absent' | 'wrong' | 'unreadable'; readonly reason: string };

/** Rejects only on abort. The caller owns the bytes. */
export async function readVerified(
  store: CacheStore,
  { sha256, bytes: size }: Pick<ModelPart, 'bytes' | 'sha256'>,
  signal: AbortSignal | undefined,
): Promise<FileCheck> {
  try {
    const bytes = await abortable(store.read(sha256), signal);
    if (bytes === null) return { state: 'absent', reason: 'not there' };
    if (bytes.length !== size) return { state: 'wrong', reason: `${bytes.length} bytes instead of ${size}` };
    const received = await sha256Hex(bytes);
    if (received !== sha256) return { state: 'wrong', reason: `its sha256 is ${received}` };
    return { state: 'right', bytes };
  } catch (error) {
    signal?.throwIfAborted();
    return { state: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** For `list`, `verify` and `clear`: without a cache there is nothing that they could say. */
export function noStore(cause: unknown): SegmentError {
  return new SegmentError('unsupported', 'this page has no cache for models', {
    ...(cause instanceof Error && { received: cause.message }),
    hint: 'There is one over https and on http://localhost, where the browser lets the site keep data. Models load all the same.',
    cause,
  });
}
