// npm start [-- PHOTO...]: sets up, builds, and cuts the person out of a photo.
import { join, relative, sep } from 'node:path';
import { calledFrom, prepare, root, run } from './workspace.mjs';

await prepare();
const photos =
  process.argv.length > 2 ? process.argv.slice(2) : [relative(calledFrom, join(root, 'examples/sample.jpg'))];
const out = (relative(calledFrom, join(root, 'out')) || '.') + sep;
const wanted = ['--as', 'overlay', '--as', 'mask', '--as', 'cutout', '-o', out, '--force'];
const seg = join(root, 'packages/cli/dist/bin.js');
process.exitCode = await run(process.execPath, [seg, 'segment', ...photos, '--model', 'people', ...wanted], {
  cwd: calledFrom,
});
