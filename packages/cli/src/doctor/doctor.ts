import { arch, availableParallelism, freemem, platform, release, totalmem } from 'node:os';
import type { Colors, Context } from '../context.ts';
import { EXIT_DONE, EXIT_FAILED } from '../failure.ts';
import { count, formatBytes, formatTable } from '../format.ts';
import { examineFolders, type FolderReport } from './folders.ts';
import { type PhotoFormats, tryPhotoFormats } from './photo-formats.ts';
import { ffmpegVersion, packageVersions } from './programs.ts';
import { probeRuntimes, type RuntimeReport } from './runtimes.ts';

export interface DoctorOptions {
  readonly json: boolean;
}

interface Report {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly packages: Readonly<Record<string, string | null>>;
  readonly runtimes: readonly RuntimeReport[];
  readonly folders: readonly FolderReport[];
  readonly photos: PhotoFormats;
  /** Its version; null where it is not found. */
  readonly ffmpeg: string | null;
}

/** `seg doctor`. */
export async function doctor({ json }: DoctorOptions, context: Context): Promise<number> {
  const report: Report = {
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cores: availableParallelism(),
    memory: { total: totalmem(), free: freemem() },
    packages: packageVersions(),
    runtimes: await probeRuntimes(context.signal),
    folders: await examineFolders(),
    photos: await tryPhotoFormats(context.signal),
    ffmpeg: await ffmpegVersion(context.signal),
  };
  if (json) context.printJson(report);
  else for (const line of lines(report, context.colors)) context.print(line);
  return report.runtimes.some(({ ok }) => ok) ? EXIT_DONE : EXIT_FAILED;
}

function lines(report: Report, colors: Colors): string[] {
  const { memory, photos } = report;
  const mark = (ok: boolean) => (ok ? colors.green('yes') : colors.red('no '));
  const packages = Object.entries(report.packages).map(([name, version]) => [
    `  ${name}`,
    version ?? 'not found',
  ]);
  const unread = photos.reads.filter(({ ok }) => !ok);
  return [
    ...formatTable([
      ['Node', report.node],
      ['platform', report.platform],
      ['cores', `${report.cores}`],
      ['memory', `${formatBytes(memory.total)}, ${formatBytes(memory.free)} free`],
    ]),
    '',
    colors.bold('packages'),
    ...formatTable(packages),
    '',
    colors.bold('runtimes'),
    ...report.runtimes.flatMap(({ name, ok, reason, providers }) => [
      `  ${mark(ok)}  ${name}${reason === null ? '' : `: ${reason}`}`,
      ...(ok && providers.length > 0
        ? [
            `       the build has ${providers.join(', ')}; whether there is a device shows when a model is opened`,
          ]
        : []),
    ]),
    '',
    colors.bold('folders'),
    ...report.folders.map((folder) => `  ${mark(folder.ok)}  ${folderLine(folder)}`),
    '',
    colors.bold('photos'),
    `  ${mark(unread.length === 0)}  reads ${photos.reads.map(({ format }) => format).join(', ')}`,
    ...unread.map(({ format, reason }) => `       not ${format}: ${reason ?? ''}`),
    `  ${mark(photos.writes.every(({ ok }) => ok))}  writes ${photos.writes.map(({ format }) => format).join(', ')}`,
    '',
    colors.bold('video'),
    `  ${mark(report.ffmpeg !== null)}  ffmpeg${report.ffmpeg === null ? ': not found' : ` ${report.ffmpeg}`}`,
  ];
}

function folderLine({ role, path, reason, files, bytes }: FolderReport): string {
  const content = files === null ? '' : ` (${count(files, 'file')}, ${formatBytes(bytes ?? 0)})`;
  return `${role} ${path ?? ''}${content}${reason === null ? '' : `: ${reason}`}`;
}
