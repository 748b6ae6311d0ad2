import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ModelCard } from '@seg/core';
import { encodeImage } from '@seg/node';
import { seededImage, type TinyModel, tinyCards } from '@seg/testkit';
import { onTestFinished } from 'vitest';
import { run } from '../src/run.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SHARED = resolve(ROOT, process.env.SEG_SHARED ?? '../shared');
export const BIN = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
export const SAMPLE = join(ROOT, 'examples/sample.jpg');

// the user's own cache and mirror stay out of it; nothing here downloads, so the folder is never made
process.env.SEG_CACHE = join(tmpdir(), `seg-cli-cache-${process.pid}`);
delete process.env.SEG_MODEL_MIRROR;

/** A folder of its own for the running test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'seg-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Whether files of the shared folder are there; prints why tests are skipped where they are not. */
export function hasShared(...paths: string[]): boolean {
  const missing = paths.map(shared).filter((path) => !existsSync(path));
  if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not found (set SEG_SHARED)`);
  return missing.length === 0;
}

export function shared(path: string): string {
  return join(SHARED, path);
}

/** A tiny model of @seg/testkit in a folder, with its card beside it; gives the path of the .onnx file. */
export async function placeTiny(folder: string, name: TinyModel): Promise<string> {
  const models = join(dirname(createRequire(import.meta.url).resolve('@seg/testkit/package.json')), 'models');
  const card = withoutAddresses(tinyCards[name]);
  for (const { path } of card.variants.flatMap(({ parts }) => parts)) {
    await copyFile(join(models, path), join(folder, path));
  }
  await writeFile(join(folder, `tiny-${name}.card.json`), JSON.stringify(card));
  return join(folder, `tiny-${name}.onnx`);
}

function withoutAddresses(card: ModelCard): ModelCard {
  const variants = card.variants.map((variant) => ({
    ...variant,
    parts: variant.parts.map((part) => ({ ...part, urls: [] })),
  }));
  return { ...card, variants };
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Uint8Array;
}

/** Streams and a signal that stand for those of a process. */
export interface SegOptions {
  readonly stdin?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Columns of a terminal that stdout is. */
  readonly terminal?: number;
}

/** Runs the command in this process. */
export async function seg(argv: readonly string[], options: SegOptions = {}): Promise<Outcome> {
  const stdout = collector();
  const stderr = collector();
  const { terminal, signal, stdin = new Uint8Array() } = options;
  const out =
    terminal === undefined ? stdout.stream : Object.assign(stdout.stream, { isTTY: true, columns: terminal });
  const streams = { stdout: out, stderr: stderr.stream, stdin: Readable.from([Buffer.from(stdin)]) };
  const code = await run(argv, { ...streams, signal });
  return { code, stdout: stdout.text(), stderr: stderr.text(), bytes: stdout.bytes() };
}

/** Runs the command and reads what `--json` printed: exactly one object. */
export async function segJson(
  argv: readonly string[],
  options: SegOptions = {},
): Promise<{ code: number; json: unknown; stderr: string }> {
  const { code, stdout, stderr } = await seg([...argv, '--json'], options);
  return { code, json: JSON.parse(stdout), stderr };
}

function collector() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  const bytes = () => new Uint8Array(Buffer.concat(chunks));
  return { stream, bytes, text: () => Buffer.concat(chunks).toString() };
}

export interface BinOptions {
  readonly input?: Uint8Array;
  /** As a terminal where nobody types. */
  readonly keepStdinOpen?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with the process's id when it has started. */
  readonly onStart?: (interrupt: () => void) => void;
}

/** Runs the built command in a process of its own. */
export function segBin(argv: readonly string[], options: BinOptions = {}): Promise<Outcome> {
  const { env, cwd, input, onStart, keepStdinOpen } = options;
  const child = spawn(process.execPath, [BIN, ...argv], { cwd, env: { ...process.env, ...env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => undefined); // a command that refuses its arguments reads nothing
  if (keepStdinOpen !== true) child.stdin.end(input);
  onStart?.(() => child.kill('SIGINT'));
  return new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const bytes = new Uint8Array(Buffer.concat(stdout));
      const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
      settle({ code: code ?? -1, stdout: text(stdout), stderr: text(stderr), bytes });
    });
  });
}

/** A picture as a file, the same for each seed: coloured discs that the tiny models know. */
export async function writePicture(
  path: string,
  { width = 48, height = 32, format = 'png', seed = 1 }: PictureOptions = {},
): Promise<string> {
  await writeFile(path, await encodeImage(seededImage(width, height, seed), { format }));
  return path;
}

interface PictureOptions {
  readonly width?: number;
  readonly height?: number;
  readonly format?: 'png' | 'jpeg' | 'webp';
  readonly seed?: number;
}

/** The names in a folder, sorted. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}
