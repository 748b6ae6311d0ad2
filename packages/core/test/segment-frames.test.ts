import { describe, expect, it } from 'vitest';
import { createSegmenter, type PixelImage, type Segmented, segmentFrames } from '../src/index.ts';
import { fakeRuntime, makeCard, noise } from './fixtures.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function* camera(frames: readonly PixelImage[], everyMs: number): AsyncGenerator<PixelImage> {
  for (const frame of frames) {
    yield frame;
    await wait(everyMs);
  }
}

const frames = Array.from({ length: 12 }, (_, index) => noise(8, 8, index));

async function slowSegmenter(delayMs: number) {
  const runtime = fakeRuntime();
  runtime.delayMs = delayMs;
  return { runtime, segmenter: await createSegmenter({ model: makeCard(), runtime }) };
}

describe('segmentFrames', () => {
  it('lets the newest frame win and hands every frame back exactly once', async () => {
    const { runtime, segmenter } = await slowSegmenter(25);
    const back: Segmented<PixelImage>[] = [];
    for await (const item of segmentFrames(segmenter, camera(frames, 5))) {
      back.push(item);
      if (!item.dropped) item.segmentation.dispose();
    }
    expect(new Set(back.map((item) => item.image)).size).toBe(frames.length);
    expect(back).toHaveLength(frames.length);
    const segmented = back.filter((item) => !item.dropped).map((item) => frames.indexOf(item.image));
    expect(segmented.length).toBeLessThan(frames.length);
    expect(segmented).toEqual([...segmented].sort((a, b) => a - b));
    expect(segmented.at(-1)).toBe(frames.length - 1);
    expect(runtime.live).toBe(0);
  });

  it('drops nothing when the network is faster than the camera', async () => {
    const { segmenter } = await slowSegmenter(0);
    const dropped: boolean[] = [];
    for await (const item of segmentFrames(segmenter, camera(frames.slice(0, 4), 25)))
      dropped.push(item.dropped);
    expect(dropped).toEqual([false, false, false, false]);
  });

  it('ends the source and the work when the loop is left', async () => {
    const { runtime, segmenter } = await slowSegmenter(10);
    let ended = false;
    async function* source(): AsyncGenerator<PixelImage> {
      try {
        yield* camera(frames, 3);
      } finally {
        ended = true;
      }
    }
    for await (const item of segmentFrames(segmenter, source())) {
      if (!item.dropped) {
        item.segmentation.dispose();
        break;
      }
    }
    await wait(30);
    expect(ended).toBe(true);
    expect(runtime.live).toBe(0);
  });

  it('throws what the source, the network or the signal says', async () => {
    const { runtime, segmenter } = await slowSegmenter(5);
    async function* broken(): AsyncGenerator<PixelImage> {
      yield* camera(frames.slice(0, 1), 1);
      throw new Error('the camera is gone');
    }
    const run = async (source: AsyncIterable<PixelImage>, signal?: AbortSignal): Promise<void> => {
      for await (const item of segmentFrames(segmenter, source, { signal })) {
        if (!item.dropped) item.segmentation.dispose();
      }
    };
    await expect(run(broken())).rejects.toThrow('the camera is gone');
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stop')), 20);
    await expect(run(camera(frames, 5), controller.signal)).rejects.toThrow('stop');
    runtime.fail = new Error('the network broke');
    await expect(run(camera(frames, 5))).rejects.toThrow('the network broke');
  });

  it('does not wait for a camera that gives nothing more', async () => {
    const { segmenter } = await slowSegmenter(1);
    async function* silent(): AsyncGenerator<PixelImage> {
      yield noise(8, 8, 1);
      await new Promise(() => undefined);
    }
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stop')), 20);
    const run = async (): Promise<void> => {
      for await (const item of segmentFrames(segmenter, silent(), { signal: controller.signal })) {
        if (!item.dropped) item.segmentation.dispose();
      }
    };
    await expect(run()).rejects.toThrow('stop');
  });
});
