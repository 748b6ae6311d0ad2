// Picture files of all kinds. sharp makes them, and decodes them for @seg/node too.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SHARED = resolve(ROOT, process.env.SEG_SHARED ?? '../shared');

export type Pictures = Record<string, Uint8Array>;

/** A photo that everybody has, small enough to be compared quickly. */
function photo(): Sharp {
  return sharp(join(ROOT, 'examples/sample.jpg')).resize(157, 93, { fit: 'fill' });
}

function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const rgb = sharp(noise(40 * 30 * 3, 1), { raw: { width: 40, height: 30, channels: 3 } });
const rgba = sharp(noise(40 * 30 * 4, 2), { raw: { width: 40, height: 30, channels: 4 } });

/** Opaque, sRGB or without a profile: the same bytes are expected. */
export async function opaquePictures(): Promise<Pictures> {
  const png = await photo().png().toBuffer();
  return {
    'PNG of noise': await rgb.clone().png().toBuffer(),
    'PNG that says sRGB by its profile': await rgb.clone().withIccProfile('srgb').png().toBuffer(),
    'PNG with an opaque alpha': await rgb.clone().ensureAlpha().png().toBuffer(),
    'PNG, palette': await photo().png({ palette: true }).toBuffer(),
    'PNG, grey': await photo().toColourspace('b-w').png().toBuffer(),
    'PNG, 16 bits': await deep().png().toBuffer(),
    'PNG, 16-bit grey': await photo().toColourspace('grey16').png().toBuffer(),
    'PNG with gamma and chromaticities of sRGB': withChunks(png, GAMMA, CHROMATICITIES),
    'PNG with those and the word sRGB': withChunks(png, chunk('sRGB', [0]), GAMMA, CHROMATICITIES),
    'WebP, lossless': await rgb.clone().webp({ lossless: true }).toBuffer(),
    'WebP, lossy': await photo().webp({ quality: 80 }).toBuffer(),
    'JPEG, 4:2:0': await photo().jpeg({ quality: 90 }).toBuffer(),
    'JPEG, 4:4:4': await photo().jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer(),
    'JPEG, progressive': await photo().jpeg({ progressive: true }).toBuffer(),
    'JPEG, grey': await photo().toColourspace('b-w').jpeg().toBuffer(),
    'JPEG of noise': await rgb.clone().jpeg().toBuffer(),
    'GIF, animated': await frames().gif().toBuffer(),
    'WebP, animated': await frames().webp({ lossless: true }).toBuffer(),
    ...(await turned('jpeg')),
    ...(await turned('png')),
    ...(await turned('webp')),
  };
}

/** Other profiles, alpha, and AVIF, whose colours every decoder rounds its own way: within 1 is expected. */
export async function nearPictures(): Promise<Pictures> {
  const adobe = await adobeProfile();
  try {
    return {
      'PNG, Display P3': await rgb.clone().withIccProfile('p3').png().toBuffer(),
      'JPEG, Display P3': await photo().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer(),
      'WebP, Display P3': await photo().withIccProfile('p3').webp({ lossless: true }).toBuffer(),
      'PNG, Adobe RGB': await photo().withIccProfile(adobe.path).png().toBuffer(),
      'JPEG, Adobe RGB': await photo().withIccProfile(adobe.path).jpeg({ quality: 95 }).toBuffer(),
      'PNG with alpha': await rgba.clone().png().toBuffer(),
      'PNG with alpha, Display P3': await rgba.clone().withIccProfile('p3').png().toBuffer(),
      'PNG, grey with alpha': await photo().ensureAlpha(0.4).toColourspace('b-w').png().toBuffer(),
      'WebP with alpha, lossless': await rgba.clone().webp({ lossless: true, exact: true }).toBuffer(),
      'WebP with alpha, lossy': await photo().ensureAlpha(0.5).webp().toBuffer(),
      'GIF, transparent': await transparent().gif().toBuffer(),
      AVIF: await photo().avif({ quality: 60 }).toBuffer(),
      ...(await turned('avif')),
    };
  } finally {
    await adobe.remove();
  }
}

/** Real photos: ours, and those of the shared folder, where it is. */
export function photos(): Pictures {
  const names = ['photos/boy.jpg', 'photos/astronaut.png', 'photos/chelsea.png'];
  const voc = [
    '2008_000213',
    '2008_001028',
    '2009_000074',
    '2009_001854',
    '2010_000238',
    '2010_005606',
    '2011_000051',
  ];
  const paths = [...names, ...voc.map((name) => `eval/voc/JPEGImages/${name}.jpg`)];
  const found = paths.filter((path) => existsSync(join(SHARED, path)));
  if (found.length < paths.length)
    console.warn(`skipped: ${paths.length - found.length} photos (set SEG_SHARED)`);
  const shared = found.map((path) => [path, readFileSync(join(SHARED, path))] as const);
  return {
    'examples/sample.jpg': readFileSync(join(ROOT, 'examples/sample.jpg')),
    ...Object.fromEntries(shared),
  };
}

/** What no browser decodes, or not whole. */
export async function badPictures(): Promise<Pictures> {
  const halfOf = (file: Buffer): Buffer => file.subarray(0, file.length / 2);
  return {
    'half a JPEG': halfOf(await photo().jpeg().toBuffer()),
    'half a PNG': halfOf(await photo().png().toBuffer()),
    'half a WebP': halfOf(await photo().webp().toBuffer()),
    'a TIFF': await photo().tiff().toBuffer(),
    'a text': Buffer.from('Lorem ipsum dolor sit amet'),
    nothing: Buffer.alloc(0),
    'a huge PNG': hugePng(),
  };
}

function deep(): Sharp {
  const samples = new Uint16Array(noise(40 * 30 * 6, 3).buffer);
  return sharp(samples, { raw: { width: 40, height: 30, channels: 3 } }).toColourspace('rgb16');
}

function frames(): Sharp {
  const frame = (value: number) => ({
    raw: new Uint8Array(8 * 6 * 3).fill(value),
    size: { raw: { width: 8, height: 6, channels: 3 } } as const,
  });
  const [first, second] = [frame(200), frame(30)];
  const both = Buffer.concat([first.raw, second.raw]);
  return sharp(both, { raw: { width: 8, height: 12, channels: 3, pageHeight: 6 } });
}

function transparent(): Sharp {
  return sharp({
    create: { width: 8, height: 6, channels: 4, background: { r: 9, g: 9, b: 200, alpha: 0 } },
  });
}

async function turned(format: 'jpeg' | 'png' | 'webp' | 'avif'): Promise<Pictures> {
  const options = format === 'webp' ? { lossless: true } : {};
  const all: Pictures = {};
  for (let orientation = 1; orientation <= 8; orientation++) {
    const picture = photo().withMetadata({ orientation }).toFormat(format, options);
    all[`${format} of orientation ${orientation}`] = await picture.toBuffer();
  }
  return all;
}

function hugePng(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(100_000, 0);
  header.writeUInt32BE(100_000, 4);
  header.set([8, 2], 8);
  const start = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([start, chunk('IHDR', header), chunk('IDAT', []), chunk('IEND', [])]);
}

function withChunks(png: Buffer, ...chunks: Buffer[]): Buffer {
  const afterHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, afterHeader), ...chunks, png.subarray(afterHeader)]);
}

const GAMMA = chunk('gAMA', words(45455));
const CHROMATICITIES = chunk('cHRM', words(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000));

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

function chunk(type: string, data: Iterable<number>): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from([...data])]);
  return Buffer.concat([words(body.length - 4), body, words(crc32(body))]);
}

/** A profile of Adobe RGB's primaries and gamma (ICC.1:2001-04, 6.3), for sharp to convert to and to embed. */
async function adobeProfile(): Promise<{ path: string; remove(): Promise<void> }> {
  const fixed = (...values: number[]) => words(...values.map((value) => Math.round(value * 65536)));
  const text = (name: string, ...data: Uint8Array[]) =>
    Buffer.concat([Buffer.from(name, 'latin1'), Buffer.alloc(4), ...data]);
  const name = Buffer.from('Adobe RGB\0', 'latin1');
  const gamma = text('curv', words(1), Buffer.from([2, 51, 0, 0])); // 2 + 51/256
  const tags = Object.entries({
    desc: text('desc', words(name.length), name, Buffer.alloc(78 + 2)),
    cprt: text('text', Buffer.from('CC0\0', 'latin1')),
    wtpt: text('XYZ ', fixed(0.9642, 1, 0.8249)),
    rXYZ: text('XYZ ', fixed(0.60974, 0.31111, 0.01947)),
    gXYZ: text('XYZ ', fixed(0.20528, 0.62567, 0.06087)),
    bXYZ: text('XYZ ', fixed(0.14919, 0.06322, 0.74457)),
    rTRC: gamma,
    gTRC: gamma,
    bTRC: gamma,
  });
  let at = 128 + 4 + 12 * tags.length;
  const table = [words(tags.length)];
  for (const [tag, data] of tags) {
    table.push(Buffer.from(tag, 'latin1'), words(at, data.length));
    at += data.length;
  }
  const header = Buffer.alloc(128);
  header.set(words(at), 0);
  header.set([2, 0x10], 8);
  header.write('mntrRGB XYZ ', 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  header.set(fixed(0.9642, 1, 0.8249), 68);
  const folder = await mkdtemp(join(tmpdir(), 'seg-web-'));
  const path = join(folder, 'adobe.icc');
  await writeFile(path, Buffer.concat([header, ...table, ...tags.map(([, data]) => data)]));
  return { path, remove: () => rm(folder, { recursive: true }) };
}
