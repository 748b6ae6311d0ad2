import { type Command, Option } from 'commander';
import type { CopyOptions } from '../assets/copy.ts';
import type { Launch } from '../launch.ts';

const HELP = `
Copies what one page needs beside its own scripts into a folder that you serve: the model's weights, the runtime's wasm,
and its worker. The page then asks for nothing else. The runtime's package is looked for in this folder's node_modules.

Examples:
  seg assets copy public/seg --model people --runtime onnx-web
  seg assets copy public/seg --model deeplabv3-257 --runtime litert`;

export function addAssets(program: Command, launch: Launch): void {
  const assets = program.command('assets').description('gathers the files that a web page needs');
  assets
    .command('copy')
    .description("copies weights, wasm and worker into a web site's folder")
    .argument('<dir>', 'the folder, made where it is missing')
    .requiredOption('--model <id>', 'a model id, or CARD.json')
    .requiredOption('--runtime <name>', 'onnx-web, tfjs-webgpu, tflite-wasm or litert')
    .option('--variant <id>', 'which variant of the model (default: the first that the runtime takes)')
    .addOption(new Option('--accelerator <name>', 'what shall compute, where the runtime has a choice'))
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((dir: string, options: CopyOptions) =>
      launch(async (context) => (await import('../assets/copy.ts')).copyAssets(dir, options, context)),
    );
}
