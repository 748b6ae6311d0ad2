import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSegmenter, readClassMap, readMask, type Segmentation } from '../src/index.ts';
import { fakeRuntime, MODEL_BYTES, makeCard, noise } from './fixtures.ts';

const image = noise(8, 8, 1);
const model = makeCard();

describe('createSegmenter', () => {
  it('is the whole call', async () => {
    const segmenter = await createSegmenter({ model, runtime: fakeRuntime() });
    const segmentation = await segmenter.segment(image);
    expect(segmentation.timings.run).toBeGreaterThanOrEqual(0);
    expect(await readClassMap(segmentation)).toMatchObject({ width: 8, height: 8 });
    expect({ ...segmenter }).toMatchObject({ runtime: 'fake', accelerator: 'fake', variant: 'onnx-float32' });
    await segmenter.dispose();
  });

  it('verifies the bytes before anything opens them', async () => {
    const runtime = fakeRuntime({ source: { load: async () => new Uint8Array([1, 2, 3, 5]) } });
    await expect(createSegmenter({ model, runtime })).rejects.toMatchObject({ code: 'integrity' });
    expect(runtime.log).toEqual([]);
  });

  it('reports progress against a total that is known from the start', async () => {
    const seen: unknown[] = [];
    const runtime = fakeRuntime({
      source: {
        async load(_part, options) {
          options?.onProgress?.({ loaded: 1, total: 4 });
          return MODEL_BYTES;
        },
      },
    });
    await createSegmenter({ model, runtime, onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { loaded: 1, total: 4 },
      { loaded: 4, total: 4 },
    ]);
  });

  it('refuses a model in a format that the runtime does not take, and an unknown variant', async () => {
    const runtime = fakeRuntime({ format: 'tflite' });
    await expect(createSegmenter({ model, runtime })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(createSegmenter({ model, runtime: fakeRuntime(), variant: 'onnx-float23' })).rejects.toThrow(
      'Did you mean onnx-float32?',
    );
  });

  it('disposes what had been opened when it is aborted late', async () => {
    const controller = new AbortController();
    const runtime = fakeRuntime();
    const open = runtime.open;
    const late = {
      ...runtime,
      open: async (...args: Parameters<typeof open>) => {
        const opened = await open(...args);
        controller.abort(new Error('enough'));
        return opened;
      },
    };
    await expect(createSegmenter({ model, runtime: late, signal: controller.signal })).rejects.toThrow(
      'enough',
    );
    expect(runtime.log).toEqual(['open', 'dispose']);
  });
});

describe('at the door', () => {
  it('refuses what is no image, no card or no adapter, in words', async () => {
    const segmenter = await createSegmenter({ model, runtime: fakeRuntime() });
    for (const wrong of [null, undefined, 7, {}, { format: 'rgb8', width: 1, height: 1 }]) {
      const call = Reflect.apply(segmenter.segment, segmenter, [wrong]);
      await expect(call).rejects.toMatchObject({ code: 'invalid-input' });
    }
    for (const wrong of [{}, { model }, { runtime: fakeRuntime() }, { model: {}, runtime: {} }]) {
      const call = Reflect.apply(createSegmenter, null, [wrong]);
      await expect(call).rejects.toMatchObject({ code: 'invalid-input' });
    }
  });
});

describe('segment', () => {
  it('runs one at a time, in order', async () => {
    const runtime = fakeRuntime();
    runtime.delayMs = 5;
    const segmenter = await createSegmenter({ model, runtime });
    const order: number[] = [];
    await Promise.all([1, 2, 3].map((index) => segmenter.segment(image).then(() => order.push(index))));
    expect(order).toEqual([1, 2, 3]);
  });

  it('rejects a waiting call at once when it is aborted, and touches no other', async () => {
    const runtime = fakeRuntime();
    runtime.delayMs = 30;
    const segmenter = await createSegmenter({ model, runtime });
    const controller = new AbortController();
    const first = segmenter.segment(image);
    const second = segmenter.segment(image, { signal: controller.signal });
    const third = segmenter.segment(image);
    let firstDone = false;
    void first.then(() => {
      firstDone = true;
    });
    controller.abort(new Error('never mind'));
    await expect(second).rejects.toThrow('never mind');
    expect(firstDone).toBe(false);
    await Promise.all([first, third]);
    expect(runtime.log.filter((entry) => entry === 'run')).toHaveLength(2);
  });

  it('disposes the output of a call that is aborted while it runs', async () => {
    const runtime = fakeRuntime();
    runtime.delayMs = 20;
    const segmenter = await createSegmenter({ model, runtime });
    const controller = new AbortController();
    const call = segmenter.segment(image, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('late')), 5);
    await expect(call).rejects.toThrow('late');
    expect(runtime.live).toBe(0);
  });

  it('goes on after a run that failed', async () => {
    const runtime = fakeRuntime();
    const segmenter = await createSegmenter({ model, runtime });
    runtime.fail = new Error('the network broke');
    await expect(segmenter.segment(image)).rejects.toThrow('the network broke');
    runtime.fail = null;
    await expect(segmenter.segment(image)).resolves.toBeDefined();
  });
});

describe('dispose', () => {
  it('waits for the call in work, rejects those that wait, frees everything, and is idempotent', async () => {
    const runtime = fakeRuntime();
    runtime.delayMs = 20;
    const segmenter = await createSegmenter({ model, runtime });
    const done = await segmenter.segment(image);
    const working = segmenter.segment(image);
    const waiting = segmenter.segment(image);
    const rejected = expect(waiting).rejects.toMatchObject({ code: 'disposed' });
    await Promise.all([segmenter.dispose(), segmenter.dispose()]);
    await rejected;
    const last = await working;
    expect(runtime.live).toBe(0);
    expect(runtime.log.at(-1)).toBe('dispose');
    expect(runtime.log.filter((entry) => entry === 'dispose')).toHaveLength(1);
    for (const ended of [done, last]) {
      expect(() => ended.raw).toThrow('disposed');
      await expect(readClassMap(ended)).rejects.toMatchObject({ code: 'disposed' });
    }
    await expect(segmenter.segment(image)).rejects.toMatchObject({ code: 'disposed' });
  });

  it('of a segmentation gives its memory back once', async () => {
    const runtime = fakeRuntime();
    const segmenter = await createSegmenter({ model, runtime });
    const segmentation = await segmenter.segment(image);
    segmentation.dispose();
    segmentation.dispose();
    expect(runtime.live).toBe(0);
    await expect(segmentation.decode({ as: 'classes' })).rejects.toMatchObject({ code: 'disposed' });
  });

  it('answers to the engine’s symbols where it has them', async () => {
    const segmenter = await createSegmenter({ model, runtime: fakeRuntime() });
    const symbol: unknown = Reflect.get(Symbol, 'asyncDispose');
    if (typeof symbol === 'symbol') expect(symbol in segmenter).toBe(true);
    await segmenter.dispose();
  });
});

describe('what is forgotten', () => {
  afterEach(() => vi.restoreAllMocks());

  it.skipIf(globalThis.gc === undefined)('comes back, and is warned about once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const runtime = fakeRuntime();
    const segmenter = await createSegmenter({ model, runtime });
    for (let index = 0; index < 3; index++) await segmenter.segment(image);
    for (let round = 0; round < 20 && runtime.live > 0; round++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(runtime.live).toBe(0);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe('previous', () => {
  const recipe = { extra: 'previous-mask', layout: 'hwc' } as const;

  it('is refused when the frame has another size', async () => {
    const segmenter = await createSegmenter({ model: makeCard(recipe), runtime: fakeRuntime() });
    const previous = await segmenter.segment(image);
    await expect(segmenter.segment(noise(9, 8, 1), { previous })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('becomes the fourth channel, as scores at grid size', async () => {
    const runtime = fakeRuntime();
    const fed: (readonly number[])[] = [];
    const spy = {
      ...runtime,
      async open(...args: Parameters<typeof runtime.open>) {
        const opened = await runtime.open(...args);
        const run = opened.session.run;
        opened.session.run = async (tensor, options) => {
          fed.push([...(await tensor.read())].map(Number).filter((_, at) => at % 4 === 3));
          return run(tensor, options);
        };
        return opened;
      },
    };
    const segmenter = await createSegmenter({ model: makeCard(recipe), runtime: spy });
    const previous: Segmentation = await segmenter.segment(image);
    const mask = await readMask(previous, { soft: true });
    await segmenter.segment(image, { previous });
    expect(fed[0]?.every((score) => score === 0)).toBe(true);
    expect(fed[1]?.map((score) => Math.round(score * 255))).toEqual([...mask.data]);
  });
});
