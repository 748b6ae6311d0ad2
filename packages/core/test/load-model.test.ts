import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createSegmenter,
  downloadPart,
  fetchSource,
  loadCard,
  loadModel,
  type ModelPart,
  sha256Hex,
} from '../src/index.ts';
import { fakeRuntime, makeCard, makeModel, random } from './fixtures.ts';

let server: Server | null = null;

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

const BYTES = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 31) % 251);

async function part(...urls: readonly string[]): Promise<ModelPart> {
  return { path: 'model.onnx', bytes: BYTES.length, sha256: await sha256Hex(BYTES), urls };
}

describe('downloadPart', () => {
  it('streams a file with progress, from the first address that delivers it', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/missing') response.writeHead(404).end();
      else response.end(BYTES);
    });
    const seen: number[] = [];
    const wanted = await part(`${base}/missing`, `${base}/model.onnx`);
    const bytes = await downloadPart(wanted, { onProgress: ({ loaded }) => seen.push(loaded) });
    expect(bytes).toEqual(BYTES);
    expect(seen.at(-1)).toBe(BYTES.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('says what every address answered when none delivers', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/page') response.end('<!doctype html><p>Not here</p>');
      else response.writeHead(500).end();
    });
    const wanted = await part(`${base}/page`, `${base}/error`, 'relative.onnx');
    await expect(downloadPart(wanted)).rejects.toMatchObject({
      code: 'fetch',
      message: expect.stringMatching(
        /\/page \(.*<!doctype html>.*\/error \(HTTP 500.*relative\.onnx \(not an http/s,
      ),
    });
  });

  it('never takes more bytes than the card states', async () => {
    const base = await serve((_request, response) => {
      const timer = setInterval(() => response.write(BYTES), 1);
      response.on('close', () => clearInterval(timer));
    });
    await expect(downloadPart(await part(base))).rejects.toThrow('wrong size');
  });

  it('continues where a download broke off, or starts anew where the server cannot', async () => {
    const ranges: (string | undefined)[] = [];
    const base = await serve((request, response) => {
      ranges.push(request.headers.range);
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (request.url === '/whole' || start === 0) response.end(BYTES);
      else {
        const range = `bytes ${start}-${BYTES.length - 1}/${BYTES.length}`;
        response.writeHead(206, { 'content-range': range }).end(BYTES.subarray(start));
      }
    });
    const offsets: number[] = [];
    const options = {
      have: BYTES.slice(0, 1000),
      onChunk: (_: Uint8Array, offset: number) => void offsets.push(offset),
    };
    expect(await downloadPart(await part(`${base}/ranges`), options)).toEqual(BYTES);
    expect(offsets[0]).toBe(1000);
    offsets.length = 0;
    expect(await downloadPart(await part(`${base}/whole`), options)).toEqual(BYTES);
    expect(offsets[0]).toBe(0);
    expect(ranges).toEqual(['bytes=1000-', 'bytes=1000-']);
  });

  it('stops when it is aborted, with the reason of the signal', async () => {
    const base = await serve((_request, response) => void response.write(BYTES.subarray(0, 100)));
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(downloadPart(await part(base, base), { signal: controller.signal })).rejects.toThrow(
      'enough',
    );
  });
});

describe('loadModel', () => {
  it('refuses 1,000 files with one bit flipped, before anything parses them', async () => {
    const { card, variant } = makeModel();
    const wanted = { ...variant, parts: [await part()] };
    const next = random(9);
    let refused = 0;
    for (let round = 0; round < 1000; round++) {
      const bytes = BYTES.slice();
      const at = Math.floor(next() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(next() * 8));
      await loadModel(card, wanted, { load: async () => bytes }).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'integrity' });
        refused++;
      });
    }
    expect(refused).toBe(1000);
    await expect(loadModel(card, wanted, { load: async () => BYTES })).resolves.toBeDefined();
  });

  it('says what came instead of a model', async () => {
    const { card, variant } = makeModel();
    const page = new TextEncoder().encode('<htm');
    await expect(loadModel(card, variant, { load: async () => page })).rejects.toThrow(
      'it starts with "<htm"',
    );
  });
});

describe('a folder on any static host is a model', () => {
  it('loads the card and finds the parts beside it', async () => {
    const card = makeCard();
    const [variant] = card.variants;
    const written = {
      ...card,
      variants: [{ ...variant, parts: [{ ...variant?.parts[0], urls: [] }] }],
    };
    const base = await serve((request, response) => {
      if (request.url === '/road/card.json') response.end(JSON.stringify(written));
      else if (request.url === '/road/model.onnx') response.end(new Uint8Array([1, 2, 3, 4]));
      else response.writeHead(404).end();
    });
    const model = await loadCard(`${base}/road/card.json`);
    const segmenter = await createSegmenter({ model, runtime: fakeRuntime(), source: fetchSource });
    expect(segmenter.model.id).toBe('test');
    await expect(loadCard(`${base}/other.json`)).rejects.toMatchObject({ code: 'fetch' });
    await expect(loadCard('http://127.0.0.1:1/card.json')).rejects.toMatchObject({ code: 'fetch' });
  });
});
