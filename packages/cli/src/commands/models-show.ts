import type { Command } from 'commander';
import type { Launch } from '../launch.ts';
import type { ShowOptions } from '../models/show.ts';

const HELP = `
Examples:
  seg models show people
  seg models show deeplabv3-257 --json     the card itself
  seg models show ./own.card.json`;

export function addShow(models: Command, launch: Launch): void {
  models
    .command('show')
    .description('shows all that a model card says')
    .argument('<model>', 'a model id, CARD.json, or FILE.onnx')
    .option('--json', 'the card as one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((model: string, options: ShowOptions) =>
      launch(async (context) => (await import('../models/show.ts')).show(model, options, context)),
    );
}
