import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT_DONE } from '../failure.ts';
import type { Launch } from '../launch.ts';

const HELP = `
What must be said where a model is used, and whether it may be used commercially, as far as data and weights go.

Examples:
  seg models licenses
  seg models licenses --json`;

interface LicensesOptions {
  readonly json: boolean;
}

export function addLicenses(models: Command, launch: Launch): void {
  models
    .command('licenses')
    .description('prints the attribution and terms of every model')
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((options: LicensesOptions) => launch((context) => licenses(options, context)));
}

async function licenses({ json }: LicensesOptions, context: Context): Promise<number> {
  const { knownCards } = await import('../known-models.ts');
  const cards = await knownCards();
  if (json) {
    const models = cards.map(({ id, title, license, trainingData }) => ({
      id,
      title,
      ...license,
      trainingData,
    }));
    context.printJson({ models });
    return EXIT_DONE;
  }
  for (const { id, title, license, trainingData } of cards) {
    context.print(context.colors.bold(`${title} (${id})`));
    context.print(`  ${license.attribution}`);
    context.print(`  ${license.spdx}, ${license.source}`);
    context.print(`  commercial use: ${license.commercial}. ${license.why}`);
    context.print(`  training data: ${trainingData}`);
    context.print('');
  }
  return EXIT_DONE;
}
