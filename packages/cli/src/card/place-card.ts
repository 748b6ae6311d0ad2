import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ModelPart, SegmentError } from '@seg/core';
import { UsageError } from '../failure.ts';
import { fileIdentity } from '../files.ts';

/** Where a card goes; `stem` is what its name and those of its pictures begin with. */
export interface CardPlace {
  readonly path: string;
  readonly stem: string;
}

/** `own.card.json` beside `own.onnx`, in the folder that `-o` names, or the file that it names. */
export async function placeCard(file: string, output: string | undefined): Promise<CardPlace> {
  const { name: stem, dir } = parse(file);
  if (output === undefined) return { path: join(dir, `${stem}.card.json`), stem };
  const isFolder = (await stat(output).catch(() => null))?.isDirectory() ?? false;
  const path = isFolder || output.endsWith('/') ? join(output, `${stem}.card.json`) : output;
  const folder = dirname(path);
  if ((await stat(folder).catch(() => null))?.isDirectory() !== true) {
    throw new SegmentError('io', `cannot write ${path}: the folder ${folder} does not exist`, {
      hint: 'Make it first',
    });
  }
  if (!/\.json$/i.test(path)) throw new UsageError(`-o ${output}: a card's name ends in .json`);
  return { path, stem };
}

/** The file as its card names it: by its path beside the card, else by its address on this machine. */
export function partBeside({ path }: CardPlace, file: string, bytes: number, sha256: string): ModelPart {
  const beside = relative(dirname(resolve(path)), resolve(file));
  const isBeside = !isAbsolute(beside) && !beside.startsWith('..');
  return {
    path: isBeside ? beside.replaceAll('\\', '/') : basename(file),
    bytes,
    sha256,
    urls: isBeside ? [] : [pathToFileURL(file).href],
  };
}

/**
 * Before any work.
 *
 * @throws UsageError where an output would replace an input, SegmentError `io` where one exists and may not be replaced
 */
export async function checkPlaces(
  outputs: readonly string[],
  inputs: readonly string[],
  force: boolean,
): Promise<void> {
  const identities = new Map<string | null, string>();
  for (const input of inputs) identities.set(await fileIdentity(input), input);
  for (const output of outputs) {
    const identity = await fileIdentity(output);
    if (identity === null) continue;
    const input = identities.get(identity);
    if (input !== undefined) {
      throw new UsageError(`the output ${output} would replace the input ${input}, which is never done`);
    }
    if (force) continue;
    throw new SegmentError('io', `${output} exists already`, {
      hint: 'Replace it with --force, or choose another -o',
    });
  }
}
