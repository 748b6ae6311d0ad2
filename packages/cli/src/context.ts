import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import pc from 'picocolors';

/** Where text and pictures go; `isTTY` and `columns` as on the streams of a terminal. */
export type Output = Pick<Writable, 'write'> & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/** Where `-` reads a photo from. */
export type Input = Readable & { readonly isTTY?: boolean | undefined };

/** The streams and the signal of one run; by default those of the process, and no signal. */
export interface RunOptions {
  readonly stdout?: Output | undefined;
  readonly stderr?: Output | undefined;
  readonly stdin?: Input | undefined;
  /** Ends the command: half-written files are removed and the exit code is 130. */
  readonly signal?: AbortSignal | undefined;
}

export type Colors = ReturnType<typeof pc.createColors>;

/** What a subcommand may do to the world around it. */
export interface Context {
  readonly signal: AbortSignal;
  readonly colors: Colors;
  /** Columns of the terminal that stdout is; null where it is none. */
  readonly columns: number | null;
  readonly progressOnTerminal: boolean;
  /** A line of the result, on stdout. */
  print(line: string): void;
  /** The one JSON object of `--json`, on stdout. */
  printJson(value: unknown): void;
  /** Bytes of a result, on stdout; resolves when they are on their way. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** A message, on stderr. */
  note(line: string): void;
  warn(line: string): void;
  fail(line: string): void;
  /** Text without a line's end, on stderr. */
  writeProgress(text: string): void;
  /** All of stdin. */
  readStdin(): Promise<Uint8Array>;
  readonly stdinIsTerminal: boolean;
}

export function createContext(options: RunOptions): Context {
  const stdout: Output = options.stdout ?? process.stdout;
  const stderr: Output = options.stderr ?? process.stderr;
  const stdin: Input = options.stdin ?? process.stdin;
  const signal = options.signal ?? new AbortController().signal;
  const messages = createColors(stderr);
  return {
    signal,
    colors: createColors(stdout),
    columns: stdout.isTTY === true ? (stdout.columns ?? 80) : null,
    progressOnTerminal: stderr.isTTY === true,
    print: (line) => void stdout.write(`${line}\n`),
    printJson: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    writeBytes: (bytes) =>
      new Promise((resolve, reject) => {
        stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    note: (line) => void stderr.write(`${line}\n`),
    warn: (line) => void stderr.write(`${messages.yellow('note:')} ${line}\n`),
    fail: (line) => void stderr.write(`${messages.red('error:')} ${line}\n`),
    writeProgress: (text) => void stderr.write(text),
    readStdin: () => readAll(stdin, signal),
    stdinIsTerminal: stdin.isTTY === true,
  };
}

/** https://no-color.org; a dumb terminal shows escape sequences as they are. */
function createColors({ isTTY }: Output): Colors {
  return pc.createColors(isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb');
}

async function readAll(stdin: Input, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  stdin.on('data', (chunk: Uint8Array | string) => chunks.push(Buffer.from(chunk)));
  await finished(stdin, { writable: false, signal });
  return Buffer.concat(chunks);
}
