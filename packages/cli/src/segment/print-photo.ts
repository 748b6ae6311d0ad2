import type { Context } from '../context.ts';
import { formatShare } from '../format.ts';
import type { PhotoReport } from './segment-photo.ts';

/** Says what was found in a photo and where its outputs are. */
export function printPhoto(report: PhotoReport, toStdout: boolean, context: Context): void {
  const { colors } = context;
  const say = toStdout ? context.print : context.note;
  const { prepare, run, decode } = report.timings;
  const size = `${report.width} x ${report.height}, ${Math.round(prepare + run + decode)} ms`;
  say(`${colors.bold(report.input)}  ${colors.dim(size)}`);
  say(`  ${report.labels.map(({ name, share }) => `${name} ${formatShare(share)}`).join(', ')}`);
  for (const { as, path } of report.outputs) say(`  ${colors.cyan(as)}  ${path === '-' ? '(stdout)' : path}`);
}
