import {
  createCpuStages,
  createCpuTensor,
  type DecodeRequest,
  type DType,
  type InputRecipe,
  type LoadedModel,
  type ModelCard,
  type OutputRecipe,
  type PixelImage,
  type Placement,
  type Stages,
  type TypedArray,
  type TypedArrayOf,
} from '@seg/core';
import { createRandom, tinyCards } from '@seg/testkit';
import { USAGE } from '../../src/gpu/types.ts';
import { createGpuTensor, type GpuDevice, type GpuTensor } from '../../src/gpu.ts';
import type { BrowserImage } from '../../src/images.ts';

export type Model = Pick<LoadedModel, 'card' | 'variant'>;

const [tiny] = tinyCards.rgb.variants;

/** A model that exists only as its recipes. */
export function modelOf(
  input: Partial<InputRecipe>,
  output: Partial<OutputRecipe> = {},
  card: Partial<ModelCard> = {},
): Model {
  if (tiny === undefined) throw new Error('tiny-rgb has no variant');
  const variant = { ...tiny, input: { ...tiny.input, ...input }, output: { ...tiny.output, ...output } };
  return { card: { ...tinyCards.rgb, ...card }, variant };
}

export function labelsNamed(names: readonly string[]): Partial<ModelCard> {
  return { labels: { id: 'test', names }, groups: {} };
}

/** A tensor on the GPU with these elements, which it owns. */
export function uploadTensor<D extends DType>(
  device: GpuDevice,
  dtype: D,
  shape: readonly number[],
  data: TypedArrayOf[D],
): GpuTensor<D> {
  const size = Math.ceil(data.byteLength / 4) * 4;
  const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  new Uint8Array(buffer.getMappedRange()).set(bytes);
  buffer.unmap();
  return createGpuTensor({ device, buffer, dtype, shape });
}

/** What both stages make of one picture. */
export async function prepareBoth(
  gpu: Stages<BrowserImage>,
  model: Model,
  image: BrowserImage,
  reference: PixelImage,
): Promise<{ ours: TypedArray; cpu: TypedArray; placements: readonly [Placement, Placement] }> {
  const cpu = createCpuStages(model);
  const ours = await gpu.prepare(image);
  const theirs = await cpu.prepare(reference);
  const both = {
    ours: await ours.tensor.read(),
    cpu: await theirs.tensor.read(),
    placements: [ours.placement, theirs.placement] as const,
  };
  ours.tensor.dispose();
  theirs.tensor.dispose();
  cpu.dispose();
  return both;
}

/** What both stages make of one output. */
export async function decodeBoth<D extends DType>(
  gpu: Stages<BrowserImage>,
  device: GpuDevice,
  model: Model,
  raw: TypedArrayOf[D],
  placement: Placement,
  request: DecodeRequest,
): Promise<{ ours: TypedArray; cpu: TypedArray }> {
  const { size, dtype, channels } = model.variant.output;
  const shape = [1, size.height, size.width, Math.max(1, channels.length)];
  const cpu = createCpuStages(model);
  const input = uploadTensor(device, dtype as D, shape, raw);
  const result = await gpu.decode(input, placement, request);
  const ours = await result.read();
  const theirs = await cpu.decode(createCpuTensor(input.dtype, shape, raw), placement, request);
  result.dispose();
  input.dispose();
  return { ours, cpu: await theirs.read() };
}

/** Noise that no resampling can smooth away: the hardest picture. */
export function noise(
  width: number,
  height: number,
  seed: number,
  format: PixelImage['format'] = 'rgb8',
): PixelImage {
  const random = createRandom(seed);
  const channels = format === 'rgb8' ? 3 : 4;
  const data = new Uint8Array(width * height * channels);
  for (let at = 0; at < data.length; at++) data[at] = at % 4 === 3 && channels === 4 ? 255 : random() * 256;
  return { format, width, height, data };
}

export function randomFloats(length: number, seed: number, scale: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => (random() - 0.5) * scale);
}

export function whole(width: number, height: number): Placement {
  const size = { width, height };
  return {
    source: size,
    orientation: 1,
    region: { x: 0, y: 0, ...size },
    grid: size,
    rect: { x: 0, y: 0, ...size },
  };
}

export async function floatsAt(url: string): Promise<Float32Array> {
  return new Float32Array(await (await fetch(url)).arrayBuffer());
}

export async function bytesAt(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

/** A black frame of video. */
export function blackFrame(codedWidth: number, codedHeight: number): VideoFrame {
  const data = new Uint8Array(codedWidth * codedHeight * 4);
  return new VideoFrame(data, { format: 'RGBX', codedWidth, codedHeight, timestamp: 0 });
}

export function distinct(data: TypedArray): number {
  return new Set<number | bigint>(data).size;
}
