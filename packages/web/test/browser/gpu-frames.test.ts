import { createCpuStages, createCpuTensor, placeImage, type Segmentation, type Tensor } from '@seg/core';
import { largestDifference } from '@seg/testkit';
import { afterAll, expect, test, vi } from 'vitest';
import { USAGE } from '../../src/gpu/types.ts';
import { countReadbacks, createGpuStages, type GpuDevice, isGpuTensor, leaseDevice } from '../../src/gpu.ts';
import {
  blackFrame,
  distinct,
  labelsNamed,
  modelOf,
  noise,
  prepareBoth,
  randomFloats,
  uploadTensor,
  whole,
} from './gpu-helpers.ts';

const lease = await leaseDevice();
const { device } = lease;
afterAll(() => lease.release());

const model = modelOf({ size: { width: 32, height: 32 } }, { layout: 'chw' });
const logits = randomFloats(4 * 64, 3, 10);

/** Counts what really happens, past our own bookkeeping. */
function watch(device: GpuDevice) {
  const made = { buffers: 0, textures: 0 };
  const [createBuffer, createTexture] = [device.createBuffer.bind(device), device.createTexture.bind(device)];
  device.createBuffer = (descriptor) => {
    made.buffers++;
    return createBuffer(descriptor);
  };
  device.createTexture = (descriptor) => {
    made.textures++;
    return createTexture(descriptor);
  };
  const mapping = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
  return {
    counts: () => ({ ...made, maps: mapping.mock.calls.length, ...countReadbacks(device) }),
    end() {
      Reflect.deleteProperty(device, 'createBuffer');
      Reflect.deleteProperty(device, 'createTexture');
      mapping.mockRestore();
    },
  };
}

function difference<Counts extends Record<string, number>>(before: Counts, after: Counts) {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}

test('readbacks: none to prepare and decode, one of width x height bytes for a class map', async () => {
  const stages = await createGpuStages({ device, model });
  const raw = uploadTensor(device, 'float32', [1, 4, 8, 8], logits);
  const watched = watch(device);
  const before = watched.counts();
  const size = { width: 101, height: 33 };
  const { tensor, placement } = await stages.prepare(noise(101, 33, 1));
  const classes = await stages.decode(raw, placement, { as: 'classes', size });
  const scores = await stages.decode(raw, placement, { as: 'scores', size, select: [[1], [2, 3]] });
  const decoded = watched.counts();
  expect(difference(before, decoded)).toMatchObject({ maps: 0, reads: 0, bytes: 0 });
  const map = await classes.read();
  expect(map.length).toBe(101 * 33);
  expect(difference(decoded, watched.counts())).toMatchObject({ maps: 1, reads: 1, bytes: 3336 });
  await scores.read();
  expect(difference(decoded, watched.counts())).toMatchObject({
    maps: 2,
    reads: 2,
    bytes: 3336 + 2 * 4 * 3333,
  });
  watched.end();
  for (const each of [tensor, classes, scores, raw]) each.dispose();
  stages.dispose();
});

test('a steady stream of frames makes no buffer and no texture', async () => {
  const stages = await createGpuStages({ device, model });
  const raw = uploadTensor(device, 'float32', [1, 4, 8, 8], logits);
  const canvas = new OffscreenCanvas(160, 90);
  const context = canvas.getContext('2d');
  const pixels = noise(160, 90, 1);
  let shown: Tensor | null = null;
  const frame = async (index: number): Promise<void> => {
    context?.fillRect(index, index, 9, 9);
    const { tensor, placement } = await stages.prepare(index % 2 === 0 ? canvas : pixels);
    const size = { width: 160, height: 90 };
    const classes = await stages.decode(raw, placement, { as: 'classes', size });
    const scores = await stages.decode(raw, placement, { as: 'scores', size, select: [[1]] });
    await classes.read();
    shown?.dispose();
    shown = scores;
    tensor.dispose();
    classes.dispose();
  };
  for (let index = 0; index < 4; index++) await frame(index);
  const watched = watch(device);
  const before = watched.counts();
  for (let index = 0; index < 50; index++) await frame(index);
  const made = difference(before, watched.counts());
  console.log(`50 frames: ${JSON.stringify(made)}`);
  expect(made).toMatchObject({ buffers: 0, textures: 0, reads: 50, bytes: 50 * 160 * 90 });
  watched.end();
  stages.dispose();
});

test('calls that overlap do not disturb each other', async () => {
  const stages = await createGpuStages({ device, model });
  const cpu = createCpuStages(model);
  const images = [noise(64, 48, 1), noise(40, 90, 2), noise(64, 48, 3), noise(20, 20, 4)];
  const results = await Promise.all(
    images.map(async (image) => {
      const bitmap = await createImageBitmap(new ImageData(rgba(image.data), image.width, image.height));
      const { tensor } = await stages.prepare(bitmap);
      return tensor.read();
    }),
  );
  for (const [index, image] of images.entries()) {
    const { tensor } = await cpu.prepare(image);
    expect(largestDifference(results[index] ?? new Float32Array(), await tensor.read())).toBeLessThan(1e-5);
  }
  stages.dispose();
});

function rgba(rgb: Uint8Array | Uint8ClampedArray): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let at = 0; at < rgb.length / 3; at++) out.set(rgb.subarray(at * 3, at * 3 + 3), at * 4);
  return out;
}

test('the previous mask is the fourth channel', async () => {
  const labels = labelsNamed(['background', 'hair', 'skin', 'clothes']);
  const size = { width: 32, height: 32 };
  const integers = { dtype: 'int8', quantization: { scale: 1 / 100, zeroPoint: -20 } } as const;
  for (const input of [
    { layout: 'chw' },
    { layout: 'hwc', order: 'bgr' },
    { ...integers, layout: 'hwc' },
  ] as const) {
    const model = modelOf(
      { ...input, size, fit: 'contain', extra: 'previous-mask' },
      { layout: 'chw' },
      labels,
    );
    const stages = await createGpuStages({ device, model });
    const cpu = createCpuStages(model);
    const image = noise(50, 30, 9);
    const placement = placeImage({ width: 50, height: 30 }, size, 'contain');
    const segmentation = (raw: Tensor): Segmentation => ({
      model: model.card,
      placement,
      raw,
      timings: { prepare: 0, run: 0 },
      decode: () => Promise.reject(new Error('not asked for')),
      dispose() {},
    });
    const raws = [
      uploadTensor(device, 'float32', [1, 4, 8, 8], logits),
      createCpuTensor('float32', [1, 4, 8, 8], logits),
    ] as const;
    for (const previous of [undefined, raws]) {
      const before = countReadbacks(device).reads;
      const ours = await stages.prepare(image, previous && { previous: segmentation(previous[0]) });
      expect(countReadbacks(device).reads).toBe(before);
      const theirs = await cpu.prepare(image, previous && { previous: segmentation(previous[1]) });
      expect(ours.tensor.shape).toEqual(theirs.tensor.shape);
      // the CPU leaves channels out that hardly count: see decode-softmax.ts
      const tolerance = 'dtype' in input ? 1 : 5e-4;
      const [a, b] = [await ours.tensor.read(), await theirs.tensor.read()];
      expect(largestDifference(a, b)).toBeLessThanOrEqual(tolerance);
    }
    await expect(stages.prepare(noise(51, 30, 9), { previous: segmentation(raws[0]) })).rejects.toMatchObject(
      { code: 'invalid-input' },
    );
    stages.dispose();
  }
});

test('more workgroups than one dimension takes', async () => {
  const stages = await createGpuStages({ device, model });
  const cpu = createCpuStages(model);
  const size = { width: 2111, height: 2003 };
  const request = { as: 'scores', size, select: [[1]] } as const;
  const ours = await stages.decode(
    uploadTensor(device, 'float32', [1, 4, 8, 8], logits),
    whole(32, 32),
    request,
  );
  const theirs = await cpu.decode(createCpuTensor('float32', [1, 4, 8, 8], logits), whole(32, 32), request);
  const [a, b] = [await ours.read(), await theirs.read()];
  expect(size.width * size.height).toBeGreaterThan(65_535 * 64);
  expect(largestDifference(a, b)).toBeLessThanOrEqual(5e-4);
  stages.dispose();
});

test('the result can be bound by a shader of somebody else', async () => {
  const stages = await createGpuStages({ device, model });
  const raw = uploadTensor(device, 'float32', [1, 4, 8, 8], logits);
  const classes = await stages.decode(raw, whole(32, 32), { as: 'classes', size: { width: 32, height: 32 } });
  if (!isGpuTensor(classes)) throw new Error('not on the GPU');
  const { buffer, byteOffset, byteLength } = classes;
  expect([byteOffset, byteLength]).toEqual([0, 1024]);
  const target = uploadTensor(device, 'uint8', [1024], new Uint8Array(1024));
  const code = `
    @group(0) @binding(0) var<storage, read> classes: array<u32>;
    @group(0) @binding(1) var<storage, read_write> drawn: array<u32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      drawn[id.x] = classes[id.x] ^ 0x01010101u;
    }`;
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = device.createComputePipeline({ layout: 'auto', compute });
  const entries = [
    { binding: 0, resource: { buffer, offset: byteOffset, size: byteLength } },
    { binding: 1, resource: { buffer: target.buffer } },
  ];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(4);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const map = await classes.read();
  expect(distinct(map)).toBeGreaterThan(1);
  expect(await target.read()).toEqual(Uint8Array.from({ length: 1024 }, (_, at) => Number(map[at]) ^ 1));
  for (const each of [classes, raw, target]) each.dispose();
  stages.dispose();
});

/** As on a GPU. Chromium's software adapter imports no frames; a texture's view stands for the imported frame. */
function pretendToImport(device: GpuDevice, importFrame: () => GPUTextureView): () => void {
  Object.defineProperty(device, 'adapterInfo', { value: { isFallbackAdapter: false }, configurable: true });
  Object.defineProperty(device, 'importExternalTexture', { value: importFrame, configurable: true });
  return () => {
    Reflect.deleteProperty(device, 'adapterInfo');
    Reflect.deleteProperty(device, 'importExternalTexture');
  };
}

test('frames that can be imported are read as external textures', async () => {
  const image = noise(60, 40, 5);
  const data = rgba(image.data);
  const usage = USAGE.textureBinding | USAGE.textureCopyTarget | USAGE.renderTarget;
  const texture = device.createTexture({ size: [60, 40], format: 'rgba8unorm', usage });
  device.queue.writeTexture({ texture }, data, { bytesPerRow: 240 }, [60, 40]);
  let imports = 0;
  const restore = pretendToImport(device, () => {
    imports++;
    return texture.createView();
  });
  const stages = await createGpuStages({ device, model });
  const frame = blackFrame(60, 40); // its own pixels are not looked at
  const { ours, cpu } = await prepareBoth(stages, model, frame, image);
  expect(largestDifference(ours, cpu)).toBeLessThan(1e-5);
  expect(imports).toBe(2); // the trial and the frame
  restore();
  stages.dispose();
  frame.close();
});

test('what is transparent in an imported frame lies over white', async () => {
  const usage = USAGE.textureBinding | USAGE.textureCopyTarget | USAGE.renderTarget;
  const texture = device.createTexture({ size: [32, 32], format: 'rgba8unorm', usage });
  const pixels = new Uint8Array(4096).map((_, at) => [200, 40, 0, 51][at % 4] ?? 0);
  device.queue.writeTexture({ texture }, pixels, { bytesPerRow: 128 }, [32, 32]);
  const restore = pretendToImport(device, () => texture.createView());
  const plain = modelOf({ size: { width: 32, height: 32 }, mean: [0, 0, 0], std: [1, 1, 1], layout: 'hwc' });
  const stages = await createGpuStages({ device, model: plain });
  const frame = blackFrame(32, 32);
  const { tensor } = await stages.prepare(frame);
  expect([...(await tensor.read())].slice(0, 3)).toEqual([244, 212, 204]);
  restore();
  tensor.dispose();
  stages.dispose();
  frame.close();
});

test('a read begins at once: its buffer may be lent again, or destroyed, right after the call', async () => {
  const data = randomFloats(1237, 1, 9); // a size that nobody has read before
  const owned = uploadTensor(device, 'float32', [1237], data);
  const reading = owned.read();
  owned.dispose();
  expect(await reading).toEqual(data);
  const source = uploadTensor(device, 'float32', [1238], randomFloats(1238, 2, 9));
  const expected = randomFloats(1238, 2, 9);
  const again = source.read();
  device.queue.writeBuffer(source.buffer, 0, new Float32Array(1238));
  expect(await again).toEqual(expected);
  source.dispose();
});

test('frames that cannot be imported go by a bitmap', async () => {
  const image = noise(60, 40, 6);
  const canvas = new OffscreenCanvas(60, 40);
  canvas.getContext('2d')?.putImageData(new ImageData(rgba(image.data), 60, 40), 0, 0);
  const usage = USAGE.textureBinding | USAGE.textureCopyTarget | USAGE.renderTarget;
  const texture = device.createTexture({ size: [60, 40], format: 'rgba8unorm', usage });
  let calls = 0;
  const restore = pretendToImport(device, () => {
    calls++;
    if (calls === 1) throw new DOMException('no', 'OperationError');
    return texture.createView();
  });
  const stages = await createGpuStages({ device, model });
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  const { ours, cpu } = await prepareBoth(stages, model, frame, image);
  expect(largestDifference(ours, cpu)).toBeLessThan(1e-5);
  expect(calls).toBe(1);
  (await stages.prepare(frame)).tensor.dispose();
  expect(calls).toBe(3); // one bad frame says nothing about the next: a trial again, and the frame
  restore();
  stages.dispose();
  frame.close();
});
