import { type PixelImage, readScores, type Segmenter } from '@seg/core';
import { seededImage } from '../seeded-image.ts';
import { tinyCards } from '../tiny-cards.ts';
import { check, checkEqual, checkRejects } from './assert.ts';
import { referenceRuntime, skipOf, withOpened, withSegmenter } from './harness.ts';
import type { ConformanceGroup, JudgedSubject } from './subject.ts';

const image = seededImage(33, 30, 14);

/** Score planes one after the other, at the picture's size. */
export async function scoresOf(
  segmenter: Segmenter,
  picture: PixelImage,
  select: readonly string[],
  options: Parameters<Segmenter['segment']>[1] = {},
): Promise<Float32Array> {
  const segmentation = await segmenter.segment(picture, options);
  try {
    const { planes } = await readScores(segmentation, { select });
    return Float32Array.from(planes.flatMap((plane) => Array.from(plane)));
  } finally {
    segmentation.dispose();
  }
}

export function scoring(subject: JudgedSubject): ConformanceGroup {
  return {
    rule: 12,
    title: 'scores',
    cases: [
      ...(['rgb', 'sigmoid', 'uint8'] as const).map((model) => ({
        title: `tiny-${model}: as the reference, and between 0 and 1`,
        ...skipOf(subject, model),
        run: () =>
          withSegmenter(subject.runtime(), model, async (segmenter) => {
            const select = [...tinyCards[model].labels.names.slice(1), 'anything'];
            const scores = await scoresOf(segmenter, image, select);
            check(
              scores.every((score) => score >= 0 && score <= 1),
              'a score below 0 or above 1',
            );
            await withSegmenter(referenceRuntime(subject), model, async (reference) => {
              // two steps of the 8 bits that masks have; integer outputs may differ by one step of their own
              const tolerance = model === 'uint8' ? 0.05 : 2 / 255;
              checkEqual(scores, await scoresOf(reference, image, select), 'scores', tolerance);
            });
          }),
      })),
      {
        title: 'scores of class indexes are unsupported',
        ...skipOf(subject, 'index'),
        run: () =>
          withSegmenter(subject.runtime(), 'index', async (segmenter) => {
            await checkRejects(scoresOf(segmenter, image, ['red']), ['unsupported'], 'scores of tiny-index');
          }),
      },
    ],
  };
}

export function stateless(subject: JudgedSubject): ConformanceGroup {
  return {
    rule: 13,
    title: 'no module state',
    cases: [
      {
        title: 'two models of one runtime and a second runtime work side by side',
        ...skipOf(subject, 'nhwc'),
        async run() {
          const runtime = subject.runtime();
          await withOpened(runtime, 'rgb', async (first) => {
            await withOpened(runtime, 'nhwc', async (second) => {
              await withOpened(subject.runtime(), 'rgb', async (third) => {
                const sessions = [first, second, third];
                const answers = await Promise.all(sessions.map(({ answer }) => answer(image)));
                for (const [i, { expected }] of sessions.entries())
                  checkEqual(answers[i] ?? new Float32Array(), await expected(image), `session ${i}`, 1e-3);
              });
            });
            const [actual, expected] = [await first.answer(image), await first.expected(image)];
            checkEqual(actual, expected, 'the session that is left', 1e-3);
          });
        },
      },
    ],
  };
}
