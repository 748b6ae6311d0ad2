// Each in a process of its own: the vendor starts once in each.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('start.mjs', import.meta.url));

async function start(what: string, argument = '') {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, what, argument], {
    timeout: 30_000,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

/** A site that answers every path with a web page, as single-page servers do, and /missing/ with 404. */
async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    response.statusCode = url.startsWith('/missing/') ? 404 : 200;
    if (url.startsWith('/cut/'))
      response.end(url.endsWith('.wasm') ? '\0asm\x01\0\0\0cut' : 'export default 1');
    else response.end('<!doctype html><title>A page</title>');
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

describe('the vendor', () => {
  it('computes with two threads, gives the same, and lets the process end', async () => {
    const [one, two] = [await start('run', '1'), await start('run', '2')];
    expect(two).toEqual({ threads: 2, output: one.output });
    expect(one.output.length).toBeGreaterThan(10);
  });

  it('that is not installed is asked for with the command that installs it', async () => {
    const { probe, open } = await start('no-peer');
    expect(probe).toMatchObject({
      ok: false,
      reason: expect.stringContaining('npm install onnxruntime-web'),
    });
    expect(open.code).toBe('unsupported');
  });

  it('is not looked for before a model is opened', async () => {
    expect(await start('import')).toEqual({ loaded: false });
  });

  it('names the folder where its files are not', async () => {
    const { message, code } = await start('paths', '/nowhere');
    expect(code).toBe('runtime');
    expect(message).toContain('/nowhere/ort-wasm-simd-threaded.mjs');
  });

  it('names the address and what came in place of its files', async () => {
    const site = await serve();
    const page = await start('paths', `${site}/assets`);
    expect(page.code).toBe('fetch');
    expect(page.message).toContain(`${site}/assets/ort-wasm-simd-threaded.mjs`);
    expect(page.message).toContain('36 bytes starting with "<!doctype html><title>A "');
    const missing = await start('paths', `${site}/missing/`);
    expect(missing.message).toContain('HTTP 404');
    const cut = await start('paths', `${site}/cut/`);
    expect([cut.code, cut.message]).toEqual([
      'fetch',
      expect.stringContaining('11 bytes that do not compile'),
    ]);
  });
});
