import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle, hasChromium, launch } from './chromium.ts';
import { opaquePictures } from './pictures.ts';
import { serve, type TestServer } from './server.ts';

declare const seg: typeof import('../src/index.ts');

const CORS = { 'access-control-allow-origin': '*' };

describe.runIf(hasChromium())('pictures of another origin', { timeout: 60_000 }, () => {
  let browser: Browser;
  let page: Page;
  let here: TestServer;
  let there: TestServer;

  beforeAll(async () => {
    [browser, here, there] = await Promise.all([launch(), serve(await bundle()), serve()]);
    page = await browser.newPage();
    await page.goto(here.url);
    const { 'JPEG, 4:2:0': bytes = new Uint8Array() } = await opaquePictures();
    const type = 'image/jpeg';
    there.files.set('plain.jpg', { bytes, type });
    there.files.set('cors.jpg', { bytes, type, headers: CORS });
    there.files.set('slow.jpg', { bytes, type, headers: CORS, slowMs: 5000 });
    here.files.set('own.jpg', { bytes, type });
    await recordVideo();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    here?.close();
    there?.close();
  });

  /** A film of a canvas, by the browser's own encoder. */
  async function recordVideo(): Promise<void> {
    const film = await page.evaluate(async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
      const context = canvas.getContext('2d');
      const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm; codecs=vp8' });
      const parts: Blob[] = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const stopped = new Promise((stop) => {
        recorder.onstop = stop;
      });
      recorder.start();
      for (let i = 0; i < 10; i++) {
        for (let x = 0; x < 8; x++) {
          if (context !== null) context.fillStyle = `hsl(${x * 45 + i}, 80%, 50%)`;
          context?.fillRect(x * 8, 0, 8, 48);
        }
        await new Promise((next) => setTimeout(next, 40));
      }
      recorder.stop();
      await stopped;
      return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
    });
    const bytes = Uint8Array.from(film);
    there.files.set('film.webm', { bytes, type: 'video/webm' });
    here.files.set('film.webm', { bytes, type: 'video/webm' });
  }

  test('without CORS are refused, and the reader reads the next one', async () => {
    const said = await page.evaluate(async (there) => {
      const reader = seg.createImageReader();
      const say = (image: Parameters<typeof reader.read>[0]) =>
        reader.read(image).then(
          ({ width, height }) => `${width} x ${height}`,
          (error) => `${error.code}: ${error.message}`,
        );
      const element = async (src: string, crossOrigin: string | null = null) => {
        const image = Object.assign(new Image(), { crossOrigin, src });
        await image.decode();
        return image;
      };
      const plain = await element(`${there}plain.jpg`);
      const canvas = document.createElement('canvas');
      canvas.getContext('2d')?.drawImage(plain, 0, 0);
      const video = Object.assign(document.createElement('video'), { src: `${there}film.webm`, muted: true });
      await video.play();
      const all = [plain, canvas, await createImageBitmap(plain), video, `${there}plain.jpg`];
      const refused: string[] = [];
      const own = await element('own.jpg'); // of the size of the first: the canvas would be the same
      const read: string[] = [];
      for (const image of all) {
        refused.push(await say(image));
        read.push(await say(own));
      }
      const cors = await say(await element(`${there}cors.jpg`, 'anonymous'));
      return { refused, read: [...new Set(read)], cors, address: await say(`${there}cors.jpg`) };
    }, there.url);
    const other =
      /^invalid-input: this .* holds pixels of another origin.*crossOrigin = 'anonymous'.*Access-Control-Allow-Origin/;
    for (const each of said.refused.slice(0, 4)) expect(each).toMatch(other);
    expect(said.refused[4]).toMatch(/^fetch: .*plain.jpg could not be fetched/);
    expect([...said.read, said.cors, said.address]).toEqual(Array(3).fill('157 x 93'));
  });

  test('a video file of this one is read as it is drawn', async () => {
    const found = await page.evaluate(async () => {
      const video = Object.assign(document.createElement('video'), { src: 'film.webm', muted: true });
      await video.play();
      video.pause();
      await new Promise((settle) => setTimeout(settle, 200));
      const { width, height, data } = await seg.readImage(video);
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      context?.drawImage(video, 0, 0);
      const drawn = context?.getImageData(0, 0, width, height).data ?? [];
      let largest = 0;
      for (let i = 0; i < data.length; i++)
        largest = Math.max(largest, Math.abs((data[i] ?? 0) - (drawn[i] ?? 999)));
      return { width, height, largest, colors: new Set(data).size > 8 };
    });
    expect(found).toEqual({ width: 64, height: 48, largest: 0, colors: true });
  });

  test('an abort does not wait for an image that is slow to come, nor for an address', async () => {
    const took = await page.evaluate(async (slow) => {
      const image = Object.assign(new Image(), { crossOrigin: 'anonymous', src: slow });
      const times: number[] = [];
      for (const picture of [image, slow]) {
        const start = performance.now();
        const signal = AbortSignal.timeout(100);
        const error = await seg.readImage(picture, { signal }).catch((reason) => reason);
        if (error !== signal.reason) throw new Error(`it gave ${error}`);
        times.push(performance.now() - start);
      }
      return Math.max(...times);
    }, `${there.url}slow.jpg`);
    expect(took).toBeLessThan(1000);
  });
});
