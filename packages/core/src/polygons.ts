import type { Bitmap } from './bitmap.ts';
import { SegmentError } from './errors.ts';
import { checkPixels } from './geometry.ts';

/** A point in pixels on the corners of pixels: x from 0 to the width, y from 0 to the height, downwards. */
export type Point = readonly [x: number, y: number];

/** An area with holes. A ring's last point is joined to its first, which is not repeated. */
export interface Polygon {
  /** Clockwise as seen on the screen: the shoelace sum is positive with y downwards. */
  readonly outer: readonly Point[];
  /** Counter-clockwise as seen on the screen. */
  readonly holes: readonly (readonly Point[])[];
}

export interface PolygonOptions {
  /**
   * How far the drawn outline may be from the true one, in pixels, 0 by default: no point of a true ring is farther
   * from its simplified ring. At 0 the outline is exact, and its area is the number of pixels.
   */
  readonly tolerance?: number | undefined;
}

/**
 * The outlines of a mask along the edges of its pixels. The caller owns the result.
 *
 * Selected pixels belong together where they share an edge; where they meet at a corner alone they are polygons of their
 * own. (So unselected pixels that meet at a corner are one hole.) A ring may touch itself at a corner; simplified rings
 * have at least three points, keep their direction, and may touch or cross each other within the tolerance.
 *
 * Time grows with the pixels plus the length of all outlines.
 *
 * @throws SegmentError `invalid-input` where data and size disagree, or for a negative tolerance
 */
export function tracePolygons(bitmap: Bitmap, { tolerance = 0 }: PolygonOptions = {}): Polygon[] {
  checkPixels(bitmap, 'bitmap', 1);
  if (!(tolerance >= 0)) {
    throw new SegmentError('invalid-input', 'the tolerance of a polygon', {
      expected: 'pixels, 0 or more',
      received: `${tolerance}`,
    });
  }
  const polygons: { outer: Point[]; holes: Point[][] }[] = [];
  for (const { points, owner } of traceRings(bitmap)) {
    const ring = simplifyRing(points, tolerance);
    if (owner === polygons.length) polygons.push({ outer: ring, holes: [] });
    else polygons[owner]?.holes.push(ring);
  }
  return polygons;
}

/** The area of a polygon in pixels: outer ring less holes. */
export function polygonArea({ outer, holes }: Polygon): number {
  return holes.reduce((area, hole) => area - Math.abs(signedArea(hole)), Math.abs(signedArea(outer)));
}

/** Shoelace formula: positive for a ring that is clockwise on the screen. */
function signedArea(ring: readonly Point[]): number {
  let sum = 0;
  let [fromX, fromY] = ring[ring.length - 1] ?? [0, 0];
  for (const [x, y] of ring) {
    sum += fromX * y - x * fromY;
    fromX = x;
    fromY = y;
  }
  return sum / 2;
}

/** A traced outline: an outer ring has the index of its own polygon, a hole that of the polygon around it. */
interface Ring {
  readonly points: Point[];
  readonly owner: number;
}

/**
 * Goes through the left edges of all runs of selected pixels, row by row. An edge that no ring has passed yet begins a
 * new one. If that is a hole, this edge is at the right end of the hole's topmost row, so the polygon around the hole is
 * that of the run before, whose own left edge has a ring already.
 */
function* traceRings(bitmap: Bitmap): Generator<Ring> {
  const { width, height, data } = bitmap;
  const passed = new Int32Array(width * height); // for each left edge the owner of its ring, plus 1
  let polygons = 0;
  for (let y = 0, at = 0; y < height; y++) {
    let owner = -1;
    let selected = false;
    for (let x = 0; x < width; x++, at++) {
      const before = selected;
      selected = data[at] !== 0;
      if (before || !selected) continue;
      const known = passed[at] ?? 0;
      if (known > 0) {
        owner = known - 1;
        continue;
      }
      const { points, leftEdges } = followOutline(bitmap, x, y);
      if (signedArea(points) > 0) owner = polygons++;
      for (const edge of leftEdges) passed[edge] = owner + 1;
      yield { points, owner };
    }
  }
}

/**
 * Walks along an outline with the selected pixels on the right hand, from the left edge of pixel (x, y) upwards until
 * it comes back. Where two selected pixels meet at a corner alone, it stays with the pixel it came along.
 */
function followOutline(
  { width, height, data }: Bitmap,
  x: number,
  y: number,
): { points: Point[]; leftEdges: number[] } {
  const isSelected = (column: number, row: number): boolean =>
    column >= 0 && column < width && row >= 0 && row < height && data[row * width + column] !== 0;
  const points: Point[] = [];
  const leftEdges: number[] = [];
  const start = y * width + x;
  let [cornerX, cornerY, stepX, stepY] = [x, y + 1, 0, -1];
  for (;;) {
    if (stepY === -1) {
      const edge = (cornerY - 1) * width + cornerX;
      if (edge === start && leftEdges.length > 0) return { points, leftEdges };
      leftEdges.push(edge);
    }
    cornerX += stepX;
    cornerY += stepY;
    // the two pixels ahead of the corner: half a step on, half a step to the right or the left hand
    const right = isSelected(cornerX + (stepX - stepY - 1) / 2, cornerY + (stepY + stepX - 1) / 2);
    const left = right && isSelected(cornerX + (stepX + stepY - 1) / 2, cornerY + (stepY - stepX - 1) / 2);
    if (right && !left) continue;
    points.push([cornerX, cornerY]);
    [stepX, stepY] = right ? [stepY, -stepX] : [-stepY, stepX];
  }
}

/**
 * A ring with fewer points, after Douglas and Peucker (1973): no point of `ring` is farther than `tolerance` from the
 * result. It keeps at least three points and the ring's direction. Returns `ring` itself where nothing is to be left out.
 */
function simplifyRing(ring: Point[], tolerance: number): Point[] {
  const clockwise = signedArea(ring) > 0;
  // a thin ring may collapse to a line or turn over: then less is left out
  // (and under a tenth of a pixel nothing is worth leaving out)
  for (let limit = Math.min(tolerance, 1e6); limit > 0.1; limit /= 2) {
    const simplified = keepFarPoints(ring, limit);
    const area = signedArea(simplified);
    if (clockwise ? area > 0 : area < 0) return simplified;
  }
  return ring;
}

function keepFarPoints(ring: readonly Point[], tolerance: number): Point[] {
  const closed = [...ring, ...ring.slice(0, 1)];
  const kept = new Uint8Array(closed.length);
  const opposite = farthest(closed, 0, closed.length - 1).index;
  kept[0] = 1;
  kept[opposite] = 1;
  const spans: [number, number][] = [
    [0, opposite],
    [opposite, closed.length - 1],
  ];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [from, to] = span;
    const { index, distance } = farthest(closed, from, to);
    if (distance <= tolerance) continue;
    kept[index] = 1;
    spans.push([from, index], [index, to]);
  }
  return ring.filter((_, index) => kept[index] === 1);
}

/** The point between two others that is farthest from the line segment between them; its distance in pixels. */
function farthest(points: readonly Point[], from: number, to: number): { index: number; distance: number } {
  const [startX, startY] = points[from] ?? [0, 0];
  const [endX, endY] = points[to] ?? [0, 0];
  const [alongX, alongY] = [endX - startX, endY - startY];
  const length = alongX * alongX + alongY * alongY;
  let index = from;
  let largest = -1;
  for (let at = from + 1; at < to; at++) {
    const [x, y] = points[at] ?? [0, 0];
    const projected = ((x - startX) * alongX + (y - startY) * alongY) / (length || 1);
    const share = Math.min(1, Math.max(0, projected));
    const offX = x - startX - share * alongX;
    const offY = y - startY - share * alongY;
    const distance = offX * offX + offY * offY;
    if (distance <= largest) continue;
    largest = distance;
    index = at;
  }
  return { index, distance: Math.sqrt(Math.max(0, largest)) };
}
