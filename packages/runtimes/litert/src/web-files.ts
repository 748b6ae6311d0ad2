import { SegmentError } from '@seg/core';
import { loadAsset } from '@seg/web';
import { BUILDS, type Build, type Loader } from './instance.ts';
import type { Factory } from './vendor.ts';
import { wrapGlue } from './wrap-glue.ts';

/** Where a page has the vendor's files: a folder's address, which ends in `/`. Plain data, for a worker. */
export type FilePlace =
  /** As `seg assets copy` writes them: the scripts are ES modules. */
  | { readonly assets: string }
  /** As they are in `@litertjs/core/wasm`. */
  | { readonly vendor: string }
  /** Where the bundler has put them. */
  | 'bundled';

/** Gets a build's files by address. */
export function loadFromWeb(place: FilePlace): Loader {
  return {
    from: JSON.stringify(place),
    hasThreads: true,
    async probe() {
      if (!isModules(place)) await requireBlobs();
    },
    async load(build) {
      const { script, wasm } = addressesOf(build, place);
      const address = isModules(place) ? script : await wrap(script);
      const [bytes, factory] = await Promise.all([loadAsset(wasm, 'wasm'), importFactory(address, script)]);
      return { wasm: new Uint8Array(bytes), factory, script: address };
    },
  };
}

function isModules(place: FilePlace): place is { readonly assets: string } {
  return typeof place === 'object' && 'assets' in place;
}

interface Addresses {
  readonly script: string;
  readonly wasm: string;
}

function addressesOf(build: Build, place: FilePlace): Addresses {
  if (place === 'bundled') return BUNDLED[build]();
  const path = `${isModules(place) ? place.assets : place.vendor}${BUILDS[build]}`;
  return { script: `${path}${isModules(place) ? '.mjs' : '.js'}`, wasm: `${path}.wasm` };
}

/** Written out, so that bundlers find them. */
const BUNDLED: Readonly<Record<Build, () => Addresses>> = {
  plain: () => ({
    script: new URL('@litertjs/core/wasm/litert_wasm_internal.js', import.meta.url).href,
    wasm: new URL('@litertjs/core/wasm/litert_wasm_internal.wasm', import.meta.url).href,
  }),
  compatible: () => ({
    script: new URL('@litertjs/core/wasm/litert_wasm_compat_internal.js', import.meta.url).href,
    wasm: new URL('@litertjs/core/wasm/litert_wasm_compat_internal.wasm', import.meta.url).href,
  }),
  threaded: () => ({
    script: new URL('@litertjs/core/wasm/litert_wasm_threaded_internal.js', import.meta.url).href,
    wasm: new URL('@litertjs/core/wasm/litert_wasm_threaded_internal.wasm', import.meta.url).href,
  }),
};

/** The vendor's script as a module at an address of its own, which stays: threads start from it. */
async function wrap(script: string): Promise<string> {
  const text = new TextDecoder().decode(await loadAsset(script, 'script'));
  await requireBlobs();
  return blobOf(wrapGlue(text));
}

function blobOf(script: string): string {
  return URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
}

/** @throws SegmentError `unsupported` where a page may not make modules */
async function requireBlobs(): Promise<void> {
  const address = blobOf('');
  try {
    await importModule(address);
  } catch (cause) {
    throw new SegmentError('unsupported', 'a script at a blob: address does not load here', {
      received: cause instanceof Error ? cause.message : String(cause),
      hint: 'Where a Content-Security-Policy forbids it: `seg assets copy` and the option assets need none',
      cause,
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

async function importFactory(address: string, script: string): Promise<Factory> {
  try {
    return (await importModule(address)).default;
  } catch (cause) {
    await loadAsset(script, 'script'); // says what came in its place
    throw new SegmentError('unsupported', `the script of LiteRT does not load: ${script}`, {
      received: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

function importModule(address: string): Promise<{ readonly default: Factory }> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ address);
}
