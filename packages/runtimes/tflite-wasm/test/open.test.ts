import { readFileSync } from 'node:fs';
import { createSegmenter, isSegmentError, type LoadedModel } from '@seg/core';
import { oddBytes, seededImage, tinyCards } from '@seg/testkit';
import { describe, expect, it } from 'vitest';
import { tfliteWasm } from '../src/node.ts';
import { fileModel, loadTinyTflite, openTiny, sharedOrSkip, someInput } from './helpers.ts';

const text = new TextEncoder().encode('# Readme\n\nThis is a text file that somebody called model.tflite.\n');

async function refusal(model: LoadedModel) {
  const error: unknown = await tfliteWasm({ threads: 1 })
    .open(model)
    .catch((caught: unknown) => caught);
  if (!isSegmentError(error)) throw new Error(`refused with ${error}`);
  return error;
}

async function tinyBytes() {
  const [bytes = new Uint8Array()] = (await loadTinyTflite('rgb')).parts;
  return bytes;
}

describe('a file that does not fit is refused at the door', () => {
  it('a text file called .tflite, an empty file and a file cut short', async () => {
    const bytes = await tinyBytes();
    for (const wrong of [text, new Uint8Array(), bytes.slice(0, 400), bytes.slice(0, bytes.length - 30)]) {
      const error = await refusal(await fileModel(wrong));
      expect(error.code).toBe('invalid-input');
      expect(error.message).toContain('not a TFLite model');
      expect(error.message).toContain(`${wrong.length} bytes`);
    }
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
    const error = await refusal(
      await fileModel(oddBytes('two-inputs', 'tflite'), {}, { channels: [0, 1, 2] }),
    );
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('one input');
  });

  it('custom operators: the error names them', async () => {
    const error = await refusal(await fileModel(oddBytes('operator', 'tflite')));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('custom operators Frobnicate');
  });

  it('an int64 output', async () => {
    const output = { name: 'classes', dtype: 'int64', values: 'class-index', channels: [0] } as const;
    const error = await refusal(await fileModel(oddBytes('int64', 'tflite'), {}, output));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('int64');
  });

  it('ENet: every missing operator is named, though the vendor stops at the first', async ({ skip }) => {
    const [path = ''] = sharedOrSkip(['models/broken/ENet_256x256_custom_ops.tflite'], skip);
    const error = await refusal(await fileModel(Uint8Array.from(readFileSync(path))));
    expect(error.code).toBe('unsupported');
    expect(error.detail.received).toBe('the custom operators MaxPoolWithArgmax, ScatterNd, Size');
  });

  it('weights that TensorFlow Lite does not take: its own reason', async ({ skip }) => {
    const [path = ''] = sharedOrSkip(['models/broken/mnv3_seg_quant_rejected.tflite'], skip);
    const error = await refusal(await fileModel(Uint8Array.from(readFileSync(path))));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('zero_point');
    expect(error.message).toContain('CONV_2D');
  });

  it('and the next file opens all the same', async () => {
    const runtime = tfliteWasm({ threads: 1 });
    await expect(runtime.open(await fileModel(text))).rejects.toMatchObject({ code: 'invalid-input' });
    const { session } = await runtime.open(await loadTinyTflite('rgb'));
    (await session.run(someInput())).dispose();
    await session.dispose();
  });
});

describe('a session', () => {
  it('takes a file whose batch is dynamic', async () => {
    const output = { size: { width: 16, height: 16 }, channels: [0, 1, 2] } as const;
    const model = await fileModel(oddBytes('batch', 'tflite'), {}, output);
    const { session } = await tfliteWasm({ threads: 1 }).open(model);
    const result = await session.run(someInput());
    expect(result.shape[0]).toBe(1);
    await session.dispose();
  });

  it('refuses a tensor that is not the input', async () => {
    const { session } = await openTiny('uint8');
    await expect(session.run(someInput())).rejects.toMatchObject({ code: 'invalid-input' });
    await session.dispose();
  });

  it('gives each run memory of its own, and uses it again', async () => {
    const { session } = await openTiny('rgb');
    const [kept, gone] = [await session.run(someInput(1)), await session.run(someInput(2))];
    const before = (await kept.read()).slice();
    const memory = Reflect.get(gone, 'data');
    gone.dispose();
    const third = await session.run(someInput(3));
    expect(Reflect.get(third, 'data')).toBe(memory);
    expect(await kept.read()).toEqual(before);
    await session.dispose();
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

  it('says that wasm computes', async () => {
    const { session } = await openTiny('rgb');
    expect(session.accelerator).toBe('wasm');
    await session.dispose();
  });
});

describe('the usual way', () => {
  it('refuses threads that are none, and a worker in Node', () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => tfliteWasm({ threads })).toThrow('expected a whole number from 1');
    }
    expect(() => tfliteWasm({ mode: 'worker' })).toThrow('needs a page');
  });

  it('segments with the default source', async () => {
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime: tfliteWasm({ threads: 1 }) });
    const segmentation = await segmenter.segment(seededImage(20, 10, 1));
    expect(segmenter.accelerator).toBe('wasm');
    segmentation.dispose();
    await segmenter.dispose();
  });

  it('works on one thread where a page is not cross-origin isolated, and refuses more', async () => {
    Reflect.set(globalThis, 'crossOriginIsolated', false);
    try {
      expect(await tfliteWasm().probe()).toEqual({ ok: true });
      const runtime = tfliteWasm({ threads: 2 });
      expect(await runtime.probe()).toMatchObject({
        ok: false,
        reason: expect.stringContaining('not cross-origin isolated'),
      });
      await expect(runtime.open(await loadTinyTflite('rgb'))).rejects.toMatchObject({ code: 'unsupported' });
    } finally {
      Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
    }
  });

  it('says in probe that WebAssembly is not allowed, or has no SIMD', async () => {
    const { Module, validate } = WebAssembly;
    const refuse = () => {
      throw new WebAssembly.CompileError('blocked by Content Security Policy');
    };
    try {
      Object.assign(WebAssembly, { Module: refuse });
      expect(await tfliteWasm().probe()).toMatchObject({
        ok: false,
        reason: expect.stringContaining('wasm-unsafe-eval'),
      });
      Object.assign(WebAssembly, { Module, validate: () => false });
      expect(await tfliteWasm().probe()).toMatchObject({
        ok: false,
        reason: expect.stringContaining('SIMD'),
      });
    } finally {
      Object.assign(WebAssembly, { Module, validate });
    }
  });
});
