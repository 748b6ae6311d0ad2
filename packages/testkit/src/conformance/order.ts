import type { Segmenter } from '@seg/core';
import { seededImage } from '../seeded-image.ts';
import { check, checkAborts, checkEqual, checkRejects } from './assert.ts';
import { classesOf, referenceClasses, sleep, slowModel, withOpened, withSegmenter } from './harness.ts';
import type { ConformanceGroup, JudgedSubject } from './subject.ts';

const images = [1, 2, 3].map((seed) => seededImage(24, 20, seed));
const image = seededImage(24, 20, 4);

export function queueing(subject: JudgedSubject): ConformanceGroup {
  return {
    rule: 3,
    title: 'one at a time',
    cases: [
      {
        title: 'calls end in order, each with its own answer',
        run: () =>
          withSegmenter(subject.runtime(), 'rgb', async (segmenter) => {
            const ended: number[] = [];
            const calls = images.map(async (each, i) => {
              const classes = await classesOf(segmenter, each);
              ended.push(i);
              return classes;
            });
            for (const [i, classes] of (await Promise.all(calls)).entries()) {
              checkEqual(classes, await referenceClasses(segmenter, images[i] ?? image), `answer ${i}`);
            }
            check(ended.join() === '0,1,2', `the calls ended in the order ${ended}`);
          }),
      },
      {
        title: 'a waiting call that is aborted rejects at once and touches no other',
        run: () => withSegmenter(subject.runtime(), slowModel(subject), abortWaiting),
      },
    ],
  };
}

async function abortWaiting(segmenter: Segmenter): Promise<void> {
  const abort = new AbortController();
  const reason = new Error('not wanted any more');
  let firstEnded = false;
  const first = classesOf(segmenter, image).finally(() => {
    firstEnded = true;
  });
  const waiting = segmenter.segment(image, { signal: abort.signal });
  const last = classesOf(segmenter, image);
  abort.abort(reason);
  await checkAborts(waiting, reason, 'the waiting call');
  check(!firstEnded, 'the aborted call waited for the one before it');
  const expected = await referenceClasses(segmenter, image);
  checkEqual(await first, expected, 'the call before the aborted one');
  checkEqual(await last, expected, 'the call after the aborted one');
}

export function losing(subject: JudgedSubject): ConformanceGroup {
  const { loseDevice, killWorkers } = subject.means ?? {};
  return {
    rule: 9,
    title: 'device loss',
    cases: [
      {
        title: 'rejects pending and later calls with device-lost; a new session works',
        ...(loseDevice === undefined && { skipped: 'the subject has no device that could be lost' }),
        async run() {
          await withOpened(subject.runtime(), slowModel(subject), async ({ session, prepare }) => {
            const inputs = [await prepare(image), await prepare(image)] as const;
            const pending = session.run(inputs[0]);
            loseDevice?.();
            await checkRejects(pending, ['device-lost'], 'the pending run');
            await checkRejects(session.run(inputs[1]), ['device-lost'], 'a later run');
            for (const input of inputs) input.dispose();
          });
          await withOpened(subject.runtime(), 'rgb', async ({ answer }) => void (await answer(image)));
        },
      },
      {
        title: 'a dead worker rejects the pending call with runtime within a second; the next call works',
        ...(killWorkers === undefined && { skipped: 'the subject has no worker that could die' }),
        run: () =>
          withOpened(subject.runtime(), 'rgb', async ({ session, prepare, answer, expected }) => {
            const input = await prepare(image);
            const pending = session.run(input);
            const dying = killWorkers?.();
            const inTime = Promise.race([pending, sleep(1000).then(() => 'nothing within a second')]);
            await checkRejects(inTime, ['runtime'], 'the pending run');
            await dying;
            input.dispose();
            checkEqual(await answer(image), await expected(image), 'the run after the death', 1e-3);
          }),
      },
    ],
  };
}
