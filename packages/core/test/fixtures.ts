import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type {
  InputRecipe,
  ModelCard,
  ModelVariant,
  OutputRecipe,
  PixelImage,
  Runtime,
  Session,
} from '../src/index.ts';
import { createCpuStages, createCpuTensor } from '../src/index.ts';

/** Numbers from 0 to 1, the same for the same seed (Park and Miller's minimal standard). */
export function random(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state - 1) / 2147483646;
  };
}

export function noise(
  width: number,
  height: number,
  seed: number,
  more: Partial<PixelImage> = {},
): PixelImage {
  const next = random(seed);
  const channels = more.format === 'rgba8' ? 4 : 3;
  const data = Uint8Array.from({ length: width * height * channels }, () => Math.floor(next() * 256));
  return { format: 'rgb8', width, height, data, ...more };
}

export const INPUT: InputRecipe = {
  name: 'input',
  size: { width: 8, height: 8 },
  layout: 'chw',
  dtype: 'float32',
  fit: 'stretch',
  order: 'rgb',
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
};

export const OUTPUT: OutputRecipe = {
  name: 'logits',
  size: { width: 4, height: 4 },
  layout: 'chw',
  dtype: 'float32',
  values: 'logits',
  classes: 'exclusive',
  channels: [0, 1, 2],
  threshold: 0.5,
  align: 'half-pixel',
};

export function makeCard(input: Partial<InputRecipe> = {}, output: Partial<OutputRecipe> = {}): ModelCard {
  const variant: ModelVariant = {
    id: 'onnx-float32',
    format: 'onnx',
    precision: 'float32',
    input: { ...INPUT, ...input },
    output: { ...OUTPUT, ...output },
    // sha256 of the four bytes 1, 2, 3, 4
    parts: [
      {
        path: 'model.onnx',
        bytes: 4,
        sha256: '9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a',
        urls: [],
      },
    ],
  };
  return {
    schema: 1,
    id: 'test',
    revision: '1',
    title: 'A test',
    tasks: ['person'],
    labels: { id: 'three', names: ['background', 'hair', 'skin'] },
    groups: { person: ['hair', 'skin'] },
    license: { spdx: 'Apache-2.0', attribution: 'nobody', source: 'none', commercial: 'yes', why: 'a test' },
    metrics: [],
    trainingData: 'none',
    variants: [variant],
  };
}

/** A test card and its only variant. */
export function makeModel(
  input: Partial<InputRecipe> = {},
  output: Partial<OutputRecipe> = {},
): { card: ModelCard; variant: ModelVariant } {
  const card = makeCard(input, output);
  const [variant] = card.variants;
  if (variant === undefined) throw new Error('makeCard gives one variant');
  return { card, variant };
}

export const MODEL_BYTES = new Uint8Array([1, 2, 3, 4]);

/** What a fake session should do, and what has happened so far. */
export interface FakeRuntime extends Runtime {
  readonly log: string[];
  /** Input tensors and raw outputs that nobody has ended. */
  live: number;
  delayMs: number;
  fail: Error | null;
}

/** A runtime whose logits are the input's colours: channel c of sample (x, y) is the pixel's c-th colour. */
export function fakeRuntime(more: Partial<Runtime> = {}): FakeRuntime {
  const runtime: FakeRuntime = {
    name: 'fake',
    format: 'onnx',
    source: { load: async () => MODEL_BYTES },
    probe: async () => ({ ok: true }),
    async open(model) {
      runtime.log.push('open');
      const stages = createCpuStages(model);
      return { session: fakeSession(runtime, model.variant), stages };
    },
    log: [],
    live: 0,
    delayMs: 0,
    fail: null,
    ...more,
  };
  return runtime;
}

function fakeSession(runtime: FakeRuntime, { input, output }: ModelVariant): Session {
  return {
    accelerator: 'fake',
    async run(tensor) {
      runtime.log.push('run');
      const pixels = await tensor.read();
      if (runtime.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, runtime.delayMs));
      if (runtime.fail !== null) throw runtime.fail;
      const { width, height } = output.size;
      const data = new Float32Array(width * height * output.channels.length);
      for (let at = 0; at < data.length; at++) {
        const channel = Math.floor(at / (width * height));
        const x = Math.floor(((at % width) * input.size.width) / width);
        const y = Math.floor((Math.floor((at % (width * height)) / width) * input.size.height) / height);
        data[at] = Number(pixels[(channel * input.size.height + y) * input.size.width + x]);
      }
      runtime.live++;
      return createCpuTensor('float32', [1, output.channels.length, height, width], data, () => {
        runtime.live--;
      });
    },
    async dispose() {
      runtime.log.push('dispose');
    },
  };
}

/** The folder of real models and photos, or null where this checkout has none beside it. */
export function sharedFolder(): string | null {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const folder = process.env.SEG_SHARED ?? `${root}../shared`;
  if (existsSync(`${folder}/golden`)) return folder;
  process.stderr.write(`skipped what needs the real models: no ${folder} (set SEG_SHARED)\n`);
  return null;
}
