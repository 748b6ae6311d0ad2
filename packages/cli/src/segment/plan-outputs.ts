import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { SegmentError } from '@seg/core';
import { type Failure, failureOf, UsageError } from '../failure.ts';
import { fileIdentity } from '../files.ts';
import { type PhotoInput, photoStem } from './find-photos.ts';
import { defaultFormat, formatOfExtension, type OutputFormat, type OutputKind } from './kinds.ts';

/** One file to write; `path` is null for stdout. */
export interface PlannedOutput {
  readonly as: OutputKind;
  readonly format: OutputFormat;
  readonly path: string | null;
}

/** A photo and what becomes of it. */
export interface Job {
  readonly photo: PhotoInput;
  readonly outputs: readonly PlannedOutput[];
}

export interface PlanOptions {
  /** `-o`: a file, a folder, or `-`. */
  readonly output: string | undefined;
  readonly force: boolean;
  /** Other files that the command reads: they too are never overwritten. */
  readonly inputs: readonly string[];
}

/**
 * Decides where everything goes before any work starts.
 *
 * @throws UsageError where two photos would share an output, an output would replace an input, or `-o` does not fit
 * @throws SegmentError `io` where the folder of `-o` is missing
 */
export async function planOutputs(
  photos: readonly PhotoInput[],
  kinds: readonly OutputKind[],
  options: PlanOptions,
): Promise<{ readonly jobs: readonly Job[]; readonly failures: readonly Failure[] }> {
  const place = await findPlace(options.output);
  if (place.kind === 'file' || place.kind === 'stdout') checkOnlyOne(photos, kinds, options.output ?? '');
  const stemOf = stemsOf(photos, place);
  const planned = photos.map((photo) => ({
    photo,
    outputs: kinds.map((as) => planOutput(photo, stemOf(photo), as, place, kinds.length)),
  }));
  await refuseSharedOutputs(planned);
  await refuseInputs(planned, options.inputs);
  if (place.kind === 'folder') await mkdir(place.path, { recursive: true }).catch(explainFolder(place.path));
  return options.force ? { jobs: planned, failures: [] } : await withoutExisting(planned);
}

type Place =
  | { readonly kind: 'beside' | 'stdout' }
  | { readonly kind: 'file' | 'folder'; readonly path: string };

/** A folder if it exists as one or ends like one. */
async function findPlace(output: string | undefined): Promise<Place> {
  if (output === undefined) return { kind: 'beside' };
  if (output === '-') return { kind: 'stdout' };
  if (output === '') throw new UsageError('-o needs the name of a file or folder');
  if (/[/\\]$/.test(output) && (output.endsWith('/') || process.platform === 'win32')) {
    return { kind: 'folder', path: output };
  }
  if ((await stat(output).catch(() => null))?.isDirectory()) return { kind: 'folder', path: output };
  const folder = dirname(output);
  if ((await stat(folder).catch(() => null))?.isDirectory()) return { kind: 'file', path: output };
  throw new SegmentError('io', `cannot write ${output}: the folder ${folder} does not exist`, {
    hint: 'Make it first, or end -o in / for a folder that is made for you',
  });
}

function checkOnlyOne(photos: readonly PhotoInput[], kinds: readonly OutputKind[], output: string): void {
  if (photos.length < 2 && kinds.length < 2) return;
  throw new UsageError(
    `-o ${output} takes one photo and one --as, here are ${photos.length} and ${kinds.length}. ` +
      'Name a folder: -o FOLDER/',
  );
}

/** `b.jpg` and `b.png` side by side, as cameras leave them: there the whole name stands in the outputs' names. */
function stemsOf(photos: readonly PhotoInput[], place: Place): (photo: PhotoInput) => string {
  const key = (photo: PhotoInput): string => {
    const folder = place.kind === 'beside' && photo.path !== null ? dirname(photo.path) : '';
    return join(folder, photoStem(photo)).toLowerCase();
  };
  const counts = new Map<string, number>();
  for (const photo of photos) counts.set(key(photo), (counts.get(key(photo)) ?? 0) + 1);
  return (photo) => {
    const alone = photo.path === null || counts.get(key(photo)) === 1;
    return alone ? photoStem(photo) : basename(photo.path);
  };
}

function planOutput(
  photo: PhotoInput,
  stem: string,
  as: OutputKind,
  place: Place,
  kinds: number,
): PlannedOutput {
  if (place.kind === 'file') {
    return { as, format: formatOfExtension(as, extname(place.path).toLowerCase()), path: place.path };
  }
  const format = defaultFormat(as);
  if (place.kind === 'stdout') return { as, format, path: null };
  const name = `${stem}.${as}.${format}`;
  if (place.kind === 'folder') return { as, format, path: join(place.path, name) };
  if (photo.path !== null) return { as, format, path: join(dirname(photo.path), name) };
  if (kinds > 1) throw new UsageError('stdout takes one --as: name a folder for several with -o FOLDER/');
  return { as, format, path: null };
}

async function refuseSharedOutputs(jobs: readonly Job[]): Promise<void> {
  const owners = new Map<string, string>();
  for (const { photo, outputs } of jobs) {
    for (const { path } of outputs) {
      if (path === null) continue;
      const key = await placeIdentity(path);
      const owner = owners.get(key);
      if (owner !== undefined) {
        throw new UsageError(
          `${owner} and ${photo.label} would both be written to ${path}. ` +
            'Segment them one after the other into different folders: -o FOLDER/',
        );
      }
      owners.set(key, photo.label);
    }
  }
}

/** The same for two names of one file that does not exist yet. */
async function placeIdentity(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => resolve(dirname(path)));
  const place = join(folder, basename(path));
  // these two usually have file systems that do not tell capitals apart
  return process.platform === 'win32' || process.platform === 'darwin' ? place.toLowerCase() : place;
}

async function refuseInputs(jobs: readonly Job[], others: readonly string[]): Promise<void> {
  const inputs = new Map<string, string>();
  for (const path of [...jobs.map(({ photo }) => photo.path), ...others]) {
    const identity = path === null ? null : await fileIdentity(path);
    if (path !== null && identity !== null) inputs.set(identity, path);
  }
  for (const { path } of jobs.flatMap(({ outputs }) => outputs)) {
    const identity = path === null ? null : await fileIdentity(path);
    const input = identity === null ? undefined : inputs.get(identity);
    if (input === undefined) continue;
    throw new UsageError(
      `the output ${path} would replace the input ${input}, which is never done. Choose another place with -o`,
    );
  }
}

/** Photos with an output that exists already are left alone, and the others are done. */
async function withoutExisting(
  planned: readonly Job[],
): Promise<{ readonly jobs: readonly Job[]; readonly failures: readonly Failure[] }> {
  const jobs: Job[] = [];
  const failures: Failure[] = [];
  for (const job of planned) {
    const existing = await firstExisting(job.outputs);
    if (existing === null) jobs.push(job);
    else failures.push(failureOf(existsError(existing), job.photo.label));
  }
  return { jobs, failures };
}

async function firstExisting(outputs: readonly PlannedOutput[]): Promise<string | null> {
  for (const { path } of outputs) {
    if (path !== null && (await fileIdentity(path)) !== null) return path;
  }
  return null;
}

function existsError(path: string): SegmentError {
  return new SegmentError('io', `${path} exists already`, {
    hint: 'Replace it with --force, or choose another -o',
  });
}

function explainFolder(path: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SegmentError('io', `cannot make the folder ${path}: ${reason}`, { cause });
  };
}
