import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** What a program in this folder prints: the package under its own name, as its users import it. */
function run(type: 'module' | 'commonjs', code: string): unknown {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const print = 'console.log(JSON.stringify(result));';
  return JSON.parse(
    execFileSync(process.execPath, [`--input-type=${type}`, '-e', code + print], { cwd, encoding: 'utf8' }),
  );
}

const people = expect.objectContaining({ id: 'people', schema: 1 });

test.each([
  ['import', 'module', "import card from '@seg/models/people'; const result = card;"],
  ['require', 'commonjs', "const result = require('@seg/models/people');"],
  ['import of all', 'module', "import { findCard } from '@seg/models'; const result = findCard('people');"],
  ['require of all', 'commonjs', "const result = require('@seg/models').findCard('people');"],
] as const)('%s gives the card, and its address leads to the weights', (_, type, code) => {
  const card = run(type, code);
  expect(card).toEqual(people);
  const [address = ''] = JSON.stringify(card).match(/file:[^"]*people\.onnx/) ?? [];
  expect(existsSync(new URL(address))).toBe(true);
});
