import { expect, test } from 'vitest';
import { createPartial } from '../src/cache-partial.ts';
import type { Bytes, CacheStore } from '../src/cache-store.ts';

const MIB = 1 << 20;

/** A store in memory that refuses more than `quota` bytes. */
function memoryStore(
  quota = Number.POSITIVE_INFINITY,
): CacheStore & { readonly entries: Map<string, Bytes> } {
  const entries = new Map<string, Bytes>();
  return {
    entries,
    read: async (key) => entries.get(key) ?? null,
    async write(key, body) {
      const bytes = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body;
      const used = [...entries.values()].reduce((sum, { length }) => sum + length, 0);
      if (used + bytes.length > quota) throw new DOMException('full', 'QuotaExceededError');
      entries.set(key, bytes);
    },
    remove: async (key) => void entries.delete(key),
    keys: async (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
    describe: async () => null,
  };
}

const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

test('pieces come back in order, over several attempts', async () => {
  const store = memoryStore();
  const first = createPartial(store, 'a');
  await first.write(filled(MIB, 1), 0);
  await first.write(filled(10, 2), MIB);
  await first.keep();
  const second = createPartial(store, 'a');
  expect(await second.read()).toHaveLength(MIB + 10);
  await second.write(filled(5, 3), MIB + 10);
  await second.keep();
  expect([...store.entries.keys()]).toEqual(['a/0', `a/${MIB}`, `a/${MIB + 10}`]);
  expect((await second.read()).subarray(MIB)).toEqual(Uint8Array.of(...filled(10, 2), ...filled(5, 3)));
  await second.drop();
  expect(store.entries.size).toBe(0);
});

test('a download that starts anew leaves nothing of the one before', async () => {
  const store = memoryStore();
  await createPartial(store, 'ab').write(filled(MIB, 9), 0);
  const partial = createPartial(store, 'a');
  await partial.write(filled(MIB, 1), 0);
  await partial.write(filled(10, 1), MIB); // not kept yet
  await partial.write(filled(3, 2), 0);
  await partial.keep();
  expect(await partial.read()).toEqual(filled(3, 2));
  expect([...store.entries.keys()]).toEqual(['ab/0', 'a/0']);
});

test('what it is given may be used again by its owner', async () => {
  const partial = createPartial(memoryStore(), 'a');
  const chunk = filled(4, 1);
  await partial.write(chunk, 0);
  chunk.fill(7);
  await partial.keep();
  expect(await partial.read()).toEqual(filled(4, 1));
});

test('without a store, or in a full one, nothing is kept and nothing fails', async () => {
  for (const store of [null, memoryStore(10)]) {
    const partial = createPartial(store, 'a');
    await partial.write(filled(MIB, 1), 0);
    await partial.write(filled(MIB, 1), MIB);
    await partial.keep();
    expect(await partial.read()).toHaveLength(0);
    await partial.drop();
  }
});
