// The packages as they would be published, for tests that install them elsewhere, as a user does.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { packageFolders, root } from './workspace.mjs';

const WINDOWS = process.platform === 'win32';
/** Outside the checkout, so that nothing is found in its node_modules. The pack test's part `pack` fills `tarballs`. */
export const packFolder = join(
  tmpdir(),
  `seg-pack-test-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
);
const tarballs = join(packFolder, 'tarballs');
const published = packageFolders.filter(({ json }) => !json.private);

/** Packs every published package; what was packed and installed before goes away. */
export function pack() {
  rmSync(packFolder, { recursive: true, force: true });
  mkdirSync(tarballs, { recursive: true });
  for (const { folder } of published) {
    call('pnpm', ['--silent', 'pack', '--pack-destination', tarballs], { cwd: join(root, folder) });
  }
}

/** What package.json says of each packed package: `{ '@seg/core': 'file:/.../seg-core-0.1.0.tgz' }`. */
export function packedDependencies() {
  const files = readdirSync(tarballs);
  const entries = published.map(({ json: { name, version } }) => {
    const file = `${name.slice(1).replace('/', '-')}-${version}.tgz`;
    if (!files.includes(file)) throw new Error(`${file} is not in ${tarballs}`);
    return [name, `file:${join(tarballs, file)}`];
  });
  return Object.fromEntries(entries);
}

/** `npm install`. onnxruntime-node's own install script would download CUDA. */
export function install(cwd) {
  const env = { ONNXRUNTIME_NODE_INSTALL: 'skip', ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' };
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  call('npm', ['install', ...quiet], { cwd, env });
}

/** Runs it with the Node and npm that called, not those of the checkout. */
export function call(command, args, { env, ...options } = {}) {
  return execFileSync(command, args, {
    ...{ stdio: ['ignore', 'inherit', 'inherit'], shell: WINDOWS, encoding: 'utf8' },
    ...options,
    env: { ...userEnvironment(command), ...env },
  });
}

/** The caller's, without what npm and pnpm tell their scripts: it would reach the npm that is called. */
export function userEnvironment(command) {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(npm|pnpm)_(?!config_(cache|registry|userconfig))/i.test(name),
  );
  const host = process.env.PATH.split(delimiter).filter((path) => !path.includes('node_modules'));
  const PATH = (command === 'pnpm' ? [join(root, 'node_modules/.bin'), ...host] : host).join(delimiter);
  return { ...Object.fromEntries(entries), PATH };
}
