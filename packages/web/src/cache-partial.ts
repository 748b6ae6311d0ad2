import type { Bytes, CacheStore } from './cache-store.ts';

/** Kept while a download runs, so that a page that is closed meanwhile loses no more than this. */
const PIECE_BYTES = 1 << 20;

/** The beginning of a file whose download broke off, kept in pieces. */
export interface PartialFile {
  /** What is there, from the start of the file. */
  read(): Promise<Bytes>;
  /** The next bytes, and where they stand: 0 starts anew. */
  write(chunk: Uint8Array, offset: number): Promise<void>;
  /** Keeps what came since the last piece. */
  keep(): Promise<void>;
  drop(): Promise<void>;
}

/** Without a store, or in a full one, nothing is kept and nothing fails: the download itself goes on. */
export function createPartial(store: CacheStore | null, sha256: string): PartialFile {
  let usable = store;
  let waiting: Bytes[] = [];
  let waitingBytes = 0;
  let start = 0;

  async function quietly<Result>(work: (store: CacheStore) => Promise<Result>): Promise<Result | null> {
    if (usable === null) return null;
    try {
      return await work(usable);
    } catch {
      usable = null; // full, or refused: a model is worth more than its copy
      return null;
    }
  }

  async function keep(): Promise<void> {
    if (waitingBytes === 0) return;
    const [piece, at] = [new Blob(waiting), start];
    waiting = [];
    waitingBytes = 0;
    await quietly((store) => store.write(`${sha256}/${at}`, piece));
  }

  async function drop(): Promise<void> {
    waiting = [];
    waitingBytes = 0;
    await quietly(async (store) => {
      for (const key of await store.keys(`${sha256}/`)) await store.remove(key);
    });
  }

  return {
    async read() {
      const pieces: Bytes[] = [];
      let length = 0;
      for (;;) {
        const piece = await quietly((store) => store.read(`${sha256}/${length}`));
        if (piece === null || piece.length === 0) break;
        pieces.push(piece);
        length += piece.length;
      }
      return new Uint8Array(await new Blob(pieces).arrayBuffer());
    },
    async write(chunk, offset) {
      if (usable === null) return;
      if (offset === 0) await drop();
      if (waitingBytes === 0) start = offset;
      waiting.push(chunk.slice());
      waitingBytes += chunk.length;
      if (waitingBytes >= PIECE_BYTES) await keep();
    },
    keep,
    drop,
  };
}
