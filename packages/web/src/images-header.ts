import type { Orientation, Size } from '@seg/core';
import { beginningOf } from './first-bytes.ts';

/** What a picture file's beginning tells before anything is decoded. */
export interface PictureHeader {
  /** `JPEG`, `PNG`, ...; null for what is no picture that we know. */
  readonly format: string | null;
  /** As stored, before any turning; null where the format hides it deeper. */
  readonly size: Size | null;
  /** An EXIF orientation that browsers overlook: they apply it in JPEG, PNG and AVIF files, not in WebP. */
  readonly orientation: {
    readonly value: Orientation;
    readonly at: number;
    readonly littleEndian: boolean;
  } | null;
  /** A PNG that states its colours only by gamma and chromaticities, which `@seg/node` takes as sRGB, as most programs mean it. */
  readonly plainColors: boolean;
  /** A JPEG or PNG without its end: not every browser refuses it. */
  readonly cutOff: boolean;
}

const STARTS: readonly (readonly [string, RegExp])[] = [
  ['JPEG', /^\xff\xd8\xff/],
  ['PNG', /^\x89PNG\r\n/],
  ['WebP', /^RIFF.{4}WEBP/s],
  ['GIF', /^GIF8[79]a/],
  ['AVIF', /^.{4}ftyp(.{4})*?avi[fs]/s],
  ['HEIC', /^.{4}ftyp(hei|hev|mif|msf)/s],
  ['TIFF', /^(II[*+]\0|MM\0[*+])/],
  ['BMP', /^BM/],
  ['SVG', /^\s*(<\?xml.*?|<!--.*?)?<svg/s],
];

export function readPictureHeader(bytes: Uint8Array): PictureHeader {
  const start = beginningOf(bytes);
  const format = STARTS.find(([, pattern]) => pattern.test(start))?.[0] ?? null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = { format, size: null, orientation: null, plainColors: false, cutOff: false };
  try {
    if (format === 'PNG') return { ...header, ...pngHeader(view) };
    if (format === 'JPEG') return { ...header, ...jpegHeader(bytes, view) };
    if (format === 'WebP') return { ...header, ...webpHeader(view) };
    if (format !== 'GIF') return header;
    return { ...header, size: { width: view.getUint16(6, true), height: view.getUint16(8, true) } };
  } catch {
    return { ...header, cutOff: true }; // within its first bytes
  }
}

/** Chunks to the last one (PNG specification, 5.3); a profile, or the word that it is sRGB, comes before the pixels. */
function pngHeader(view: DataView): Pick<PictureHeader, 'size' | 'plainColors' | 'cutOff'> {
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  let plainColors = true;
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const type = nameAt(view, at + 4);
    if (type === 'IEND') return { size, plainColors, cutOff: false };
    if (['iCCP', 'sRGB', 'cICP'].includes(type)) plainColors = false;
  }
  return { size, plainColors, cutOff: true };
}

/** The frame header is one of the markers SOF0 to SOF15, without DHT, JPG and DAC (ITU T.81, B.1.1.3). */
function jpegHeader(bytes: Uint8Array, view: DataView): Pick<PictureHeader, 'size' | 'cutOff'> {
  for (let at = 2; at < view.byteLength; ) {
    const marker = view.getUint16(at);
    if (marker === 0xffff) at += 1;
    else if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      const size = { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
      return { size, cutOff: !hasJpegEnd(bytes, at) };
    } else if (marker < 0xffc0 || marker === 0xffda)
      return { size: null, cutOff: false }; // the decoder judges
    else at += 2 + view.getUint16(at + 2);
  }
  return { size: null, cutOff: true };
}

/** The end marker cannot stand within pixels. Behind it cameras may have put other things. */
function hasJpegEnd(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.length - 1; at > from; at--) {
    if (bytes[at] === 0xd9 && bytes[at - 1] === 0xff) return true;
  }
  return false;
}

/** RFC 9649: the first chunk holds the size, a later one may hold EXIF data. */
function webpHeader(view: DataView): Pick<PictureHeader, 'size' | 'orientation'> {
  const kind = nameAt(view, 12);
  if (kind === 'VP8 ') {
    const [width, height] = [view.getUint16(26, true), view.getUint16(28, true)];
    return { size: { width: width & 0x3fff, height: height & 0x3fff }, orientation: null };
  }
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { size: { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }, orientation: null };
  }
  const size = { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at + 4, true);
    if (nameAt(view, at) === 'EXIF') return { size, orientation: readableOrientation(view, at + 8) };
    at += 8 + length + (length % 2);
  }
  return { size, orientation: null };
}

/** EXIF data that makes no sense does not make the picture wrong. */
function readableOrientation(view: DataView, at: number): PictureHeader['orientation'] {
  try {
    return exifOrientation(view, at);
  } catch {
    return null;
  }
}

/** Looks up tag 0x0112 in the first directory (EXIF 3.0, 4.6). */
function exifOrientation(view: DataView, at: number): PictureHeader['orientation'] {
  const start = nameAt(view, at) === 'Exif' ? at + 6 : at; // some writers keep the prefix that only JPEG needs
  const littleEndian = view.getUint16(start) === 0x4949;
  const directory = start + view.getUint32(start + 4, littleEndian);
  const entries = view.getUint16(directory, littleEndian);
  for (let entry = directory + 2; entry < directory + 2 + 12 * entries; entry += 12) {
    if (view.getUint16(entry, littleEndian) !== 0x0112) continue;
    const value = orientationOf(view.getUint16(entry + 8, littleEndian));
    return value === null ? null : { value, at: entry + 8, littleEndian };
  }
  return null;
}

function orientationOf(value: number): Orientation | null {
  const all: readonly Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];
  return all.find((orientation) => orientation === value) ?? null;
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
