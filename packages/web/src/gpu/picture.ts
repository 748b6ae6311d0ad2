import { type AbortOptions, checkImage, type Orientation, type PixelImage, type Size } from '@seg/core';
import { uprightPixels } from '@seg/core/adapter';
import { type BrowserImage, createImageReader } from '../images.ts';
import type { BufferPool } from './buffer-pool.ts';
import { whileAlive } from './device-state.ts';
import { requireLimits } from './limits.ts';
import type { Walk } from './prepare-plan.ts';
import type { SourceKind } from './prepare-wgsl.ts';
import { type GpuDevice, USAGE } from './types.ts';

/** A picture on its way to the GPU. Whoever opened it closes it, after submitting what reads it. */
export interface OpenPicture {
  readonly kind: SourceKind;
  /** As stored. */
  readonly size: Size;
  readonly orientation: Orientation;
  readonly walk: Walk;
  /** Puts the pixels on the GPU, in the queue's order and without waiting; gives what a shader binds. */
  upload(): GPUBindingResource;
  close(): void;
}

/** Opens pictures on one device. Keeps a texture of the last size. */
export interface Pictures {
  /** @throws as `readImage`; SegmentError `unsupported` for a picture that the device has no room for */
  open(image: BrowserImage, options: AbortOptions): Promise<OpenPicture>;
  /** The same by way of the CPU, which takes every kind of picture, and says what is wrong with a bad one. */
  openByCpu(image: BrowserImage, options: AbortOptions): Promise<OpenPicture>;
  dispose(): void;
}

export function createPictures(device: GpuDevice, pool: BufferPool): Pictures {
  const reader = createImageReader();
  const texture = createTextureHolder(device);
  // On a software adapter the attempt is not made: Chromium 150's loses its device over an imported frame, and over a
  // copied one, in place of throwing.
  const mayImport = device.adapterInfo?.isFallbackAdapter === false;
  let imports = false; // known of the device once a frame was imported; one that was not may have been a bad frame

  const openByCpu: Pictures['openByCpu'] = async (image, options) => {
    const pixels = await reader.read(image, options);
    return openPixels(device, pool, pixels);
  };

  return {
    openByCpu,
    async open(image, options) {
      const direct = directly(image);
      if (direct === null || !fits(direct.size, device)) return openByCpu(image, options);
      if (direct.kind === 'texture') return openTexture(direct.image, direct.size, texture, () => {});
      imports ||= mayImport && (await canImport(device, direct.image));
      if (imports) return openFrame(direct.image, direct.size, device);
      const bitmap = await createImageBitmap(direct.image).catch(() => null);
      if (bitmap === null) return openByCpu(image, options);
      return openTexture(bitmap, bitmap, texture, () => bitmap.close());
    },
    dispose() {
      texture.dispose();
      reader.dispose();
    },
  };
}

type Drawable = ImageBitmap | HTMLCanvasElement | OffscreenCanvas;
type Frame = HTMLVideoElement | VideoFrame;
type Direct =
  | { readonly kind: 'texture'; readonly image: Drawable; readonly size: Size }
  | { readonly kind: 'external'; readonly image: Frame; readonly size: Size };

/** What the GPU can take without the CPU touching pixels; null for other pictures. */
function directly(image: BrowserImage): Direct | null {
  if (isKind(image, 'VideoFrame')) {
    return { kind: 'external', image, size: { width: image.displayWidth, height: image.displayHeight } };
  }
  if (isKind(image, 'HTMLVideoElement')) {
    const { videoWidth, videoHeight, readyState } = image;
    return readyState < 2
      ? null
      : { kind: 'external', image, size: { width: videoWidth, height: videoHeight } };
  }
  if (
    isKind(image, 'ImageBitmap') ||
    isKind(image, 'HTMLCanvasElement') ||
    isKind(image, 'OffscreenCanvas')
  ) {
    return { kind: 'texture', image, size: { width: image.width, height: image.height } };
  }
  return null;
}

interface Kinds {
  VideoFrame: VideoFrame;
  HTMLVideoElement: HTMLVideoElement;
  ImageBitmap: ImageBitmap;
  HTMLCanvasElement: HTMLCanvasElement;
  OffscreenCanvas: OffscreenCanvas;
}

/** By the name that objects give themselves: that also holds for pictures of another frame's page. */
function isKind<Name extends keyof Kinds>(image: BrowserImage, name: Name): image is Kinds[Name] {
  return Object.prototype.toString.call(image) === `[object ${name}]`;
}

function fits({ width, height }: Size, { limits }: GpuDevice): boolean {
  return width > 0 && height > 0 && Math.max(width, height) <= limits.maxTextureDimension2D;
}

/** Whether a frame becomes a texture without a copy. */
async function canImport(device: GpuDevice, source: Frame): Promise<boolean> {
  device.pushErrorScope('validation');
  let isImported = true;
  try {
    device.importExternalTexture({ source, colorSpace: 'srgb' });
  } catch {
    isImported = false;
  }
  return (await whileAlive(device, device.popErrorScope())) === null && isImported;
}

function openFrame(source: Frame, size: Size, device: GpuDevice): OpenPicture {
  return {
    kind: 'external',
    size,
    orientation: 1,
    walk: { origin: size.width, stepX: size.height, stepY: 0 },
    upload: () => device.importExternalTexture({ source, colorSpace: 'srgb' }),
    close() {},
  };
}

function openTexture(
  image: Drawable,
  { width, height }: Size,
  holder: TextureHolder,
  close: () => void,
): OpenPicture {
  return {
    kind: 'texture',
    size: { width, height },
    orientation: 1,
    walk: { origin: 0, stepX: 0, stepY: 0 },
    upload: () => holder.copy(image, { width, height }),
    close,
  };
}

async function openPixels(device: GpuDevice, pool: BufferPool, image: PixelImage): Promise<OpenPicture> {
  checkImage(image);
  const { data, orientation = 1 } = image;
  const bytes = Math.ceil(data.length / 4) * 4;
  requireLimits(
    device.limits,
    { maxStorageBufferBindingSize: bytes },
    'the GPU device, for this picture (bytes)',
  );
  const lent = await pool.take(bytes);
  return {
    kind: 'pixels',
    size: image,
    orientation,
    walk: uprightPixels(image),
    upload() {
      writeBytes(device, lent.buffer, data);
      return { buffer: lent.buffer };
    },
    close: lent.release,
  };
}

/** WebGPU writes whole words. */
function writeBytes(device: GpuDevice, buffer: GPUBuffer, data: PixelImage['data']): void {
  const whole = data.length - (data.length % 4);
  // biome-ignore lint/plugin: a view of the same memory, shared or not: WebGPU takes both
  const source = data as Uint8Array<ArrayBuffer>;
  device.queue.writeBuffer(buffer, 0, source, 0, whole);
  if (whole === data.length) return;
  const last = new Uint8Array(4);
  last.set(data.subarray(whole));
  device.queue.writeBuffer(buffer, whole, last);
}

/** A texture of the last picture's size: frames of one size share it, since the queue keeps order. */
interface TextureHolder {
  copy(image: Drawable, size: Size): GPUTextureView;
  dispose(): void;
}

function createTextureHolder(device: GpuDevice): TextureHolder {
  let texture: GPUTexture | null = null;
  function sized({ width, height }: Size): GPUTexture {
    if (texture?.width === width && texture.height === height) return texture;
    texture?.destroy(); // work that was submitted with it still finds it
    const usage = USAGE.textureCopyTarget | USAGE.textureBinding | USAGE.renderTarget;
    texture = device.createTexture({ size: [width, height], format: 'rgba8unorm', usage });
    return texture;
  }
  return {
    copy(source, size) {
      const target = { texture: sized(size), colorSpace: 'srgb', premultipliedAlpha: true } as const;
      device.queue.copyExternalImageToTexture({ source }, target, [size.width, size.height]);
      return target.texture.createView();
    },
    dispose() {
      texture?.destroy();
      texture = null;
    },
  };
}
