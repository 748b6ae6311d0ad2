import { createSegmenter, isSegmentError, readClassMap, type Segmenter } from '@seg/core';
import {
  agreement,
  type FakeRuntimeOptions,
  loadTiny,
  runConformance,
  seededImage,
  tinyCards,
  tinySource,
} from '@seg/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { BrowserImage } from '../../src/images.ts';
import { createWorkerRuntime } from '../../src/worker-runtime.ts';

const started: Worker[] = [];
const image = seededImage(40, 30, 3);

function fakeInWorker(options: FakeRuntimeOptions & { readonly openMs?: number } = {}) {
  return createWorkerRuntime({
    name: 'fake',
    format: 'onnx',
    source: tinySource,
    options,
    start() {
      const worker = new Worker(new URL('./fake-worker.ts', import.meta.url), { type: 'module' });
      started.push(worker);
      return worker;
    },
  });
}

const segmenterOf = (options?: Parameters<typeof fakeInWorker>[0]): Promise<Segmenter<BrowserImage>> =>
  createSegmenter({ model: tinyCards.rgb, runtime: fakeInWorker(options) });

async function classesOf(segmenter: Segmenter<BrowserImage>, picture: BrowserImage): Promise<Uint8Array> {
  const segmentation = await segmenter.segment(picture);
  const { data } = await readClassMap(segmentation);
  segmentation.dispose();
  return data;
}

async function refusal(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => 'nothing',
    (caught: unknown) => caught,
  );
  if (!isSegmentError(error)) throw new Error(`refused with ${error}`);
  return error;
}

const locksHeld = async (): Promise<number> =>
  ((await navigator.locks.query()).held ?? []).filter(({ name }) => name?.startsWith('@seg/fake')).length;

afterEach(() => {
  for (const worker of started.splice(0)) worker.terminate();
});

runConformance(
  {
    name: 'a runtime in a worker',
    runtime: () => fakeInWorker(),
    means: {
      unavailable: () => fakeInWorker({ unavailable: 'the test says so' }),
      killWorkers() {
        for (const worker of started) worker.terminate();
      },
    },
  },
  { describe, it },
);

describe('a worker that dies', () => {
  const ends: Record<string, (worker: Worker) => void> = {
    'is terminated, while it computes': (worker) => worker.terminate(),
    'closes itself': (worker) => worker.postMessage({ end: 'close' }),
    'throws outside of a call': (worker) => worker.postMessage({ end: 'throw' }),
  };
  for (const [title, end] of Object.entries(ends)) {
    it(`${title}: the pending call rejects within a second, the next one starts another`, async () => {
      const segmenter = await segmenterOf({ delayMs: 3000 });
      const [worker] = started;
      const pending = segmenter.segment(image);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const start = performance.now();
      if (worker !== undefined) end(worker);
      const error = await refusal(pending);
      expect(error.code).toBe('runtime');
      expect(performance.now() - start).toBeLessThan(1000);
      expect(started.length).toBe(1);
      const next = segmenter.segment(image);
      (await next).dispose();
      expect(started.length).toBe(2);
      await segmenter.dispose();
    });
  }

  it('dies while it opens a model: opening rejects within a second', async () => {
    const opening = segmenterOf({ openMs: 3000 });
    await expect.poll(locksHeld).toBe(1);
    const start = performance.now();
    started[0]?.terminate();
    expect((await refusal(opening)).code).toBe('runtime');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('fails with what cannot be posted: the call rejects, and the next one works', async () => {
    const segmenter = await segmenterOf();
    started[0]?.postMessage({ poison: true });
    expect((await refusal(segmenter.segment(image))).message).toBe('poisoned');
    started[0]?.postMessage({ poison: false });
    (await segmenter.segment(image)).dispose();
    expect(started.length).toBe(1);
    await segmenter.dispose();
  });

  it('takes its tensors with it: a view of an older segmentation says so', async () => {
    const segmenter = await segmenterOf();
    const segmentation = await segmenter.segment(image);
    started[0]?.terminate();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const error = await refusal(readClassMap(segmentation));
    expect([error.code, error.message]).toEqual([
      'runtime',
      expect.stringContaining('Segment the picture again'),
    ]);
    segmentation.dispose();
    await segmenter.dispose();
  });
});

describe('a worker that does not start', () => {
  const refused = (workerUrl: string) =>
    refusal(
      createSegmenter({
        model: tinyCards.rgb,
        runtime: createWorkerRuntime({
          name: 'fake',
          format: 'onnx',
          source: tinySource,
          options: {},
          workerUrl,
          start: () => new Worker(workerUrl, { type: 'module' }),
        }),
      }),
    );

  it('names the address that gives 404', async () => {
    const url = new URL('/repo/no-such-worker.js', location.href).href;
    const error = await refused(url);
    expect(error.code).toBe('fetch');
    expect(error.message).toContain(url);
    expect(error.message).toContain('404');
  });

  it('shows the first bytes of a web page that came in its place', async () => {
    const page = new Blob(['<!doctype html><title>Not found</title>'], { type: 'text/html' });
    const error = await refused(URL.createObjectURL(page));
    expect(error.code).toBe('fetch');
    expect(error.message).toContain('<!');
  });

  it('says what to do where there are no workers', async () => {
    const Kept = globalThis.Worker;
    try {
      Reflect.deleteProperty(globalThis, 'Worker');
      const probe = await fakeInWorker().probe();
      expect(probe).toEqual({ ok: false, reason: expect.stringContaining("mode: 'inline'") });
      expect((await refusal(segmenterOf())).code).toBe('unsupported');
    } finally {
      globalThis.Worker = Kept;
    }
  });

  it('names the address of a script that does not run, and what to look at', async () => {
    const url = URL.createObjectURL(new Blob(['syntax error here'], { type: 'text/javascript' }));
    const error = await refused(url);
    expect(error.message).toContain(url);
    expect(error.message).toContain('seg assets copy');
  });

  it('of another origin says so, in probe too', async () => {
    const runtime = createWorkerRuntime({
      name: 'fake',
      format: 'onnx',
      source: tinySource,
      options: {},
      start: () => new Worker('https://cdn.invalid/worker.js', { type: 'module' }),
    });
    expect(await runtime.probe()).toEqual({ ok: false, reason: expect.stringContaining('own origin') });
    expect((await refusal(createSegmenter({ model: tinyCards.rgb, runtime }))).code).toBe('unsupported');
  });

  it('options that cannot be posted are refused', async () => {
    const error = await refusal(segmenterOf({ failOn: () => false }));
    expect([error.code, error.message]).toEqual(['invalid-input', expect.stringContaining("mode: 'inline'")]);
  });
});

describe('what crosses to the worker', () => {
  const draw = (): OffscreenCanvas => {
    const canvas = new OffscreenCanvas(40, 30);
    const data = new Uint8ClampedArray(40 * 30 * 4).fill(255);
    for (let i = 0; i < 40 * 30; i++)
      for (let c = 0; c < 3; c++) data[i * 4 + c] = image.data[i * 3 + c] ?? 0;
    canvas.getContext('2d')?.putImageData(new ImageData(data, 40, 30), 0, 0);
    return canvas;
  };

  it('every kind of picture gives the same classes', async () => {
    const segmenter = await segmenterOf();
    const expected = await classesOf(segmenter, image);
    expect(new Set(expected).size).toBeGreaterThan(2);
    const canvas = draw();
    const element = document.createElement('canvas');
    [element.width, element.height] = [40, 30];
    element.getContext('2d')?.drawImage(canvas, 0, 0);
    const png = await canvas.convertToBlob({ type: 'image/png' });
    const address = URL.createObjectURL(png);
    const img = new Image();
    img.src = address;
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    const pictures: Record<string, BrowserImage> = {
      canvas: element,
      'offscreen canvas': canvas,
      'image data': new ImageData(new Uint8ClampedArray((await rgbaOf(canvas)).data), 40, 30),
      bitmap: await createImageBitmap(canvas),
      blob: png,
      address,
      url: new URL(address),
      'image element': img,
      'video frame': frame,
    };
    for (const [kind, picture] of Object.entries(pictures)) {
      expect(await classesOf(segmenter, picture), kind).toEqual(expected);
      expect(await classesOf(segmenter, picture), `${kind}, again`).toEqual(expected);
    }
    frame.close();
    await segmenter.dispose();
  });

  it('a video that plays: the frame that it shows', async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [40, 30];
    const paint = (): void => canvas.getContext('2d')?.drawImage(draw(), 0, 0);
    paint();
    const painting = setInterval(paint, 20);
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = canvas.captureStream();
    await video.play();
    const segmenter = await segmenterOf();
    const expected = await classesOf(segmenter, image);
    const classes = await classesOf(segmenter, video);
    clearInterval(painting);
    // its colours have been through a video's
    expect(agreement(classes, expected)).toBeGreaterThan(0.9);
    await expect(segmenter.segment(document.createElement('video'))).rejects.toThrow('shows no frame');
    await segmenter.dispose();
  });

  it('a picture that never loads holds nothing up: abort rejects, and so does a lazy image', async () => {
    const segmenter = await segmenterOf();
    const never = new Image();
    never.src = URL.createObjectURL(new Blob()).replace(/.$/, 'x');
    const lazy = new Image();
    lazy.loading = 'lazy';
    lazy.src = '/repo/examples/sample.jpg';
    const abort = new AbortController();
    never.decode = () => new Promise(() => {});
    const pending = segmenter.segment(never, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect((await refusal(segmenter.segment(lazy))).code).toBe('invalid-input');
    (await segmenter.segment(image)).dispose();
    await segmenter.dispose();
  });

  it('pixels that were given away are refused, and the worker lives on', async () => {
    const segmenter = await segmenterOf();
    const before = await segmenter.segment(image);
    const lost = new ImageData(4, 4);
    structuredClone(lost.data.buffer, { transfer: [lost.data.buffer] });
    expect((await refusal(segmenter.segment(lost))).code).toBe('invalid-input');
    const plain = seededImage(8, 8, 1);
    structuredClone(plain.data.buffer, { transfer: [plain.data.buffer] });
    expect((await refusal(segmenter.segment(plain))).code).toBe('invalid-input');
    const element: unknown = document.createElement('div');
    expect((await refusal(segmenter.segment(element as BrowserImage))).message).toContain('not a picture');
    expect((await readClassMap(before)).data.length).toBe(1200);
    before.dispose();
    await segmenter.dispose();
  });

  it('a bitmap is given away only when asked', async () => {
    const segmenter = await segmenterOf();
    const bitmap = await createImageBitmap(draw());
    (await segmenter.segment(bitmap)).dispose();
    expect(bitmap.width).toBe(40);
    (await segmenter.segment(bitmap, { transfer: true })).dispose();
    expect(bitmap.width).toBe(0);
    await segmenter.dispose();
  });

  it('an abort rejects at once, and what was made is freed', async () => {
    const segmenter = await segmenterOf({ delayMs: 500 });
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    const pending = segmenter.segment(image, { signal: abort.signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    abort.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(performance.now() - start).toBeLessThan(100);
    (await segmenter.segment(image)).dispose();
    await segmenter.dispose();
  });

  it('frames of calls that were given up are closed over there', async () => {
    const closed = await new Promise<number>((resolve) => {
      const worker = new Worker(new URL('./closing-worker.ts', import.meta.url), { type: 'module' });
      started.push(worker);
      worker.addEventListener('message', ({ data }) => {
        if (typeof data.closed === 'number') resolve(data.closed);
      });
      const model = loadTiny('rgb');
      void model.then((loaded) => {
        worker.postMessage({ number: 1, call: 'open', options: {}, lock: 'seg-closing', model: loaded });
        for (let number = 2; number <= 5; number++) {
          const frame = new VideoFrame(draw(), { timestamp: number });
          worker.postMessage({ number, call: 'prepare', image: frame, previous: undefined }, [frame]);
          worker.postMessage({ abort: number });
        }
        worker.postMessage({ count: true });
      });
    });
    expect(closed).toBe(4);
  });

  it('dispose() ends the worker', async () => {
    const before = await locksHeld();
    const segmenter = await segmenterOf();
    expect(await locksHeld()).toBe(before + 1);
    await segmenter.dispose();
    await expect.poll(locksHeld).toBe(before);
    expect((await refusal(segmenter.segment(image))).code).toBe('disposed');
  });
});

async function rgbaOf(canvas: OffscreenCanvas): Promise<ImageData> {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no context');
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

it('a model is kept to start again, and borrowed: the same LoadedModel opens twice', async () => {
  const model = await loadTiny('rgb');
  const runtime = fakeInWorker();
  for (let i = 0; i < 2; i++) {
    const { session, stages } = await runtime.open(model);
    await session.dispose();
    stages.dispose();
  }
  expect(model.parts[0]?.length).toBeGreaterThan(0);
});
