import { Command, type Option } from 'commander';
import { addAssets } from './commands/assets.ts';
import { addCard } from './commands/card.ts';
import { addDoctor } from './commands/doctor.ts';
import { addLabels } from './commands/labels.ts';
import { addModels } from './commands/models.ts';
import { addSegment } from './commands/segment.ts';
import type { Context } from './context.ts';
import type { Launch } from './launch.ts';
import { version } from './version.ts';

const EXAMPLES = `
Examples:
  seg segment photo.jpg                              overlay of people, beside the photo
  seg segment *.jpg --as cutout --as mask -o out/    several photos, two pictures each
  seg models list --for hair                         models for hair
  seg doctor                                         what works on this machine

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
Environment: SEG_MODEL_MIRROR a folder or address with model files, SEG_CACHE the model cache,
NO_COLOR no colours, SEG_DEBUG=1 where errors come from.`;

/** The whole command line. Commander writes its help and its complaints through the context and throws, never exits. */
export function createProgram(context: Context, launch: Launch): Command {
  const program = new Command('seg')
    .description('Finds for every pixel of a photo what it belongs to, on your own machine.')
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.print(text.replace(/\n$/, '')),
      writeErr: (text) => context.note(text.replace(/\n$/, '')),
      outputError: (text) => context.fail(text.replace(/^error: /, '').replace(/\n$/, '')),
    })
    .configureHelp({ optionDescription })
    .showHelpAfterError('(--help shows how)')
    .addHelpText('after', EXAMPLES);
  addSegment(program, launch);
  addModels(program, launch);
  addAssets(program, launch);
  addCard(program, launch);
  addLabels(program, launch);
  addDoctor(program, launch);
  return program;
}

/** Commander would also say that a switch is off by default. */
function optionDescription({ description, defaultValue }: Option): string {
  return typeof defaultValue === 'string' ? `${description} (default: ${defaultValue})` : description;
}
