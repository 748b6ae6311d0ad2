import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { SegmentError } from '@seg/core';
import { describe, expect, it } from 'vitest';
import { assets } from '../src/assets.ts';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root));

describe('the copied vendor', () => {
  const notice = read('vendor/NOTICE').toString();
  const stated = [...notice.matchAll(/^(tflite\S+)\n {2}(\d+) bytes.*\n {2}sha256 (\S+)$/gm)];

  it('is what its NOTICE states, file by file', () => {
    const names = readdirSync(new URL('vendor/', root)).filter((name) => /\.(mjs|wasm)$/.test(name));
    expect(stated.map(([, name]) => name).sort()).toEqual(names.sort());
    for (const [, name = '', bytes, sha256] of stated) {
      const content = read(`vendor/${name}`);
      expect([name, content.length, createHash('sha256').update(content).digest('hex')]).toEqual([
        name,
        Number(bytes),
        sha256,
      ]);
    }
  });

  it('makes no code from strings', () => {
    for (const name of ['tflite-simd.mjs', 'tflite-simd-threaded.mjs']) {
      expect(read(`vendor/${name}`).toString()).not.toMatch(
        /new Function|\bFunction\(|\beval\(|importScripts\(/,
      );
    }
  });
});

describe('the assets', () => {
  const question = { read: async (path: string) => read(path.replace('@seg/tflite-wasm/', '')) };

  it('are the worker, the wasm, and the script of threads', async () => {
    const files = await assets.files({ ...question, accelerator: undefined });
    expect(files.map(({ name }) => name)).toEqual([
      'tflite-wasm.worker.js',
      'tflite-simd.wasm',
      'tflite-simd-threaded.wasm',
      'tflite-simd-threaded.mjs',
    ]);
    for (const { bytes } of files) expect(bytes.length).toBeGreaterThan(50_000);
  });

  it('are for no other accelerator', async () => {
    await expect(assets.files({ ...question, accelerator: 'webgpu' })).rejects.toThrow(SegmentError);
  });
});
