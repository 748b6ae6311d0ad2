import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AbortOptions, LoadOptions, ModelPart, ModelSource } from '@seg/core';
import {
  blobPath,
  type CachedFile,
  clearBlobs,
  listBlobs,
  type VerifiedFile,
  verifyBlobs,
} from './blob-store.ts';
import { defaultCacheDir } from './cache-dir.ts';
import { downloadIntoCache } from './cache-download.ts';
import { notDelivered, type Tried } from './not-delivered.ts';
import { checkPart, mirrorNames } from './part-path.ts';
import { readVerified } from './verified-file.ts';

export interface ModelCacheOptions {
  /** The cache's folder, made when it is needed; by default SEG_CACHE, else the platform's folder for caches. */
  readonly dir?: string | undefined;
  /** A folder or an http(s) address that has files by their names; by default SEG_MODEL_MIRROR. */
  readonly mirror?: string | undefined;
  /** Never use the network. */
  readonly offline?: boolean | undefined;
}

/** Where a file of a model is on this machine. */
export interface FoundPart {
  readonly path: string;
  /** A `file:` address of the card, the cache, or a mirror folder. */
  readonly from: 'card' | 'cache' | 'mirror';
}

/**
 * Model files on disk, found by their sha256 and checked against it on every load. Safe between processes; a kill or an
 * abort at any time leaves it usable. Nothing to dispose.
 */
export interface ModelCache extends ModelSource {
  /** The cache's folder, absolute. */
  readonly dir: string;
  /** The folder or address that is asked before the card's addresses. */
  readonly mirror: string | null;
  /**
   * A part from, in this order: `file:` addresses of the card (read where they are), the cache, the mirror, the card's
   * other addresses. A damaged copy in the cache is fetched again, a broken download continued.
   *
   * @throws SegmentError `invalid-card` (a path that leaves its folder), `io` (the cache cannot be written, or nothing
   * has the file and no address could be asked), `fetch` (no address delivered), `integrity` (only wrong bytes were
   * found); or `signal.reason`
   */
  load(part: ModelPart, options?: LoadOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Where a part lies on this machine, verified, or null; downloads nothing (a damaged copy in the cache is removed). @throws SegmentError `invalid-card` */
  find(part: ModelPart, options?: AbortOptions): Promise<FoundPart | null>;
  /** What is in the cache, by name. @throws SegmentError `io` */
  list(): Promise<CachedFile[]>;
  /** Reads every file in the cache and says whether it is sound. @throws SegmentError `io` */
  verify(options?: AbortOptions): Promise<VerifiedFile[]>;
  /** Empties the cache, broken downloads included; says how many files and bytes it held. @throws SegmentError `io` */
  clear(): Promise<{ readonly files: number; readonly bytes: number }>;
}

/** Opens the cache; reads the environment now and the disk only when it is used. */
export function createModelCache(options: ModelCacheOptions = {}): ModelCache {
  const { offline = false } = options;
  const dir = resolve(options.dir || defaultCacheDir(process.env, process.platform, homedir()));
  const mirror = options.mirror || process.env.SEG_MODEL_MIRROR || null;
  return {
    dir,
    mirror,
    async load(part, loadOptions = {}) {
      const tried: Tried[] = [];
      const found = await findLocal(part, dir, mirror, tried, loadOptions.signal);
      if (found !== null) {
        loadOptions.onProgress?.({ loaded: part.bytes, total: part.bytes });
        return found.bytes;
      }
      const addresses = [...mirrorAddresses(part, mirror), ...part.urls.filter(isRemote)];
      if (offline) tried.push(...addresses.map((url) => ({ place: `${url} (offline)`, wrong: false })));
      const asked = !offline && addresses.length > 0;
      const bytes = asked ? await downloadIntoCache(dir, part, addresses, tried, loadOptions) : null;
      if (bytes === null) throw notDelivered(part, tried, asked);
      return bytes;
    },
    async find(part, { signal } = {}) {
      const found = await findLocal(part, dir, mirror, [], signal);
      return found === null ? null : { path: found.path, from: found.from };
    },
    list: () => listBlobs(dir),
    verify: (verifyOptions = {}) => verifyBlobs(dir, verifyOptions),
    clear: () => clearBlobs(dir),
  };
}

/** The cache of the environment, opened at the first load: what adapters use unless told otherwise. */
export function defaultSource(): ModelSource {
  let cache: ModelCache | null = null;
  return {
    load(part, options) {
      cache ??= createModelCache();
      return cache.load(part, options);
    },
  };
}

async function findLocal(
  part: ModelPart,
  dir: string,
  mirror: string | null,
  tried: Tried[],
  signal: AbortSignal | undefined,
): Promise<(FoundPart & { readonly bytes: Uint8Array<ArrayBuffer> }) | null> {
  checkPart(part);
  for (const { path, from } of localPlaces(part, dir, mirror)) {
    signal?.throwIfAborted();
    const check = await readVerified(path, part, signal);
    if (check.state === 'right') return { path, from, bytes: check.bytes };
    tried.push({
      place: `${path} (${from}: ${check.reason})`,
      wrong: check.state === 'wrong',
      cause: check.cause,
    });
    // only our own copy: whoever reads next fetches it again
    if (from === 'cache' && check.state === 'wrong') await rm(path, { force: true }).catch(() => undefined);
  }
  return null;
}

function localPlaces(part: ModelPart, dir: string, mirror: string | null): FoundPart[] {
  const places: FoundPart[] = [];
  for (const url of part.urls) if (isLocalFile(url)) places.push({ path: fileURLToPath(url), from: 'card' });
  places.push({ path: blobPath(dir, part.sha256), from: 'cache' });
  if (mirror !== null && !isRemote(mirror)) {
    const folder = isLocalFile(mirror) ? fileURLToPath(mirror) : resolve(mirror);
    places.push(...mirrorNames(part).map((name) => ({ path: join(folder, name), from: 'mirror' as const })));
  }
  return places;
}

function mirrorAddresses(part: ModelPart, mirror: string | null): string[] {
  if (mirror === null || !isRemote(mirror)) return [];
  const base = mirror.endsWith('/') ? mirror : `${mirror}/`;
  return mirrorNames(part).map(
    (name) => new URL(name.split('/').map(encodeURIComponent).join('/'), base).href,
  );
}

function isRemote(address: string): boolean {
  return /^https?:\/\//i.test(address);
}

/** A host in a file address would make Windows ask another machine. */
function isLocalFile(address: string): boolean {
  return /^file:\/\/\//i.test(address);
}
