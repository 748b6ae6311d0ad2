import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { chooseVariant, loadModel, SegmentError, suggestion } from '@seg/core';
import { writeFileAtomic } from '@seg/node';
import type { AdapterAssets, AssetFile } from '@seg/web';
import type { Context } from '../context.ts';
import { EXIT_DONE, UsageError } from '../failure.ts';
import { formatBytes, formatTable } from '../format.ts';
import { createProgress } from '../progress.ts';
import { resolveModel } from '../resolve-model.ts';
import { requireInstalled, splitPackagePath } from './find-package.ts';

export interface CopyOptions {
  readonly model: string;
  readonly runtime: string;
  readonly variant?: string;
  readonly accelerator?: string;
  readonly json: boolean;
}

/** The runtimes that pages have. */
const WEB_RUNTIMES = ['onnx-web', 'tfjs-webgpu', 'tflite-wasm', 'litert'];

/** `seg assets copy`. */
export async function copyAssets(dir: string, options: CopyOptions, context: Context): Promise<number> {
  const adapter = loadAdapterAssets(options.runtime);
  const files = [
    ...(await adapter.assets.files({
      accelerator: options.accelerator,
      read: readerFrom(options.runtime, adapter.folder),
    })),
    ...(await weightsOf(options, adapter.assets, context)),
  ];
  const copied: Copied[] = [];
  for (const { name, bytes } of files) {
    context.signal.throwIfAborted();
    await makeFolder(dirname(join(dir, name)));
    await writeFileAtomic(join(dir, name), bytes, { force: true }); // copies: a newer one replaces them
    const { length } = await promisify(gzip)(bytes, { level: 9 });
    copied.push({ path: join(dir, name), bytes: bytes.length, gzipBytes: length });
  }
  const code = optionLine(dir, adapter.assets, options);
  if (options.json) context.printJson({ files: copied, option: code });
  else print(copied, dir, code, context);
  return EXIT_DONE;
}

/** One file that was copied. */
interface Copied {
  readonly path: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** The adapter's own list, from the package that is installed where the command is called, else beside this command. */
function loadAdapterAssets(runtime: string): { readonly assets: AdapterAssets; readonly folder: string } {
  if (!WEB_RUNTIMES.includes(runtime)) {
    const hint = suggestion(runtime, WEB_RUNTIMES, 'runtimes');
    throw new UsageError(`there is no runtime for pages "${runtime}". ${hint}`);
  }
  const folder = requireInstalled(`@seg/${runtime}`);
  const load = createRequire(join(folder, 'package.json'));
  const { assets }: { readonly assets: AdapterAssets } = load(`@seg/${runtime}/assets`);
  return { assets, folder };
}

/** Reads files of packages as the adapter's own folder sees them, then as the caller's does. */
function readerFrom(runtime: string, adapterFolder: string): (path: string) => Promise<Uint8Array> {
  return async (path) => {
    const { name, rest } = splitPackagePath(path);
    const own = name === `@seg/${runtime}`;
    const folder = own ? adapterFolder : requireInstalled(name, adapterFolder);
    return await readFile(join(folder, rest)).catch((cause: unknown) => {
      throw new SegmentError('io', `${join(folder, rest)} cannot be read`, { cause });
    });
  };
}

/** The files of the one variant that the runtime opens. */
async function weightsOf(
  { model, variant }: CopyOptions,
  assets: AdapterAssets,
  context: Context,
): Promise<AssetFile[]> {
  const { signal } = context;
  const chosen = await resolveModel(model, { signal, variant });
  const wanted = chooseVariant(chosen.card, assets, variant);
  const progress = createProgress(`${chosen.card.id} ${wanted.id}`, context);
  const { onProgress } = progress;
  const { parts } = await loadModel(chosen.card, wanted, chosen.source, { signal, onProgress }).finally(
    progress.end,
  );
  return parts.map((bytes, i) => ({ name: wanted.parts[i]?.path ?? '', bytes }));
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw new SegmentError('io', `the folder ${path} cannot be made`, { cause });
  });
}

/** Folders that sites are served from. */
const SITE_ROOTS = ['public', 'static', 'dist', 'site', 'www', 'build', 'out'];

function optionLine(dir: string, { factory }: AdapterAssets, { accelerator, variant }: CopyOptions): string {
  const names = relative(process.cwd(), resolve(dir)).split(sep);
  const root = names.findIndex((name) => SITE_ROOTS.includes(name));
  const address =
    root >= 0 && root + 1 < names.length ? names.slice(root + 1).join('/') : basename(resolve(dir));
  const more = accelerator === undefined ? '' : `, accelerator: '${accelerator}'`;
  const code = `${factory}({ assets: '/${address}/'${more} })`;
  return variant === undefined ? code : `createSegmenter({ ..., variant: '${variant}', runtime: ${code} })`;
}

function print(copied: readonly Copied[], dir: string, code: string, context: Context): void {
  const sum = (key: 'bytes' | 'gzipBytes'): string =>
    formatBytes(copied.reduce((all, file) => all + file[key], 0));
  const rows = copied.map((file) => [file.path, formatBytes(file.bytes), formatBytes(file.gzipBytes)]);
  const table = [['file', 'size', 'gzip'], ...rows, ['', sum('bytes'), sum('gzipBytes')]];
  for (const line of formatTable(table, context.columns)) context.print(line);
  context.note(
    `Serve ${dir} and say where (the address under which your pages find it): ${context.colors.bold(code)}`,
  );
}
