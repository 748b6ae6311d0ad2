import { loadModel, type PixelImage, SegmentError, type Session, type Size, type Stages } from '@seg/core';
import { BARE, type Bare } from './bare.ts';
import { readSetting, type SettingOptions } from './setting.ts';

/** One line of a result: medians in milliseconds. */
export interface Cell {
  readonly model: string;
  readonly variant: string;
  readonly runtime: string;
  readonly accelerator: string;
  readonly threads: number;
  readonly photo: Size;
  readonly output: Size;
  readonly runs: number;
  readonly stages: { readonly prepare: number; readonly run: number; readonly decode: number };
  readonly total: number;
  /** The vendor's own session on the same file and tensor, in the same run, turn by turn. */
  readonly bare: number;
  readonly ratio: number;
}

export interface Profile {
  readonly warmUps: number;
  readonly leastRuns: number;
  readonly leastMs: number;
}

export const PROFILES = {
  quick: { warmUps: 10, leastRuns: 30, leastMs: 3000 },
  normal: { warmUps: 20, leastRuns: 100, leastMs: 10_000 },
} satisfies Record<string, Profile>;

export interface BenchOptions extends SettingOptions {
  /** Size of the class map. */
  readonly output: 'model' | 'source';
  readonly profile: Profile;
}

/** Measures one model on one runtime. @throws SegmentError whatever loading and opening throw */
export async function measureCell(options: BenchOptions): Promise<Cell> {
  const setting = await readSetting(options);
  const { card, variant, runtime, image } = setting;
  const loaded = await loadModel(card, variant, runtime.source);
  const { session, stages } = await runtime.open(loaded);
  const bare = await BARE[setting.runtimeName](variant, loaded.parts, options.threads);
  const output =
    options.output === 'model' ? variant.input.size : { width: image.width, height: image.height };
  const { tensor } = await stages.prepare(image);
  const input = await tensor.read();
  tensor.dispose();
  if (!(input instanceof Float32Array)) {
    throw new SegmentError('unsupported', 'the bare session is measured with float32 input only');
  }
  const samples = await sample({ image, input, output, session, stages, bare }, options.profile);
  await session.dispose();
  stages.dispose();
  await bare.release();
  const of = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  const total = of(({ prepare, run, decode }) => prepare + run + decode);
  const bareMs = of((one) => one.bare);
  return {
    model: card.id,
    variant: variant.id,
    runtime: runtime.name,
    accelerator: session.accelerator,
    threads: options.threads,
    photo: { width: image.width, height: image.height },
    output,
    runs: samples.length,
    stages: { prepare: of((one) => one.prepare), run: of((one) => one.run), decode: of((one) => one.decode) },
    total,
    bare: bareMs,
    ratio: total / bareMs,
  };
}

interface Bench {
  readonly image: PixelImage;
  /** The tensor that `image` becomes: what the bare session is fed. */
  readonly input: Float32Array;
  readonly output: Size;
  readonly session: Session;
  readonly stages: Stages;
  readonly bare: Bare;
}

interface Sample {
  readonly prepare: number;
  readonly run: number;
  readonly decode: number;
  readonly bare: number;
}

/** Turn by turn, so that a change of the machine's speed meets both alike. */
async function sample(bench: Bench, { warmUps, leastRuns, leastMs }: Profile): Promise<Sample[]> {
  for (let index = 0; index < warmUps; index++) await sampleOnce(bench, index % 2 === 0);
  const samples: Sample[] = [];
  const start = performance.now();
  while (samples.length < leastRuns || performance.now() - start < leastMs) {
    samples.push(await sampleOnce(bench, samples.length % 2 === 0));
  }
  return samples;
}

/** Who runs second finds the weights in the processor's cache, so the two take turns at that as well. */
async function sampleOnce(bench: Bench, bareFirst: boolean): Promise<Sample> {
  const before = bareFirst ? await timeBare(bench) : null;
  const ours = await timeOurs(bench);
  return { ...ours, bare: before ?? (await timeBare(bench)) };
}

async function timeBare({ bare, input }: Bench): Promise<number> {
  const start = performance.now();
  await bare.run(input);
  return performance.now() - start;
}

async function timeOurs({ image, output, session, stages }: Bench): Promise<Omit<Sample, 'bare'>> {
  const start = performance.now();
  const { tensor, placement } = await stages.prepare(image);
  const prepared = performance.now();
  const raw = await session.run(tensor);
  const ran = performance.now();
  const classes = await stages.decode(raw, placement, { as: 'classes', size: output });
  const decoded = performance.now();
  for (const owned of [classes, raw, tensor]) owned.dispose();
  return { prepare: prepared - start, run: ran - prepared, decode: decoded - ran };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
