import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT_DONE } from '../failure.ts';
import { count, formatBytes, formatTable } from '../format.ts';
import type { Launch } from '../launch.ts';

const HELP = `
Model files are looked for beside their card, in the cache, in the mirror, and at the card's addresses, in this order.
SEG_CACHE names another cache, SEG_MODEL_MIRROR a folder or an address with model files by their names.

Examples:
  seg models where
  SEG_MODEL_MIRROR=/mnt/models seg models where --json`;

interface WhereOptions {
  readonly json: boolean;
}

export function addWhere(models: Command, launch: Launch): void {
  models
    .command('where')
    .description('shows the folders where model files are looked for')
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((options: WhereOptions) => launch((context) => where(options, context)));
}

async function where({ json }: WhereOptions, context: Context): Promise<number> {
  const { createModelCache } = await import('@seg/node/cache');
  const cache = createModelCache({ offline: true });
  const files = await cache.list();
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (json) {
    context.printJson({ cache: cache.dir, files: files.length, bytes, mirror: cache.mirror });
    return EXIT_DONE;
  }
  const rows = [
    ['cache', cache.dir, `${count(files.length, 'file')}, ${formatBytes(bytes)}`],
    [
      'mirror',
      cache.mirror ?? '-',
      cache.mirror === null ? 'none: SEG_MODEL_MIRROR is not set' : 'SEG_MODEL_MIRROR',
    ],
  ];
  for (const line of formatTable(rows)) context.print(line);
  return EXIT_DONE;
}
