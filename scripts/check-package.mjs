// Run in a package's folder: packs it, and checks the tarball as its users will see it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './workspace.mjs';

const folder = mkdtempSync(join(tmpdir(), 'seg-check-'));
try {
  await must('pnpm', '--silent', 'pack', '--pack-destination', folder);
  const tarball = join(folder, readdirSync(folder)[0]);
  await must('publint', 'run', tarball, '--strict');
  // node16 leaves out TypeScript's old `node10` resolution, which knows no `exports`.
  // An entry that is a script alone (a bundled worker, to be served) has no types.
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const scripts = Object.keys(exports).filter((key) => /\.js$/.test(exports[key]));
  const without = scripts.length > 0 ? ['--exclude-entrypoints', ...scripts.map((key) => key.slice(2))] : [];
  await must('attw', tarball, '--profile', 'node16', '--quiet', ...without);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function must(command, ...args) {
  const code = await run(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}`);
}
