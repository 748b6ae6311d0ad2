import { join } from 'node:path';

/**
 * Where models are kept: SEG_CACHE, else the platform's folder for caches (XDG base directory specification, Apple's
 * file system guide, Windows' known folders).
 */
export function defaultCacheDir(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
  home: string,
): string {
  if (env.SEG_CACHE) return env.SEG_CACHE;
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'seg');
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'seg');
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'seg');
}
