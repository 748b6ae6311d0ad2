import type { Command } from 'commander';
import type { Launch } from '../launch.ts';
import type { PullOptions } from '../models/pull.ts';

const HELP = `
Fetches the variant that seg segment takes, or the one that --variant names. What ships, is in the cache, or lies in
the mirror folder is not fetched again. A download that broke off is continued.

Examples:
  seg models pull deeplabv3-257 object-u2netp
  seg models pull deeplabv3-513 --variant onnx-lut8`;

export function addPull(models: Command, launch: Launch): void {
  models
    .command('pull')
    .description('downloads models into the cache')
    .argument('<id...>', 'model ids')
    .option('--variant <id>', 'which variant of them')
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((ids: string[], options: PullOptions) =>
      launch(async (context) => (await import('../models/pull.ts')).pull(ids, options, context)),
    );
}
