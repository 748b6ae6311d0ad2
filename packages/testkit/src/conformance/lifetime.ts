import { readClassMap } from '@seg/core';
import { seededImage } from '../seeded-image.ts';
import { loadTiny } from '../tiny-source.ts';
import { check, checkAborts, checkEqual, checkRejects } from './assert.ts';
import {
  checkLive,
  copyOf,
  referenceAnswer,
  sleep,
  slowModel,
  withOpened,
  withSegmenter,
} from './harness.ts';
import type { ConformanceGroup, JudgedSubject } from './subject.ts';

const first = seededImage(40, 30, 1);
const second = seededImage(40, 30, 2);

export function aborting(subject: JudgedSubject): ConformanceGroup {
  const reason = new Error('the reason of this abort');
  const gone = AbortSignal.abort(reason);
  return {
    rule: 4,
    title: 'abort',
    cases: [
      {
        title: 'every step rejects with signal.reason when it was aborted before',
        async run() {
          const runtime = subject.runtime();
          const model = await loadTiny('rgb', runtime);
          await checkAborts(runtime.open(model, { signal: gone }), reason, 'open');
          await withOpened(runtime, model, async ({ session, stages }) => {
            const { tensor, placement } = await stages.prepare(first);
            const raw = await session.run(tensor);
            await checkAborts(stages.prepare(first, { signal: gone }), reason, 'prepare');
            await checkAborts(session.run(tensor, { signal: gone }), reason, 'run');
            const decoding = stages.decode(raw, placement, { as: 'classes', size: first }, { signal: gone });
            await checkAborts(decoding, reason, 'decode');
            for (const owned of [raw, tensor]) owned.dispose();
          });
        },
      },
      {
        title: 'a run in flight rejects with signal.reason, and its input may be reused at once',
        run: () => abortInFlight(subject, reason),
      },
      {
        title: 'an aborted opening leaves nothing behind',
        ...(subject.means?.countLive === undefined && { skipped: 'the subject cannot count what is alive' }),
        async run() {
          const before = subject.means?.countLive?.() ?? 0;
          const abort = new AbortController();
          const model = await loadTiny('rgb', subject);
          const opening = subject.runtime().open(model, { signal: abort.signal });
          abort.abort(reason);
          const opened = await opening.catch(() => null);
          await opened?.session.dispose();
          opened?.stages.dispose();
          // long enough for the aborted opening to have come to its end
          await withOpened(subject.runtime(), 'rgb', async ({ answer }) => void (await answer(first)));
          await checkLive(subject.means?.countLive, before);
        },
      },
    ],
  };
}

async function abortInFlight(subject: JudgedSubject, reason: Error): Promise<void> {
  await withOpened(subject.runtime(), slowModel(subject), async ({ session, prepare, answer, expected }) => {
    const abort = new AbortController();
    const input = await prepare(first);
    const running = session.run(input, { signal: abort.signal });
    abort.abort(reason);
    await checkAborts(running, reason, 'a run aborted in flight');
    input.dispose(); // its memory may now carry the next picture
    checkEqual(await answer(second), await expected(second), 'the run after the aborted one', 1e-3);
  });
}

export function disposing(subject: JudgedSubject): ConformanceGroup {
  return {
    rule: 5,
    title: 'disposal',
    cases: [
      {
        title: 'waits for the call in flight, may be repeated, and refuses what comes after',
        async run() {
          const model = await loadTiny(slowModel(subject), subject);
          const { session, stages } = await subject.runtime().open(model);
          const input = (await stages.prepare(first)).tensor;
          const later = (await stages.prepare(first)).tensor;
          let isDone = false;
          const running = session.run(input).finally(() => {
            isDone = true;
          });
          await Promise.all([session.dispose(), session.dispose()]);
          await sleep(0); // promises that settle together may do so in any order
          check(isDone, 'dispose() resolved while a run was in flight');
          const output = await running; // the caller's, and so it outlives its session
          const expected = await referenceAnswer(model, first);
          checkEqual(await copyOf(output), expected, 'the run in flight at dispose()', 1e-3);
          await checkRejects(session.run(later), ['disposed'], 'a run after dispose()');
          for (const owned of [output, input, later]) owned.dispose();
          stages.dispose();
          stages.dispose();
        },
      },
      {
        title: 'of a segmenter ends its segmentations',
        async run() {
          await withSegmenter(subject.runtime(), 'rgb', async (segmenter) => {
            const segmentation = await segmenter.segment(first);
            await segmenter.dispose();
            await checkRejects(segmenter.segment(first), ['disposed'], 'segment after dispose()');
            await checkRejects(readClassMap(segmentation), ['disposed'], 'a view after dispose()');
            segmentation.dispose();
          });
        },
      },
    ],
  };
}
