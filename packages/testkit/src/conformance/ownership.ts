import { readClassMap } from '@seg/core';
import { seededImage } from '../seeded-image.ts';
import { check, checkEqual } from './assert.ts';
import { checkLive, copyOf, type Opened, withOpened, withSegmenter } from './harness.ts';
import type { ConformanceGroup, JudgedSubject } from './subject.ts';

const first = seededImage(40, 30, 1);
const second = seededImage(40, 30, 2);

export function borrowing(subject: JudgedSubject): ConformanceGroup {
  const countLive = subject.means?.countLive;
  return {
    rule: 1,
    title: 'borrow in, own out',
    cases: [
      {
        title: 'a run leaves its input alive and unchanged',
        run: () =>
          withOpened(subject.runtime(), 'rgb', async ({ session, prepare }) => {
            const input = await prepare(first);
            const before = await copyOf(input);
            const outputs = [await session.run(input), await session.run(input)];
            checkEqual(await copyOf(input), before, 'the input after two runs');
            for (const tensor of [...outputs, input]) tensor.dispose();
          }),
      },
      {
        title: "no later run touches a result's memory",
        run: () => withOpened(subject.runtime(), 'rgb', checkResultsApart),
      },
      {
        title: 'decoding leaves the raw output alive and unchanged',
        run: () =>
          withOpened(subject.runtime(), 'rgb', async ({ session, stages }) => {
            const { tensor, placement } = await stages.prepare(first);
            const raw = await session.run(tensor);
            const before = await copyOf(raw);
            const request = { as: 'classes', size: first } as const;
            const maps = [
              await stages.decode(raw, placement, request),
              await stages.decode(raw, placement, request),
            ];
            checkEqual(await copyOf(raw), before, 'the raw output after decoding twice');
            for (const owned of [...maps, raw, tensor]) owned.dispose();
          }),
      },
      {
        title: 'nothing is left when everything has been disposed',
        ...(countLive === undefined && { skipped: 'the subject cannot count what is alive' }),
        async run() {
          const before = countLive?.() ?? 0;
          await withSegmenter(subject.runtime(), 'rgb', async (segmenter) => {
            const segmentation = await segmenter.segment(first);
            await readClassMap(segmentation);
          });
          await checkLive(countLive, before);
        },
      },
    ],
  };
}

async function checkResultsApart({ session, prepare, expected }: Opened): Promise<void> {
  const inputs = [await prepare(first), await prepare(second)] as const;
  const one = await session.run(inputs[0]);
  const before = await copyOf(one);
  const two = await session.run(inputs[1]);
  checkEqual(await copyOf(one), before, 'the first result after the second run');
  checkEqual(before, await expected(first), 'the first result', 1e-3);
  two.dispose();
  two.dispose();
  checkEqual(await copyOf(one), before, 'the first result after the second was disposed');
  for (const tensor of [one, ...inputs]) tensor.dispose();
}

export function leasing(subject: JudgedSubject): ConformanceGroup {
  const onDevice = subject.means?.onDevice;
  return {
    rule: 2,
    title: 'devices are leased',
    cases: [
      {
        title: 'a device passed in outlives its sessions, and one session the other',
        ...(onDevice === undefined && { skipped: 'the subject takes no device' }),
        async run() {
          if (onDevice === undefined) return;
          const { runtime, isDestroyed } = onDevice();
          await withOpened(runtime, 'rgb', async ({ answer, expected }) => {
            await withOpened(runtime, 'rgb', async (other) => void (await other.answer(first)));
            checkEqual(await answer(first), await expected(first), 'the session that is left', 1e-3);
          });
          check(!isDestroyed(), 'the device that was passed in has been destroyed');
        },
      },
    ],
  };
}
