// What only a page shows: the golden picture, wrong addresses, the one-file worker, a strict Content-Security-Policy.
import { createSegmenter, isSegmentError, type PixelImage, type Runtime, readClassMap } from '@seg/core';
import deeplabv3257 from '@seg/models/deeplabv3-257';
import { loadTiny } from '@seg/testkit';
import type { BrowserImage } from '@seg/web';
import { describe, expect, test } from 'vitest';
import { sharedOrSkip } from '../../../../../tests/browser/shared.ts';
import { type TfliteWasmOptions, tfliteWasm } from '../../src/index.ts';

const PACKAGE = '/repo/packages/runtimes/tflite-wasm';
const GOLDEN = ['input_257x257x3_rgb.u8', 'labels_257x257.u8'].map((name) => `golden/deeplabv3_257/${name}`);

async function bytesAt(url: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

describe.each<TfliteWasmOptions>([
  { mode: 'inline', threads: 1 },
  { mode: 'inline', threads: 2 },
  { mode: 'worker', threads: 1 },
  { mode: 'worker', threads: 2 },
  { mode: 'worker', threads: 1, workerUrl: `${PACKAGE}/dist/worker.js`, wasmPaths: `${PACKAGE}/vendor` },
  { mode: 'worker', threads: 2, workerUrl: `${PACKAGE}/dist/worker.js`, wasmPaths: `${PACKAGE}/vendor` },
])('DeepLabV3 257, %o', (options) => {
  test('0 of 66,049 pixels differ from the golden class map', async ({ skip }) => {
    const paths = ['models/deeplabv3_257_mv_gpu.tflite', ...GOLDEN];
    const [model = '', input = '', labels = ''] = await sharedOrSkip(paths, skip);
    const image: PixelImage = { format: 'rgb8', width: 257, height: 257, data: await bytesAt(input) };
    const source = { load: () => bytesAt(model) };
    const segmenter = await createSegmenter({ model: deeplabv3257, runtime: tfliteWasm(options), source });
    const { data } = await readClassMap(await segmenter.segment(image));
    const expected = await bytesAt(labels);
    expect(expected.length).toBe(66_049);
    expect(expected.filter((label, at) => label !== data[at]).length).toBe(0);
    await segmenter.dispose();
  });
});

async function refusal(runtime: Runtime<BrowserImage>) {
  const error: unknown = await runtime
    .open(await loadTiny('rgb', runtime))
    .catch((caught: unknown) => caught);
  if (!isSegmentError(error)) throw new Error(`refused with ${error}`);
  return error;
}

describe.each(['inline', 'worker'] as const)('a wrong address, %s', (mode) => {
  test('a 404 in place of wasm', async () => {
    const error = await refusal(tfliteWasm({ mode, threads: 1, wasmPaths: '/repo/nowhere' }));
    expect(error.code).toBe('fetch');
    expect(error.message).toContain(`${location.origin}/repo/nowhere/tflite-simd.wasm`);
    expect(error.message).toContain('404');
  });

  test('a web page in place of wasm', async () => {
    const page = `${location.origin}${PACKAGE}/test/browser/page.html?in/`; // whatever is asked of it
    const error = await refusal(tfliteWasm({ mode, threads: 1, wasmPaths: page }));
    expect(error.code).toBe('fetch');
    expect(error.message).toContain(`${page}tflite-simd.wasm`);
    expect(error.message.toLowerCase()).toContain('<!doctype html>');
  });

  test("wasm in place of the threads' script", async () => {
    const wasm = `${location.origin}${PACKAGE}/vendor/tflite-simd-threaded.wasm?in/`;
    const error = await refusal(tfliteWasm({ mode, threads: 2, wasmPaths: wasm }));
    expect(error.code).toBe('runtime');
    expect(error.message).toContain('their script does not load');
    expect(error.message).toContain(`${wasm}tflite-simd-threaded.mjs`);
  });
});

/** A page of this site under a policy of its own: runs a module script, and gives what it posts. */
async function inFrame(policy: string, script: string): Promise<unknown> {
  const packages = ['core', 'web', 'testkit'].map((name) => [
    `@seg/${name}`,
    `/repo/packages/${name}/dist/index.js`,
  ]);
  const imports = Object.fromEntries([
    ...packages,
    ['@seg/core/adapter', '/repo/packages/core/dist/adapter.js'],
  ]);
  const frame = document.createElement('iframe');
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">
    <script nonce="test" type="importmap">${JSON.stringify({ imports })}</script>
    <script nonce="test" type="module">${script}</script>`;
  const answer = new Promise((resolve) => {
    addEventListener('message', ({ data, source }) => source === frame.contentWindow && resolve(data));
  });
  document.body.append(frame);
  try {
    return await answer;
  } finally {
    frame.remove();
  }
}

const TRY = (options: string) => `
  import { tfliteWasm } from '${PACKAGE}/dist/index.js';
  import { loadTiny } from '@seg/testkit';
  import { createCpuTensor } from '@seg/core';
  try {
    let mayEval = true;
    try { new Function('') } catch { mayEval = false }
    const runtime = tfliteWasm(${options});
    const probe = await runtime.probe();
    const { session } = await runtime.open(await loadTiny('rgb', runtime));
    const output = ${options}.mode === 'inline' && await session.run(createCpuTensor('float32', [1, 16, 16, 3], new Float32Array(768)));
    parent.postMessage({ mayEval, probe, elements: output && output.data.length, accelerator: session.accelerator });
  } catch (error) { parent.postMessage({ code: error.code, message: error.message }) }`;

describe('a strict Content-Security-Policy', () => {
  const strict = "script-src 'self' 'nonce-test' 'wasm-unsafe-eval'; worker-src 'self'";

  test.each(["{ mode: 'inline', threads: 1 }", "{ mode: 'inline', threads: 2 }"])(
    'is enough: %s',
    async (options) => {
      expect(await inFrame(strict, TRY(options))).toEqual({
        mayEval: false,
        probe: { ok: true },
        elements: 256,
        accelerator: 'wasm',
      });
    },
  );

  test('is enough for the one-file worker', async () => {
    const folder = `${location.origin}${PACKAGE}`;
    const options = `{ mode: 'worker', threads: 2, workerUrl: '${folder}/dist/worker.js', wasmPaths: '${folder}/vendor' }`;
    expect(await inFrame(strict, TRY(options))).toMatchObject({ probe: { ok: true }, accelerator: 'wasm' });
  });

  test("without 'wasm-unsafe-eval' is refused with the word that is missing", async () => {
    const policy = "script-src 'self' 'nonce-test'; worker-src 'self'";
    expect(await inFrame(policy, TRY("{ mode: 'inline', threads: 1 }"))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining("'wasm-unsafe-eval'"),
    });
  });

  test('without workers refuses threads, and says where to look', async () => {
    const policy = "script-src 'self' 'nonce-test' 'wasm-unsafe-eval'; worker-src 'none'";
    expect(await inFrame(policy, TRY("{ mode: 'inline', threads: 2 }"))).toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('worker-src'),
    });
  });
});
