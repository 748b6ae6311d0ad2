import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readPhoto } from '../src/photo.ts';
import { errorOf, hasShared, noise, pngOf, shared, temporaryFolder } from './helpers.ts';

async function fileWith(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return path;
}

/** sharp's own words and stacks are nothing for users. */
function expectPlain(message: string): void {
  expect(message).not.toMatch(/vips|libpng|heif:|Input buffer|undefined|\[object/i);
}

describe('files', () => {
  test('that are not there', async () => {
    const error = await errorOf(readPhoto('/nowhere/photo.jpg'));
    expect(error).toMatchObject({
      code: 'io',
      message: 'cannot read /nowhere/photo.jpg: no such file. Check the name',
    });
  });

  test('that are folders', async () => {
    const path = join(await temporaryFolder(), 'album.jpg');
    await mkdir(path);
    const error = await errorOf(readPhoto(path));
    expect(error.code).toBe('io');
    expect(error.message).toBe(`cannot read ${path}: it is a folder. Name a file`);
  });

  test('that are on the web', async () => {
    for (const source of ['https://example.com/a.jpg', new URL('https://example.com/a.jpg')]) {
      const error = await errorOf(readPhoto(source));
      expect(error.code).toBe('invalid-input');
      expect(error.message).toContain('Fetch it first');
    }
  });
});

describe('bytes', () => {
  test('none', async () => {
    const path = await fileWith('empty.png', '');
    const error = await errorOf(readPhoto(path));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toBe(`${path} is empty. JPEG, PNG, WebP, AVIF, TIFF and GIF are read`);
    expect((await errorOf(readPhoto(new Uint8Array(0)))).message).toContain('the picture is empty');
  });

  test.each([
    ['text', 'not a picture at all'],
    [
      'an SVG drawing, which could name other files',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ],
    ['a PDF document', '%PDF-1.7\n'],
    ['one byte', '\xff'],
  ])('%s', async (_, content) => {
    const path = await fileWith('photo.jpg', content);
    const error = await errorOf(readPhoto(path));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toBe(
      `${path} is not a picture that can be read. JPEG, PNG, WebP, AVIF, TIFF and GIF are read`,
    );
  });

  test.each(['heic', 'heix', 'mif1', 'msf1', 'hevc'])('HEIC with the brand %s', async (brand) => {
    const head = Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1heic`, 'latin1');
    const path = await fileWith('IMG_0001.HEIC', Buffer.concat([head, noise(200)]));
    const error = await errorOf(readPhoto(path));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toContain(`${path} is a HEIC picture, which is not read. Convert it to JPEG first`);
  });

  test('an AVIF that names itself mif1 first is no HEIC', async () => {
    const create = { width: 16, height: 16, channels: 3, background: '#336699' } as const;
    const file = await sharp({ create }).avif().toBuffer();
    file.write('mif1', 8, 'latin1');
    expect((await readPhoto(file)).format).toBe('avif');
  });
});

describe('cut off', () => {
  const picture = () => sharp(noise(120 * 90 * 3), { raw: { width: 120, height: 90, channels: 3 } });

  test.each(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)('%s, anywhere', async (format) => {
    const whole = await picture().toFormat(format).toBuffer();
    for (const share of [0.1, 0.5, 0.9, 0.99]) {
      const path = await fileWith(`cut.${format}`, whole.subarray(0, Math.floor(whole.length * share)));
      const error = await errorOf(readPhoto(path));
      expect(error.code).toBe('invalid-input');
      expect(error.message).toContain(`${path} is cut off`);
      expectPlain(error.message);
      expect(error.cause).toBeInstanceOf(Error);
    }
  });

  test.runIf(hasShared('photos/boy.jpg'))('a real JPEG without its last bytes', async () => {
    const whole = await sharp(shared('photos/boy.jpg')).jpeg().toBuffer();
    expect((await errorOf(readPhoto(whole.subarray(0, -2000)))).message).toContain('the picture is cut off');
  });

  test('TIFF, whose header may be at its end', async () => {
    const whole = await picture().tiff({ compression: 'lzw' }).toBuffer();
    const error = await errorOf(readPhoto(whole.subarray(0, whole.length / 2)));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toMatch(/^the picture is (damaged|cut off): it begins as a TIFF file/);
    expectPlain(error.message);
  });

  test('damaged inside', async () => {
    const whole = await picture().png().toBuffer();
    whole.fill(0, 200, 400);
    expect((await errorOf(readPhoto(whole))).message).toMatch(
      /^the picture is damaged: it begins as a PNG file/,
    );
  });
});

describe('size', () => {
  test('a header of 20,000 x 20,000 is refused before anything is decoded', async () => {
    const path = await fileWith('huge.png', pngOf(20_000, 20_000, 2, new Uint8Array(1000)));
    const before = process.memoryUsage().rss;
    const error = await errorOf(readPhoto(path));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toBe(
      `${path} is too large: expected at most 64000000 pixels, received 400000000 (20000 x 20000). ` +
        'Make it smaller, or raise maxPixels',
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  });

  test('maxPixels is the largest that is read', async () => {
    const file = await sharp(noise(3600), { raw: { width: 40, height: 30, channels: 3 } })
      .png()
      .toBuffer();
    expect((await readPhoto(file, { maxPixels: 1200 })).width).toBe(40);
    expect((await errorOf(readPhoto(file, { maxPixels: 1199 }))).message).toContain(
      'at most 1199 pixels, received 1200',
    );
  });

  test('a picture of 1 x 1 works', async () => {
    const file = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#102030' } })
      .png()
      .toBuffer();
    expect([...(await readPhoto(file)).image.data]).toEqual([16, 32, 48]);
  });
});

describe('abort', () => {
  test('before and while decoding, with the reason', async () => {
    const reason = new Error('enough');
    const create = { width: 3000, height: 2000, channels: 3, background: '#336699' } as const;
    const file = await sharp({ create }).jpeg().toBuffer();
    await expect(readPhoto(new Uint8Array(0), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const reading = readPhoto(file, { signal: controller.signal }).then(({ width }) => width);
    setTimeout(() => controller.abort(reason), 2);
    await expect(reading).rejects.toBe(reason);
  });
});
