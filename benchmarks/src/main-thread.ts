import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { assets } from '@seg/onnx-web/assets';
import { build } from 'esbuild';
import { chromium } from 'playwright';
import { findChromium } from '../../scripts/find-browser.mjs';

/** Milliseconds that the page's main thread was busy for each frame, from a browser trace. */
export interface MainThread {
  readonly frames: number;
  readonly median: number;
  readonly p90: number;
  readonly most: number;
}

const FLAGS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** Segments frames of 1280 x 720 with `people` on onnx-web in its worker, in a real Chromium, and reads its trace. */
export async function measureMainThread(frames: number): Promise<MainThread> {
  const found = findChromium();
  if (!('path' in found)) throw new Error(found.reason);
  const server = await serve();
  const browser = await chromium.launch({ executablePath: found.path, args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(addressOf(server));
    await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing', '__metadata'] });
    await page.evaluate(`measure(${frames})`);
    const trace: unknown = JSON.parse((await browser.stopTracing()).toString());
    return summarize(busyTimes(eventsOf(trace)));
  } finally {
    await browser.close();
    server.close();
  }
}

/** An event of a Chromium trace; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
}

function eventsOf(trace: unknown): readonly TraceEvent[] {
  const { traceEvents }: { readonly traceEvents?: readonly TraceEvent[] } = Object(trace);
  if (traceEvents === undefined) throw new Error('the browser gave no trace');
  return traceEvents;
}

/** For each frame: the tasks of the thread that set its mark, until the next mark. */
function busyTimes(events: readonly TraceEvent[]): number[] {
  const marks = events
    .filter(({ name }) => name === 'seg-frame' || name === 'seg-end')
    .sort((a, b) => a.ts - b.ts);
  const [first] = marks;
  if (first === undefined) throw new Error('the trace holds no frame');
  const tasks = events.filter(
    ({ name, ph, pid, tid }) =>
      name.endsWith('RunTask') && ph === 'X' && pid === first.pid && tid === first.tid,
  );
  return marks.slice(0, -1).map(({ ts }, index) => {
    const end = marks[index + 1]?.ts ?? ts;
    return tasks.reduce((sum, task) => sum + overlap(task, ts, end), 0) / 1000;
  });
}

/** Tasks lie within one another; only the part of this frame counts. */
function overlap({ ts, dur = 0 }: TraceEvent, begin: number, end: number): number {
  return Math.max(0, Math.min(ts + dur, end) - Math.max(ts, begin));
}

function summarize(times: readonly number[]): MainThread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { frames: times.length, median: at(0.5), p90: at(0.9), most: at(1) };
}

async function serve(): Promise<Server> {
  const files = await siteFiles();
  const server = createServer(({ url = '/' }, response) => {
    const body = files.get(url);
    const type = url.endsWith('.wasm')
      ? 'application/wasm'
      : /js$/.test(url)
        ? 'text/javascript'
        : 'text/html';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function siteFiles(): Promise<Map<string, string | Uint8Array>> {
  const entryPoints = [fileURLToPath(new URL('main-thread-page.ts', import.meta.url))];
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  const files = new Map<string, string | Uint8Array>([
    ['/', '<!doctype html><title>main thread</title><script type="module" src="/page.js"></script>'],
    ['/page.js', outputFiles[0]?.contents ?? ''],
    ['/assets/people.onnx', await readInstalled('@seg/models/weights/people.onnx')],
  ]);
  for (const { name, bytes } of await assets.files({ read: readInstalled }))
    files.set(`/assets/${name}`, bytes);
  return files;
}

/** A file of a package that this one depends on. */
function readInstalled(path: string): Promise<Uint8Array> {
  return readFile(new URL(`../node_modules/${path}`, import.meta.url));
}

function addressOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
}
