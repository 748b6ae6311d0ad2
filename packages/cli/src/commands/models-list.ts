import type { Task } from '@seg/core';
import { suggestion } from '@seg/core';
import { type Command, InvalidArgumentError } from 'commander';
import type { Launch } from '../launch.ts';
import type { ListOptions } from '../models/list.ts';

const TASKS = ['person', 'hair', 'face', 'clothes', 'object', 'scene'] as const satisfies readonly Task[];

const HELP = `
"at hand" says where the files are: they ship with the package, are in the cache or in the mirror folder, or (no) would
have to be downloaded. Size and place are those of the variant that seg segment takes.

Examples:
  seg models list
  seg models list --for hair
  seg models list --json`;

export function addList(models: Command, launch: Launch): void {
  models
    .command('list')
    .description('lists the models that are known')
    .option('--for <task>', `only models for ${TASKS.join(', ')}`, parseTask)
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((options: ListOptions) =>
      launch(async (context) => (await import('../models/list.ts')).list(options, context)),
    );
}

function parseTask(text: string): Task {
  const task = TASKS.find((known) => known === text);
  if (task === undefined) throw new InvalidArgumentError(suggestion(text, TASKS, 'tasks'));
  return task;
}
