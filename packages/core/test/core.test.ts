import { describe, expect, it } from 'vitest';
import {
  chooseRuntime,
  createCpuTensor,
  createSegmenter,
  createSelfTestImage,
  createTensorPool,
  imageChecksum,
  isSegmentError,
  placeImage,
  readClassMap,
  SegmentError,
  sha256Hex,
  warmUp,
} from '../src/index.ts';
import { fakeRuntime, makeCard } from './fixtures.ts';

describe('SegmentError', () => {
  it('says what happened, what was expected, what came, and what to do', () => {
    const cause = new Error('below');
    const error = new SegmentError('invalid-input', 'the picture', {
      expected: 'a JPEG',
      received: 'a text',
      hint: 'Convert it.',
      cause,
    });
    expect(error.message).toBe('the picture: expected a JPEG, received a text. Convert it.');
    expect(error).toMatchObject({ code: 'invalid-input', cause, detail: { expected: 'a JPEG' } });
  });

  it('is recognised across two copies of the package', async () => {
    const address = new URL('../src/errors.ts?second-copy', import.meta.url).href;
    const copy: typeof import('../src/errors.ts') = await import(/* @vite-ignore */ address);
    const theirs = new copy.SegmentError('io', 'theirs');
    expect(theirs).not.toBeInstanceOf(SegmentError);
    expect(isSegmentError(theirs)).toBe(true);
    expect(isSegmentError(new Error('x'))).toBe(false);
    expect(isSegmentError(null)).toBe(false);
  });
});

describe('tensors', () => {
  it('end once, and cannot be used afterwards', async () => {
    let released = 0;
    const tensor = createCpuTensor('uint8', [2, 2], new Uint8Array(4), () => released++);
    tensor.dispose();
    tensor.dispose();
    expect(released).toBe(1);
    expect(() => tensor.data).toThrow('disposed');
    await expect(tensor.read()).rejects.toMatchObject({ code: 'disposed' });
  });

  it('refuse data that does not fill the shape', () => {
    expect(() => createCpuTensor('float32', [2, 3], new Float32Array(5))).toThrow('expected 6 elements');
  });

  it('are read as a copy where the memory is borrowed', async () => {
    const data = new Uint8Array([1, 2]);
    const borrowed = createCpuTensor('uint8', [2], data, () => undefined);
    expect(await borrowed.read()).not.toBe(data);
    expect(await createCpuTensor('uint8', [2], data).read()).toBe(data);
  });

  it('come back to their pool, until it is cleared', () => {
    const pool = createTensorPool();
    const first = pool.take('float32', [4]);
    const memory = first.data;
    expect(pool.take('float32', [4]).data).not.toBe(memory);
    first.dispose();
    const again = pool.take('float32', [2, 2]);
    expect(again.data).toBe(memory);
    pool.clear();
    again.dispose();
    expect(pool.take('float32', [4]).data).not.toBe(memory);
  });
});

describe('placeImage', () => {
  const grid = { width: 100, height: 100 };
  const source = { width: 400, height: 200 };

  it('stretches, contains in the middle, and covers by a centred crop', () => {
    expect(placeImage(source, grid, 'stretch')).toMatchObject({
      region: { x: 0, y: 0, width: 400, height: 200 },
      rect: { x: 0, y: 0, width: 100, height: 100 },
    });
    expect(placeImage(source, grid, 'contain').rect).toEqual({ x: 0, y: 25, width: 100, height: 50 });
    expect(placeImage(source, grid, 'cover').region).toEqual({ x: 100, y: 0, width: 200, height: 200 });
  });

  it('keeps at least a pixel of very long pictures', () => {
    const line = { width: 60_000, height: 1 };
    expect(placeImage(line, grid, 'contain').rect).toMatchObject({ width: 100, height: 1 });
    expect(placeImage(line, grid, 'cover').region).toMatchObject({ width: 1, height: 1 });
  });
});

describe('sha256Hex', () => {
  it('is the published one of "abc"', async () => {
    expect(await sha256Hex(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

describe('the self-test', () => {
  it('draws the same picture everywhere', () => {
    expect(imageChecksum(createSelfTestImage(1))).toBe(imageChecksum(createSelfTestImage(1)));
    expect(imageChecksum(createSelfTestImage(1))).not.toBe(imageChecksum(createSelfTestImage(2)));
    expect(imageChecksum(createSelfTestImage(1))).toBe(PICTURE_1);
  });

  it('has the checksum of the FNV reference', () => {
    const data = new TextEncoder().encode('foobar');
    expect(imageChecksum({ format: 'rgb8', width: 2, height: 1, data })).toBe(0xbf9cf968);
  });
});

/** Any change of the picture makes every card's self-test void: then this and the cards change together. */
const PICTURE_1 = 2192540264;

describe('chooseRuntime', () => {
  const size = { width: 16, height: 16 };

  async function cardWithSelfTest() {
    const card = makeCard({ size }, { size });
    const image = createSelfTestImage(5);
    const segmenter = await createSegmenter({ model: card, runtime: fakeRuntime() });
    const { data } = await readClassMap(await segmenter.segment(image), { size });
    return { ...card, selfTest: { seed: 5, checksum: imageChecksum(image), classes16x16: [...data] } };
  }

  it('takes the first that fits and works, and says why it passed others over', async () => {
    const good = fakeRuntime({ name: 'good' });
    const { runtime, rejected } = await chooseRuntime({
      model: makeCard(),
      candidates: [
        fakeRuntime({ name: 'other-format', format: 'tflite' }),
        fakeRuntime({ name: 'no-gpu', probe: async () => ({ ok: false, reason: 'no GPU here' }) }),
        async () => {
          throw new Error('not installed');
        },
        async () => good,
        fakeRuntime({ name: 'never-asked' }),
      ],
    });
    expect(runtime).toBe(good);
    expect(rejected).toEqual([
      { name: 'other-format', reason: expect.stringContaining('tflite') },
      { name: 'no-gpu', reason: 'no GPU here' },
      { name: 'candidate 3', reason: 'not installed' },
    ]);
  });

  it('rejects a runtime that computes the self-test wrongly', async () => {
    const model = await cardWithSelfTest();
    const right = fakeRuntime({ name: 'right' });
    const wrong = fakeRuntime({ name: 'wrong' });
    const open = wrong.open;
    wrong.open = async (...args) => {
      const opened = await open(...args);
      return {
        ...opened,
        session: {
          ...opened.session,
          run: async (tensor) =>
            createCpuTensor('float32', [1, 3, 16, 16], new Float32Array(768), tensor.dispose),
        },
      };
    };
    const { runtime, rejected } = await chooseRuntime({ model, candidates: [wrong, right] });
    expect(runtime.name).toBe('right');
    expect(rejected[0]?.reason).toContain('computes test wrongly here');
  });

  it('takes an adapter module as a lazy candidate, and imports none before its turn', async () => {
    const made = fakeRuntime({ name: 'made' });
    let imports = 0;
    const load = async () => {
      imports++;
      return { default: () => made };
    };
    const { runtime } = await chooseRuntime({ model: makeCard(), candidates: [load, load] });
    expect([runtime, imports]).toEqual([made, 1]);
  });

  it('runs the self-test once for each runtime, and remembers a wrong answer too', async () => {
    const model = await cardWithSelfTest();
    const right = fakeRuntime({ name: 'right' });
    const wrong = fakeRuntime({ name: 'wrong' });
    const opened = { right: 0, wrong: 0 };
    const { open } = right;
    right.open = (...args) => {
      opened.right++;
      return open(...args);
    };
    wrong.open = async (...args) => {
      opened.wrong++;
      const { session, stages } = await open(...args);
      const run = async () => createCpuTensor('float32', [1, 3, 16, 16], new Float32Array(768));
      return { stages, session: { ...session, run } };
    };
    for (let time = 0; time < 2; time++) {
      const { rejected } = await chooseRuntime({ model, candidates: [wrong, right] });
      expect(rejected[0]?.reason).toContain('computes test wrongly here');
    }
    expect(opened).toEqual({ right: 1, wrong: 1 });
    const module = { default: () => ({ ...right }) };
    for (let time = 0; time < 2; time++) await chooseRuntime({ model, candidates: [async () => module] });
    expect(opened.right).toBe(2);
  });

  it('throws with every reason when none is left', async () => {
    const candidates = [fakeRuntime({ name: 'a', probe: async () => ({ ok: false, reason: 'broken' }) })];
    await expect(chooseRuntime({ model: makeCard(), candidates })).rejects.toThrow('a: broken');
  });
});

it('warmUp segments and decodes once, at the model size, and leaves nothing', async () => {
  const runtime = fakeRuntime();
  const seen: string[] = [];
  const { open } = runtime;
  runtime.open = async (...args) => {
    const { session, stages } = await open(...args);
    return {
      session: {
        ...session,
        run(tensor) {
          seen.push(`run [${tensor.shape}]`);
          return session.run(tensor);
        },
      },
      stages: {
        ...stages,
        decode(...rest) {
          seen.push(`decode ${rest[2].size.width}`);
          return stages.decode(...rest);
        },
      },
    };
  };
  const segmenter = await createSegmenter({ model: makeCard({ size: { width: 20, height: 10 } }), runtime });
  await warmUp(segmenter);
  expect(seen).toEqual(['run [1,3,10,20]', 'decode 20']);
  await segmenter.dispose();
});
