import { createSegmenter, isSegmentError, readClassMap } from '@seg/core';
import { runConformance, seededImage, tinyCards, tinySource } from '@seg/testkit';
import { countReadbacks } from '@seg/web/gpu';
import { describe, expect, it } from 'vitest';
import { onnxWeb } from '../../src/index.ts';

const devices: GPUDevice[] = [];
const request = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...options) {
  const device = await request.apply(this, options);
  devices.push(device);
  return device;
};
const onGpu = () => onnxWeb({ accelerator: 'webgpu', mode: 'inline' });
const image = seededImage(41, 30, 3);

runConformance(
  {
    name: 'onnx-web on WebGPU in Chromium',
    runtime: onGpu,
    skipModels: {
      uint8: 'stages on WebGPU decode float32 and int32',
      int8: 'stages on WebGPU decode float32 and int32',
      index: 'its output is int64',
      slow: 'takes minutes on a GPU that a processor plays',
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

describe('onnx-web on WebGPU', () => {
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

  it('a result outlives its session', async () => {
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime: onGpu(), source: tinySource });
    const segmentation = await segmenter.segment(image);
    const raw = await segmentation.raw.read();
    expect(raw.length).toBe(256);
    await segmenter.dispose();
  });

  it('refuses what the GPU cannot do, and says why', async () => {
    for (const model of [tinyCards.uint8, tinyCards.index]) {
      const error: unknown = await createSegmenter({ model, runtime: onGpu(), source: tinySource }).catch(
        (caught: unknown) => caught,
      );
      expect(isSegmentError(error) && error.code).toBe('unsupported');
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
