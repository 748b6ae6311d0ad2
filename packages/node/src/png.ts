import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { SegmentError, type Size } from '@seg/core';

/*
 * PNGs whose samples are palette indexes (PNG specification, third edition). sharp chooses its own palette and
 * gives no indexes back; fast-png does both, but is ESM only (we are require()d on Node 20.0 too) and compresses in
 * JavaScript on the caller's thread, where zlib does it beside it.
 */

/** An indexed PNG's samples, one byte a pixel, rows from the top. The caller owns it. */
export interface IndexedPng extends Size {
  readonly data: Uint8Array;
  /** 256 colours as r, g, b bytes; black where the file has fewer. */
  readonly palette: Uint8Array;
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/**
 * Encodes palette indexes, one byte a pixel. Rows are not filtered: neighbouring labels are equal, and filters only hide
 * that.
 */
export async function encodeIndexedPng({ width, height, data, palette }: IndexedPng): Promise<Uint8Array> {
  const rows = new Uint8Array((width + 1) * height); // each row after its filter's number, 0 = none
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = INDEXED;
  const samples = chunk('IDAT', await promisify(deflate)(rows));
  const end = chunk('IEND', new Uint8Array(0));
  const bytes = Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('PLTE', palette), samples, end]);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The colour type of samples that are palette indexes. */
const INDEXED = 3;

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), data.length + 8);
  return bytes;
}

/** The header of a PNG, its palette, and its compressed samples. */
interface Chunks extends Size {
  readonly depth: number;
  readonly color: number;
  readonly interlaced: boolean;
  readonly palette: Uint8Array;
  readonly compressed: Buffer;
}

/** Decodes an indexed PNG of 1, 2, 4 or 8 bits a sample to its indexes. `name` is for messages. */
export async function decodeIndexedPng(
  bytes: Uint8Array,
  name: string,
  maxPixels: number,
): Promise<IndexedPng> {
  const { width, height, depth, color, interlaced, palette, compressed } = readChunks(bytes, name);
  const pixels = width * height;
  if (color !== INDEXED || interlaced || pixels === 0 || pixels > maxPixels) {
    throw new SegmentError('invalid-input', name, {
      expected: `an indexed PNG, not interlaced, of 1 to ${maxPixels} pixels`,
      received: `colour type ${color}, ${interlaced ? 'interlaced, ' : ''}${width} x ${height}`,
    });
  }
  const stride = Math.ceil((width * depth) / 8);
  const size = (stride + 1) * height;
  const rows = await promisify(inflate)(compressed, { maxOutputLength: size }).catch((cause: unknown) => {
    throw new SegmentError('invalid-input', `${name} is damaged: its samples cannot be unpacked`, { cause });
  });
  if (rows.length !== size) throw new SegmentError('invalid-input', `${name} is cut off: rows are missing`);
  const data = new Uint8Array(width * height);
  const row = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    unfilter(rows.subarray(y * (stride + 1), (y + 1) * (stride + 1)), row);
    for (let x = 0; x < width; x++) data[y * width + x] = sample(row, x, depth);
  }
  return { width, height, data, palette };
}

function readChunks(bytes: Uint8Array, name: string): Chunks {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!view.subarray(0, 8).equals(SIGNATURE)) {
    throw new SegmentError('invalid-input', `${name} is not a PNG file`);
  }
  let header: Buffer | null = null;
  const palette = new Uint8Array(768);
  const parts: Buffer[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > view.length) throw new SegmentError('invalid-input', `${name} is cut off`);
    const length = view.readUInt32BE(at);
    const type = view.toString('latin1', at + 4, at + 8);
    const data = view.subarray(at + 8, at + 8 + length);
    at += length + 12;
    if (at > view.length) throw new SegmentError('invalid-input', `${name} is cut off`);
    if (crc32(view.subarray(at - length - 8, at - 4)) !== view.readUInt32BE(at - 4)) {
      throw new SegmentError(
        'invalid-input',
        `${name} is damaged: the checksum of its ${type} chunk is wrong`,
      );
    }
    if (type === 'IHDR') header = data;
    else if (type === 'PLTE') palette.set(data.subarray(0, 768));
    else if (type === 'IDAT') parts.push(data);
    else if (type === 'IEND') break;
  }
  if (header?.length !== 13) throw new SegmentError('invalid-input', `${name} is damaged: it has no header`);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth = 0, color = 0, , , interlace = 0] = header.subarray(8);
  return {
    width,
    height,
    depth,
    color,
    interlaced: interlace !== 0,
    palette,
    compressed: Buffer.concat(parts),
  };
}

/** Undoes one row's filter (section 9); `row` holds the row above and becomes this one. A sample is at most one byte. */
function unfilter(filtered: Uint8Array, row: Uint8Array): void {
  const filter = filtered[0];
  let left = 0;
  let aboveLeft = 0;
  for (let i = 0; i < row.length; i++) {
    const above = row[i] ?? 0;
    let guess = 0;
    if (filter === 1) guess = left;
    else if (filter === 2) guess = above;
    else if (filter === 3) guess = (left + above) >> 1;
    else if (filter === 4) guess = paeth(left, above, aboveLeft);
    left = ((filtered[i + 1] ?? 0) + guess) & 255;
    aboveLeft = above;
    row[i] = left;
  }
}

function paeth(left: number, above: number, aboveLeft: number): number {
  const guess = left + above - aboveLeft;
  const toLeft = Math.abs(guess - left);
  const toAbove = Math.abs(guess - above);
  const toAboveLeft = Math.abs(guess - aboveLeft);
  if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
  return toAbove <= toAboveLeft ? above : aboveLeft;
}

/** Samples are packed from the high bits down. */
function sample(row: Uint8Array, x: number, depth: number): number {
  const bit = x * depth;
  return ((row[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** Annex D of the specification; zlib.crc32 came with Node 20.15. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (CRC_TABLE[(crc ^ (bytes[i] ?? 0)) & 255] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
