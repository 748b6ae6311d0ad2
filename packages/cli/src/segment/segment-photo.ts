import { basename } from 'node:path';
import {
  type Coverage,
  coverageOf,
  readClassMap,
  readMask,
  type Segmentation,
  type Segmenter,
} from '@seg/core';
import { type Photo, readPhoto, writeFileAtomic } from '@seg/node';
import type { Context } from '../context.ts';
import { roundMs } from '../format.ts';
import { encodeOutput, type PhotoSettings, type PhotoView, usesScores } from './encode-output.ts';
import type { OutputKind } from './kinds.ts';
import type { Job } from './plan-outputs.ts';

/** One photo in the JSON of `seg segment`. */
export interface PhotoReport {
  readonly input: string;
  readonly width: number;
  readonly height: number;
  /** The path `-` is stdout. */
  readonly outputs: readonly { readonly as: OutputKind; readonly path: string }[];
  readonly labels: readonly Pick<Coverage, 'name' | 'share' | 'box'>[];
  /** Milliseconds; `encode` is drawing, encoding and writing. */
  readonly timings: Readonly<Record<'read' | 'prepare' | 'run' | 'decode' | 'encode', number>>;
}

/** Segments one photo and writes its outputs. */
export async function segmentPhoto(
  job: Job,
  segmenter: Segmenter,
  settings: PhotoSettings,
  context: Context,
): Promise<PhotoReport> {
  const { photo: input, outputs } = job;
  const { signal } = context;
  const start = performance.now();
  const photo = await readPhoto(input.path ?? (await context.readStdin()), { signal });
  const read = performance.now() - start;
  const segmentation = await segmenter.segment(photo.image, { signal });
  try {
    const segmented = performance.now();
    const view = await decodeView(photo, segmentation, job, settings, signal);
    const decoded = performance.now();
    await writeOutputs(job, view, settings, context);
    const { prepare, run } = segmentation.timings;
    return {
      input: input.label,
      width: photo.width,
      height: photo.height,
      outputs: outputs.map(({ as, path }) => ({ as, path: path ?? '-' })),
      labels: view.coverage.map(({ name, share, box }) => ({ name, share, box })),
      timings: {
        read: roundMs(read),
        prepare: roundMs(prepare),
        run: roundMs(run),
        decode: roundMs(decoded - segmented),
        encode: roundMs(performance.now() - decoded),
      },
    };
  } finally {
    segmentation.dispose();
  }
}

async function decodeView(
  photo: Photo,
  segmentation: Segmentation,
  { photo: input, outputs }: Job,
  settings: PhotoSettings,
  signal: AbortSignal,
): Promise<PhotoView> {
  const classMap = await readClassMap(segmentation, { signal });
  const soft = outputs.some(({ as }) => usesScores(as, settings))
    ? await readMask(segmentation, { select: settings.selection, soft: true, signal })
    : null;
  const coverage = coverageOf(classMap, segmentation.placement);
  const fileName = input.path === null ? 'stdin' : basename(input.path);
  return { photo, fileName, card: segmentation.model, classMap, coverage, soft };
}

/** All are made before the first is written. */
async function writeOutputs(
  { outputs }: Job,
  view: PhotoView,
  settings: PhotoSettings,
  context: Context,
): Promise<void> {
  const { signal } = context;
  const files: { path: string | null; bytes: Uint8Array }[] = [];
  for (const output of outputs) {
    files.push({ path: output.path, bytes: await encodeOutput(output, view, settings, signal) });
  }
  for (const { path, bytes } of files) {
    if (path === null) await context.writeBytes(bytes);
    else await writeFileAtomic(path, bytes, { force: settings.force, signal });
  }
}
