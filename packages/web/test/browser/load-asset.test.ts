import { isSegmentError } from '@seg/core';
import { expect, test } from 'vitest';
import { type AssetKind, loadAsset } from '../../src/load-asset.ts';

const WASM = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

function addressOf(...content: BlobPart[]): string {
  return URL.createObjectURL(new Blob(content));
}

async function refusalOf(url: string, kind: AssetKind): Promise<string> {
  const error: unknown = await loadAsset(url, kind).then(
    () => 'it was loaded',
    (reason: unknown) => reason,
  );
  return isSegmentError(error) ? `${error.code}: ${error.message}` : String(error);
}

test('gives the bytes of wasm and scripts, from absolute and relative addresses', async () => {
  expect(await loadAsset(addressOf(WASM), 'wasm')).toEqual(WASM);
  const script = await loadAsset('/repo/scripts/size-budget.mjs', 'script');
  expect(new TextDecoder().decode(script)).toContain('export function budget');
  expect(await loadAsset(new URL(addressOf(' \n;'), location.href), 'script')).toHaveLength(3);
});

test('names the address and what came in place of the file', async () => {
  const missing = await refusalOf('/repo/none.wasm', 'wasm');
  expect(missing).toMatch(/^fetch: no WebAssembly came from http:.*\/repo\/none\.wasm: .*received HTTP 404/);
  expect(missing).toContain('seg assets copy');
  const page = addressOf('\n <!doctype html><title>Shop</title>');
  for (const kind of ['wasm', 'script'] as const) {
    expect(await refusalOf(page, kind)).toMatch(
      /^fetch: .*received 36 bytes starting with "\. <!doctype html>/,
    );
  }
  expect(await refusalOf(addressOf('export {}'), 'wasm')).toMatch(
    /expected bytes starting with "\\0asm", received 9/,
  );
  expect(await refusalOf(addressOf(), 'script')).toMatch(/no script came from .*received 0 bytes/);
  expect(await refusalOf('http://127.0.0.1:1/a.wasm', 'wasm')).toMatch(
    /^fetch: .*:1\/a\.wasm.*received Failed to fetch/,
  );
});

test('an abort rejects with its reason', async () => {
  const reason = new Error('enough');
  await expect(loadAsset(addressOf(WASM), 'wasm', { signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
});
