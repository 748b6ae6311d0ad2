import { readFileSync } from 'node:fs';
import { createCpuTensor } from '@seg/core';
import { largestDifference } from '@seg/testkit';
import { describe, expect, it } from 'vitest';
import { onnxNode } from '../src/index.ts';
import { fileModel, shared } from './helpers.ts';

const floats = (path: string) => new Float32Array(Uint8Array.from(readFileSync(path)).buffer);

/** The test's body with the paths of shared files; skipped, and said so, where one is absent. */
function withShared(paths: readonly string[], body: (...found: string[]) => Promise<void>) {
  return async ({ skip }: { skip(note: string): void }) => {
    const found = paths.map((path) => shared(path) ?? '');
    const absent = paths.filter((_, i) => found[i] === '');
    if (absent.length > 0) return skip(`no ${absent.join(', ')} in SEG_SHARED or ../shared`);
    await body(...found);
  };
}

const SIDE = { width: 513, height: 513 };
const GRID = { width: 65, height: 65 };

describe.each(['inline', 'worker'] as const)('real files, %s', (mode) => {
  const runtime = onnxNode({ mode, threads: 1 });

  it(
    'DeepLabV3 513 gives the golden logits within 1e-3',
    withShared(
      [
        'models/deeplabv3_mnv2_513.onnx',
        'golden/deeplabv3_513/input_1x3x513x513_nchw.f32',
        'golden/deeplabv3_513/logits_1x21x65x65_nchw.f32',
      ],
      async (model = '', input = '', logits = '') => {
        const channels = Array.from({ length: 21 }, (_, i) => i);
        const loaded = await fileModel(
          Uint8Array.from(readFileSync(model)),
          { size: SIDE },
          { size: GRID, channels },
        );
        const { session, stages } = await runtime.open(loaded);
        const output = await session.run(createCpuTensor('float32', [1, 3, 513, 513], floats(input)));
        expect(largestDifference(await output.read(), floats(logits))).toBeLessThan(1e-3);
        stages.dispose();
        await session.dispose();
      },
    ),
    30_000,
  );

  it(
    'a network that ONNX Runtime opens and cannot run says so',
    withShared(['models/broken/bodypix_x050_stride8_same_upper_dilated.onnx'], async (model = '') => {
      const size = { width: 129, height: 129 };
      const loaded = await fileModel(
        Uint8Array.from(readFileSync(model)),
        { size, layout: 'hwc' },
        {
          name: 'segments',
          size: { width: 17, height: 17 },
          layout: 'hwc',
          channels: [1],
          classes: 'independent',
        },
      );
      const { session, stages } = await runtime.open(loaded);
      const input = createCpuTensor('float32', [1, 129, 129, 3], new Float32Array(129 * 129 * 3));
      await expect(session.run(input)).rejects.toMatchObject({
        code: 'runtime',
        message: expect.stringMatching(
          /^ONNX Runtime failed to run this model: .*Dilation not supported[^\n]*$/,
        ),
        cause: expect.any(Error),
      });
      stages.dispose();
      await session.dispose();
    }),
  );
});
