import { createSegmenter, type ModelSource, readClassMap } from '@seg/core';
import hair from '@seg/models/hair';
import selfieLandscape from '@seg/models/selfie-landscape';
import unetPerson128 from '@seg/models/unet-person-128';
import {
  agreement,
  loadTiny,
  oddBytes,
  runConformance,
  seededImage,
  tinyCards,
  tinySource,
} from '@seg/testkit';
import { countReadbacks } from '@seg/web/gpu';
import { describe, expect, it } from 'vitest';
import { sharedOrSkip, vendorAt } from '../../../../../tests/browser/shared.ts';
import { type LitertOptions, litert } from '../../src/index.ts';

const devices: GPUDevice[] = [];
const request = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...options) {
  const device = await request.apply(this, options);
  devices.push(device);
  return device;
};
const wasmPaths = vendorAt('litert', '@litertjs/core/wasm');
const inline = (options: LitertOptions = {}) => litert({ mode: 'inline', threads: 1, wasmPaths, ...options });
const onGpu = () => inline({ accelerator: 'webgpu' });
const image = seededImage(41, 30, 3);
const source: ModelSource = {
  load: async ({ path }) => new Uint8Array(await (await fetch(`/shared/models/${path}`)).arrayBuffer()),
};

runConformance(
  {
    name: 'litert on WebGPU in Chromium',
    runtime: onGpu,
    skipModels: {
      uint8: 'LiteRT takes integers from memory, not from GPU buffers',
      int8: 'LiteRT takes integers from memory, not from GPU buffers',
      slow: 'takes a minute on a GPU that a processor plays',
    },
    means: {
      loseDevice() {
        for (const device of devices.splice(0)) device.destroy();
      },
      countReadbacks: () => devices.reduce((sum, device) => sum + countReadbacks(device).reads, 0),
    },
  },
  { describe, it },
);

describe('litert on WebGPU', () => {
  it('reads back one class map and nothing else', async () => {
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime: onGpu(), source: tinySource });
    const device = devices.at(-1);
    if (device === undefined) throw new Error('no device was made');
    let maps = 0;
    const map = GPUBuffer.prototype.mapAsync;
    GPUBuffer.prototype.mapAsync = function (...options) {
      maps++;
      return map.apply(this, options);
    };
    try {
      const before = countReadbacks(device);
      const segmentation = await segmenter.segment(image);
      const classes = await segmentation.decode({ as: 'classes' });
      await device.queue.onSubmittedWorkDone();
      expect([countReadbacks(device).reads - before.reads, maps]).toEqual([0, 0]);
      classes.dispose();
      await readClassMap(segmentation);
      const { reads, bytes } = countReadbacks(device);
      // 41 x 30 bytes, rounded up to 4
      expect([reads - before.reads, bytes - before.bytes, maps]).toEqual([1, 1232, 1]);
      segmentation.dispose();
    } finally {
      GPUBuffer.prototype.mapAsync = map;
      await segmenter.dispose();
    }
  });

  it('computes several models at once, on one device that they share', async () => {
    // on a second device of one instance the vendor would give zeros
    const models = [tinyCards.rgb, tinyCards.sigmoid, tinyCards.previous];
    const known = devices.length;
    const opening = models.map((model) => createSegmenter({ model, runtime: onGpu(), source: tinySource }));
    const segmenters = await Promise.all(opening);
    expect(devices.length - known).toBeLessThanOrEqual(1);
    const maps = await Promise.all(segmenters.map(async (each) => readClassMap(await each.segment(image))));
    await segmenters[0]?.dispose();
    for (const [i, model] of models.entries()) {
      const reference = await createSegmenter({ model, runtime: inline(), source: tinySource });
      const { data } = await readClassMap(await reference.segment(image));
      expect(agreement(maps[i]?.data ?? new Uint8Array(), data)).toBeGreaterThanOrEqual(0.999);
      expect(new Set(data).size).toBeGreaterThan(1);
      await reference.dispose();
    }
    await Promise.all(segmenters.map((each) => each.dispose()));
  });

  it('results outlive their session, and it its instance', async () => {
    const { session, stages } = await onGpu().open(await loadTiny('rgb', onGpu()));
    const { tensor } = await stages.prepare(image);
    const outputs = [await session.run(tensor), await session.run(tensor)];
    tensor.dispose();
    await session.dispose();
    const [first, second] = await Promise.all(outputs.map((output) => output.read()));
    expect(first).toEqual(second);
    expect(new Set([...(first ?? [])].map(Number)).size).toBeGreaterThan(100);
    for (const output of outputs) output.dispose();
    stages.dispose();
  });

  it('refuses integers, and says why', async () => {
    const opening = createSegmenter({ model: tinyCards.uint8, runtime: onGpu(), source: tinySource });
    await expect(opening).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('refuses a model of which a part would compute on the CPU, and names that part', async () => {
    const { card, variant } = await loadTiny('rgb', onGpu());
    const output = { ...variant.output, name: 'unused' };
    const model = { card, variant: { ...variant, output }, parts: [oddBytes('int64', 'tflite')] };
    await expect(onGpu().open(model)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/not supported by GPU.*ARG_MAX: Tensor type\(INT64\)/),
    });
    const { session, stages } = await inline().open(model);
    await session.dispose();
    stages.dispose();
  });

  it('refuses what it lacks, and says what', async () => {
    const { card, variant } = await loadTiny('rgb', onGpu());
    const output = { ...variant.output, size: { width: 16, height: 16 }, channels: [0, 1, 2] };
    const model = { card, variant: { ...variant, output }, parts: [oddBytes('operator', 'tflite')] };
    await expect(onGpu().open(model)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('custom operators: Frobnicate'),
    });
  });

  it('refuses where the device does not take its shaders: it would give zeros', async () => {
    const kept = GPUDevice.prototype.createComputePipeline; // the vendor's way, not that of our stages
    GPUDevice.prototype.createComputePipeline = function (descriptor) {
      return kept.call(this, { ...descriptor, compute: { ...descriptor.compute, entryPoint: 'none' } });
    };
    try {
      await expect(onGpu().open(await loadTiny('rgb', onGpu()))).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining('WebGPU refuses what LiteRT asks of it'),
      });
    } finally {
      GPUDevice.prototype.createComputePipeline = kept;
    }
  });

  it('says in probe that there is no adapter', async () => {
    const kept = GPU.prototype.requestAdapter;
    GPU.prototype.requestAdapter = async () => null;
    try {
      expect(await onGpu().probe()).toEqual({ ok: false, reason: expect.stringContaining('no adapter') });
    } finally {
      GPU.prototype.requestAdapter = kept;
    }
  });
});

describe.each([
  { file: 'selfie_segmentation_landscape.tflite', card: selfieLandscape },
  { file: 'hair_segmentation.tflite', card: hair },
  { file: 'unet_voc_person_128_float.tflite', card: unetPerson128 },
])("MediaPipe's operators too: $card.id", ({ file, card }) => {
  it('gives the classes that wasm gives', { timeout: 180_000 }, async ({ skip }) => {
    const [, photo = ''] = await sharedOrSkip([`models/${file}`, 'photos/astronaut.png'], skip);
    const maps = [];
    for (const runtime of [inline(), onGpu()]) {
      const segmenter = await createSegmenter({ model: card, runtime, source });
      const segmentation = await segmenter.segment(new URL(photo, location.href));
      maps.push((await readClassMap(segmentation)).data);
      segmentation.dispose();
      await segmenter.dispose();
    }
    const [wasm = new Uint8Array(), gpu = new Uint8Array()] = maps;
    const share = agreement(wasm, gpu);
    console.log(`${card.id}: ${(share * 100).toFixed(3)} % of ${wasm.length} pixels agree with wasm`);
    expect(share).toBeGreaterThanOrEqual(0.999);
    expect(new Set(wasm).size).toBe(2);
  });
});
