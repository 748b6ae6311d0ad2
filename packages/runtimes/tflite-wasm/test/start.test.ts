import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

async function start(threads: number, ...flags: string[]) {
  const script = fileURLToPath(new URL('start.mjs', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, script, `${threads}`], {
    timeout: 60_000,
  });
  expect(stderr).toBe(''); // the vendor's own words too
  return JSON.parse(stdout);
}

it('two threads give the same as one, and let the process end', { timeout: 120_000 }, async () => {
  const [one, two] = [await start(1), await start(2)];
  expect(one.output.length).toBe(256);
  expect(two).toEqual(one);
});

it('runs no code made from strings, nor do its threads', { timeout: 120_000 }, async () => {
  const { mayEval, output } = await start(2, '--disallow-code-generation-from-strings');
  expect(mayEval).toBe(false);
  expect(output).toEqual((await start(1)).output);
});
