import type { Command } from 'commander';
import type { CardOptions } from '../card/write-card.ts';
import type { Launch } from '../launch.ts';
import { collect, positive } from '../options.ts';

const HELP = `
Sizes, layout, element types, names, bytes and sha256 are read from the file. Labels come from --labels: names, or the
id of a known set (voc-21, ade20k-150, ...). As many names as output channels: one class a pixel. One more, beginning
with the background: each channel for itself (a lone person channel: --labels background,person).

No file says how its pixels are normalised, in which order its colours are, or whether its output is activated. With
--photo, one overlay for each usual recipe is drawn, numbered, and all of them on one sheet (FILE.recipes.png): look,
and fix the right one with --recipe N. Without a choice recipe 1 is written, and what was assumed is said on stderr.

The card (FILE.card.json) is found by seg segment --model FILE.onnx when it lies beside the file.

Examples:
  seg card own.onnx --labels background,cat,dog --photo cat.jpg
  seg card own.onnx --labels background,cat,dog --recipe 3 --force
  seg segment photo.jpg --model own.onnx`;

export function addCard(program: Command, launch: Launch): void {
  program
    .command('card')
    .description('writes a model card for an ONNX file of your own')
    .argument('<file>', 'the .onnx file')
    .option('--labels <names>', 'label names with commas between them, or the id of a label set', collect, [])
    .option('--photo <photo>', 'draws one overlay for each usual recipe, to choose from')
    .option('--recipe <n>', 'the number of the recipe that is right', positive)
    .option('--output-name <name>', 'which output of the file to read (default: the first that can be a map)')
    .option('-o, --output <path>', 'the card to write (default: FILE.card.json), or a folder')
    .option('-f, --force', 'replace files that exist', false)
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((file: string, options: CardOptions) =>
      launch(async (context) => (await import('../card/write-card.ts')).writeCard(file, options, context)),
    );
}
