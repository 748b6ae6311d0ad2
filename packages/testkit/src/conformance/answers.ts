import type { ModelCard, ModelVariant } from '@seg/core';
import { seededImage } from '../seeded-image.ts';
import { type TinyModel, tinyCards, tinyModels } from '../tiny-cards.ts';
import { agreement, tolerances } from '../tolerances.ts';
import { check, checkEqual } from './assert.ts';
import {
  classesOf,
  referenceClasses,
  referenceRuntime,
  skipOf,
  withOpened,
  withSegmenter,
} from './harness.ts';
import { scoresOf } from './scores.ts';
import type { ConformanceCase, ConformanceGroup, JudgedSubject } from './subject.ts';

/** The model's own size, larger than it, smaller than it. */
const images = [seededImage(16, 16, 11), seededImage(61, 40, 12), seededImage(7, 9, 13)];
const image = seededImage(33, 30, 14);

export function sameAnswer(subject: JudgedSubject): ConformanceGroup {
  return {
    rule: 10,
    title: 'same answer everywhere',
    cases: [
      ...tinyModels.flatMap((model) => {
        const variants = tinyCards[model].variants.filter(({ format }) => format === subject.format);
        if (variants.length === 0) return absent(subject, model);
        return variants.map((each) => agreeing(subject, model, each));
      }),
      {
        title: 'the tiny-previous model with a previous result',
        ...skipOf(subject, 'previous'),
        async run() {
          const [actual, expected] = [await twice(subject.runtime()), await twice(referenceRuntime(subject))];
          checkEqual(actual, expected, 'scores of the second frame', 1e-3);
        },
      },
    ],
  };
}

/** Says which model is not judged. */
function absent(subject: JudgedSubject, model: TinyModel): ConformanceCase {
  return { title: tinyCards[model].id, ...skipOf(subject, model), run: async () => {} };
}

function agreeing(subject: JudgedSubject, model: TinyModel, variant: ModelVariant): ConformanceCase {
  const card = tinyCards[model];
  const least = tolerances[variant.precision];
  return {
    title: `${card.id}, ${variant.id}: at least ${least * 100} % of the pixels as the reference`,
    ...skipOf(subject, model),
    run: () =>
      withSegmenter(
        subject.runtime(),
        card,
        async (segmenter) => {
          for (const each of images) {
            const share = agreement(
              await classesOf(segmenter, each),
              await referenceClasses(segmenter, each),
            );
            check(share >= least, `${each.width} x ${each.height}: only ${share * 100} % agree`);
          }
        },
        variant.id,
      ),
  };
}

/** Scores of a second frame that is fed the first one's result. */
async function twice(runtime: ReturnType<JudgedSubject['runtime']>): Promise<Float32Array> {
  let scores = new Float32Array();
  await withSegmenter(runtime, 'previous', async (segmenter) => {
    const previous = await segmenter.segment(image);
    scores = Float32Array.from(await scoresOf(segmenter, image, ['hair'], { previous }));
    previous.dispose();
  });
  return scores;
}

/** Cards that say other things about the same bytes; each changes the answer. */
function declarations(): { title: string; model: TinyModel; card: ModelCard }[] {
  const change = (model: TinyModel, title: string, input: object, output: object = {}) => {
    const card = tinyCards[model];
    const variants = card.variants.map((each) => ({
      ...each,
      input: { ...each.input, ...input },
      output: { ...each.output, ...output },
    }));
    return { title, model, card: { ...card, variants } };
  };
  return [
    change('rgb', 'colour order', { order: 'bgr' }),
    change('rgb', 'mean and deviation', { mean: [200, 60, 10], std: [60, 90, 200] }),
    change('rgb', 'fit', { fit: 'contain' }),
    change('rgb', 'alignment', {}, { align: 'corners' }),
    change('rgb', 'order of the labels', {}, { channels: [2, 0, 3, 1] }),
    change('sigmoid', 'activation and threshold', {}, { values: 'probabilities', threshold: 0.9 }),
  ];
}

export function declared(subject: JudgedSubject): ConformanceGroup {
  const wide = seededImage(50, 20, 15);
  return {
    rule: 11,
    title: 'declared, never guessed',
    cases: [
      ...declarations().map(({ title, model, card }) => ({
        title: `${title} come from the card`,
        ...skipOf(subject, model),
        run: () =>
          withSegmenter(subject.runtime(), card, async (segmenter) => {
            const expected = await referenceClasses(segmenter, wide);
            const plain = await referenceClasses(
              { model: tinyCards[model], variant: segmenter.variant },
              wide,
            );
            check(agreement(expected, plain) < 1, 'this case proves nothing');
            const share = agreement(await classesOf(segmenter, wide), expected);
            check(share >= tolerances.float32, `only ${share * 100} % of the pixels as the card says`);
          }),
      })),
      {
        title: "the raw output is the network's own, without an activation",
        ...skipOf(subject, 'sigmoid'),
        run: () =>
          withOpened(subject.runtime(), 'sigmoid', async ({ answer, expected }) =>
            checkEqual(await answer(wide), await expected(wide), 'logits', 1e-3),
          ),
      },
    ],
  };
}
