import type { Command } from 'commander';
import type { Launch } from '../launch.ts';
import { addLicenses } from './models-licenses.ts';
import { addList } from './models-list.ts';
import { addPull } from './models-pull.ts';
import { addShow } from './models-show.ts';
import { addVerify } from './models-verify.ts';
import { addWhere } from './models-where.ts';

const HELP = `
Examples:
  seg models list --for person
  seg models show deeplabv3-257
  seg models pull deeplabv3-257`;

export function addModels(program: Command, launch: Launch): void {
  const models = program
    .command('models')
    .description('lists, explains, fetches and checks models')
    .addHelpText('after', HELP);
  addList(models, launch);
  addShow(models, launch);
  addPull(models, launch);
  addVerify(models, launch);
  addWhere(models, launch);
  addLicenses(models, launch);
}
