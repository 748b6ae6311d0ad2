import { createSegmenter, isSegmentError, type LoadedModel } from '@seg/core';
import { loadTiny, oddBytes, seededImage, tinyCards, tinySource } from '@seg/testkit';
import { describe, expect, it } from 'vitest';
import { onnxWeb } from '../src/node.ts';
import { fileModel, openTiny, someInput } from './helpers.ts';

const text = new TextEncoder().encode('# Readme\n\nThis is a text file that somebody called model.onnx.\n');

async function refusal(model: LoadedModel) {
  const error: unknown = await onnxWeb({ threads: 1 })
    .open(model)
    .catch((caught: unknown) => caught);
  if (!isSegmentError(error)) throw new Error(`refused with ${error}`);
  return error;
}

describe('a file that does not fit is refused at the door', () => {
  it('a text file called .onnx', async () => {
    const error = await refusal(await fileModel(text));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toContain('not an ONNX model');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('an empty file and a file cut short', async () => {
    const { parts } = await loadTiny('rgb');
    const half = parts[0]?.slice(0, 400) ?? new Uint8Array();
    expect((await refusal(await fileModel(new Uint8Array()))).code).toBe('invalid-input');
    expect((await refusal(await fileModel(half))).code).toBe('invalid-input');
  });

  it('names that the file does not have: the error lists those it has', async () => {
    const [bytes = new Uint8Array()] = (await loadTiny('rgb')).parts;
    const input = await refusal(await fileModel(bytes, { name: 'image' }));
    expect(input).toMatchObject({
      code: 'invalid-card',
      detail: { expected: '"input"', received: '"image"' },
    });
    const output = await refusal(await fileModel(bytes, {}, { name: 'classes' }));
    expect(output.detail.expected).toBe('"unused", "logits"');
  });

  it('element types, counts and layouts that disagree', async () => {
    const [bytes = new Uint8Array()] = (await loadTiny('rgb')).parts;
    expect((await refusal(await fileModel(bytes, { dtype: 'uint8' }))).message).toContain('float32');
    expect((await refusal(await fileModel(bytes, {}, { dtype: 'int64' }))).code).toBe('invalid-card');
    const large = { width: 32, height: 32 };
    expect((await refusal(await fileModel(bytes, { size: large }))).message).toContain('[1,3,16,16]');
    expect((await refusal(await fileModel(bytes, { layout: 'hwc' }))).code).toBe('invalid-card');
    expect((await refusal(await fileModel(bytes, {}, { channels: [0, 1] }))).code).toBe('invalid-card');
  });

  it('float16, more inputs, unknown operators', async () => {
    for (const odd of ['float16', 'operator', 'two-inputs'] as const) {
      const error = await refusal(await fileModel(oddBytes(odd), {}, { channels: [0, 1, 2] }));
      expect([odd, error.code]).toEqual([odd, 'unsupported']);
      expect(error.message).not.toContain('ERROR_CODE');
    }
  });
});

describe('a session', () => {
  it('refuses a tensor that is not the input', async () => {
    const { session } = await openTiny('uint8');
    await expect(session.run(someInput())).rejects.toMatchObject({ code: 'invalid-input' });
    await session.dispose();
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

  it('rejects a run that is aborted while another is before it, and goes on', {
    timeout: 30_000,
  }, async () => {
    const { session } = await openTiny('slow');
    const abort = new AbortController();
    const first = session.run(someInput());
    const second = session.run(someInput(), { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect((await first).shape.length).toBeGreaterThan(0);
    (await session.run(someInput())).dispose();
    await session.dispose();
  });

  it('gives memory back at once: what was disposed is gone, what is alive is untouched', async () => {
    const { session } = await openTiny('rgb');
    const [kept, gone] = [await session.run(someInput()), await session.run(someInput())];
    const before = await kept.read();
    const { buffer } = Reflect.get(gone, 'data');
    gone.dispose();
    expect(buffer.byteLength).toBe(0);
    for (let i = 0; i < 5; i++) (await session.run(someInput())).dispose();
    expect(await kept.read()).toEqual(before);
    await session.dispose();
  });

  it('says that wasm computes', async () => {
    const { session } = await openTiny('rgb');
    expect(session.accelerator).toBe('wasm');
    await session.dispose();
  });
});

describe("the vendor's session options", () => {
  it('reach it and win over ours', async () => {
    const session = { graphOptimizationLevel: 'nonsense' } as const;
    await expect(
      onnxWeb({ session: Object.assign({}, session) as object }).open(await loadTiny('rgb')),
    ).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('nonsense'),
    });
  });

  it('name no provider but wasm', async () => {
    const runtime = onnxWeb({ session: { executionProviders: ['webgpu', 'wasm'] } });
    expect(await runtime.probe()).toMatchObject({ ok: false, reason: expect.stringContaining('webgpu') });
    await expect(runtime.open(await loadTiny('rgb'))).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('the usual way', () => {
  it('refuses threads that are none', () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => onnxWeb({ threads })).toThrow('expected a whole number from 1');
    }
  });

  it('segments with the default source', async () => {
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime: onnxWeb({ threads: 1 }) });
    const segmentation = await segmenter.segment(seededImage(20, 10, 1));
    expect(segmenter.accelerator).toBe('wasm');
    segmentation.dispose();
    await segmenter.dispose();
  });

  it('works on one thread where a page is not cross-origin isolated, and refuses more', async () => {
    Reflect.set(globalThis, 'crossOriginIsolated', false);
    try {
      expect(await onnxWeb().probe()).toEqual({ ok: true });
      const runtime = onnxWeb({ threads: 2, source: tinySource });
      expect(await runtime.probe()).toMatchObject({
        ok: false,
        reason: expect.stringContaining('not cross-origin isolated'),
      });
      await expect(runtime.open(await loadTiny('rgb'))).rejects.toMatchObject({ code: 'unsupported' });
    } finally {
      Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
    }
  });

  it('keeps the threads that it started with', async () => {
    const { session } = await openTiny('rgb');
    await session.dispose();
    expect((await onnxWeb({ threads: 1 }).probe()).ok).toBe(true);
    expect(await onnxWeb({ threads: 2 }).probe()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('expected 1, received 2'),
    });
  });
});
