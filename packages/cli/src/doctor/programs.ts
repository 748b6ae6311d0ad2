import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

type Require = ReturnType<typeof createRequire>;

const OURS = ['@seg/cli', '@seg/core', '@seg/models', '@seg/node', '@seg/onnx-node', '@seg/onnx-web'];

/** The versions of our packages and of what computes and decodes; null where one is not found. */
export function packageVersions(): Record<string, string | null> {
  const here = createRequire(import.meta.url);
  const versions = Object.fromEntries(OURS.map((name) => [name, packageVersion(name, here)]));
  const node = packageFile('@seg/node', here);
  return {
    ...versions,
    'onnxruntime-node': packageVersion('onnxruntime-node', here),
    'onnxruntime-web': packageVersion('onnxruntime-web', here),
    sharp: node === null ? null : packageVersion('sharp', createRequire(node)),
  };
}

function packageVersion(name: string, require: Require): string | null {
  const file = packageFile(name, require);
  if (file === null) return null;
  const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const known = typeof json === 'object' && json !== null && 'version' in json;
  return known && typeof json.version === 'string' ? json.version : null;
}

/** The package.json above a package's entry: not every package exports its own. */
function packageFile(name: string, require: Require): string | null {
  try {
    let folder = dirname(require.resolve(name));
    while (!isPackage(folder, name)) {
      if (dirname(folder) === folder) return null;
      folder = dirname(folder);
    }
    return join(folder, 'package.json');
  } catch {
    return null; // not installed
  }
}

function isPackage(folder: string, name: string): boolean {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return false;
  const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof json === 'object' && json !== null && 'name' in json && json.name === name;
}

/** The version of ffmpeg on the PATH; null where there is none. */
export async function ffmpegVersion(signal: AbortSignal): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ffmpeg', ['-version'], { signal, timeout: 5000 });
    return /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'of an unknown version';
  } catch {
    return null;
  }
}
