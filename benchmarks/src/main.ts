import { fileURLToPath } from 'node:url';
import { isSegmentError, type Size } from '@seg/core';
import { Command, InvalidArgumentError } from 'commander';
import { measureMainThread } from './main-thread.ts';
import { type BenchOptions, type Cell, measureCell, PROFILES } from './measure-cell.ts';
import { measureMemory } from './measure-memory.ts';
import { RUNTIME_NAMES } from './setting.ts';

const SAMPLE = fileURLToPath(new URL('../../examples/sample.jpg', import.meta.url));

interface Flags {
  readonly model: string;
  readonly variant?: string;
  readonly runtime: string;
  readonly threads: number;
  readonly photo: string;
  readonly size?: Size;
  readonly output: 'model' | 'source';
  readonly quick?: boolean;
  readonly memory?: boolean;
  readonly mainThread?: boolean;
  readonly json?: boolean;
}

const program = new Command('bench')
  .description(
    'Measures segmentation beside the bare vendor session on the same file, in one run. Medians, in milliseconds.\n' +
      'total = prepare + run + decode (a class map), photo decoding apart; ratio = total / bare.',
  )
  .option('--model <id>', 'a model card of @seg/models', 'people')
  .option('--variant <id>', 'a variant of it (default: the first that the runtime takes)')
  .option('--runtime <name>', RUNTIME_NAMES.join(' or '), 'onnx-node')
  .option('--threads <n>', 'threads of the runtime', wholeNumber, 1)
  .option('--photo <file>', 'the photo', SAMPLE)
  .option('--size <WxH>', "scale the photo to this size first (default: the model's input size)", parseSize)
  .option('--output <size>', 'size of the class map: model or source', 'model')
  .option('--quick', 'fewer runs')
  .option('--memory', 'resident memory over 1,000 segmentations instead of times')
  .option(
    '--main-thread',
    'in Chromium: how long the page is busy for each frame of 1280 x 720 (people on onnx-web)',
  )
  .option('--json', 'one JSON object on stdout')
  .addHelpText(
    'after',
    '\nExamples:\n  pnpm bench --model people\n' +
      '  SEG_MODEL_MIRROR=../shared/models pnpm bench --model deeplabv3-513 --size 1920x1080 --output source --json',
  )
  .action(run);

await program.parseAsync();

async function run(flags: Flags): Promise<void> {
  try {
    if (flags.mainThread === true) await reportMainThread(flags);
    else if (flags.memory === true) await reportMemory(flags);
    else await reportTimes(flags);
  } catch (error) {
    if (!isSegmentError(error)) throw error;
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
  }
}

async function reportTimes(flags: Flags): Promise<void> {
  const cell = await measureCell(optionsOf(flags));
  console.log(flags.json === true ? JSON.stringify({ cells: [cell] }) : describe(cell));
}

async function reportMemory(flags: Flags): Promise<void> {
  const memory = await measureMemory(optionsOf(flags));
  const { after100, after1000, growth } = memory;
  const text = `resident memory: ${after100} MB after 100 segmentations, ${after1000} MB after 1,000`;
  console.log(flags.json === true ? JSON.stringify(memory) : `${text} (${(growth * 100).toFixed(1)} %)`);
}

async function reportMainThread(flags: Flags): Promise<void> {
  const measured = await measureMainThread(flags.quick === true ? 60 : 300);
  const { frames, median, p90, most } = measured;
  const text = `main thread, ${frames} frames: median ${median.toFixed(2)} ms, p90 ${p90.toFixed(2)}, most ${most.toFixed(2)}`;
  console.log(flags.json === true ? JSON.stringify(measured) : text);
}

function optionsOf(flags: Flags): BenchOptions {
  const profile = flags.quick === true ? PROFILES.quick : PROFILES.normal;
  return { ...flags, variant: flags.variant ?? null, size: flags.size ?? null, profile };
}

function describe({ model, variant, runtime, threads, stages, total, bare, ratio }: Cell): string {
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  return [
    `${model} (${variant}) on ${runtime}, ${threads} thread${threads === 1 ? '' : 's'}`,
    `  prepare ${ms(stages.prepare)}   run ${ms(stages.run)}   decode ${ms(stages.decode)}`,
    `  total ${ms(total)}   bare session ${ms(bare)}   ratio ${ratio.toFixed(3)}`,
  ].join('\n');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return value;
}

function parseSize(text: string): Size {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Give a size such as 1920x1080.');
  return { width: Number(match[1]), height: Number(match[2]) };
}
