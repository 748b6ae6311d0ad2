import type { LoadedModel, ModelVariant } from '@seg/core';
import { seededImage } from '../seeded-image.ts';
import { loadTiny } from '../tiny-source.ts';
import { check, checkEqual, checkRejects } from './assert.ts';
import { classesOf, referenceClasses, withOpened, withSegmenter } from './harness.ts';
import type { ConformanceGroup, JudgedSubject } from './subject.ts';

const image = seededImage(24, 20, 5);

export function residency(subject: JudgedSubject): ConformanceGroup {
  const countReadbacks = subject.means?.countReadbacks;
  return {
    rule: 6,
    title: 'residency',
    cases: [
      {
        title: 'segmenting and decoding read nothing back',
        ...(countReadbacks === undefined && { skipped: 'the subject has no device to read back from' }),
        run: () =>
          withSegmenter(subject.runtime(), 'rgb', async (segmenter) => {
            const before = countReadbacks?.() ?? 0;
            const segmentation = await segmenter.segment(image);
            (await segmentation.decode({ as: 'classes' })).dispose();
            segmentation.dispose();
            const count = (countReadbacks?.() ?? 0) - before;
            check(count === 0, `${count} readbacks by segment and decode`);
          }),
      },
    ],
  };
}

export function refusing(subject: JudgedSubject): ConformanceGroup {
  const unavailable = subject.means?.unavailable;
  return {
    rule: 7,
    title: 'no silent fallback',
    cases: [
      {
        title: 'probe answers, and an open session names what computes',
        async run() {
          const probe = await subject.runtime().probe();
          check(probe.ok, `probe: ${probe.ok ? '' : probe.reason}`);
          await withOpened(subject.runtime(), 'rgb', async ({ session }) => {
            check(session.accelerator.length > 0, 'session.accelerator is empty');
          });
        },
      },
      {
        title: 'bytes that are no model are refused',
        async run() {
          const model = await loadTiny('rgb', subject);
          for (const bytes of [
            new TextEncoder().encode('This is a text file.\n'.repeat(9)),
            new Uint8Array(64),
          ]) {
            const opening = open(subject, { ...model, parts: [bytes] });
            await checkRejects(
              opening,
              ['invalid-input', 'unsupported', 'runtime'],
              `${bytes.length} wrong bytes`,
            );
          }
        },
      },
      {
        title: 'a card that names an input or output which the file lacks is refused',
        async run() {
          const { card, variant, parts } = await loadTiny('rgb', subject);
          const wrong: ModelVariant[] = [
            { ...variant, input: { ...variant.input, name: 'nothing' } },
            { ...variant, output: { ...variant.output, name: 'nothing' } },
          ];
          for (const each of wrong) {
            await checkRejects(
              open(subject, { card, variant: each, parts }),
              ['invalid-card'],
              'a wrong name',
            );
          }
        },
      },
      {
        title: 'what this machine lacks is refused with a reason',
        ...(unavailable === undefined && { skipped: 'the subject has nothing that could be lacking' }),
        async run() {
          if (unavailable === undefined) return;
          const probe = await unavailable().probe();
          check(!probe.ok && probe.reason.length > 0, 'probe gives no reason');
          const opening = open({ runtime: unavailable }, await loadTiny('rgb', subject));
          await checkRejects(opening, ['unsupported'], 'open');
        },
      },
    ],
  };
}

/** Opens and, should that succeed, closes again. */
async function open({ runtime }: Pick<JudgedSubject, 'runtime'>, model: LoadedModel): Promise<string> {
  const { session, stages } = await runtime().open(model);
  await session.dispose();
  stages.dispose();
  return 'a session';
}

export function frames(subject: JudgedSubject): ConformanceGroup {
  return {
    rule: 8,
    title: "frames stay the caller's",
    cases: [
      {
        title: 'a picture is neither changed nor taken away',
        run: () =>
          withSegmenter(subject.runtime(), 'rgb', async (segmenter) => {
            const image = seededImage(24, 20, 6);
            const before = image.data.slice();
            const classes = await classesOf(segmenter, image);
            check(image.data.length === before.length, 'the memory of the picture has been taken away');
            checkEqual(Uint8Array.from(image.data), Uint8Array.from(before), 'the picture after segment');
            checkEqual(classes, await referenceClasses(segmenter, image), 'its classes');
          }),
      },
    ],
  };
}
