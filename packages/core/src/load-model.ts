import type { ModelCard, ModelPart, ModelVariant } from './card.ts';
import { SegmentError } from './errors.ts';
import type { AbortOptions } from './owned.ts';
import type { LoadedModel, LoadOptions, ModelSource } from './runtime.ts';

/**
 * Loads a variant's files from `source` and checks size and sha256 of each before anything parses a byte.
 * Progress counts all files together; its total is the card's.
 *
 * @throws SegmentError `fetch`, `io`, `integrity`; or `signal.reason`
 */
export async function loadModel(
  card: ModelCard,
  variant: ModelVariant,
  source: ModelSource,
  { signal, onProgress }: LoadOptions = {},
): Promise<LoadedModel> {
  const total = variant.parts.reduce((sum, part) => sum + part.bytes, 0);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let before = 0;
  for (const part of variant.parts) {
    signal?.throwIfAborted();
    const start = before;
    const bytes = await source.load(part, {
      signal,
      onProgress: ({ loaded }) => onProgress?.({ loaded: start + Math.min(loaded, part.bytes), total }),
    });
    await verifyPart(part, bytes);
    before += part.bytes;
    onProgress?.({ loaded: before, total });
    parts.push(bytes);
  }
  signal?.throwIfAborted();
  return { card, variant, parts };
}

/** @throws SegmentError `integrity` where the bytes are not those that the card states */
async function verifyPart(part: ModelPart, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (bytes.length !== part.bytes)
    throw integrityError(part, `${part.bytes} bytes`, `${bytes.length}`, bytes);
  const received = await sha256Hex(bytes);
  if (received !== part.sha256) throw integrityError(part, `sha256 ${part.sha256}`, received, bytes);
}

function integrityError(
  part: ModelPart,
  expected: string,
  received: string,
  bytes: Uint8Array,
): SegmentError {
  return new SegmentError('integrity', `the file ${part.path} is not the one that the model card names`, {
    expected,
    received: `${received}; it starts with ${firstBytes(bytes)}`,
    hint: 'Fetch it again, or correct the card.',
  });
}

/** The start of a file as a person can read it: an error page shows itself here. */
function firstBytes(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes.subarray(0, 24));
  return JSON.stringify(text.replace(/[^\x20-\x7e]/g, '.'));
}

/**
 * The sha256 of `bytes` as 64 lower-case hexadecimal digits.
 *
 * @throws SegmentError `unsupported` on pages without `crypto.subtle` (plain http, except on localhost)
 */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new SegmentError('unsupported', 'model files cannot be verified here: no crypto.subtle', {
      hint: 'Serve the page over https, or from http://localhost.',
    });
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Downloads a card's files from its addresses, in order, and keeps nothing. */
export const fetchSource: ModelSource = { load: (part, options) => downloadPart(part, options) };

/** Options of {@link downloadPart}. */
export interface DownloadOptions extends LoadOptions {
  /** What came before a download broke off; it is continued where the server can. */
  readonly have?: Uint8Array | undefined;
  /** Bytes as they come, and where in the file they stand: 0 again whenever a download starts anew. */
  readonly onChunk?: ((chunk: Uint8Array, offset: number) => void | Promise<void>) | undefined;
}

/**
 * Downloads one file from the first of its http(s) addresses that delivers it whole. The size is checked, the sha256 is
 * not: `loadModel` and caches do that.
 *
 * @throws SegmentError `fetch`, with what each address said; or `signal.reason`
 */
export async function downloadPart(
  part: ModelPart,
  options: DownloadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const said: string[] = [];
  for (const url of part.urls) {
    options.signal?.throwIfAborted();
    if (!/^https?:/.test(url)) {
      said.push(`${url} (not an http address)`);
      continue;
    }
    try {
      return await downloadFrom(url, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      said.push(`${url} (${messageOf(error)})`);
    }
  }
  throw new SegmentError('fetch', `the model file ${part.path} could not be downloaded`, {
    received: said.length === 0 ? 'no address at all: its card names none' : said.join('; '),
    hint: 'Check the network, or put the file into a mirror folder.',
  });
}

async function downloadFrom(
  url: string,
  part: ModelPart,
  { signal, have, onProgress, onChunk }: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const resume = have !== undefined && have.length > 0 && have.length < part.bytes;
  const headers: Record<string, string> = resume ? { Range: `bytes=${have.length}-` } : {};
  const response = await fetch(url, { headers, signal: signal ?? null });
  const continued = resume && response.status === 206 && startsAt(response, have.length);
  if (!response.ok || response.body === null || (response.status === 206 && !continued)) {
    await response.body?.cancel();
    throw statusError(response);
  }
  const bytes = new Uint8Array(part.bytes);
  let loaded = 0;
  if (continued) {
    bytes.set(have);
    loaded = have.length;
  }
  // leaving the loop by an error cancels the body, so that no connection stays open
  for await (const chunk of chunks(response.body)) {
    if (loaded + chunk.length > part.bytes) {
      throw wrongSize(part, `more, starting with ${firstBytes(loaded === 0 ? chunk : bytes)}`);
    }
    bytes.set(chunk, loaded);
    await onChunk?.(chunk, loaded);
    loaded += chunk.length;
    onProgress?.({ loaded, total: part.bytes });
  }
  if (loaded !== part.bytes) throw wrongSize(part, `${loaded}, starting with ${firstBytes(bytes)}`);
  return bytes;
}

/** Not every browser's stream can be iterated by itself. */
async function* chunks(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}

function startsAt(response: Response, offset: number): boolean {
  return response.headers.get('content-range')?.startsWith(`bytes ${offset}-`) ?? false;
}

function wrongSize(part: ModelPart, received: string): SegmentError {
  return new SegmentError('fetch', 'wrong size', { expected: `${part.bytes} bytes`, received });
}

/**
 * Fetches a whole file and checks nothing; `url` is where it was found in the end.
 *
 * @throws SegmentError `fetch`; or `signal.reason`
 */
export async function fetchBytes(
  address: string,
  { signal }: AbortOptions = {},
): Promise<{ bytes: Uint8Array; url: string }> {
  try {
    const response = await fetch(address, { signal: signal ?? null });
    if (!response.ok) throw statusError(response);
    return { bytes: new Uint8Array(await response.arrayBuffer()), url: response.url };
  } catch (cause) {
    signal?.throwIfAborted();
    throw new SegmentError('fetch', `${address} could not be fetched: ${messageOf(cause)}`, { cause });
  }
}

function statusError({ status, statusText }: Response): SegmentError {
  return new SegmentError('fetch', `HTTP ${status} ${statusText}`.trim());
}

/** An error's words, with the reason below it: fetch says no more than that it failed. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
