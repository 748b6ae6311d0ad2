import { expect, test } from 'vitest';
import people from '../../models/dist/people.js';
import { chooseRuntime, createSegmenter, readCoverage, warmUp } from '../../packages/core/dist/index.js';

test('adapters by their modules: what does not fit is passed over with its reason, what fits segments', async () => {
  const chosen = await chooseRuntime({
    model: people,
    candidates: [
      () => import('../../packages/runtimes/litert/dist/index.js'),
      () => import('../../packages/runtimes/tflite-wasm/dist/index.js'),
      () => import('../../packages/runtimes/onnx-web/dist/index.js'),
    ],
  });
  expect(chosen.rejected).toEqual([
    { name: 'litert', reason: expect.stringContaining('takes no variant of the model people') },
    { name: 'tflite-wasm', reason: expect.stringContaining('takes no variant of the model people') },
  ]);
  expect(chosen.runtime.name).toBe('onnx-web');
  const segmenter = await createSegmenter({ model: people, runtime: chosen.runtime });
  await warmUp(segmenter);
  const segmentation = await segmenter.segment(new URL('/repo/examples/sample.jpg', location.href));
  const labels = await readCoverage(segmentation);
  await segmenter.dispose();
  expect(labels.find(({ name }) => name === 'clothes')?.share).toBeGreaterThan(0.2);
});
