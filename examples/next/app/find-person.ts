import { createSegmenter, type Mask, readMask } from '@seg/core';
import people from '@seg/models/people';
import { onnxWeb } from '@seg/onnx-web';

export async function findPerson(
  photo: HTMLImageElement,
  canvas: HTMLCanvasElement,
  signal: AbortSignal,
): Promise<string> {
  const segmenter = await createSegmenter({ model: people, runtime: onnxWeb(), signal });
  try {
    const segmentation = await segmenter.segment(photo, { signal });
    const mask = await readMask(segmentation, { select: 'person' }); // 255 where the person is
    draw(mask, canvas);
    segmentation.dispose();
    const percent = (100 * mask.data.filter(Boolean).length) / mask.data.length;
    return `The person covers ${percent.toFixed(1)} % of the photo (${segmenter.runtime}, ${segmenter.accelerator}).`;
  } finally {
    await segmenter.dispose();
  }
}

/** Colours what the mask selects. The canvas lies over the photo. */
function draw({ width, height, data }: Mask, canvas: HTMLCanvasElement): void {
  const pixels = new ImageData(width, height);
  const colors = new Uint32Array(pixels.data.buffer);
  data.forEach((value, i) => {
    colors[i] = value && 0x808000ff; // alpha, blue, green, red
  });
  Object.assign(canvas, { width, height });
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}
