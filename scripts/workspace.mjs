// What the root commands share: setting up, building, and doing each only when something changed.
// Plain JavaScript with no dependencies: it runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @type {string} */
export const root = fileURLToPath(new URL('..', import.meta.url));
export const calledFrom = process.env.INIT_CWD ?? process.cwd();

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Node 20 or newer is needed; this is ${process.version}.`);
  process.exit(1);
}

const PNPM = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
const WINDOWS = process.platform === 'win32';
const state = join(root, '.cache');

process.env.TURBO_TELEMETRY_DISABLED = '1';
process.env.PATH = join(root, 'node_modules/.bin') + delimiter + process.env.PATH;

/** The Node that development runs on: a devDependency, so it may be newer than the one that called. */
export const devNode = join(root, 'node_modules/node/bin', WINDOWS ? 'node.exe' : 'node');

export const turbo = [join(root, 'node_modules/turbo/bin/turbo'), 'run', '--output-logs=errors-only'];

export const packageFolders = ['packages', 'packages/runtimes']
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
  .concat('models', 'benchmarks')
  .filter((folder) => existsSync(join(root, folder, 'package.json')))
  .map((folder) => ({ folder, json: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) }));

/** Installs and builds what is not up to date. Progress goes to `out`, one line a step. */
export async function prepare(out = process.stdout) {
  await unlessUnchanged(
    'setup',
    hashOf(installInputs()),
    () => existsSync(join(root, 'node_modules/.modules.yaml')),
    () => step(out, 'Installing packages', 'npx', ['-y', PNPM, 'install', '--frozen-lockfile']),
  );
  await unlessUnchanged('build', hashOf(buildInputs()), isBuilt, () =>
    step(out, 'Building', devNode, [...turbo, 'build']),
  );
}

/** Runs a command with the terminal handed through; resolves to its exit code, after Ctrl-C always to 130. */
export function run(command, args, options = {}) {
  const shell = WINDOWS && !command.includes(sep); // npx and pnpm are .cmd files there
  const child = spawn(command, args, { stdio: 'inherit', shell, ...options });
  let interrupted = false;
  const onInterrupt = () => {
    interrupted = true; // the child has the signal too, and ends in its own time
  };
  process.on('SIGINT', onInterrupt);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(interrupted ? 130 : (code ?? 1)));
  }).finally(() => process.off('SIGINT', onInterrupt));
}

/** The stamp goes away before the work and comes back only after it: an interrupted run leaves none. */
async function unlessUnchanged(name, hash, isPresent, work) {
  const stamp = join(state, `${name}.hash`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash && isPresent()) return;
  rmSync(stamp, { force: true });
  await work();
  writeFileSync(`${stamp}.part`, hash);
  renameSync(`${stamp}.part`, stamp);
}

async function step(out, title, command, args) {
  mkdirSync(state, { recursive: true });
  const log = join(state, `${title.toLowerCase().replaceAll(' ', '-')}.log`);
  const started = Date.now();
  out.write(`${title} ... `);
  const file = openSync(log, 'w');
  const env = { ...process.env, CI: 'true' }; // asks nothing
  const code = await run(command, args, { cwd: root, env, stdio: ['ignore', file, file] });
  const outcome = code === 0 ? '' : code === 130 ? 'interrupted, ' : 'failed, ';
  out.write(`${outcome}${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  if (code === 0) return;
  if (code === 130) process.exit(130);
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-40).join('\n');
  process.stderr.write(`${tail}\n\nThe whole log: ${relative(calledFrom, log)}\n`);
  process.exit(1);
}

function installInputs() {
  return [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    ...packageFolders.map(({ folder }) => `${folder}/package.json`),
  ];
}

function buildInputs() {
  const sources = packageFolders.flatMap(({ folder }) => [
    ...filesIn(`${folder}/src`),
    ...['package.json', 'tsconfig.json', 'tsup.config.ts'].map((name) => `${folder}/${name}`),
  ]);
  return [
    'pnpm-lock.yaml',
    'tsconfig.base.json',
    'tsup.base.ts',
    'scripts/import-meta-url.mjs',
    ...sources,
  ].filter((file) => existsSync(join(root, file)));
}

function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

function isBuilt() {
  return packageFolders.every(({ folder, json }) =>
    [json.main, ...Object.values(json.bin ?? {})].every(
      (file) => !file || existsSync(join(root, folder, file)),
    ),
  );
}

function hashOf(files) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of files)
    hash
      .update(`${file}\n`)
      .update(readFileSync(join(root, file)))
      .update('\n');
  return hash.digest('hex');
}
