import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type Photo, readPhoto } from '../src/photo.ts';
import { hasShared, noise, shared, temporaryFolder } from './helpers.ts';

function pixel(photo: Photo, x: number, y: number): number[] {
  const at = (y * photo.width + x) * 3;
  return [...photo.image.data.subarray(at, at + 3)];
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
  return largest;
}

const RAW = { raw: { width: 40, height: 30, channels: 3 } } as const;

describe('bit exact', () => {
  test('an opaque PNG gives its own pixels', async () => {
    const pixels = noise(40 * 30 * 3);
    const photo = await readPhoto(await sharp(pixels, RAW).png().toBuffer());
    expect(photo).toMatchObject({ format: 'png', width: 40, height: 30, transparent: null });
    expect(photo.image).toMatchObject({ format: 'rgb8', width: 40, height: 30 });
    expect(largestDifference(photo.image.data, pixels)).toBe(0);
  });

  test('so do a PNG that says it is sRGB, a lossless WebP, a TIFF, and a PNG with an opaque alpha', async () => {
    const pixels = noise(40 * 30 * 3, 2);
    const files = await Promise.all([
      sharp(pixels, RAW).withIccProfile('srgb').png().toBuffer(),
      sharp(pixels, RAW).webp({ lossless: true }).toBuffer(),
      sharp(pixels, RAW).tiff({ compression: 'lzw' }).toBuffer(),
      sharp(pixels, RAW).ensureAlpha().png().toBuffer(),
    ]);
    for (const file of files) {
      const photo = await readPhoto(file);
      expect(photo.transparent).toBeNull();
      expect(largestDifference(photo.image.data, pixels)).toBe(0);
    }
  });

  test.runIf(hasShared('photos/astronaut.png'))('a photo from disk, by path and by file URL', async () => {
    const path = shared('photos/astronaut.png');
    const expected = await sharp(path).raw().toBuffer();
    for (const source of [path, pathToFileURL(path)]) {
      const photo = await readPhoto(source);
      expect(photo).toMatchObject({ format: 'png', width: 512, height: 512 });
      expect(largestDifference(photo.image.data, expected)).toBe(0);
    }
  });
});

describe('formats', () => {
  test('a name with #, % and spaces', async () => {
    const path = join(await temporaryFolder(), 'a #1 100%.png');
    await writeFile(path, await sharp(noise(3600), RAW).png().toBuffer());
    expect((await readPhoto(path)).width).toBe(40);
    expect((await readPhoto(pathToFileURL(path))).width).toBe(40);
  });

  test.each(['jpeg', 'webp', 'avif', 'tiff'] as const)('%s', async (format) => {
    const create = { width: 48, height: 32, channels: 3, background: { r: 200, g: 40, b: 90 } } as const;
    const photo = await readPhoto(await sharp({ create }).toFormat(format).toBuffer());
    expect(photo).toMatchObject({ format, width: 48, height: 32, transparent: null });
    expect(largestDifference(pixel(photo, 24, 16), [200, 40, 90])).toBeLessThanOrEqual(3);
  });

  test('the first frame of a GIF', async () => {
    const frame = (background: string) =>
      sharp({ create: { width: 8, height: 6, channels: 3, background } }).png();
    const frames = [await frame('#ff0000').toBuffer(), await frame('#0000ff').toBuffer()];
    const photo = await readPhoto(
      await sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer(),
    );
    expect(photo).toMatchObject({ format: 'gif', width: 8, height: 6 });
    expect(pixel(photo, 4, 3)).toEqual([255, 0, 0]);
  });

  test.runIf(hasShared('photos/boy.jpg'))('a JPEG from disk', async () => {
    expect(await readPhoto(shared('photos/boy.jpg'))).toMatchObject({
      format: 'jpeg',
      width: 640,
      height: 426,
    });
  });
});

describe('kinds of pixels', () => {
  const create = { width: 16, height: 16, channels: 3, background: { r: 180, g: 90, b: 60 } } as const;

  test('16 bits a channel', async () => {
    const file = await sharp({ create }).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(file).metadata()).depth).toBe('ushort');
    expect(pixel(await readPhoto(file), 5, 5)).toEqual([180, 90, 60]);
  });

  test('CMYK', async () => {
    const inGamut = { create: { ...create, background: { r: 150, g: 140, b: 130 } } };
    const file = await sharp(inGamut).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(4);
    const photo = await readPhoto(file);
    expect(photo.transparent).toBeNull();
    expect(largestDifference(pixel(photo, 5, 5), [150, 140, 130])).toBeLessThanOrEqual(12);
  });

  test('grey and 16-bit grey', async () => {
    for (const space of ['b-w', 'grey16']) {
      const grey = { create: { ...create, background: '#707070' } };
      const file = await sharp(grey).toColourspace(space).png().toBuffer();
      expect((await sharp(file).metadata()).channels).toBe(1);
      expect(pixel(await readPhoto(file), 5, 5)).toEqual([112, 112, 112]);
    }
  });

  test('a palette', async () => {
    const file = await sharp({ create }).png({ palette: true }).toBuffer();
    expect((await sharp(file).metadata()).isPalette).toBe(true);
    expect(pixel(await readPhoto(file), 5, 5)).toEqual([180, 90, 60]);
  });

  test('a Display P3 profile is converted to sRGB', async () => {
    const file = await sharp({ create }).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    expect(largestDifference(stored.subarray(0, 3), [180, 90, 60])).toBeGreaterThan(5);
    expect(largestDifference(pixel(await readPhoto(file), 5, 5), [180, 90, 60])).toBeLessThanOrEqual(2);
  });
});

describe('transparency', () => {
  const rgba = noise(32 * 32 * 4);
  const raw = { raw: { width: 32, height: 32, channels: 4 } } as const;

  test('is laid over white, and kept beside it', async () => {
    const photo = await readPhoto(await sharp(rgba, raw).png().toBuffer());
    expect(photo.transparent).toMatchObject({ format: 'rgba8', width: 32, height: 32 });
    expect([...(photo.transparent?.data ?? [])]).toEqual([...rgba]);
    const over = (color: number, alpha: number) => Math.round((color * alpha + 255 * (255 - alpha)) / 255);
    const expected = Array.from({ length: 32 * 32 * 3 }, (_, i) => {
      const at = Math.floor(i / 3) * 4;
      return over(rgba[at + (i % 3)] ?? 0, rgba[at + 3] ?? 0);
    });
    expect([...photo.image.data]).toEqual(expected);
  });

  test('of grey pictures and palettes too', async () => {
    const grey = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 80, g: 80, b: 80, alpha: 0.5 } },
    })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(2);
    const gif = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .gif()
      .toBuffer();
    expect(pixel(await readPhoto(grey), 1, 1)).toEqual([167, 167, 167]);
    const photo = await readPhoto(gif);
    expect(pixel(photo, 1, 1)).toEqual([255, 255, 255]);
    expect(photo.transparent?.data[3]).toBe(0);
  });
});

describe('EXIF orientation', () => {
  // stored: red, green above blue, white; the corners after turning, by the EXIF specification
  const CORNERS = ['RGBW', 'GRWB', 'WBGR', 'BWRG', 'RBGW', 'BRWG', 'WGBR', 'GWRB'];
  const COLORS = { R: [255, 0, 0], G: [0, 255, 0], B: [0, 0, 255], W: [255, 255, 255] };

  function nameOfColor(rgb: number[]): string {
    const near = Object.entries(COLORS).filter(([, color]) => largestDifference(color, rgb) < 60);
    return near.map(([name]) => name).join();
  }

  async function stored(
    orientation: number,
    format: 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff',
  ): Promise<Buffer> {
    const pixels = new Uint8Array(64 * 32 * 3);
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 64; x++) {
        const name = y < 16 ? (x < 32 ? 'R' : 'G') : x < 32 ? 'B' : 'W';
        pixels.set(COLORS[name], (y * 64 + x) * 3);
      }
    }
    const picture = sharp(pixels, { raw: { width: 64, height: 32, channels: 3 } });
    return await picture.withMetadata({ orientation }).toFormat(format).toBuffer();
  }

  test.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)('all eight, in %s files', async (format) => {
    const folder = await temporaryFolder();
    for (const [index, corners] of CORNERS.entries()) {
      const path = join(folder, `${index + 1}.${format}`);
      await writeFile(path, await stored(index + 1, format));
      const photo = await readPhoto(path);
      const [width, height] = index < 4 ? [64, 32] : [32, 64];
      expect(photo).toMatchObject({ width, height, image: { width, height } });
      expect(photo.image.orientation).toBeUndefined();
      const [right, bottom] = [width - 5, height - 5];
      const places = [
        [4, 4],
        [right, 4],
        [4, bottom],
        [right, bottom],
      ] as const;
      expect(places.map(([x, y]) => nameOfColor(pixel(photo, x, y))).join('')).toBe(corners);
    }
  });
});
