import { labelColor, resolveSelection } from '@seg/core';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT_DONE } from '../failure.ts';
import { formatTable } from '../format.ts';
import type { Launch } from '../launch.ts';

const HELP = `
Labels are numbered as in the samples of --as labels. Groups stand for several labels wherever a label does.

Examples:
  seg labels people
  seg labels deeplabv3-257 --json
  seg labels ./own.onnx`;

interface LabelsOptions {
  readonly json: boolean;
}

export function addLabels(program: Command, launch: Launch): void {
  program
    .command('labels')
    .description('lists the labels and groups of a model')
    .argument('<model>', 'a model id, CARD.json, or FILE.onnx')
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((model: string, options: LabelsOptions) =>
      launch((context) => listLabels(model, options, context)),
    );
}

async function listLabels(name: string, { json }: LabelsOptions, context: Context): Promise<number> {
  const { resolveModel } = await import('../resolve-model.ts');
  const { card } = await resolveModel(name, { signal: context.signal });
  const { names } = card.labels;
  const labels = names.map((label, index) => ({ index, name: label, color: labelColor(card.labels, index) }));
  const groups = Object.fromEntries(
    Object.keys(card.groups).map((group) => [
      group,
      resolveSelection(group, card).map((i) => names[i] ?? ''),
    ]),
  );
  if (json) {
    context.printJson({ model: card.id, labelSet: card.labels.id, labels, groups });
    return EXIT_DONE;
  }
  const rows = labels.map(({ index, name: label, color }) => [
    `${index}`.padStart(3),
    label,
    hexColor(color),
  ]);
  for (const line of formatTable(rows)) context.print(line);
  for (const [group, members] of Object.entries(groups)) {
    context.print(`${context.colors.bold(group)} = ${members.join(' + ')}`);
  }
  return EXIT_DONE;
}

function hexColor(color: readonly number[]): string {
  return `#${color.map((byte) => Math.round(byte).toString(16).padStart(2, '0')).join('')}`;
}
