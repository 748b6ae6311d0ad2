import type { ModelCard } from './card.ts';
import { SegmentError } from './errors.ts';
import { fetchJsonBytes } from './load-model.ts';
import type { AbortOptions } from './owned.ts';
import { parseCard } from './parse-card.ts';

/**
 * Reads a model card: from its http(s) address, so that the parts beside it are found and a folder on any static host
 * is a model; or from its bytes, where relative addresses stay relative.
 *
 * @throws SegmentError `fetch`, `invalid-card`; or `signal.reason`
 */
export async function loadCard(
  source: string | URL | Uint8Array,
  options: AbortOptions = {},
): Promise<ModelCard> {
  if (source instanceof Uint8Array) return parseCard(parseJson(source, 'the model card'));
  const address = String(source);
  if (!/^https?:/.test(address)) {
    throw new SegmentError('invalid-input', 'the address of a model card', {
      expected: 'an absolute http(s) address',
      received: JSON.stringify(address),
      hint: 'In Node, loadCardFile of @seg/node reads cards from disk.',
    });
  }
  return parseCard(parseJson(await fetchJsonBytes(address, options), address), address);
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SegmentError('invalid-card', `${what} is not JSON`, {
      received: JSON.stringify(text.slice(0, 40)),
      cause,
    });
  }
}
