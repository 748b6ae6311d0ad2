// Each in a process of its own, with the package as it is built.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('start.mjs', import.meta.url));

async function start(what: string, argument = '') {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, what, argument], {
    timeout: 30_000,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the vendor', () => {
  it('starts in Node without a word, and lets the process end', async () => {
    expect(await start('run')).toBe('opened');
  });

  it('that is not installed is asked for with the command that installs it', async () => {
    const { code, message, probe } = await start('no-peer');
    expect(code).toBe('unsupported');
    expect(message).toContain('npm install @litertjs/core');
    expect(probe).toEqual({ ok: false, reason: message });
  });

  it('is not looked for before a model is opened', async () => {
    expect(await start('import')).toEqual({ loaded: false, factories: ['default', 'litert'] });
  });

  it('whose files are elsewhere: the path that was tried', async () => {
    const { code, message } = await start('missing', '/nowhere');
    expect(code).toBe('io');
    expect(message).toMatch(/\/nowhere\/litert_wasm_internal\.(js|wasm)/);
  });
});

describe('the package', () => {
  it("has a browser's half that a server can load", async () => {
    const reason = expect.stringContaining('blob:');
    expect(await start('server')).toEqual({ probe: { ok: false, reason }, dom: 'undefined' });
  });

  it('can be required', () => {
    const required: unknown = createRequire(import.meta.url)('@seg/litert');
    expect(required).toMatchObject({ litert: expect.any(Function), default: expect.any(Function) });
  });
});
