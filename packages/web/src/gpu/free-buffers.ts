import type { GpuBuffer } from './types.ts';

/** Buffers that nobody uses, by their size in bytes; the sizes that were used longest ago come first. */
export type FreeBuffers = Map<number, GpuBuffer[]>;

export function takeFree(free: FreeBuffers, size: number): GpuBuffer | undefined {
  const buffers = free.get(size);
  if (buffers === undefined) return undefined;
  free.delete(size); // and in again, as the newest
  free.set(size, buffers);
  return buffers.pop();
}

/** Keeps a buffer for the next use of its size, and destroys what is more than `most`: pictures of many sizes come by. */
export function keepFree(
  free: FreeBuffers,
  size: number,
  buffer: GpuBuffer,
  most: { readonly buffers: number; readonly sizes: number },
): void {
  const buffers = free.get(size) ?? [];
  free.delete(size);
  free.set(size, buffers);
  if (buffers.length < most.buffers) buffers.push(buffer);
  else buffer.destroy();
  for (const [oldest, old] of free) {
    if (free.size <= most.sizes) break;
    free.delete(oldest);
    for (const each of old) each.destroy();
  }
}

export function destroyFree(free: FreeBuffers): void {
  for (const buffer of [...free.values()].flat()) buffer.destroy();
  free.clear();
}
