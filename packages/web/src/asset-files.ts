import { type Runtime, SegmentError } from '@seg/core';

/** A file that a page of an adapter needs beside its own scripts. */
export interface AssetFile {
  /** Relative, `/` between its segments. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Which files are wanted. */
export interface AssetQuestion {
  readonly accelerator?: string | undefined;
  /** The bytes of an installed package's file: `onnxruntime-web/dist/...`. Rejects where there is none. */
  read(path: string): Promise<Uint8Array>;
}

/** What an adapter's `./assets` entry says to `seg assets copy`. */
export interface AdapterAssets extends Pick<Runtime, 'name' | 'format' | 'provides'> {
  /** Its factory's name, for the line of code that people are shown. */
  readonly factory: string;
  /** The worker and the vendor's files. @throws SegmentError `unsupported` (accelerator, another version of the vendor) */
  files(question: AssetQuestion): Promise<readonly AssetFile[]>;
}

/**
 * The vendor's script is inside the worker, whose first line names its version; what lies beside it must be of the same.
 *
 * @throws SegmentError `unsupported`
 */
export function requireSameVersion(vendor: string, worker: Uint8Array, manifest: Uint8Array): void {
  const begin = new TextDecoder().decode(worker.subarray(0, 200));
  const inside = /inside \*\//.test(begin) ? begin.split(`with ${vendor} `)[1]?.split(' ')[0] : undefined;
  const { version }: { readonly version?: unknown } = JSON.parse(new TextDecoder().decode(manifest));
  if (inside === version) return;
  throw new SegmentError('unsupported', `the installed ${vendor} is not the one inside the worker`, {
    expected: `${inside}`,
    received: `${version}`,
    hint: `Run: npm install ${vendor}@${inside}`,
  });
}
