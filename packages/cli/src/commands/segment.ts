import type { Command } from 'commander';
import type { Launch } from '../launch.ts';
import { collect, positive } from '../options.ts';
import type { SegmentOptions } from '../segment/segment.ts';

const HELP = `
A PHOTO is a file, a glob pattern, a folder (its pictures, not those of folders inside it; pictures that seg
wrote there are passed over), or - for stdin, which goes to stdout when there is one --as and no -o.
Photos are JPEG, PNG, WebP, AVIF, TIFF or GIF (first frame). A bad one is reported and the others are done.

Outputs (--as) lie beside the photo unless -o says otherwise; an input is never overwritten:
  overlay   NAME.overlay.png    the photo with its labels tinted (-o FILE.jpg or .webp: in that format)
  cutout    NAME.cutout.png     the selected part, the rest transparent; soft edges, from scores of 1/4 to 3/4
                                (--soft: the scores as they are)
  mask      NAME.mask.png       grey, 255 = selected; with --soft the score from 0 to 255
  labels    NAME.labels.png     8-bit palette PNG: each sample is the index of the pixel's label
  rle       NAME.rle.json       the selected part as one COCO run-length mask {size, counts}
  coco      NAME.coco.json      a COCO document: one annotation a label (run lengths, box, area)
  polygons  NAME.polygons.json  outlines of each label with their holes, within 1 pixel

-o is a folder if it exists as one or ends in / (then it is made), else the one file to write; - is stdout.
--select takes names of labels and groups (seg labels MODEL lists them), and not:NAME; by default everything
but the background. In labels, what is not selected becomes 0.

Examples:
  seg segment photo.jpg
  seg segment photo.jpg --as cutout --select hair
  seg segment holiday/ --as mask --soft -o masks/
  seg segment - --as cutout < photo.jpg > cutout.png
  seg segment photo.jpg --model deeplabv3-257 --as labels --json
  seg segment photo.jpg --model ./own.onnx --recipe ./like-this.card.json`;

export function addSegment(program: Command, launch: Launch): void {
  program
    .command('segment')
    .description('segments photos: overlays, cut-outs, masks, annotations')
    .argument('<photo...>', 'files, folders, glob patterns, or - for stdin')
    .option('-m, --model <model>', 'a model id, CARD.json, or FILE.onnx', 'people')
    .option('--variant <id>', 'which variant of the model; by default the first that the runtime takes')
    .option('--runtime <name>', 'what computes', 'onnx-node')
    .option('--as <kind>', 'what to write, repeatable (default: overlay)', collect, [])
    .option('--select <labels>', 'labels or groups, with commas between them, repeatable', collect, [])
    .option('--soft', 'masks and cut-outs with the scores as they are', false)
    .option('-o, --output <path>', 'file, folder (ends in /), or - for stdout')
    .option('-f, --force', 'replace outputs that exist', false)
    .option('--threads <n>', 'threads that compute', positive)
    .option('--recipe <card>', 'the card whose recipe a FILE.onnx is fed and read by')
    .option('--offline', 'never use the network', false)
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((photos: string[], options: SegmentOptions) =>
      launch(async (context) => (await import('../segment/segment.ts')).segment(photos, options, context)),
    );
}
