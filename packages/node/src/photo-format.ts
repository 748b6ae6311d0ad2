/** File formats that {@link readPhoto} reads. */
export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif';

/** How many bytes of a file's beginning {@link sniffFormat} looks at. */
export const SNIFF_BYTES = 64;

const STARTS: readonly (readonly [PhotoFormat, string])[] = [
  ['jpeg', '\xff\xd8\xff'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['gif', 'GIF87a'],
  ['gif', 'GIF89a'],
  ['tiff', 'II*\0'],
  ['tiff', 'MM\0*'],
  ['tiff', 'II+\0'],
  ['tiff', 'MM\0+'],
];

/** Brands of HEIF files (ISO 23008-12, annex B) whose pictures are coded as HEVC, or may be. */
const HEIC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1']);

/** The format that a file's first bytes show, `heic` for the one that is known and not read, null for anything else. */
export function sniffFormat(bytes: Uint8Array): PhotoFormat | 'heic' | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SNIFF_BYTES));
  const text = head.toString('latin1');
  for (const [format, start] of STARTS) if (text.startsWith(start)) return format;
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  return text.slice(4, 8) === 'ftyp' ? heifFormat(head.readUInt32BE(0), text) : null;
}

/** An AVIF file may call itself `mif1` first and `avif` later, so all its brands are looked at. */
function heifFormat(boxLength: number, text: string): 'avif' | 'heic' | null {
  const brands = [text.slice(8, 12), ...(text.slice(16, boxLength).match(/[\s\S]{4}/g) ?? [])];
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'avif';
  return brands.some((brand) => HEIC_BRANDS.has(brand)) ? 'heic' : null;
}

/** Whether a file that could not be decoded simply ends too early; `complaint` is what the decoder said. */
export function isCutOff(format: PhotoFormat, bytes: Uint8Array, complaint: string): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (format === 'png') return !view.includes('IEND', 0, 'latin1');
  if (format === 'webp') return view.length < 12 || view.readUInt32LE(4) + 8 > view.length;
  return /premature end|unexpected end|bad seek/i.test(complaint);
}
