/** The first bytes as text, one character a byte. */
export function beginningOf(bytes: Uint8Array, count = 64): string {
  return String.fromCharCode(...bytes.subarray(0, count));
}

/** A file as a person can recognise it: an error page in its place shows itself here. */
export function describeBytes(bytes: Uint8Array): string {
  const text = beginningOf(bytes, 24).replace(/[^\x20-\x7e]/g, '.');
  return `${bytes.length} bytes starting with ${JSON.stringify(text)}`;
}

/** Whether it begins as HTML or XML, as pages do that servers send in place of files. */
export function isMarkup(bytes: Uint8Array): boolean {
  return /^\s*</.test(beginningOf(bytes));
}
