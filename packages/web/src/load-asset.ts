import { type AbortOptions, fetchBytes, isSegmentError, SegmentError } from '@seg/core';
import { absolute } from './absolute.ts';
import { beginningOf, describeBytes, isMarkup } from './first-bytes.ts';

/** What a runtime needs beside its own code: WebAssembly, or a script of the vendor. */
export type AssetKind = 'wasm' | 'script';

/**
 * Loads a file that a runtime starts from, and looks at its beginning: servers answer wrong addresses with pages. `url`
 * may be relative to the page. The caller owns the bytes.
 *
 * @throws SegmentError `fetch`, with the address and the status or the first bytes; or `signal.reason`
 */
export async function loadAsset(
  url: string | URL,
  kind: AssetKind,
  options: AbortOptions = {},
): Promise<Uint8Array> {
  const address = absolute(url);
  const { bytes } = await fetchBytes(address, options).catch((cause: unknown) => {
    options.signal?.throwIfAborted();
    throw isSegmentError(cause) ? notLoaded(address, kind, reasonOf(cause), cause) : cause;
  });
  if (!CHECKS[kind].right(bytes)) throw notLoaded(address, kind, describeBytes(bytes));
  return bytes;
}

const CHECKS = {
  wasm: {
    what: 'WebAssembly',
    expected: 'bytes starting with "\\0asm"',
    right: (bytes: Uint8Array) => beginningOf(bytes, 4) === '\0asm',
  },
  script: {
    what: 'script',
    expected: 'JavaScript',
    right: (bytes: Uint8Array) => bytes.length > 0 && !isMarkup(bytes),
  },
} as const;

function notLoaded(address: string, kind: AssetKind, received: string, cause?: unknown): SegmentError {
  const { what, expected } = CHECKS[kind];
  return new SegmentError('fetch', `no ${what} came from ${address}`, {
    expected,
    received,
    hint: 'Serve the folder that `seg assets copy` fills, and name it in the option assets.',
    cause,
  });
}

/** Below core's error lies the status; below that of a network, nothing more. */
function reasonOf(error: SegmentError): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
