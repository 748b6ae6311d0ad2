import { type Orientation, type PixelImage, SegmentError, type Size } from '@seg/core';

/** The canvas through which pixels are read; made at first use, kept for the next picture of its size. */
export interface WorkingCanvas {
  /**
   * What drawing `source` over white gives, upright: `rgba8`, opaque, sRGB. `size` is the source's own, as stored.
   *
   * @throws SegmentError `invalid-input` (pixels of another origin, closed or broken sources), `unsupported` (no canvas
   * here), `runtime`
   */
  read(source: DomSource, size: Size, name: string, orientation?: Orientation): PixelImage;
  dispose(): void;
}

export type DomSource = CanvasImageSource;
type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/** `willReadFrequently` keeps the pixels in memory, where they are read: no copy off a GPU. */
const OPTIONS: CanvasRenderingContext2DSettings = { alpha: false, willReadFrequently: true };

/** EXIF orientations as matrices from stored to upright pixels, for a stored width w and height h. */
const TURNS: Readonly<
  Record<Orientation, (w: number, h: number) => [number, number, number, number, number, number]>
> = {
  1: () => [1, 0, 0, 1, 0, 0],
  2: (w) => [-1, 0, 0, 1, w, 0],
  3: (w, h) => [-1, 0, 0, -1, w, h],
  4: (_, h) => [1, 0, 0, -1, 0, h],
  5: () => [0, 1, 1, 0, 0, 0],
  6: (_, h) => [0, 1, -1, 0, h, 0],
  7: (w, h) => [0, -1, -1, 0, h, w],
  8: (w) => [0, -1, 1, 0, 0, w],
};

export function createWorkingCanvas(): WorkingCanvas {
  let context: Context | null = null;

  function resized({ width, height }: Size): Context {
    context ??= createContext();
    const { canvas } = context;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    return context;
  }

  function dispose(): void {
    if (context === null) return;
    context.canvas.width = context.canvas.height = 0; // its memory goes now, not with the garbage
    context = null;
  }

  return {
    read(source, stored, name, orientation = 1) {
      const { width: w, height: h } = stored;
      const size = orientation > 4 ? { width: h, height: w } : stored;
      try {
        const canvas = resized(size);
        canvas.resetTransform();
        canvas.fillStyle = '#fff';
        canvas.fillRect(0, 0, size.width, size.height);
        canvas.setTransform(...TURNS[orientation](w, h));
        canvas.drawImage(source, 0, 0);
        return { format: 'rgba8', ...size, data: canvas.getImageData(0, 0, size.width, size.height).data };
      } catch (error) {
        dispose(); // a canvas that another origin's picture was drawn on stays unreadable
        throw error instanceof SegmentError ? error : explain(error, name, size);
      }
    },
    dispose,
  };
}

/** A canvas element only where OffscreenCanvas draws no 2D (Safari before 16.4). */
function createContext(): Context {
  if (typeof OffscreenCanvas === 'function') {
    const context = new OffscreenCanvas(1, 1).getContext('2d', OPTIONS);
    if (context !== null) return context;
  }
  if (typeof document === 'object') {
    const context = document.createElement('canvas').getContext('2d', OPTIONS);
    if (context !== null) return context;
  }
  throw new SegmentError(
    'unsupported',
    'pixels of this kind of picture cannot be read here: there is no canvas',
    {
      hint: 'In Node, read files with readPhoto of @seg/node, or pass pixels: { format, width, height, data }',
    },
  );
}

function explain(cause: unknown, name: string, { width, height }: Size): SegmentError {
  const kind = cause instanceof Error ? cause.name : '';
  if (kind === 'SecurityError') return otherOrigin(name, cause);
  const received = cause instanceof Error ? cause.message : String(cause);
  if (kind === 'InvalidStateError') {
    return new SegmentError('invalid-input', `${name} has no pixels: it is closed, detached or broken`, {
      received,
      cause,
    });
  }
  const hint = 'Is it larger than a canvas of this browser can be?';
  return new SegmentError('runtime', `${name} of ${width} x ${height} could not be drawn`, {
    received,
    hint,
    cause,
  });
}

export function otherOrigin(name: string, cause: unknown): SegmentError {
  return new SegmentError('invalid-input', `${name} holds pixels of another origin, which may not be read`, {
    hint:
      "Set crossOrigin = 'anonymous' on the element before its address, and let that server answer with CORS: " +
      'Access-Control-Allow-Origin',
    cause,
  });
}
