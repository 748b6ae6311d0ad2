import { type ModelSource, SegmentError } from '@seg/core';
import { absolute } from './absolute.ts';
import { createModelCache } from './model-cache.ts';

/** Options that every browser adapter has. */
export interface AdapterOptions {
  /**
   * Where it computes: in a worker of its own (the default on a page), or in the thread that calls (the default, and the
   * only way, in workers and in Node).
   */
  readonly mode?: 'worker' | 'inline' | undefined;
  /**
   * The folder that `seg assets copy` filled, as the page reaches it: worker, wasm and weights come from there, and
   * nothing else is asked.
   */
  readonly assets?: string | URL | undefined;
  /** The worker's file, where it is not in `assets`: the adapter's `./worker`. By default the bundler's own. */
  readonly workerUrl?: string | URL | undefined;
}

/** Refuses an option that is none of the words it may be. @throws SegmentError `invalid-input` */
export function requireWord(option: string, value: string | undefined, words: readonly string[]): void {
  if (value === undefined || words.includes(value)) return;
  throw new SegmentError('invalid-input', option, { expected: words.join(' or '), received: `${value}` });
}

/** Whether an adapter should start a worker. @throws SegmentError `invalid-input` */
export function runsInWorker(mode: AdapterOptions['mode']): boolean {
  requireWord('mode', mode, ['worker', 'inline']);
  return mode === undefined ? 'document' in globalThis && 'Worker' in globalThis : mode === 'worker';
}

/** For adapters in Node. @throws SegmentError `unsupported` */
export function requireInline(mode: AdapterOptions['mode']): void {
  if (mode !== 'worker') return;
  throw new SegmentError('unsupported', "mode: 'worker' needs a page", {
    hint: 'In Node, call it in a worker thread of your own.',
  });
}

/** Where an adapter's files are, all addresses absolute: a worker would take relative ones as relative to itself. */
export function placeAssets<Paths extends string | object>(
  {
    assets,
    workerUrl,
    wasmPaths,
    source,
  }: AdapterOptions & { readonly wasmPaths?: Paths | undefined; readonly source?: ModelSource | undefined },
  workerFile: string,
  defaultSource: ModelSource,
): {
  readonly source: ModelSource;
  readonly workerUrl: string | undefined;
  readonly wasmPaths: Paths | string | undefined;
} {
  if (assets === undefined) {
    return { source: source ?? defaultSource, workerUrl: absolute(workerUrl), wasmPaths };
  }
  const folder = `${absolute(assets)}`.replace(/\/*$/, '/');
  return {
    source: source ?? onlyFrom(createModelCache({ mirror: folder })),
    workerUrl: absolute(workerUrl) ?? `${folder}${workerFile}`,
    wasmPaths: wasmPaths ?? folder,
  };
}

/** Without the card's own addresses: who says where the files are wants them from nowhere else. */
function onlyFrom(mirror: ModelSource): ModelSource {
  return { load: (part, options) => mirror.load({ ...part, urls: [] }, options) };
}
