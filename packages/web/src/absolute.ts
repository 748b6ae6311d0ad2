/** An address as the page means it, whose base is its document's; as it is where there is no page. */
export function absolute(url: string | URL): string;
export function absolute(url: string | URL | undefined): string | undefined;
export function absolute(url: string | URL | undefined): string | undefined {
  // `location` of a srcdoc frame is no base
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  return url === undefined || base === undefined ? url?.toString() : new URL(url, base).href;
}
