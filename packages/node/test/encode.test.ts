import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { encodeClassMap, encodeImage, encodeMask, readIndexedPng } from '../src/encode.ts';
import { readPhoto } from '../src/photo.ts';
import { errorOf, hasShared, noise, pngOf, shared, temporaryFolder } from './helpers.ts';

const LABELS = {
  id: 'three',
  names: ['background', 'cat', 'dog'],
  colors: [
    [0, 0, 0],
    [255, 128, 0],
    [0, 64, 255],
  ],
} as const;

describe('class maps', () => {
  const data = Uint8Array.from(noise(37 * 23), (byte) => byte % 3);
  const classMap = { width: 37, height: 23, data, labels: LABELS };

  test('their samples are the indexes, and the palette the colours, also for other readers', async () => {
    const file = await encodeClassMap(classMap);
    const metadata = await sharp(file).metadata();
    expect(metadata).toMatchObject({
      format: 'png',
      isPalette: true,
      bitsPerSample: 8,
      width: 37,
      height: 23,
    });
    const read = await readIndexedPng(file);
    expect(read.data).toEqual(data);
    expect([...read.palette.subarray(0, 12)]).toEqual([...LABELS.colors.flat(), 128, 128, 0]);
    const drawn = await sharp(file).raw().toBuffer();
    expect([...drawn]).toEqual([...data].flatMap((index) => [...(LABELS.colors[index] ?? [])]));
  });

  test('other colours, and the VOC colour map where labels have none', async () => {
    const other = await readIndexedPng(
      await encodeClassMap(classMap, {
        colors: [
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ],
      }),
    );
    expect([...other.palette.subarray(0, 9)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const plain = { ...classMap, labels: { id: 'plain', names: LABELS.names } };
    const voc = await readIndexedPng(await encodeClassMap(plain));
    expect([...voc.palette.subarray(0, 9)]).toEqual([0, 0, 0, 128, 0, 0, 0, 128, 0]);
  });

  test('all 256 indexes, 1 x 1, and no map at all', async () => {
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    const square = { width: 16, height: 16, data: all, labels: LABELS };
    expect((await readIndexedPng(await encodeClassMap(square))).data).toEqual(all);
    const dot = { width: 1, height: 1, data: Uint8Array.of(2), labels: LABELS };
    expect([...(await readIndexedPng(await encodeClassMap(dot))).data]).toEqual([2]);
    const error = await errorOf(encodeClassMap({ ...square, width: 15 }));
    expect(error.message).toBe('a class map of 15 x 16: expected 240 bytes, at least one, received 256');
  });

  test('abort', async () => {
    const reason = new Error('enough');
    await expect(encodeClassMap(classMap, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('indexed PNGs of others', () => {
  test.each([1, 2, 4, 8])('%d bits a sample, filtered by sharp', async (bits) => {
    const count = 2 ** bits;
    const [width, height] = [21, 13];
    const greys = Uint8Array.from({ length: width * height }, (_, i) =>
      Math.floor(((i * 7) % count) * (255 / (count - 1))),
    );
    const file = await sharp(greys, { raw: { width, height, channels: 1 } })
      .png({ palette: true, colours: count, dither: 0, adaptiveFiltering: true })
      .toBuffer();
    const read = await readIndexedPng(file);
    const drawn = await sharp(file).toColourspace('srgb').removeAlpha().raw().toBuffer();
    expect([...read.data].flatMap((index) => [...read.palette.subarray(index * 3, index * 3 + 3)])).toEqual([
      ...drawn,
    ]);
  });

  test.runIf(hasShared('eval/voc/SegmentationClass'))('VOC annotations', async () => {
    const { readdir } = await import('node:fs/promises');
    const folder = shared('eval/voc/SegmentationClass');
    const names = (await readdir(folder)).slice(0, 5);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const read = await readIndexedPng(join(folder, name));
      expect([...read.palette.subarray(0, 6)]).toEqual([0, 0, 0, 128, 0, 0]);
      expect(new Set(read.data).size).toBeGreaterThan(1);
      expect([...new Set(read.data)].every((index) => index <= 20 || index === 255)).toBe(true);
      const drawn = await sharp(join(folder, name)).removeAlpha().raw().toBuffer();
      const colors = [...read.data].flatMap((index) => [...read.palette.subarray(index * 3, index * 3 + 3)]);
      expect(Buffer.compare(Buffer.from(colors), drawn)).toBe(0);
    }
  });

  test('refuses what is none', async () => {
    const rgb = await sharp(noise(300), { raw: { width: 10, height: 10, channels: 3 } })
      .png()
      .toBuffer();
    expect((await errorOf(readIndexedPng(rgb))).message).toContain('received colour type 2, 10 x 10');
    expect((await errorOf(readIndexedPng(noise(100)))).message).toBe('the picture is not a PNG file');
    const missing = await errorOf(readIndexedPng('/nowhere/map.png'));
    expect(missing).toMatchObject({ code: 'io', message: expect.stringContaining('no such file') });
    const interlaced = await sharp(rgb).png({ palette: true, progressive: true }).toBuffer();
    expect((await errorOf(readIndexedPng(interlaced))).message).toContain('interlaced');
  });

  test('cut off or changed', async () => {
    const map = { width: 30, height: 30, data: new Uint8Array(900), labels: LABELS };
    const file = await encodeClassMap(map);
    const path = join(await temporaryFolder(), 'map.png');
    await writeFile(path, file.subarray(0, -20));
    expect((await errorOf(readIndexedPng(path))).message).toBe(`${path} is cut off`);
    const changed = file.slice();
    changed[60] = 99;
    expect((await errorOf(readIndexedPng(changed))).message).toContain(
      'the checksum of its PLTE chunk is wrong',
    );
  });

  test('all five filters, as libpng undoes them', async () => {
    const [width, height] = [64, 60];
    const rows = noise((width + 1) * height);
    for (let y = 0; y < height; y++) rows[y * (width + 1)] = y % 5;
    const palette = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)); // index 7 is drawn as 7, 7, 7
    const file = pngOf(width, height, 3, rows, palette);
    const drawn = await sharp(file).extractChannel(0).raw().toBuffer();
    expect([...(await readIndexedPng(file)).data]).toEqual([...drawn]);
  });

  test('headers that say more or less than there is', async () => {
    const more = await errorOf(readIndexedPng(pngOf(4, 4, 3, new Uint8Array(200_000))));
    expect(more.message).toContain('its samples cannot be unpacked');
    const less = await errorOf(readIndexedPng(pngOf(40, 40, 3, new Uint8Array(1000))));
    expect(less.message).toBe('the picture is cut off: rows are missing');
    const huge = await errorOf(readIndexedPng(pngOf(20_000, 20_000, 3, new Uint8Array(1000))));
    expect(huge.message).toContain('of 1 to 64000000 pixels, received colour type 3, 20000 x 20000');
    const none = await errorOf(readIndexedPng(pngOf(0, 4, 3, new Uint8Array(4))));
    expect(none.code).toBe('invalid-input');
  });
});

describe('masks', () => {
  test('are grey PNGs of 8 bits', async () => {
    const data = noise(50 * 20);
    const file = await encodeMask({ width: 50, height: 20, data });
    expect(await sharp(file).metadata()).toMatchObject({
      format: 'png',
      channels: 1,
      isPalette: false,
      bitsPerSample: 8,
    });
    const { data: read, info } = await sharp(file)
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(1);
    expect([...read]).toEqual([...data]);
  });
});

describe('pictures', () => {
  const rgb = { format: 'rgb8', width: 20, height: 10, data: noise(600) } as const;
  const rgba = { format: 'rgba8', width: 20, height: 10, data: noise(800) } as const;

  test('PNG keeps every bit, alpha too', async () => {
    expect((await readPhoto(await encodeImage(rgb, { format: 'png' }))).image.data).toEqual(rgb.data);
    const photo = await readPhoto(await encodeImage(rgba, { format: 'png' }));
    expect(photo.transparent?.data).toEqual(rgba.data);
  });

  test('JPEG and WebP, by quality', async () => {
    for (const format of ['jpeg', 'webp'] as const) {
      const sizes = [];
      for (const quality of [30, undefined, 100])
        sizes.push((await encodeImage(rgb, { format, quality })).length);
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
      expect((await readPhoto(await encodeImage(rgb, { format }))).format).toBe(format);
    }
    expect((await readPhoto(await encodeImage(rgba, { format: 'webp' }))).transparent).not.toBeNull();
  });

  test('a picture that WebP cannot hold is refused in plain words', async () => {
    const wide = { format: 'rgb8', width: 16_384, height: 1, data: new Uint8Array(16_384 * 3) } as const;
    const error = await errorOf(encodeImage(wide, { format: 'webp' }));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toContain('at most 16383 pixels a side');
    expect((await encodeImage(wide, { format: 'jpeg' })).length).toBeGreaterThan(0);
  });

  test('refusals', async () => {
    const transparent = await errorOf(encodeImage(rgba, { format: 'jpeg' }));
    expect(transparent.message).toBe('JPEG cannot store transparent pixels. Use png or webp');
    for (const quality of [0, 101, 50.5, Number.NaN]) {
      expect((await errorOf(encodeImage(rgb, { format: 'webp', quality }))).message).toContain(
        'from 1 to 100',
      );
    }
    const turned = await errorOf(encodeImage({ ...rgb, orientation: 6 }, { format: 'png' }));
    expect(turned.message).toContain('stored turned');
    expect((await errorOf(encodeImage({ ...rgb, width: 21 }, { format: 'png' }))).code).toBe('invalid-input');
    const opaque = { ...rgba, data: rgba.data.map((byte, i) => (i % 4 === 3 ? 255 : byte)) };
    expect((await readPhoto(await encodeImage(opaque, { format: 'jpeg' }))).format).toBe('jpeg');
  });
});
