import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type AbortOptions, type ModelCard, parseCard, SegmentError } from '@seg/core';
import { ioError } from './io-error.ts';

/**
 * Reads a model card from a JSON file. Its parts are looked for beside it before anywhere else, so that a folder is a
 * model.
 *
 * @throws SegmentError `io` (no such file), `invalid-card` (not JSON, or a wrong field: `detail.path`); or `signal.reason`
 */
export async function loadCardFile(path: string, options: AbortOptions = {}): Promise<ModelCard> {
  const { signal } = options;
  let text: string;
  try {
    text = await readFile(path, signal === undefined ? { encoding: 'utf8' } : { encoding: 'utf8', signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw ioError('read', path, error);
  }
  return parseCard(parseJson(text, path), pathToFileURL(path).href);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, '')); // some editors put a byte order mark there
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SegmentError('invalid-card', `${path} is not JSON: ${reason}`, { cause });
  }
}
