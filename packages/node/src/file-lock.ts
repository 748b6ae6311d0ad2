import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from './io-error.ts';

/*
 * A lock between processes, as a file that exists while it is held. It saves work (nobody downloads twice), it does not
 * guard truth: every file in the cache is checked by its sha256, so a lock that is taken over wrongly costs a download.
 * That is why it can be this small. proper-lockfile, the usual choice, patches `fs` and installs signal handlers on import.
 */

const POLL_MS = 100;
const BEAT_MS = 2_000;
/** A holder that has not touched its lock for so long is gone, or asleep. */
const STALE_MS = 10_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

/** Runs `work` while holding the lock file `path`; waits for another holder first. An abort ends the waiting. */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const holder: Holder = { pid: process.pid, host: hostname(), token: randomUUID() };
  await acquire(path, holder, signal);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined); // taken over or cleared: nothing that a beat could mend
  }, BEAT_MS);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true });
  }
}

async function acquire(path: string, holder: Holder, signal: AbortSignal | undefined): Promise<void> {
  let seen = { mtimeMs: Number.NaN, since: 0 };
  while (!(await tryCreate(path, holder))) {
    const mtimeMs = (await stat(path).catch(() => null))?.mtimeMs ?? Number.NaN;
    // our own clock measures how long the other's beat is missing: clocks of file servers differ
    if (mtimeMs !== seen.mtimeMs) seen = { mtimeMs, since: performance.now() };
    if (performance.now() - seen.since > STALE_MS || isDead(await readHolder(path))) {
      await rm(path, { force: true });
      continue;
    }
    await delay(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() =>
      signal?.throwIfAborted(),
    );
  }
}

async function tryCreate(path: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(value) ? value : null;
  } catch {
    return null; // gone, or still being written
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && 'pid' in value && 'host' in value && 'token' in value;
}

/** Only of this machine's processes can it be said; signal 0 asks without sending one. */
function isDead(holder: Holder | null): boolean {
  if (holder === null || holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}
