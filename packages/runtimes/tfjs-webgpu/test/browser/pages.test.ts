// What only a page shows: the golden picture, readbacks, threads, wrong addresses.
import { createSegmenter, isSegmentError, type PixelImage, type Runtime, readClassMap } from '@seg/core';
import deeplabv3257 from '@seg/models/deeplabv3-257';
import { loadTiny, seededImage, tinyCards, tinySource } from '@seg/testkit';
import type { BrowserImage } from '@seg/web';
import { countReadbacks as countReads } from '@seg/web/gpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test } from 'vitest';
import { sharedOrSkip } from '../../../../../tests/browser/shared.ts';
import { type TfjsWebgpuOptions, tfjsWebgpu } from '../../src/index.ts';
import { countReadbacks, countTensors, currentDevice, inline, wasmPaths, workerUrl } from './helpers.ts';

const GOLDEN = ['input_257x257x3_rgb.u8', 'labels_257x257.u8'].map((name) => `golden/deeplabv3_257/${name}`);

async function bytesAt(url: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

afterEach(() => expect(countTensors()).toBe(0));

describe.each<TfjsWebgpuOptions>([
  { mode: 'inline', accelerator: 'wasm' },
  { mode: 'worker', accelerator: 'wasm' },
])('DeepLabV3 257, %o', (options) => {
  test('0 of 66,049 pixels differ from the golden class map', { timeout: 180_000 }, async ({ skip }) => {
    const paths = ['models/tfjs_deeplabv3_257/model.json', ...GOLDEN];
    const [model = '', input = '', labels = ''] = await sharedOrSkip(paths, skip);
    const image: PixelImage = { format: 'rgb8', width: 257, height: 257, data: await bytesAt(input) };
    const folder = model.replace(/[^/]*\/[^/]*$/, '');
    const source = { load: ({ path }: { readonly path: string }) => bytesAt(folder + path) };
    const runtime = tfjsWebgpu({ ...options, wasmPaths, workerUrl });
    const segmenter = await createSegmenter({ model: deeplabv3257, runtime, source });
    const { data } = await readClassMap(await segmenter.segment(image));
    const expected = await bytesAt(labels);
    expect(expected.length).toBe(66_049);
    expect(expected.filter((label, at) => label !== data[at]).length).toBe(0);
    await segmenter.dispose();
  });
});

test('readbacks on webgpu: none to segment and decode, the bytes of the map for a class map', async () => {
  const runtime = inline('webgpu', { source: tinySource });
  const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime });
  const start = [countReadbacks(), countReads(currentDevice()).bytes];
  const segmentation = await segmenter.segment(seededImage(35, 21, 1));
  const decoded = await segmentation.decode({ as: 'classes' });
  expect([segmentation.raw.location, decoded.location]).toEqual(['webgpu', 'webgpu']);
  decoded.dispose();
  expect([countReadbacks(), countReads(currentDevice()).bytes]).toEqual(start);
  await readClassMap(segmentation);
  const [reads = 0, bytes = 0] = start;
  expect(countReadbacks()).toBe(reads + 1);
  expect(countReads(currentDevice()).bytes).toBe(bytes + 736); // 35 * 21, rounded up to 4
  await segmenter.dispose();
});

test('a graph that needs a value back from the GPU is refused before it waits for it', async () => {
  const model = await loadTiny('rgb', { format: 'tfjs' });
  const json = JSON.parse(new TextDecoder().decode(model.parts[0]));
  for (const node of json.modelTopology.node) {
    // the borders of the padding computed by a shader
    if (node.name === 'padded') node.input = ['input', 'computed'];
  }
  json.modelTopology.node.push(
    { name: 'many', op: 'BroadcastTo', input: ['border', 'size'], attr: {} },
    { name: 'computed', op: 'Max', input: ['many', 'axis'], attr: { keep_dims: { b: false } } },
    constant('size', [3]),
    constant('axis', [1]),
  );
  json.weightsManifest[0].weights.push(
    { name: 'size', shape: [3], dtype: 'int32' },
    { name: 'axis', shape: [1], dtype: 'int32' },
  );
  const [, weights = new Uint8Array()] = model.parts;
  const more = new Uint8Array(Int32Array.of(4096, 4, 2, 0).buffer);
  const parts = [new TextEncoder().encode(JSON.stringify(json)), Uint8Array.from([...weights, ...more])];
  await expect(inline('webgpu').open({ ...model, parts })).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('back from the GPU'),
  });
  const { session } = await inline('webgpu').open(model);
  await session.dispose();
});

function constant(name: string, dims: readonly number[]): unknown {
  const tensorShape = { dim: dims.map((size) => ({ size: `${size}` })) };
  return {
    name,
    op: 'Const',
    attr: { dtype: { type: 'DT_INT32' }, value: { tensor: { dtype: 'DT_INT32', tensorShape } } },
  };
}

test('a GPU that does not take a shader is refused, where it would give zeros', async () => {
  const model = await loadTiny('rgb', { format: 'tfjs' });
  await loseDevice(); // and with it the shaders that are compiled
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (shader) {
    return createShaderModule.call(this, { ...shader, code: `${shader.code} this is no WGSL` });
  };
  try {
    await expect(inline('webgpu').open(model)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('this GPU cannot run this model'),
    });
  } finally {
    GPUDevice.prototype.createShaderModule = createShaderModule;
    const device = currentDevice();
    device.destroy(); // with the shader that is none
    await device.lost; // the browser tells in its own time
  }
  const { session } = await inline('webgpu').open(model);
  await session.dispose();
});

async function loseDevice(): Promise<void> {
  const { session, stages } = await inline('webgpu').open(await loadTiny('sigmoid', { format: 'tfjs' }));
  const device = currentDevice();
  device.destroy();
  await device.lost;
  await session.dispose();
  stages.dispose();
}

async function refusal(runtime: Runtime<BrowserImage>) {
  const error: unknown = await runtime
    .open(await loadTiny('rgb', runtime))
    .catch((caught: unknown) => caught);
  if (!isSegmentError(error)) throw new Error(`refused with ${error}`);
  return error;
}

/** The wasm back end is one for this whole page: what starts it anew comes here. */
function forgetWasm(): void {
  const { factory, priority } = engine().registryFactory.wasm ?? {};
  if (factory === undefined) return;
  engine().removeBackend('wasm');
  engine().registerBackend('wasm', factory, priority);
}

describe.each(['inline', 'worker'] as const)('a wrong address, %s', (mode) => {
  const runtime = (wasmPaths: TfjsWebgpuOptions['wasmPaths']) =>
    tfjsWebgpu({ accelerator: 'wasm', mode, threads: 1, workerUrl, wasmPaths });

  test('a 404 in place of wasm; the right address works afterwards', async () => {
    forgetWasm();
    const error = await refusal(runtime('/repo/nowhere'));
    expect(error.code).toBe('fetch');
    expect(error.message).toContain(`${location.origin}/repo/nowhere/tfjs-backend-wasm-simd.wasm`);
    expect(error.message).toContain('404');
    const right = runtime(wasmPaths);
    const { session } = await right.open(await loadTiny('rgb', right));
    await session.dispose();
  });

  test('a web page in place of wasm', async () => {
    forgetWasm();
    const page = `${location.href}&in/`; // answers whatever is asked of it with itself
    const error = await refusal(runtime(page));
    expect(error.code).toBe('fetch');
    expect(error.message).toContain(`${page}tfjs-backend-wasm-simd.wasm`);
    expect(error.message.toLowerCase()).toContain('<!doctype html>');
  });

  test('addresses of each file, without the one that is needed', async () => {
    forgetWasm();
    const file = 'tfjs-backend-wasm-simd.wasm';
    expect((await refusal(runtime({ 'other.wasm': '/x' }))).detail.expected).toBe(file);
    const right = runtime({ [file]: `${wasmPaths}${file}` });
    const { session } = await right.open(await loadTiny('rgb', right));
    await session.dispose();
  });
});

describe('threads', () => {
  test('half of the cores at most, and once started they stay', async () => {
    forgetWasm();
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4, configurable: true });
    expect(await inline('wasm', { threads: 3 }).probe()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('at most 2: it takes half of the processor cores'),
    });
    const two = inline('wasm', { threads: 2 });
    const { session } = await two.open(await loadTiny('rgb', two));
    expect(await two.probe()).toEqual({ ok: true });
    expect(await inline('wasm').probe()).toEqual({ ok: true });
    expect((await refusal(inline('wasm', { threads: 1 }))).message).toContain('expected 2, received 1');
    await session.dispose();
    forgetWasm();
    Reflect.deleteProperty(navigator, 'hardwareConcurrency');
  });

  test('that fail to start are an error, not a wait for ever', async () => {
    forgetWasm();
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4, configurable: true });
    const { Blob } = globalThis;
    // as where a minifier has moved a part of the threads' script out of it
    globalThis.Blob = class extends Blob {
      constructor(parts: BlobPart[] = [], options?: BlobPropertyBag) {
        const text = String(parts[0]);
        super(text.startsWith('var WasmBackendModuleThreadedSimd') ? ['moved();', text] : parts, options);
      }
    };
    const error = await refusal(inline('wasm', { threads: 2 }));
    globalThis.Blob = Blob;
    Reflect.deleteProperty(navigator, 'hardwareConcurrency');
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('its threads fail');
    expect(error.message).toContain('moved is not defined');
    const one = inline('wasm');
    const { session } = await one.open(await loadTiny('rgb', one));
    await session.dispose();
  });

  test('one where the page is not cross-origin isolated', async () => {
    forgetWasm();
    Object.defineProperty(globalThis, 'crossOriginIsolated', { value: false, configurable: true });
    expect(await inline('wasm', { threads: 2 }).probe()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not cross-origin isolated'),
    });
    expect(await inline('wasm').probe()).toEqual({ ok: true });
    Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
  });
});
