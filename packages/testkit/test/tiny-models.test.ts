import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCpuStages, createSelfTestImage, parseCard, sha256Hex } from '@seg/core';
import { describe, expect, it } from 'vitest';
import {
  agreement,
  createFakeRuntime,
  largestDifference,
  loadTiny,
  runTinyNetwork,
  seededImage,
  type TinyModel,
  tinyCards,
  tinySource,
} from '../src/index.ts';

const entries = Object.entries(tinyCards);

describe('tiny cards', () => {
  it.each(entries)('%s is a valid card', (_, card) => {
    expect(parseCard(JSON.parse(JSON.stringify(card)))).toEqual(card);
  });

  it.each(entries)('%s: the source, the file of its address and the card agree', async (_, card) => {
    for (const part of card.variants.flatMap(({ parts }) => parts)) {
      const bytes = await tinySource.load(part);
      expect(await sha256Hex(bytes)).toBe(part.sha256);
      expect(readFileSync(fileURLToPath(part.urls[0] ?? ''))).toEqual(Buffer.from(bytes));
    }
  });

  it('refuses a file that is none of them, and an unknown variant', async () => {
    const part = { path: 'x', bytes: 1, sha256: '0'.repeat(64), urls: [] };
    await expect(tinySource.load(part)).rejects.toMatchObject({ code: 'fetch' });
    await expect(loadTiny('rgb', 'int4')).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(loadTiny('int8', { format: 'tfjs' })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('gives the variant that a runtime takes, by default the ONNX file', async () => {
    const idOf = async (...choice: Parameters<typeof loadTiny>) => (await loadTiny(...choice)).variant.id;
    expect(await idOf('rgb')).toBe('float32');
    expect(await idOf('rgb', 'tfjs-float32')).toBe('tfjs-float32');
    expect(await idOf('rgb', { format: 'tflite' })).toBe('tflite-float32');
    expect(await idOf('index', createFakeRuntime({ format: 'tflite' }))).toBe('tflite-int32');
    expect(await idOf('index', createFakeRuntime())).toBe('float32');
  });
});

describe('the slow network', () => {
  it('is what the weights say, worked out by hand', async () => {
    const { card, variant } = await loadTiny('sigmoid');
    const data = new Float32Array(3 * 256);
    data.set([1, 0.5, -1], 0); // red of the first three pixels
    data.set([0, 1, 0], 256);
    data.set([0, 0, 1], 512);
    const result = runTinyNetwork(card, variant, data);
    // weights 2.5, 1.5, -3.25, bias 0.25
    expect(Array.from(result?.slice(0, 4) ?? [], Number)).toEqual([2.75, 3, -5.5, 0.25]);
  });

  it('rounds as QuantizeLinear does, and clamps', async () => {
    const { card, variant } = await loadTiny('int8');
    const stages = createCpuStages({ card, variant });
    const { tensor } = await stages.prepare(seededImage(16, 16, 3));
    const integers = runTinyNetwork(card, variant, await tensor.read());
    const rgb = await loadTiny('rgb');
    const float = await createCpuStages(rgb).prepare(seededImage(16, 16, 3));
    const reals = runTinyNetwork(rgb.card, rgb.variant, await float.tensor.read());
    const back = Float32Array.from(
      { length: 256 },
      (_, i) => Number(integers?.[(i % 64) * 4 + Math.floor(i / 64)]) * 0.125,
    );
    expect(largestDifference(back, reals ?? back)).toBeLessThan(0.15); // half a step of 1/8, and the input's rounding
  });

  it('knows no other card', () => {
    const [variant] = tinyCards.rgb.variants;
    if (variant === undefined) throw new Error('no variant');
    expect(runTinyNetwork({ id: 'else' }, variant, new Float32Array(768))).toBeNull();
  });
});

describe('seeded images', () => {
  it('are the same for the same seed only', () => {
    expect(seededImage(20, 10, 7)).toEqual(seededImage(20, 10, 7));
    expect(
      agreement(seededImage(20, 10, 7).data as Uint8Array, seededImage(20, 10, 8).data as Uint8Array),
    ).toBeLessThan(0.5);
  });

  it('hold several classes', async () => {
    const { card, variant } = await loadTiny('index');
    const { tensor } = await createCpuStages({ card, variant }).prepare(seededImage(33, 30, 14));
    const classes = runTinyNetwork(card, variant, await tensor.read());
    expect(new Set(Array.from(classes ?? [], Number)).size).toBeGreaterThan(2);
  });
});

describe('agreement', () => {
  it('counts, and refuses what cannot be compared', () => {
    expect(agreement(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 2, 3, 5))).toBe(0.75);
    expect(() => agreement(Uint8Array.of(1), Uint8Array.of(1, 2))).toThrow(RangeError);
    expect(() => agreement(new Uint8Array(), new Uint8Array())).toThrow(RangeError);
    expect(largestDifference(Float32Array.of(1, 2), Float32Array.of(1, 0.5))).toBe(1.5);
  });
});

describe('the fake runtime', () => {
  it('can have tensors that live elsewhere, without data', async () => {
    const { session, stages } = await createFakeRuntime({ location: 'worker' }).open(await loadTiny('rgb'));
    const { tensor } = await stages.prepare(createSelfTestImage(1));
    const raw = await session.run(tensor);
    for (const each of [tensor, raw]) {
      expect(each.location).toBe('worker');
      expect(each).not.toHaveProperty('data');
    }
    expect((await raw.read()).length).toBe(256);
    raw.dispose();
    await expect(raw.read()).rejects.toMatchObject({ code: 'disposed' });
  });

  it('fails where it was asked to, and counts', async () => {
    const runtime = createFakeRuntime({ failOn: (step, call) => step === 'run' && call === 1 });
    const { session, stages } = await runtime.open(await loadTiny('rgb'));
    const { tensor } = await stages.prepare(createSelfTestImage(1));
    (await session.run(tensor)).dispose();
    await expect(session.run(tensor)).rejects.toMatchObject({ code: 'runtime' });
    tensor.dispose();
    stages.dispose();
    await session.dispose();
    expect(runtime.counts).toEqual({
      opened: 1,
      disposed: 1,
      steps: { open: 1, prepare: 1, run: 2, decode: 0 },
      live: 0,
      readbacks: 0,
    });
  });

  it('takes its time', async () => {
    const { session, stages } = await createFakeRuntime({ delayMs: 40 }).open(await loadTiny('rgb'));
    const { tensor } = await stages.prepare(createSelfTestImage(1));
    const start = performance.now();
    await session.run(tensor);
    expect(performance.now() - start).toBeGreaterThan(30);
  });

  it.each(['rgb', 'uint8', 'index'] satisfies TinyModel[])(
    'goes by brightness with a card like %s that it does not know',
    async (name) => {
      const tiny = await loadTiny(name);
      const model = { ...tiny, card: { ...tiny.card, id: 'somebody-elses' } };
      const { session, stages } = await createFakeRuntime().open(model);
      const classesOf = async (byte: number) => {
        const image = { format: 'rgb8', width: 8, height: 8, data: new Uint8Array(192).fill(byte) } as const;
        const { tensor, placement } = await stages.prepare(image);
        const raw = await session.run(tensor);
        const classes = await stages.decode(raw, placement, { as: 'classes', size: image });
        return new Set(Array.from(await classes.read(), Number));
      };
      expect(await classesOf(0)).toEqual(new Set([0]));
      expect(await classesOf(255)).toEqual(new Set([name === 'index' ? 1 : 3]));
    },
  );
});
