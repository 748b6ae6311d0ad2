import {
  chooseVariant,
  createSegmenter,
  type ModelCard,
  type ModelSource,
  type Runtime,
  type Segmenter,
} from '@seg/core';
import type { ChosenModel } from '../chosen-model.ts';
import type { Context } from '../context.ts';
import {
  asUsage,
  EXIT_DONE,
  EXIT_FAILED,
  EXIT_INTERRUPTED,
  type Failure,
  failureOf,
  sayFailure,
  UsageError,
} from '../failure.ts';
import { createProgress } from '../progress.ts';
import { resolveModel } from '../resolve-model.ts';
import { createRuntime } from '../runtimes.ts';
import type { PhotoSettings } from './encode-output.ts';
import { findPhotos, type PhotoInput } from './find-photos.ts';
import { type OutputKind, parseKind } from './kinds.ts';
import { type Job, planOutputs } from './plan-outputs.ts';
import { printPhoto } from './print-photo.ts';
import { type PhotoReport, segmentPhoto } from './segment-photo.ts';
import { parseSelection, selectedLabels } from './selection.ts';

/** The options of `seg segment`, as commander parses them. */
export interface SegmentOptions {
  readonly model: string;
  readonly variant?: string;
  readonly runtime: string;
  readonly as: readonly string[];
  readonly select: readonly string[];
  readonly soft: boolean;
  readonly output?: string;
  readonly force: boolean;
  readonly threads?: number;
  readonly recipe?: string;
  readonly offline: boolean;
  readonly json: boolean;
}

/** What is known before any photo is read. */
interface Plan {
  readonly model: ChosenModel;
  readonly open: () => Promise<Segmenter>;
  readonly settings: PhotoSettings;
  readonly variant: string;
  readonly jobs: readonly Job[];
  readonly failures: readonly Failure[];
}

/** `seg segment`: everything that can be refused is refused before the model is loaded. */
export async function segment(
  names: readonly string[],
  options: SegmentOptions,
  context: Context,
): Promise<number> {
  const plan = await makePlan(names, options, context);
  for (const failure of plan.failures) sayFailure(failure, null, context);
  const photos: PhotoReport[] = [];
  const errors = [...plan.failures];
  let accelerator: string | null = null;
  if (plan.jobs.length > 0) {
    const segmenter = await plan.open();
    accelerator = segmenter.accelerator;
    try {
      await segmentAll(plan, segmenter, { photos, errors, json: options.json }, context);
    } finally {
      await segmenter.dispose();
    }
  }
  if (options.json) {
    const { card } = plan.model;
    const { variant } = plan;
    context.printJson({ model: card.id, variant, runtime: options.runtime, accelerator, photos, errors });
  }
  if (context.signal.aborted) return EXIT_INTERRUPTED;
  return errors.length > 0 ? EXIT_FAILED : EXIT_DONE;
}

async function makePlan(names: readonly string[], options: SegmentOptions, context: Context): Promise<Plan> {
  const { signal } = context;
  const { recipe, offline, threads, soft, force } = options;
  const runtime = await createRuntime(options.runtime, { threads });
  const model = await resolveModel(options.model, { signal, recipe, offline, variant: options.variant });
  const { card, source } = model;
  const variant = asUsage(() => chooseVariant(card, runtime, model.variant));
  const selection = parseSelection(options.select);
  const selected = selectedLabels(selection, card);
  const hasScores = variant.output.values !== 'class-index';
  if (soft && !hasScores) throw new UsageError(`--soft: the model ${card.id} gives classes without scores`);
  if (!hasScores && options.as.includes('cutout')) {
    context.warn(`the model ${card.id} gives classes without scores: the edges of cut-outs are hard`);
  }
  const kinds = options.as.length === 0 ? (['overlay'] as const) : [...new Set(options.as.map(parseKind))];
  const found = await findPhotos(names);
  checkStreams(found.photos, kinds, options, context);
  const planned = await planOutputs(found.photos, kinds, {
    output: options.output,
    force,
    inputs: model.files,
  });
  return {
    model,
    open: () => openSegmenter(card, variant.id, runtime, source, context),
    settings: { selection, selected, soft, hasScores, force },
    variant: variant.id,
    jobs: planned.jobs,
    failures: [...found.failures, ...planned.failures],
  };
}

async function openSegmenter(
  model: ModelCard,
  variant: string,
  runtime: Runtime,
  source: ModelSource,
  context: Context,
): Promise<Segmenter> {
  const { onProgress, end } = createProgress(`loading ${model.id}`, context);
  const { signal } = context;
  return await createSegmenter({ model, variant, runtime, source, signal, onProgress }).finally(end);
}

/** stdin must bring a photo, and stdout can carry one thing only. */
function checkStreams(
  photos: readonly PhotoInput[],
  kinds: readonly OutputKind[],
  { output, json }: SegmentOptions,
  context: Context,
): void {
  const readsStdin = photos.some(({ path }) => path === null);
  if (readsStdin && context.stdinIsTerminal) {
    throw new UsageError('- reads a photo from stdin, but stdin is a terminal: seg segment - < PHOTO');
  }
  if (!writesStdout(photos, output)) return;
  if (json) throw new UsageError('--json and the output both want stdout: name a file or folder with -o');
  const binary = kinds.some((kind) => !['rle', 'coco', 'polygons'].includes(kind));
  if (binary && context.columns !== null) {
    throw new UsageError('stdout is a terminal and would show a picture as text: redirect it, or use -o');
  }
}

export function writesStdout(photos: readonly PhotoInput[], output: string | undefined): boolean {
  return output === '-' || (output === undefined && photos.some(({ path }) => path === null));
}

interface Results {
  readonly photos: PhotoReport[];
  readonly errors: Failure[];
  readonly json: boolean;
}

/** One photo after the other; a bad one is reported, and the others are done. */
async function segmentAll(
  { jobs, settings }: Plan,
  segmenter: Segmenter,
  { photos, errors, json }: Results,
  context: Context,
): Promise<void> {
  // where a picture goes to stdout, words go to stderr
  const toStdout = !jobs.some(({ outputs }) => outputs.some(({ path }) => path === null));
  for (const job of jobs) {
    try {
      const report = await segmentPhoto(job, segmenter, settings, context);
      photos.push(report);
      if (!json) printPhoto(report, toStdout, context);
    } catch (error) {
      const failure: Failure = context.signal.aborted
        ? { input: job.photo.label, code: 'interrupted', message: 'interrupted' }
        : failureOf(error, job.photo.label);
      errors.push(failure);
      sayFailure(failure, error, context);
      if (context.signal.aborted) return;
    }
  }
}
