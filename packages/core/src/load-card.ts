import type { ModelCard } from './card.ts';
import { SegmentError } from './errors.ts';
import { fetchBytes } from './load-model.ts';
import type { AbortOptions } from './owned.ts';
import { parseCard } from './parse-card.ts';

/**
 * Reads a model card: from its address, so that the parts beside it are found and a folder on any static host is a
 * model (pages may give a relative one; in Node, loadCardFile of @seg/node reads from disk); or from its bytes, where
 * relative addresses stay relative.
 *
 * @throws SegmentError `fetch`, `invalid-card`; or `signal.reason`
 */
export async function loadCard(
  source: string | URL | Uint8Array,
  options: AbortOptions = {},
): Promise<ModelCard> {
  if (source instanceof Uint8Array) return parseCard(parseJson(source));
  const { bytes, url } = await fetchBytes(String(source), options);
  return parseCard(parseJson(bytes), url);
}

function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const received = JSON.stringify(text.slice(0, 40));
    throw new SegmentError('invalid-card', 'a model card', { expected: 'JSON', received, cause });
  }
}
