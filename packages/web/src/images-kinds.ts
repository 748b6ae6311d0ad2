import type { PixelImage } from '@seg/core';

/** A class of the browser by its name; `never` in programs that are compiled without the DOM's types. */
export type Dom<Name extends string> = typeof globalThis extends {
  readonly [Key in Name]: { readonly prototype: infer Instance };
}
  ? Instance
  : never;

interface Kinds {
  ImageBitmap: Dom<'ImageBitmap'>;
  HTMLImageElement: Dom<'HTMLImageElement'>;
  HTMLVideoElement: Dom<'HTMLVideoElement'>;
  HTMLCanvasElement: Dom<'HTMLCanvasElement'>;
  OffscreenCanvas: Dom<'OffscreenCanvas'>;
  VideoFrame: Dom<'VideoFrame'>;
  ImageData: Dom<'ImageData'>;
  Blob: Dom<'Blob'>;
  File: Dom<'File'>;
  URL: Dom<'URL'>;
}

/**
 * A picture in a browser: pixels, an element, bitmap, canvas, frame, file, or an address that the page may fetch. A string
 * is an address, relative to the page. Who is lent one neither changes nor closes it.
 */
export type BrowserImage = PixelImage | Kinds[keyof Kinds] | string;

/** The name that an object gives itself: it also holds for pictures of another window, where instanceof fails. */
export function kindOf(image: unknown): string {
  return Object.prototype.toString.call(image).slice('[object '.length, -1);
}

export function isKind<Name extends keyof Kinds>(image: BrowserImage, name: Name): image is Kinds[Name] {
  return kindOf(image) === name;
}
