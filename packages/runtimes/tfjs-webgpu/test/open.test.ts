import { createSegmenter, isSegmentError, type LoadedModel } from '@seg/core';
import { largestDifference, oddBytes, seededImage, tinyCards, tinySource } from '@seg/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { tfjsWebgpu } from '../src/node.ts';
import { changedModel, countTensors, encode, filesModel, openTiny, someInput, tiny } from './helpers.ts';

const text = new TextEncoder().encode('# Readme\n\nThis is a text file that somebody called model.json.\n');

async function refusal(model: LoadedModel) {
  const error: unknown = await tfjsWebgpu({ accelerator: 'wasm' })
    .open(model)
    .catch((caught: unknown) => caught);
  if (!isSegmentError(error)) throw new Error(`refused with ${error}`);
  return error;
}

afterEach(() => expect(countTensors()).toBe(0));

describe('files that do not fit are refused at the door', () => {
  it('a text file, an empty one, and one cut short', async () => {
    const { parts } = await tiny('rgb');
    const [json = text, weights = text] = parts;
    const page = await refusal(await filesModel([text, weights]));
    expect(page.code).toBe('invalid-input');
    expect(page.message).toContain('63 bytes that begin with "# Readme');
    expect((await refusal(await filesModel([new Uint8Array(), weights]))).message).toContain('is empty');
    const half = await refusal(await filesModel([json.slice(0, 900), weights]));
    expect(half).toMatchObject({ code: 'invalid-input', message: expect.stringContaining('cut short') });
  });

  it('JSON that is no model, and a layers model', async () => {
    for (const json of [
      {},
      [],
      7,
      null,
      { modelTopology: { node: [] } },
      { modelTopology: {}, weightsManifest: [] },
    ]) {
      expect((await refusal(await filesModel([encode(json)]))).code).toBe('invalid-input');
    }
    const layers = await refusal(await filesModel([encode({ format: 'layers-model', modelTopology: {} })]));
    expect(layers).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('tensorflowjs_converter'),
    });
  });

  it('weights that are missing, too short or too long', async () => {
    const { parts } = await tiny('rgb');
    const [json = text, weights = text] = parts;
    const none = await changedModel(({ weightsManifest: [group] }) => group?.paths.push('other.bin'));
    expect(await refusal(none)).toMatchObject({
      code: 'invalid-input',
      detail: { expected: 'other.bin', received: 'tiny-rgb.tfjs.bin' },
    });
    for (const bytes of [weights.slice(0, 300), new Uint8Array(481)]) {
      expect(await refusal(await filesModel([json, bytes]))).toMatchObject({
        code: 'invalid-input',
        detail: { expected: '480 bytes, as model.json says', received: `${bytes.length}` },
      });
    }
  });

  it('names, sizes and layouts that disagree with the card', async () => {
    const { parts } = await tiny('rgb');
    const input = await refusal(await filesModel(parts, { name: 'image' }));
    expect(input).toMatchObject({
      code: 'invalid-card',
      detail: { expected: '"input"', received: '"image"' },
    });
    const output = await refusal(await filesModel(parts, {}, { name: 'classes' }));
    expect(output.detail.expected).toBe('"unused", "logits"');
    const large = { width: 32, height: 32 };
    expect((await refusal(await filesModel(parts, { size: large }))).message).toContain('[1,16,16,3]');
    expect((await refusal(await filesModel(parts, { layout: 'chw' }))).code).toBe('invalid-card');
    expect((await refusal(await filesModel(parts, { dtype: 'uint8' }))).message).toContain('float32');
    expect((await refusal(await filesModel(parts, {}, { dtype: 'int32' }))).message).toContain('float32');
    expect((await refusal(await filesModel(parts, {}, { channels: [0, 1] }))).message).toContain('[1,8,8,4]');
  });

  it('more inputs', async () => {
    const error = await refusal(await filesModel([oddBytes('two-inputs', 'tfjs')]));
    expect(error).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('"input", "other"'),
    });
  });

  it('operators that tfjs does not know: all of them at once', async () => {
    const odd = await filesModel([oddBytes('operator', 'tfjs')]);
    expect(await refusal(odd)).toMatchObject({ code: 'unsupported', detail: { received: 'Frobnicate' } });
    const two = await changedModel(({ modelTopology: { node } }) => {
      for (const each of node) if (['Pad', 'BiasAdd'].includes(each.op)) each.op = `My${each.op}`;
    });
    expect((await refusal(two)).detail.received).toBe('MyPad, MyBiasAdd');
  });

  it('operators that the back end lacks, and control flow', async () => {
    const attr = { equation: { s: btoa('abcd,abcd->abcd') }, N: { i: '2' } };
    const kernel = await changedModel(({ modelTopology: { node } }) => {
      for (const each of node) {
        if (each.name === 'unused') Object.assign(each, { op: 'Einsum', input: ['logits', 'logits'], attr });
      }
    });
    const { variant } = kernel;
    const lacking = { ...kernel, variant: { ...variant, output: { ...variant.output, name: 'unused' } } };
    expect((await refusal(lacking)).message).toContain('back end wasm lacks');
    expect((await refusal(lacking)).code).toBe('unsupported');
    const flow = await changedModel(({ modelTopology: { node } }) => {
      for (const each of node)
        if (each.op === 'BiasAdd') Object.assign(each, { op: 'Where', input: ['logits/sum'] });
    });
    expect(await refusal(flow)).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('control flow'),
    });
  });
});

describe('files that tfjs takes', () => {
  it('weights that are quantised give nearly the same', async () => {
    const input = someInput();
    const model = await quantisedModel();
    const { session } = await tfjsWebgpu({ accelerator: 'wasm' }).open(model);
    const exact = await openTiny('rgb');
    const [a, b] = [await session.run(input), await exact.session.run(input)];
    const apart = largestDifference(await a.read(), await b.read());
    expect(apart).toBeGreaterThan(0);
    expect(apart).toBeLessThan(0.05);
    await Promise.all([session.dispose(), exact.session.dispose()]);
  });

  it('bytes that are a part of a larger buffer, and stay as they are', async () => {
    const model = await tiny('rgb');
    const parts = model.parts.map((bytes) => {
      const larger = new Uint8Array(bytes.length + 12).fill(255);
      larger.set(bytes, 8);
      return larger.subarray(8, 8 + bytes.length);
    });
    const { session } = await tfjsWebgpu({ accelerator: 'wasm' }).open({ ...model, parts });
    const exact = await openTiny('rgb');
    const [a, b] = [await session.run(someInput()), await exact.session.run(someInput())];
    expect(await a.read()).toEqual(await b.read());
    expect(parts).toEqual(model.parts);
    await Promise.all([session.dispose(), exact.session.dispose()]);
  });
});

/** tiny-rgb with its float weights as uint8. */
async function quantisedModel(): Promise<LoadedModel> {
  const model = await tiny('rgb');
  const [, weights = text] = model.parts;
  const made: Uint8Array[] = [];
  let at = 0;
  const changed = await changedModel(({ weightsManifest: [group] }) => {
    for (const weight of group?.weights ?? []) {
      const length = 4 * weight.shape.reduce((product, each) => product * each, 1);
      const bytes = weights.slice(at, at + length);
      at += length;
      if (weight.dtype !== 'float32') {
        made.push(bytes);
        continue;
      }
      const values = new Float32Array(bytes.buffer);
      const min = Math.min(...values);
      const scale = (Math.max(...values) - min) / 255;
      weight.quantization = { dtype: 'uint8', min, scale };
      made.push(Uint8Array.from(values, (value) => Math.round((value - min) / scale)));
    }
  });
  const [json = text] = changed.parts;
  return { ...changed, parts: [json, Uint8Array.from(made.flatMap((bytes) => [...bytes]))] };
}

describe('a session', () => {
  it('refuses a tensor that is not the input, and says what computes', async () => {
    const { session } = await openTiny('previous');
    expect(session.accelerator).toBe('wasm');
    await expect(session.run(someInput())).rejects.toMatchObject({ code: 'invalid-input' });
    await session.dispose();
  });

  it('runs beside others: calls that are made at once give what they give one by one', async () => {
    const opened = await Promise.all(['rgb', 'rgb', 'rgb'].map(() => openTiny('rgb')));
    const input = someInput();
    const expected = await (await opened[0]?.session.run(input))?.read();
    const calls = opened.flatMap(({ session }) => [session.run(input), session.run(input)]);
    for (const output of await Promise.all(calls)) expect(await output.read()).toEqual(expected);
    await Promise.all(opened.map(({ session }) => session.dispose()));
  });

  it('uses the memory of what was disposed again, and leaves what is alive untouched', async () => {
    for (const accelerator of ['wasm', 'cpu'] as const) {
      const { session } = await openTiny('rgb', { accelerator });
      const [kept, gone] = [await session.run(someInput()), await session.run(someInput())];
      const [before, memory] = [await kept.read(), Reflect.get(gone, 'data').buffer];
      gone.dispose();
      const later = await session.run(someInput());
      expect(Reflect.get(later, 'data').buffer).toBe(memory);
      later.dispose();
      for (let i = 0; i < 5; i++) (await session.run(someInput())).dispose();
      expect(await kept.read()).toEqual(before);
      await session.dispose();
      expect(await kept.read()).toEqual(before);
    }
  });
});

describe('one back end at a time', () => {
  it('refuses another one while it is in use, and changes when nobody uses it', async () => {
    const { session } = await openTiny('rgb');
    const other = tfjsWebgpu({ accelerator: 'cpu' });
    expect(await other.probe()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('wasm, which is in use'),
    });
    await expect(other.open(await tiny('rgb'))).rejects.toMatchObject({ code: 'unsupported' });
    await session.dispose();
    expect(await other.probe()).toEqual({ ok: true });
    const second = await other.open(await tiny('rgb'));
    expect(second.session.accelerator).toBe('cpu');
    await second.session.dispose();
  });

  it('that are asked for at the same time: the first wins, and the other is told so', async () => {
    const model = await tiny('rgb');
    const [wasm, cpu] = await Promise.allSettled(
      (['wasm', 'cpu'] as const).map((accelerator) => tfjsWebgpu({ accelerator }).open(model)),
    );
    expect(wasm?.status).toBe('fulfilled');
    expect(cpu).toMatchObject({ status: 'rejected', reason: { code: 'unsupported' } });
    if (wasm?.status === 'fulfilled') await wasm.value.session.dispose();
  });

  it('that somebody changes under us is an error, not another answer', async () => {
    const { setBackend } = await import('@tensorflow/tfjs-core');
    const { session } = await openTiny('rgb');
    await setBackend('cpu');
    await expect(session.run(someInput())).rejects.toMatchObject({ code: 'runtime' });
    await setBackend('wasm');
    (await session.run(someInput())).dispose();
    await session.dispose();
  });
});

describe('the usual way', () => {
  it('refuses options that are none', () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => tfjsWebgpu({ threads })).toThrow('expected a whole number from 1');
    }
    const accelerator = Object.assign({}, { accelerator: 'webgl' }) as object;
    expect(() => tfjsWebgpu(accelerator)).toThrow('expected webgpu, wasm or cpu, received webgl');
    expect(() => tfjsWebgpu({ mode: 'worker' })).toThrow('worker');
  });

  it('segments', async () => {
    const runtime = tfjsWebgpu({ accelerator: 'wasm', source: tinySource });
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime });
    expect([segmenter.variant, segmenter.accelerator]).toEqual(['tfjs-float32', 'wasm']);
    const segmentation = await segmenter.segment(seededImage(20, 10, 1));
    segmentation.dispose();
    await segmenter.dispose();
  });

  it('has one thread in Node, and says so', async () => {
    const runtime = tfjsWebgpu({ accelerator: 'wasm', threads: 2 });
    expect(await runtime.probe()).toMatchObject({ ok: false });
    await expect(runtime.open(await tiny('rgb'))).rejects.toMatchObject({ code: 'unsupported' });
    expect(await tfjsWebgpu({ accelerator: 'wasm', threads: 1 }).probe()).toEqual({ ok: true });
  });

  it('needs a package for WebGPU in Node, and says so', async () => {
    const runtime = tfjsWebgpu();
    expect(await runtime.probe()).toMatchObject({ ok: false, reason: expect.stringContaining('`webgpu`') });
    await expect(runtime.open(await tiny('rgb'))).rejects.toMatchObject({ code: 'unsupported' });
  });
});
