// Each in a process of its own: the vendor starts once in each.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('start.mjs', import.meta.url));
const dist = fileURLToPath(new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist', import.meta.url));

/** @returns what it prints, and what is said beside that */
async function start(what: string, argument = '') {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, what, argument], {
    timeout: 30_000,
  });
  return { ...JSON.parse(stdout), stderr };
}

/** A site that answers every path with a web page, as single-page servers do. */
async function serve(): Promise<string> {
  const server = createServer((_request, response) => {
    response.end('<!doctype html><title>A page</title>');
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const core = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-converter'];

describe('tfjs', () => {
  it('is loaded with the back end that is asked for alone, says nothing, and lets the process end', async () => {
    const [wasm, cpu] = [await start('run', 'wasm'), await start('run', 'cpu')];
    expect([wasm.stderr, cpu.stderr]).toEqual(['', '']);
    expect(new Set(wasm.loaded)).toEqual(new Set([...core, '@tensorflow/tfjs-backend-wasm']));
    expect(new Set(cpu.loaded)).toEqual(new Set([...core, '@tensorflow/tfjs-backend-cpu']));
    expect(wasm.output).toEqual(cpu.output);
    expect(wasm.output.length).toBe(256);
  });

  it('that is not installed is asked for with the command that installs it', async () => {
    for (const peer of [...core, '@tensorflow/tfjs-backend-wasm']) {
      const { probe, open } = await start('no-peer', peer);
      const command =
        'npm install @tensorflow/tfjs-core @tensorflow/tfjs-converter @tensorflow/tfjs-backend-wasm';
      expect(probe).toMatchObject({ ok: false, reason: expect.stringContaining(command) });
      expect(open.code).toBe('unsupported');
    }
  });

  it('is not looked for before it is needed', async () => {
    expect(await start('import')).toEqual({ loaded: [], stderr: '' });
  });

  it('starts from the folder that is named', async () => {
    expect(await start('paths', dist)).toMatchObject({ accelerator: 'wasm' });
  });

  it('names the file that is not there', async () => {
    const { code, message } = await start('paths', '/nowhere');
    expect(code).toBe('unsupported');
    expect(message).toContain('/nowhere/tfjs-backend-wasm-simd.wasm');
  });

  it('names the address and what came in place of its file', async () => {
    const site = await serve();
    const page = await start('paths', `${site}/assets`);
    expect(page.code).toBe('fetch');
    expect(page.message).toContain(`${site}/assets/tfjs-backend-wasm-simd.wasm`);
    expect(page.message).toContain('<!doctype html><title>A ');
  });
});
