import {
  createSegmenter,
  type LoadedModel,
  type ModelCard,
  type PixelImage,
  type Runtime,
  readClassMap,
  type Segmenter,
  type Session,
  type Stages,
  type Tensor,
  type TypedArray,
} from '@seg/core';
import { createFakeRuntime } from '../fake-runtime.ts';
import { type TinyModel, tinyCards } from '../tiny-cards.ts';
import { loadTiny, tinySource } from '../tiny-source.ts';
import { check } from './assert.ts';
import type { JudgedSubject } from './subject.ts';

/** Session and stages of one tiny model, and what the cases do with them. */
export interface Opened {
  readonly session: Session;
  readonly stages: Stages;
  /** A picture's input tensor, run; both tensors are disposed, the output's elements given. */
  answer(image: PixelImage): Promise<TypedArray>;
  /** What the reference answers to the same picture with the same variant of the model. */
  expected(image: PixelImage): Promise<TypedArray>;
  prepare(image: PixelImage): Promise<Tensor>;
}

/** Opens a model, lets `use` work, and ends it whatever happens. */
export async function withOpened(
  runtime: Runtime,
  model: TinyModel | LoadedModel,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const loaded = typeof model === 'string' ? await loadTiny(model, runtime) : model;
  const { session, stages } = await runtime.open(loaded);
  const prepare = async (image: PixelImage) => (await stages.prepare(image)).tensor;
  try {
    await use({
      session,
      stages,
      prepare,
      answer: async (image) => answerOf(session, await prepare(image)),
      expected: (image) => referenceAnswer(loaded, image),
    });
  } finally {
    await session.dispose();
    stages.dispose();
  }
}

/** Runs `input` and disposes it and the output. */
export async function answerOf(session: Session, input: Tensor): Promise<TypedArray> {
  const output = await session.run(input);
  const data = await copyOf(output);
  output.dispose();
  input.dispose();
  return data;
}

/** The elements of a tensor, apart from its memory. */
export async function copyOf(tensor: Tensor): Promise<TypedArray> {
  return (await tensor.read()).slice();
}

/** A segmenter of a tiny model, or of a changed card of one, for `use`. */
export async function withSegmenter(
  runtime: Runtime,
  model: TinyModel | ModelCard,
  use: (segmenter: Segmenter) => Promise<void>,
  variant?: string,
): Promise<void> {
  const card = typeof model === 'string' ? tinyCards[model] : model;
  const segmenter = await createSegmenter({ model: card, runtime, source: tinySource, variant });
  try {
    await use(segmenter);
  } finally {
    await segmenter.dispose();
  }
}

/** The class map of one picture at the picture's size. */
export async function classesOf(segmenter: Segmenter, image: PixelImage): Promise<Uint8Array> {
  const segmentation = await segmenter.segment(image);
  const { data } = await readClassMap(segmentation);
  segmentation.dispose();
  return data;
}

/** A runtime that computes the same variants as the subject's: the network the slow way between core's CPU stages. */
export function referenceRuntime({ format }: Pick<Runtime, 'format'>): Runtime {
  return createFakeRuntime({ format });
}

/** What the reference says of a picture: the raw output, as the variant's output recipe lays it out. */
export async function referenceAnswer(model: LoadedModel, image: PixelImage): Promise<TypedArray> {
  let data: TypedArray = new Float32Array();
  await withOpened(referenceRuntime(model.variant), model, async ({ answer }) => {
    data = await answer(image);
  });
  return data;
}

/** As {@link referenceAnswer}, for a class map at the picture's size: of a segmenter's model, or of another card. */
export async function referenceClasses(
  { model, variant }: Pick<Segmenter, 'model' | 'variant'>,
  image: PixelImage,
): Promise<Uint8Array> {
  const format = model.variants.find(({ id }) => id === variant)?.format ?? 'onnx';
  let data = new Uint8Array();
  await withSegmenter(
    referenceRuntime({ format }),
    model,
    async (segmenter) => {
      data = Uint8Array.from(await classesOf(segmenter, image));
    },
    variant,
  );
  return data;
}

/** Skips where the subject does not open the model. */
export function skipOf({ skipModels }: JudgedSubject, model: TinyModel): { readonly skipped?: string } {
  const why = skipModels?.[model];
  return why === undefined ? {} : { skipped: why };
}

/** The model whose run takes long enough to interfere with: the slow one, unless the subject cannot open it. */
export function slowModel({ skipModels }: JudgedSubject): TinyModel {
  return skipModels?.slow === undefined ? 'slow' : 'rgb';
}

/** Throws unless as many objects are alive as before, soon: what was aborted may still be on its way out. */
export async function checkLive(countLive: (() => number) | undefined, before: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (countLive?.() !== before && performance.now() < end) await sleep(5);
  check(countLive?.() === before, `${countLive?.()} objects are alive, expected ${before}`);
}

const PATIENCE_MS = 2000;

export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
