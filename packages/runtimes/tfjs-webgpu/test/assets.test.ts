import { expect, it } from 'vitest';
import { assets } from '../src/assets.ts';

/** An installed package's files: their names as content, the worker made of one version, the vendor of another. */
function installed(inside: string, beside: string) {
  return async (path: string) => {
    const worker = `/* with @tensorflow/tfjs-backend-wasm ${inside} inside */`;
    const json = JSON.stringify({ version: beside });
    return new TextEncoder().encode(path.endsWith('.json') ? json : path.endsWith('.js') ? worker : path);
  };
}

async function namesOf(accelerator: string | undefined): Promise<string[]> {
  const files = await assets.files({ accelerator, read: installed('4.22.0', '4.22.0') });
  return files.map(({ name }) => name);
}

it('a page needs the worker, and with wasm its files', async () => {
  expect(await namesOf(undefined)).toEqual(['tfjs-webgpu.worker.js']);
  expect(await namesOf('cpu')).toEqual(['tfjs-webgpu.worker.js']);
  expect(await namesOf('wasm')).toEqual([
    'tfjs-webgpu.worker.js',
    'tfjs-backend-wasm-simd.wasm',
    'tfjs-backend-wasm-threaded-simd.wasm',
  ]);
});

it('another accelerator, or wasm of another version, is refused', async () => {
  await expect(namesOf('webgl')).rejects.toMatchObject({ code: 'unsupported' });
  await expect(
    assets.files({ accelerator: 'wasm', read: installed('4.22.0', '4.23.0') }),
  ).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('npm install @tensorflow/tfjs-backend-wasm@4.22.0'),
  });
});
