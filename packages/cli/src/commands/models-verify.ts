import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT_DONE, EXIT_FAILED } from '../failure.ts';
import { count, formatBytes, formatTable } from '../format.ts';
import type { Launch } from '../launch.ts';

const HELP = `
Reads every file in the model cache and holds it against its sha256. A damaged one makes the exit code 1; the next use
or seg models pull fetches it again.

Examples:
  seg models verify
  seg models verify --json`;

interface VerifyOptions {
  readonly json: boolean;
}

export function addVerify(models: Command, launch: Launch): void {
  models
    .command('verify')
    .description('checks every file in the model cache')
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((options: VerifyOptions) => launch((context) => verify(options, context)));
}

async function verify({ json }: VerifyOptions, context: Context): Promise<number> {
  const { createModelCache } = await import('@seg/node/cache');
  const cache = createModelCache({ offline: true });
  const files = await cache.verify({ signal: context.signal });
  const damaged = files.filter(({ ok }) => !ok);
  if (json) {
    context.printJson({ cache: cache.dir, files });
  } else {
    const { green, red } = context.colors;
    const rows = files.map(({ name, bytes, path }) => [name, formatBytes(bytes), path]);
    formatTable(rows).forEach((line, index) => {
      context.print(`${files[index]?.ok === true ? green('sound  ') : red('damaged')}  ${line}`);
    });
    context.print(`${count(files.length, 'file')} in ${cache.dir}, ${damaged.length} damaged`);
  }
  return damaged.length > 0 ? EXIT_FAILED : EXIT_DONE;
}
