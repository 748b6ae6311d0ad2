import { readFileSync } from 'node:fs';
import { createSegmenter, isSegmentError, type LoadedModel, type ModelVariant } from '@seg/core';
import { oddBytes, seededImage, tinyCards } from '@seg/testkit';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../src/engine.ts';
import { takeInstance } from '../src/instance.ts';
import { litert } from '../src/node.ts';
import { loadFromDisk } from '../src/node-files.ts';
import { fileModel, loadTinyTflite, openTiny, sharedOrSkip, someInput } from './helpers.ts';

const text = new TextEncoder().encode('# Readme\n\nThis is a text file that somebody called model.tflite.\n');

async function refusal(model: LoadedModel) {
  const error: unknown = await litert()
    .open(model)
    .catch((caught: unknown) => caught);
  if (!isSegmentError(error)) throw new Error(`refused with ${error}`);
  return error;
}

async function tinyBytes() {
  const [bytes = new Uint8Array()] = (await loadTinyTflite('rgb')).parts;
  return bytes;
}

/** A published file that runtimes refuse, with a recipe that is right for it. */
async function brokenModel(path: string, input: string, output: Partial<ModelVariant['output']>) {
  const size = { width: 256, height: 256 };
  return fileModel(Uint8Array.from(readFileSync(path)), { name: input, size }, { size, ...output });
}

describe('a file that does not fit is refused at the door', () => {
  it('a text file called .tflite, an empty file and a file cut short', async () => {
    const bytes = await tinyBytes();
    for (const wrong of [text, new Uint8Array(), bytes.slice(0, 400), bytes.slice(0, bytes.length - 30)]) {
      const error = await refusal(await fileModel(wrong));
      expect(error.code).toBe('invalid-input');
      expect(error.message).toContain('not a TFLite model, or it is cut short');
    }
  });

  it('a file with a damaged byte is refused or computes, and the next opens all the same', {
    timeout: 60_000,
  }, async () => {
    const bytes = await tinyBytes();
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      const opening = litert().open(await fileModel(damaged));
      const opened = await opening.catch((error: unknown) => error);
      if (isSegmentError(opened))
        expect(opened.code).toMatch(/^(invalid-input|invalid-card|unsupported|runtime)$/);
      else await (await opening).session.dispose();
    }
    const { session } = await openTiny('rgb');
    await session.dispose();
  });

  it('names that the file does not have: the error lists those it has', async () => {
    const bytes = await tinyBytes();
    const input = await refusal(await fileModel(bytes, { name: 'image' }));
    expect(input).toMatchObject({
      code: 'invalid-card',
      detail: { expected: '"input"', received: '"image"' },
    });
    const output = await refusal(await fileModel(bytes, {}, { name: 'classes' }));
    expect(output.detail.expected).toContain('"logits"');
  });

  it('element types, counts and layouts that disagree', async () => {
    const bytes = await tinyBytes();
    expect((await refusal(await fileModel(bytes, { dtype: 'uint8' }))).message).toContain('float32');
    expect((await refusal(await fileModel(bytes, {}, { dtype: 'int64' }))).code).toBe('invalid-card');
    const large = { width: 32, height: 32 };
    expect((await refusal(await fileModel(bytes, { size: large }))).message).toContain('[1,16,16,3]');
    expect((await refusal(await fileModel(bytes, { layout: 'chw' }))).code).toBe('invalid-card');
    expect((await refusal(await fileModel(bytes, {}, { channels: [0, 1] }))).code).toBe('invalid-card');
  });

  it('more inputs', async () => {
    const model = await fileModel(oddBytes('two-inputs', 'tflite'), {}, { channels: [0, 1, 2] });
    const error = await refusal(model);
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('one input');
  });

  it('an operator that it lacks: the vendor would give what lay in memory', async () => {
    const output = { size: { width: 16, height: 16 }, channels: [0, 1, 2] };
    const error = await refusal(await fileModel(oddBytes('operator', 'tflite'), {}, output));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('custom operators: Frobnicate');
  });

  it('ENet: every missing operator is named, though the vendor stops at the first', async ({ skip }) => {
    const [path = ''] = sharedOrSkip(['models/broken/ENet_256x256_custom_ops.tflite'], skip);
    const output = { name: 'output/truediv', channels: [0, 1] };
    const error = await refusal(await brokenModel(path, 'image', output));
    expect(error.code).toBe('unsupported');
    expect(error.detail.received).toBe('custom operators: MaxPoolWithArgmax, ScatterNd, Size');
  });

  it('weights that it cannot take: the vendor would give what lay in memory', async ({ skip }) => {
    const [path = ''] = sharedOrSkip(['models/broken/mnv3_seg_quant_rejected.tflite'], skip);
    const error = await refusal(await brokenModel(path, 'input_1', { name: 'Identity', channels: [0, 1] }));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('unsupported zero-point value (-127) in channel 1 of INT8 tensor 63');
  });

  it('a model that does not compute, though the vendor says nothing', async () => {
    const instance = await takeInstance(
      { build: 'plain', threads: 1, device: null },
      loadFromDisk(undefined),
    );
    const deaf = { ...instance, takeErrors: () => [] };
    const output = { size: { width: 16, height: 16 }, channels: [0, 1, 2] };
    const model = await fileModel(oddBytes('operator', 'tflite'), {}, output);
    expect(() => openEngine(deaf, model, 1)).toThrow('it gives what lay in memory');
    const right = await loadTinyTflite('rgb');
    const again = await takeInstance({ build: 'plain', threads: 1, device: null }, loadFromDisk(undefined));
    await openEngine({ ...again, takeErrors: () => [] }, right, 1).release();
  });

  it('and the next file opens all the same', async () => {
    const runtime = litert();
    await expect(runtime.open(await fileModel(text))).rejects.toMatchObject({ code: 'invalid-input' });
    const { session } = await runtime.open(await loadTinyTflite('rgb'));
    (await session.run(someInput())).dispose();
    await session.dispose();
  });
});

describe('a session', () => {
  it('takes a file whose batch is dynamic', async () => {
    const output = { size: { width: 16, height: 16 }, channels: [0, 1, 2] };
    const model = await fileModel(oddBytes('batch', 'tflite'), {}, output);
    const { session } = await litert().open(model);
    const result = await session.run(someInput());
    expect(result.shape).toEqual([1, 16, 16, 3]);
    await session.dispose();
  });

  it('gives int64', async () => {
    const output = { name: 'classes', dtype: 'int64', values: 'class-index', channels: [] } as const;
    const { session } = await litert().open(await fileModel(oddBytes('int64', 'tflite'), {}, output));
    const classes = await (await session.run(someInput())).read();
    expect(classes).toBeInstanceOf(BigInt64Array);
    expect([...new Set([...classes].map(Number))].every((label) => label >= 0 && label < 4)).toBe(true);
    await session.dispose();
  });

  it('computes the same in engines without relaxed SIMD', async () => {
    const outputs = [];
    for (const build of ['plain', 'compatible'] as const) {
      const instance = await takeInstance({ build, threads: 1, device: null }, loadFromDisk(undefined));
      const engine = openEngine(instance, await loadTinyTflite('rgb'), 1);
      outputs.push([...(await (await engine.run(someInput(), undefined)).read())].map(Number));
      await engine.release();
    }
    const [plain = [], compatible = []] = outputs;
    expect(Math.max(...plain.map((value, i) => Math.abs(value - (compatible[i] ?? 0))))).toBeLessThan(1e-5);
    expect(plain).toHaveLength(256);
  });

  it('refuses a tensor that is not the input', async () => {
    const { session } = await openTiny('uint8');
    await expect(session.run(someInput())).rejects.toMatchObject({ code: 'invalid-input' });
    await session.dispose();
  });

  it('gives results that outlive it, each its own', async () => {
    const { session } = await openTiny('rgb');
    const kept = await session.run(someInput(1));
    const before = (await kept.read()).slice();
    (await session.run(someInput(2))).dispose();
    await session.dispose();
    const { session: another } = await openTiny('rgb');
    await another.dispose();
    expect(await kept.read()).toEqual(before);
  });

  it('runs beside others: calls that are made at once give what they give one by one', async () => {
    const opened = await Promise.all(['rgb', 'rgb', 'rgb'].map(() => openTiny('rgb')));
    const input = someInput();
    const alone = await opened[0]?.session.run(input);
    const calls = opened.flatMap(({ session }) => [session.run(input), session.run(input)]);
    const expected = await alone?.read();
    for (const output of await Promise.all(calls)) expect(await output.read()).toEqual(expected);
    await Promise.all(opened.map(({ session }) => session.dispose()));
  });
});

describe('the usual way', () => {
  it('refuses threads that are none or that Node has not, and a worker in Node', async () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => litert({ threads })).toThrow('expected a whole number from 1');
    }
    expect(await litert({ threads: 2 }).probe()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('cannot start them in Node'),
    });
    expect(() => litert({ mode: 'worker' })).toThrow('needs a page');
  });

  it('refuses WebGPU in Node', async () => {
    const runtime = litert({ accelerator: 'webgpu' });
    expect(await runtime.probe()).toMatchObject({ ok: false, reason: expect.stringContaining('WebGPU') });
    await expect(runtime.open(await loadTinyTflite('rgb'))).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('segments with the default source', async () => {
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime: litert() });
    const segmentation = await segmenter.segment(seededImage(20, 10, 1));
    expect(segmenter.accelerator).toBe('wasm');
    segmentation.dispose();
    await segmenter.dispose();
  });

  it('says in probe that WebAssembly is not allowed', async () => {
    const { Module } = WebAssembly;
    const refuse = () => {
      throw new WebAssembly.CompileError('blocked by Content Security Policy');
    };
    try {
      Object.assign(WebAssembly, { Module: refuse });
      expect(await litert().probe()).toMatchObject({
        ok: false,
        reason: expect.stringContaining('wasm-unsafe-eval'),
      });
    } finally {
      Object.assign(WebAssembly, { Module });
    }
  });
});
