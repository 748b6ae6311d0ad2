import {
  type AbortOptions,
  type LoadOptions,
  type ModelPart,
  type ModelSource,
  SegmentError,
  sha256Hex,
} from '@seg/core';
import { absolute } from './absolute.ts';
import { downloadVerified, type Tried } from './cache-download.ts';
import {
  type CachedFile,
  type CacheStore,
  clearFiles,
  listFiles,
  noStore,
  openStore,
  readVerified,
  type VerifiedFile,
  verifyFiles,
} from './cache-store.ts';

export type { CachedFile, VerifiedFile } from './cache-store.ts';

/** `CacheStorage`, without breaking programs that are compiled without the DOM's types. */
type Storage = typeof globalThis extends { readonly caches: infer Caches } ? Caches : never;

/** Options of {@link createModelCache}. */
export interface ModelCacheOptions {
  /** The cache's name among those of the site; `seg-models` by default. */
  readonly name?: string | undefined;
  /** A folder's address, relative to the page, that is asked before the card's addresses: files by path or base name. */
  readonly mirror?: string | URL | undefined;
  /** The browser's `caches` by default. */
  readonly storage?: Storage | undefined;
}

/**
 * Model files in the browser's Cache API, found by their sha256 and checked against it on every load. Pages and workers of
 * one site share it; two that download at once do no harm. Where a browser gives no cache, or no room in it, models
 * are downloaded all the same. Nothing to dispose.
 */
export interface ModelCache extends ModelSource {
  readonly name: string;
  /** The address that is asked before the card's. */
  readonly mirror: string | null;
  /**
   * A part from the cache, else the mirror, else the card's addresses, which may be relative to the page. A damaged copy
   * is removed and fetched again, a broken or aborted download is continued where the server can.
   *
   * @throws SegmentError `invalid-card` (a path that leaves its folder), `fetch` (no address delivered), `integrity` (only
   * wrong bytes were found), `unsupported` (plain http: nothing can be verified); or `signal.reason`
   */
  load(part: ModelPart, options?: LoadOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** What is in the cache, by name. @throws SegmentError `unsupported` (no cache here), `io` */
  list(): Promise<CachedFile[]>;
  /** Reads every file in the cache and says whether it is sound. @throws SegmentError `unsupported`, `io` */
  verify(options?: AbortOptions): Promise<VerifiedFile[]>;
  /** Empties it, broken downloads included; says how many files and bytes it held. @throws SegmentError `unsupported`, `io` */
  clear(): Promise<{ readonly files: number; readonly bytes: number }>;
}

/** Opens the cache; nothing is asked before it is used. */
export function createModelCache(options: ModelCacheOptions = {}): ModelCache {
  const { name = 'seg-models' } = options;
  const open = () => openStore(name, options.storage);
  const mirror = options.mirror === undefined ? null : String(options.mirror);

  async function withStore<Result>(work: (store: CacheStore) => Promise<Result>): Promise<Result> {
    const opened = await open();
    if (opened.store === null) throw noStore(opened.cause);
    try {
      return await work(opened.store);
    } catch (cause) {
      const received = cause instanceof Error ? cause.message : String(cause);
      throw new SegmentError('io', `the model cache ${name} cannot be used`, { received, cause });
    }
  }

  return {
    name,
    mirror,
    async load(part, loadOptions = {}) {
      const { signal, onProgress } = loadOptions;
      checkPart(part);
      signal?.throwIfAborted();
      await sha256Hex(new Uint8Array()); // says before a byte is fetched where nothing can be verified
      const tried: Tried[] = [];
      const { store } = await open();
      const found = store === null ? null : await readCached(store, part, tried, signal);
      if (found !== null) {
        onProgress?.({ loaded: part.bytes, total: part.bytes });
        return found;
      }
      const addresses = [...mirrorAddresses(part, mirror), ...part.urls.map(addressOf)];
      const bytes = await downloadVerified(store, part, addresses, tried, loadOptions);
      if (bytes === null) throw notDelivered(part, tried);
      return bytes;
    },
    list: () => withStore(listFiles),
    verify: ({ signal } = {}) =>
      withStore((store) => verifyFiles(store, { signal })).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      }),
    clear: () => withStore(clearFiles),
  };
}

/** The cache of that name, opened at the first load: what adapters use in browsers unless told otherwise. */
export function webSource(): ModelSource {
  let cache: ModelCache | null = null;
  return {
    load(part, options) {
      cache ??= createModelCache();
      return cache.load(part, options);
    },
  };
}

async function readCached(
  store: CacheStore,
  part: ModelPart,
  tried: Tried[],
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const check = await readVerified(store, part, signal);
  if (check.state === 'right') return check.bytes;
  if (check.state !== 'absent') {
    tried.push({ place: `the cache (${check.reason})`, wrong: check.state === 'wrong' });
  }
  if (check.state === 'wrong') await store.remove(part.sha256).catch(() => {});
  return null;
}

/** Parts become addresses under the mirror and keys of the cache: none may lead elsewhere. @throws SegmentError `invalid-card` */
function checkPart({ path, sha256 }: ModelPart): void {
  const leaves = path.split('/').some((segment) => ['', '.', '..'].includes(segment)) || path.includes('\\');
  if (leaves) {
    throw new SegmentError('invalid-card', "a part's path", {
      expected: "a relative path with / between its segments and without '..'",
      received: JSON.stringify(path),
    });
  }
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw new SegmentError('invalid-card', `the sha256 of ${path}`, {
      expected: '64 lower-case hexadecimal digits',
      received: JSON.stringify(sha256),
    });
  }
}

/** A mirror may keep a model's folders or be one flat folder. */
function mirrorAddresses({ path }: ModelPart, mirror: string | null): string[] {
  if (mirror === null) return [];
  const base = addressOf(mirror).replace(/\/*$/, '/');
  const names = new Set([path, path.slice(path.lastIndexOf('/') + 1)]);
  return [...names].map((name) => base + name.split('/').map(encodeURIComponent).join('/'));
}

/** Relative addresses are relative to the page; what is none at all is refused where it is fetched, with its text. */
function addressOf(address: string): string {
  try {
    return absolute(address);
  } catch {
    return address;
  }
}

function notDelivered(part: ModelPart, tried: readonly Tried[]): SegmentError {
  const wrong = tried.some((attempt) => attempt.wrong);
  const what = wrong ? 'was found, but only damaged or as another file' : 'was found nowhere';
  const lines = tried.map(({ place }) => `\n  - ${place}`).join('');
  return new SegmentError(
    wrong ? 'integrity' : 'fetch',
    `the model file ${part.path} (${part.bytes} bytes) ${what}:${lines}`,
    {
      hint: 'Check the network, or put the file where the page is served and name that folder: the option assets, or mirror of createModelCache.',
      cause: tried.filter((attempt) => attempt.cause !== undefined).at(-1)?.cause,
    },
  );
}
