import { readPhoto } from '@seg/node';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle, hasChromium, launch } from './chromium.ts';
import { badPictures, nearPictures, opaquePictures, type Pictures, photos } from './pictures.ts';
import { serve, type TestServer } from './server.ts';

declare const seg: typeof import('../src/index.ts');

describe.runIf(hasChromium())('picture files in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser;
  let page: Page;
  let server: TestServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), serve(await bundle())]);
    page = await browser.newPage();
    await page.goto(server.url);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** How the pixels that a page reads differ from those of @seg/node: `largest` difference, in so many samples. */
  async function compare(file: Uint8Array, read: 'file' | 'address'): Promise<object> {
    const { image } = await readPhoto(file);
    server.files.set('picture', { bytes: file });
    server.files.set('expected', {
      bytes: new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.length),
    });
    const { width, height } = image;
    const found = await page.evaluate(async (how) => {
      const blob = await (await fetch('picture')).blob();
      const read = await seg.readImage(how === 'file' ? new File([blob], 'a') : 'picture');
      const expected = new Uint8Array(await (await fetch('expected')).arrayBuffer());
      let [largest, opaque] = [0, true];
      for (let i = 0; i < read.width * read.height; i++) {
        for (let c = 0; c < 3; c++) {
          const difference = Math.abs((read.data[i * 4 + c] ?? -999) - (expected[i * 3 + c] ?? 999));
          largest = Math.max(largest, difference);
        }
        opaque &&= read.data[i * 4 + 3] === 255;
      }
      return { size: [read.width, read.height], format: read.format, opaque, largest };
    }, read);
    expect(found).toMatchObject({ size: [width, height], format: 'rgba8', opaque: true });
    return { largest: found.largest };
  }

  async function largestOfAll(pictures: Pictures): Promise<Record<string, unknown>> {
    const all: Record<string, unknown> = {};
    for (const [name, file] of Object.entries(pictures)) all[name] = await compare(file, 'file');
    return all;
  }

  test('opaque sRGB files give the very pixels of @seg/node', async () => {
    const pictures = await opaquePictures();
    const same = Object.keys(pictures).map((name) => [name, { largest: 0 }]);
    expect(await largestOfAll(pictures)).toEqual(Object.fromEntries(same));
  });

  test('so do real photos', async () => {
    const pictures = photos();
    const same = Object.keys(pictures).map((name) => [name, { largest: 0 }]);
    expect(await largestOfAll(pictures)).toEqual(Object.fromEntries(same));
  });

  test('other profiles, alpha and AVIF are within 1', async () => {
    for (const [name, found] of Object.entries(await largestOfAll(await nearPictures()))) {
      expect(found, name).toSatisfy(({ largest }) => largest <= 1);
    }
  });

  test('an address gives the same', async () => {
    const { 'JPEG, 4:2:0': jpeg = new Uint8Array() } = await opaquePictures();
    expect(await compare(jpeg, 'address')).toEqual({ largest: 0 });
  });

  async function refusalOf(file: Uint8Array): Promise<string> {
    server.files.set('picture', { bytes: file });
    return await page.evaluate(async () => {
      const file = new File([await (await fetch('picture')).blob()], 'a.jpg');
      return await seg.readImage(file).then(
        () => 'it was read',
        (error) => `${error.code}: ${error.message}`,
      );
    });
  }

  test('what cannot be decoded is refused, with what came', async () => {
    const said: Record<string, string> = {};
    for (const [name, file] of Object.entries(await badPictures())) said[name] = await refusalOf(file);
    expect(said).toEqual({
      'half a JPEG': expect.stringMatching(
        /^invalid-input: the file a.jpg is damaged or cut off: it begins as a JPEG file/,
      ),
      'half a PNG': expect.stringMatching(
        /^invalid-input: the file a.jpg is damaged or cut off: it begins as a PNG file/,
      ),
      'half a WebP': expect.stringMatching(
        /^invalid-input: the file a.jpg is damaged or cut off: it begins as a WebP file/,
      ),
      'a TIFF': expect.stringMatching(
        /^invalid-input: the file a.jpg is a file of the format TIFF that this browser does not/,
      ),
      'a text': expect.stringMatching(
        /^invalid-input: .* not a picture that can be read: received 26 bytes starting with "Lorem/,
      ),
      nothing: 'invalid-input: the file a.jpg is empty',
      'a huge PNG': expect.stringMatching(
        /^invalid-input: .* too large: expected at most 64000000 pixels, received 10000000000/,
      ),
    });
  });

  test('addresses that give no picture say what they gave', async () => {
    server.files.set('page', { bytes: Buffer.from('<!doctype html><title>Shop</title>'), type: 'text/html' });
    const said = await page.evaluate(() =>
      Promise.all(
        ['none.jpg', 'page', new URL('http://127.0.0.1:1/a.jpg')].map((address) =>
          seg.readImage(address).catch((error) => `${error.code}: ${error.message}`),
        ),
      ),
    );
    expect(said).toEqual([
      'fetch: none.jpg could not be fetched: HTTP 404 Not Found',
      expect.stringMatching(
        /^fetch: a page came from page in place of a picture: received 34 bytes starting with "<!doctype/,
      ),
      expect.stringMatching(/^fetch: http:\/\/127.0.0.1:1\/a.jpg could not be fetched: /),
    ]);
  });
});
