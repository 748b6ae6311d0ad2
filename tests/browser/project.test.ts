// What the tests in Chromium count on.
import { expect, test } from 'vitest';
import { sharedOrSkip, vendorAt } from './shared.ts';

test('pages and workers are cross-origin isolated, in a secure context', async () => {
  const script = 'postMessage([crossOriginIsolated, isSecureContext, typeof SharedArrayBuffer])';
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
  const inWorker = await new Promise((done) => worker.addEventListener('message', ({ data }) => done(data)));
  worker.terminate();
  expect(inWorker).toEqual([true, true, 'function']);
  expect([crossOriginIsolated, isSecureContext]).toEqual([true, true]);
});

test('WebGPU gives an adapter', async () => {
  const gpu: unknown = Reflect.get(navigator, 'gpu');
  const adapter = await (gpu as { requestAdapter(): Promise<unknown> }).requestAdapter();
  expect(adapter).not.toBeNull();
});

test('garbage can be collected on request', () => {
  expect(typeof Reflect.get(globalThis, 'gc')).toBe('function');
});

test('/repo/ has the files of the repository, whole and in ranges', async () => {
  const url = `${vendorAt('onnx-web', 'onnxruntime-web/dist')}ort-wasm-simd-threaded.wasm`;
  const part = await fetch(url, { headers: { Range: 'bytes=1-3' } });
  expect([part.status, part.headers.get('Content-Type'), await part.text()]).toEqual([
    206,
    'application/wasm',
    'asm',
  ]);
  const whole = await fetch(url);
  expect((await whole.arrayBuffer()).byteLength).toBe(Number(whole.headers.get('Content-Length')));
});

test('what is not there is a 404, also outside of the folders', async () => {
  const paths = [
    '/shared/nothing',
    '/repo/nothing',
    '/repo/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/repo/packages',
  ];
  const answers = await Promise.all(paths.map((path) => fetch(path)));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});

test('a shared file that is absent is named in the skip', async () => {
  const notes: string[] = [];
  await sharedOrSkip(['no/such-file'], (note) => notes.push(note));
  expect(notes).toEqual(['no no/such-file in SEG_SHARED or ../shared']);
});
