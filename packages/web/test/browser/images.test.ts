import { createCpuStages, isCpuTensor, isSegmentError, type PixelImage, type SegmentError } from '@seg/core';
import { createRandom, loadTiny, seededImage } from '@seg/testkit';
import { describe, expect, test, vi } from 'vitest';
import { createWebStages } from '../../src/cpu-stages.ts';
import { type BrowserImage, createImageReader, readImage } from '../../src/images.ts';

const [WIDTH, HEIGHT] = [40, 30];
const opaque = pixels(1, () => 255);
const translucent = pixels(2, (random) => Math.floor(random() * 256));

function pixels(seed: number, alpha: (random: () => number) => number): ImageData {
  const random = createRandom(seed);
  const image = new ImageData(WIDTH, HEIGHT);
  for (let i = 0; i < image.data.length; i++) {
    image.data[i] = i % 4 === 3 ? alpha(random) : Math.floor(random() * 256);
  }
  return image;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
  return largest;
}

function overWhite({ data }: ImageData): number[] {
  return Array.from(data, (value, i) => {
    const alpha = data[i - (i % 4) + 3] ?? 0;
    return i % 4 === 3 ? 255 : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
  });
}

function canvasOf(image: ImageData): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

function offscreenOf(image: ImageData): OffscreenCanvas {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

async function fileOf(image: ImageData, type = 'image/png'): Promise<File> {
  return new File([await offscreenOf(image).convertToBlob({ type, quality: 1 })], 'picture');
}

async function elementOf(image: ImageData): Promise<HTMLImageElement> {
  const element = new Image();
  element.src = URL.createObjectURL(await fileOf(image));
  return element; // still loading
}

/** A playing video of one picture, as a camera's is. */
async function videoOf(image: ImageData): Promise<HTMLVideoElement> {
  const canvas = canvasOf(image);
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = canvas.captureStream(30);
  const redraw = setInterval(() => canvas.getContext('2d')?.putImageData(image, 0, 0), 20);
  await video.play();
  clearInterval(redraw);
  return video;
}

function frameOf({ data }: Pick<ImageData, 'data'>, init: object = {}): VideoFrame {
  const all = { format: 'RGBX', codedWidth: WIDTH, codedHeight: HEIGHT, timestamp: 0, ...init };
  return new VideoFrame(data, all as VideoFrameBufferInit);
}

/** What a canvas gives that our code has no part in. */
function drawn(source: CanvasImageSource, width = WIDTH, height = HEIGHT): Uint8ClampedArray {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context?.drawImage(source, 0, 0, width, height);
  return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
}

async function refusalOf(image: unknown, options?: Parameters<typeof readImage>[1]): Promise<SegmentError> {
  const error: unknown = await readImage(image as BrowserImage, options).then(
    () => 'it was read',
    (reason: unknown) => reason,
  );
  if (isSegmentError(error)) return error;
  throw new Error(`no SegmentError: ${error}`);
}

const makers: Record<string, (image: ImageData) => BrowserImage | Promise<BrowserImage>> = {
  ImageBitmap: (image) => createImageBitmap(image),
  'HTMLImageElement, loading': elementOf,
  'HTMLImageElement, loaded': async (image) => {
    const element = await elementOf(image);
    await element.decode();
    return element;
  },
  HTMLCanvasElement: canvasOf,
  OffscreenCanvas: offscreenOf,
  ImageData: (image) => image,
  Blob: async (image) => new Blob([await fileOf(image)]),
  File: fileOf,
  URL: async (image) => new URL(URL.createObjectURL(await fileOf(image))),
  'an address': async (image) => URL.createObjectURL(await fileOf(image)),
  'VideoFrame of RGBA': (image) => frameOf(image, { format: 'RGBA' }),
};

describe('every kind of picture', () => {
  for (const [kind, make] of Object.entries(makers)) {
    test(`${kind}: opaque pixels exactly, transparent ones over white within 1`, async () => {
      const read = await readImage(await make(opaque));
      expect(read).toMatchObject({ format: 'rgba8', width: WIDTH, height: HEIGHT });
      expect(largestDifference(read.data, opaque.data)).toBe(0);
      const laid = await readImage(await make(translucent));
      expect(largestDifference(laid.data, overWhite(translucent))).toBeLessThanOrEqual(1);
    });
  }

  test('VideoFrame of RGBX and of a canvas', async () => {
    // of a translucent canvas Chromium 150 itself multiplies the colours by alpha twice
    for (const frame of [frameOf(opaque), new VideoFrame(canvasOf(opaque), { timestamp: 0 })]) {
      expect(largestDifference((await readImage(frame)).data, opaque.data)).toBe(0);
    }
  });

  test('a PixelImage, rgb8 too, is handed through with its orientation; a bad one is refused', async () => {
    const image: PixelImage = { ...seededImage(8, 6, 1), orientation: 6 };
    expect(await readImage(image)).toBe(image);
    expect((await refusalOf({ ...image, width: 9 })).code).toBe('invalid-input');
  });

  test('a video, as drawing it gives it', async () => {
    const even = new ImageData(WIDTH, HEIGHT);
    even.data.set(opaque.data);
    const video = await videoOf(even);
    const read = await readImage(video);
    expect(read).toMatchObject({ format: 'rgba8', width: WIDTH, height: HEIGHT });
    expect(largestDifference(read.data, drawn(video))).toBe(0);
    const close = vi.spyOn(VideoFrame.prototype, 'close');
    await readImage(video);
    expect(close).toHaveBeenCalledTimes(1); // a frame that is kept would stop a camera
    close.mockRestore();
    expect(Math.max(...read.data.filter((_, i) => i % 4 !== 3))).toBeGreaterThan(200);
  });

  test('a video that is ready a moment before it has a frame is waited for, not read as nothing', async () => {
    const video = await videoOf(opaque);
    const expected = drawn(video);
    let missing = 3;
    vi.stubGlobal(
      'VideoFrame',
      class extends VideoFrame {
        constructor(source: HTMLVideoElement) {
          if (missing-- > 0) throw new DOMException('no frame', 'InvalidStateError');
          super(source);
        }
      },
    );
    try {
      expect(largestDifference((await readImage(video)).data, expected)).toBe(0);
      missing = Number.POSITIVE_INFINITY;
      const aborted = readImage(video, { signal: AbortSignal.timeout(50) });
      await expect(aborted).rejects.toMatchObject({ name: 'TimeoutError' });
      expect((await refusalOf(video)).message).toMatch(/no frame yet/);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('transparent ImageData is exact: it is not drawn', async () => {
    expect([...(await readImage(translucent)).data]).toEqual(overWhite(translucent));
  });

  test('of another window', async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const there = frame.contentDocument?.createElement('canvas') ?? expect.fail('no document');
    there.width = WIDTH;
    there.height = HEIGHT;
    there.getContext('2d')?.putImageData(opaque, 0, 0);
    expect(there instanceof HTMLCanvasElement).toBe(false);
    expect(largestDifference((await readImage(there)).data, opaque.data)).toBe(0);
    frame.remove();
  });

  test('in a worker', async () => {
    const worker = new Worker(new URL('./images-worker.ts', import.meta.url), { type: 'module' });
    const address = URL.createObjectURL(await fileOf(opaque));
    const sent = [await createImageBitmap(opaque), await fileOf(opaque), frameOf(opaque), opaque, address];
    for (const image of sent) {
      const answer = new Promise<MessageEvent<PixelImage>>((come) => {
        worker.onmessage = come;
      });
      worker.postMessage(image);
      const { data } = await answer;
      expect(data).toMatchObject({ width: WIDTH, height: HEIGHT });
      expect(largestDifference(data.data, opaque.data)).toBe(0);
    }
    worker.terminate();
  });
});

describe('VideoFrame', () => {
  const yuv = (size: number): { data: Uint8ClampedArray<ArrayBuffer> } => ({
    data: Uint8ClampedArray.from(seededImage(size, 1, 4).data),
  });
  const frames: Record<string, () => VideoFrame> = {
    I420: () => frameOf(yuv(WIDTH * HEIGHT), { format: 'I420' }),
    NV12: () => frameOf(yuv(WIDTH * HEIGHT), { format: 'NV12' }),
    'I420 of standard definition': () =>
      frameOf(yuv(WIDTH * HEIGHT), {
        format: 'I420',
        colorSpace: { primaries: 'smpte170m', transfer: 'smpte170m', matrix: 'smpte170m', fullRange: false },
      }),
    'I420 of wide colours': () =>
      frameOf(yuv(WIDTH * HEIGHT), {
        format: 'I420',
        colorSpace: { primaries: 'bt2020', transfer: 'bt709', matrix: 'bt2020-ncl', fullRange: false },
      }),
    'turned by 90': () => frameOf(opaque, { rotation: 90 }),
    'turned by 180': () => frameOf(opaque, { rotation: 180 }),
    'turned by 270': () => frameOf(opaque, { rotation: 270 }),
    mirrored: () => frameOf(opaque, { flip: true }),
    cropped: () => frameOf(opaque, { visibleRect: { x: 4, y: 2, width: 20, height: 10 } }),
    stretched: () => frameOf(opaque, { displayWidth: 2 * WIDTH, displayHeight: HEIGHT }),
    'stretched to as many pixels': () =>
      frameOf(opaque, { displayWidth: 2 * WIDTH, displayHeight: HEIGHT / 2 }),
  };

  for (const [name, make] of Object.entries(frames)) {
    test(`${name}: as drawing gives it, and left open`, async () => {
      const frame = make();
      const { displayWidth: width, displayHeight: height } = frame;
      const read = await readImage(frame);
      expect(read).toMatchObject({ width, height });
      expect(largestDifference(read.data, drawn(frame, width, height))).toBe(0);
      expect(frame.format).not.toBeNull();
      frame.close();
    });
  }

  test('turned frames are turned the right way', async () => {
    const corner = ({ data, width }: PixelImage, x: number, y: number) =>
      [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)].join();
    const stored = await readImage(frameOf(opaque));
    const turned = await readImage(frameOf(opaque, { rotation: 90 }));
    expect(turned).toMatchObject({ width: HEIGHT, height: WIDTH });
    expect(corner(turned, 0, 0)).toBe(corner(stored, 0, HEIGHT - 1));
    expect(corner(turned, HEIGHT - 1, 0)).toBe(corner(stored, 0, 0));
  });

  test('opaque frames are copied, not drawn', async () => {
    const draw = vi.spyOn(OffscreenCanvasRenderingContext2D.prototype, 'drawImage');
    await readImage(frames.I420?.() ?? opaque);
    expect(draw).not.toHaveBeenCalled();
    await readImage(frameOf(opaque, { flip: true }));
    expect(draw).toHaveBeenCalledTimes(1);
    draw.mockRestore();
  });
});

test('Display P3 ImageData becomes sRGB', async () => {
  const image = new ImageData(2, 1, { colorSpace: 'display-p3' });
  image.data.set([200, 120, 60, 255, 30, 160, 90, 255]);
  const linear = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const coded = (v: number) => 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  // CSS Color 4, the two spaces' matrices multiplied
  const toSrgb = ([r, g, b]: number[]) => {
    const [lr, lg, lb] = [linear(r ?? 0), linear(g ?? 0), linear(b ?? 0)];
    const rgb = [
      1.2249402 * lr - 0.2249402 * lg,
      -0.0420569 * lr + 1.0420569 * lg,
      -0.0196376 * lr - 0.0786361 * lg + 1.0982737 * lb,
    ];
    return rgb.map((value) => Math.min(255, Math.max(0, coded(Math.max(0, value)))));
  };
  const { data } = await readImage(image);
  for (const at of [0, 4]) {
    const expected = toSrgb([...image.data.subarray(at, at + 3)]);
    expect(largestDifference(data.subarray(at, at + 3), expected)).toBeLessThanOrEqual(1);
  }
  expect(Math.abs((data[0] ?? 0) - 200)).toBeGreaterThan(5);
});

describe('what was lent', () => {
  test('is neither closed nor changed', async () => {
    const bitmap = await createImageBitmap(translucent);
    const canvas = canvasOf(translucent);
    const before = drawn(canvas);
    const data = [...translucent.data];
    for (const image of [bitmap, canvas, translucent]) await readImage(image);
    expect(bitmap.width).toBe(WIDTH);
    expect([...drawn(canvas)]).toEqual([...before]);
    expect([...translucent.data]).toEqual(data);
  });

  test('a canvas without a context does not get one', async () => {
    const canvas = document.createElement('canvas');
    await readImage(canvas);
    expect(canvas.getContext('webgl2')).not.toBeNull();
  });
});

describe('refused as invalid input', () => {
  const closedBitmap = async () => {
    const bitmap = await createImageBitmap(opaque);
    bitmap.close();
    return bitmap;
  };
  const closedFrame = () => {
    const frame = frameOf(opaque);
    frame.close();
    return frame;
  };
  const givenAway = () => {
    const image = pixels(1, () => 255);
    structuredClone(image.data, { transfer: [image.data.buffer] });
    return image;
  };
  const broken = () => Object.assign(new Image(), { src: URL.createObjectURL(new Blob(['text'])) });
  const empty = () => Object.assign(document.createElement('canvas'), { width: 0 });

  const bad: Record<string, [() => unknown, RegExp]> = {
    'a closed ImageBitmap': [closedBitmap, /this ImageBitmap has no pixels: .*0 x 0/],
    'a closed VideoFrame': [closedFrame, /this VideoFrame has no pixels/],
    'an empty canvas': [empty, /this HTMLCanvasElement has no pixels: .*0 x 150/],
    'ImageData whose memory was given away': [givenAway, /this ImageData has no pixels/],
    'an image element without an address': [() => new Image(), /shows no picture: received no address/],
    'a broken image element': [broken, /shows no picture: received blob:.*which did not load/],
    'a video without a frame': [
      () => document.createElement('video'),
      /no frame yet: .*readyState 0.*loadeddata/,
    ],
    nothing: [() => undefined, /not a picture: expected pixels .* received Undefined/],
    null: [() => null, /not a picture: .* received Null/],
    'a number': [() => 5, /not a picture: .* received Number/],
    'another element': [() => document.createElement('div'), /not a picture: .* received HTMLDivElement/],
    'a promise': [() => [Promise.resolve(opaque)], /not a picture: .* received Array/],
  };
  for (const [name, [make, message]] of Object.entries(bad)) {
    test(name, async () => {
      const error = await refusalOf(await make());
      expect(error.code).toBe('invalid-input');
      expect(error.message).toMatch(message);
    });
  }

  test('more than maxPixels, of every kind', async () => {
    const all = [opaque, canvasOf(opaque), await fileOf(opaque), await elementOf(opaque), frameOf(opaque)];
    for (const image of all) {
      expect((await refusalOf(image, { maxPixels: 1199 })).message).toMatch(/too large: .*1200 \(40 x 30\)/);
      expect((await readImage(image, { maxPixels: 1200 })).width).toBe(WIDTH);
    }
  });
});

describe('createImageReader', () => {
  test('keeps one canvas, whatever the sizes, and reads overlapping calls apart', async () => {
    const reader = createImageReader();
    const made = vi.spyOn(globalThis, 'OffscreenCanvas');
    const small = await createImageBitmap(opaque, 0, 0, 8, 6);
    const large = await createImageBitmap(opaque);
    const all = await Promise.all([large, small, large, small].map((image) => reader.read(image)));
    expect(made).toHaveBeenCalledTimes(1);
    expect(all.map(({ width }) => width)).toEqual([WIDTH, 8, WIDTH, 8]);
    expect(largestDifference(all[2]?.data ?? [], opaque.data)).toBe(0);
    const [canvas] = made.mock.results.map(({ value }) => value);
    expect(canvas.width).toBe(8);
    reader.dispose();
    reader.dispose();
    expect(canvas.width).toBe(0);
    expect((await reader.read(large)).width).toBe(WIDTH);
    made.mockRestore();
  });

  test('closes what it decodes', async () => {
    const close = vi.spyOn(ImageBitmap.prototype, 'close');
    await readImage(await fileOf(opaque));
    expect(close).toHaveBeenCalledTimes(1);
    close.mockRestore();
  });

  test('takes a canvas element where OffscreenCanvas does not draw, and says where there is neither', async () => {
    const bitmap = await createImageBitmap(opaque);
    const offscreen = vi.spyOn(OffscreenCanvas.prototype, 'getContext').mockReturnValue(null);
    expect(largestDifference((await readImage(bitmap)).data, opaque.data)).toBe(0);
    const element = vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
    const error = await refusalOf(bitmap);
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('there is no canvas');
    element.mockRestore();
    offscreen.mockRestore();
  });

  test('an abort rejects with its reason, before and during', async () => {
    const reason = new Error('enough');
    const reader = createImageReader();
    const signal = AbortSignal.abort(reason);
    await expect(reader.read(opaque, { signal })).rejects.toBe(reason);
    for (const image of [await fileOf(opaque), await elementOf(opaque)]) {
      const controller = new AbortController();
      const reading = reader.read(image, { signal: controller.signal });
      controller.abort(reason);
      await expect(reading).rejects.toBe(reason);
    }
  });
});

describe('createWebStages', () => {
  test('prepares every kind as the reference prepares its pixels', async () => {
    const model = await loadTiny('rgb');
    const [web, reference] = [createWebStages(model), createCpuStages(model)];
    const image: PixelImage = { format: 'rgba8', width: WIDTH, height: HEIGHT, data: opaque.data };
    const expected = await reference.prepare(image);
    for (const picture of [opaque, await fileOf(opaque), frameOf(opaque), image]) {
      const { tensor, placement } = await web.prepare(picture);
      expect(placement).toEqual(expected.placement);
      if (!isCpuTensor(tensor) || !isCpuTensor(expected.tensor)) throw new Error('not in memory');
      expect([...tensor.data]).toEqual([...expected.tensor.data]);
    }
    const reason = new Error('enough');
    await expect(web.prepare(opaque, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    web.dispose();
  });
});
