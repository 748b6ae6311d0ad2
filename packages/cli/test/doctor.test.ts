import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { seg, segJson, temporaryFolder } from './helpers.ts';

test('tells what works, as JSON', async () => {
  const { code, json } = await segJson(['doctor']);
  expect(code).toBe(0);
  const works = { ok: true, reason: null };
  expect(json).toMatchObject({
    node: process.version,
    cores: expect.any(Number),
    memory: { total: expect.any(Number), free: expect.any(Number) },
    packages: {
      '@seg/cli': expect.any(String),
      'onnxruntime-node': expect.any(String),
      'onnxruntime-web': expect.any(String),
      sharp: expect.any(String),
    },
    runtimes: [
      { name: 'onnx-node', ...works, providers: expect.arrayContaining(['cpu']) },
      { name: 'onnx-web', ...works, providers: ['wasm'] },
      ...['tflite-wasm', 'litert', 'tfjs-wasm', 'tfjs-cpu'].map((name) => ({
        name,
        ...works,
        providers: [],
      })),
    ],
    folders: [{ role: 'cache', ...works }, { role: 'mirror' }],
    photos: {
      reads: ['avif', 'tiff', 'gif', 'png', 'jpeg', 'webp'].map((format) => ({ format, ...works })),
      writes: ['png', 'jpeg', 'webp'].map((format) => ({ format, ...works })),
    },
  });
});

test('tells it in words, with the reason for what does not work', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'blobs'), { recursive: true });
  await writeFile(join(folder, 'blobs', 'a'.repeat(64)), 'model');
  vi.stubEnv('SEG_CACHE', folder);
  vi.stubEnv('SEG_MODEL_MIRROR', join(folder, 'nowhere'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, stdout } = await seg(['doctor']);
  expect(code).toBe(0);
  expect(stdout).toContain(`yes  cache ${folder} (1 file, 5 B)`);
  expect(stdout).toMatch(/no {3}mirror .*nowhere: cannot be read/);
  expect(stdout).toMatch(/onnx-node\n.*cpu/);
});
