import { describe, expect, test } from 'vitest';
import { readPictureHeader } from '../src/images-header.ts';
import { badPictures, nearPictures, opaquePictures } from './pictures.ts';

const [opaque, near, bad] = await Promise.all([opaquePictures(), nearPictures(), badPictures()]);

function headerOf(name: string) {
  return readPictureHeader({ ...opaque, ...near, ...bad }[name] ?? expect.fail(name));
}

describe('readPictureHeader', () => {
  test.each([
    ['PNG of noise', 'PNG', 40, 30],
    ['JPEG, 4:2:0', 'JPEG', 157, 93],
    ['JPEG, progressive', 'JPEG', 157, 93],
    ['JPEG, Adobe RGB', 'JPEG', 157, 93],
    ['WebP, lossy', 'WebP', 157, 93],
    ['WebP, lossless', 'WebP', 40, 30],
    ['WebP, Display P3', 'WebP', 157, 93],
    ['WebP, animated', 'WebP', 8, 6],
    ['GIF, animated', 'GIF', 8, 6],
    ['half a JPEG', 'JPEG', 157, 93],
  ])('%s: %s, %d x %d', (name, format, width, height) => {
    expect(headerOf(name)).toMatchObject({ format, size: { width, height } });
  });

  test('formats that hide their size, and what is no picture', () => {
    expect(headerOf('AVIF')).toMatchObject({ format: 'AVIF', size: null });
    expect(headerOf('a TIFF')).toMatchObject({ format: 'TIFF', size: null });
    expect(headerOf('a text')).toMatchObject({ format: null, size: null });
    const heic = new Uint8Array([0, 0, 0, 24, ...Buffer.from('ftypheic\0\0\0\0mif1heic')]);
    expect(readPictureHeader(heic).format).toBe('HEIC');
    const svg = Buffer.from('<?xml version="1.0"?>\n<svg width="1" height="1"/>');
    expect(readPictureHeader(svg).format).toBe('SVG');
  });

  test('the orientation of WebP files, which browsers overlook', () => {
    for (let value = 1; value <= 8; value++) {
      expect(headerOf(`webp of orientation ${value}`).orientation).toMatchObject({ value });
      expect(headerOf(`jpeg of orientation ${value}`).orientation).toBeNull();
    }
    expect(headerOf('WebP, lossy').orientation).toBeNull();
    const senseless = Buffer.from(opaque['webp of orientation 6'] ?? []);
    senseless.fill(0xff, senseless.indexOf('EXIF') + 8);
    expect(readPictureHeader(senseless)).toMatchObject({ orientation: null, cutOff: false });
  });

  test('PNGs whose colours nothing but gamma and chromaticities say', () => {
    expect(headerOf('PNG with gamma and chromaticities of sRGB').plainColors).toBe(true);
    expect(headerOf('PNG of noise').plainColors).toBe(true);
    for (const name of ['PNG with those and the word sRGB', 'PNG, Display P3', 'JPEG, 4:2:0']) {
      expect(headerOf(name).plainColors).toBe(false);
    }
  });

  test('every beginning of a file is read without an error; JPEG and PNG say that they are cut off', () => {
    for (const [name, file] of Object.entries(opaque)) {
      expect(readPictureHeader(file).cutOff, name).toBe(false);
      for (let length = 0; length < Math.min(file.length, 700); length++) {
        const { format, cutOff } = readPictureHeader(file.subarray(0, length));
        if (format === 'JPEG' || format === 'PNG') expect(cutOff, `${name}, ${length} bytes`).toBe(true);
      }
    }
    expect(headerOf('half a JPEG').cutOff).toBe(true);
    expect(headerOf('half a PNG').cutOff).toBe(true);
    const jpeg = opaque['JPEG, 4:2:0'] ?? new Uint8Array();
    expect(readPictureHeader(Buffer.concat([jpeg, Buffer.from('more')])).cutOff).toBe(false);
  });
});
