import { SegmentError } from '@seg/core';

/** An address as the page means it, whose base is its document's; as it is where there is no page. */
export function absolute(url: string | URL): string;
export function absolute(url: string | URL | undefined): string | undefined;
export function absolute(url: string | URL | undefined): string | undefined {
  // `location` of a srcdoc frame is no base
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (url === undefined || base === undefined) return url?.toString();
  try {
    return new URL(url, base).href;
  } catch (cause) {
    throw new SegmentError('invalid-input', 'an address', { expected: 'a URL', received: `"${url}"`, cause });
  }
}
