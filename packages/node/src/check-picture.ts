import { checkImage, type PixelImage, SegmentError, type Size } from '@seg/core';

/** Refuses what is no image, and pixels that are stored turned: class maps, masks and files are upright. */
export function checkUpright(image: PixelImage): void {
  checkImage(image);
  if ((image.orientation ?? 1) === 1) return;
  throw new SegmentError('invalid-input', 'a picture that is stored turned', {
    expected: 'orientation 1',
    received: `${image.orientation}`,
    hint: 'Turn its pixels upright first',
  });
}

/** Refuses a class map or mask whose length is not that of its size. */
export function checkPlane(
  what: string,
  { width, height, data }: Size & { readonly data: Uint8Array },
): void {
  if (data.length === width * height && data.length > 0) return;
  throw new SegmentError('invalid-input', `${what} of ${width} x ${height}`, {
    expected: `${width * height} bytes, at least one`,
    received: `${data.length}`,
  });
}

/** Refuses a class map or mask that does not lie pixel on pixel over the image. */
export function checkSameSize(what: string, plane: Size, image: Size): void {
  if (plane.width === image.width && plane.height === image.height) return;
  throw new SegmentError('invalid-input', `${what} and a picture that differ in size`, {
    expected: `${image.width} x ${image.height}, the picture's`,
    received: `${plane.width} x ${plane.height}`,
    hint: "Read it at the size 'source'",
  });
}
