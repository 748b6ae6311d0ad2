import { describe, expect, test } from 'vitest';
import type { Bitmap } from '../src/bitmap.ts';
import { type Point, type Polygon, polygonArea, tracePolygons } from '../src/polygons.ts';
import { countSelected, disc, drawBitmap, noise, textBitmap } from './bitmaps.ts';

const SHAPES: { name: string; bitmap: Bitmap }[] = [
  { name: 'disc', bitmap: drawBitmap(120, 100, disc(60.3, 48.7, 40)) },
  {
    name: 'ring around an island',
    bitmap: drawBitmap(120, 100, (x, y) => {
      const inside = (radius: number): boolean => disc(60, 50, radius)(x, y);
      return (inside(45) && !inside(30)) || (inside(20) && !inside(8));
    }),
  },
  { name: 'cut off by all four sides', bitmap: drawBitmap(60, 40, (x, y) => !disc(30, 20, 12)(x, y)) },
  { name: 'touching itself at a corner', bitmap: textBitmap('###', '#.#', '##.') },
  { name: 'holes that meet at a corner', bitmap: textBitmap('####', '#.##', '##.#', '####') },
  { name: 'two pixels that meet at a corner', bitmap: textBitmap('#.', '.#') },
  {
    // at 3 px: the right arm runs on beyond a chord, so the distance must be that to the segment, not to its line
    name: 'two bars side by side',
    bitmap: drawBitmap(24, 16, (x, y) => (y === 1 && x >= 12 && x < 21) || (y === 2 && x >= 2 && x < 17)),
  },
  {
    // at 2 px: left to itself, the ring that is left over would run the other way round
    name: 'thin arms',
    bitmap: textBitmap(
      '....###################.',
      '................#.######',
      ...Array.from({ length: 3 }, () => '................#.......'),
    ),
  },
  { name: 'one pixel', bitmap: textBitmap('#') },
  { name: 'nothing', bitmap: textBitmap('...', '...') },
  { name: 'checkerboard', bitmap: drawBitmap(40, 40, (x, y) => (x + y) % 2 === 0) },
  ...[0.1, 0.4, 0.6, 0.9].map((share, seed) => ({
    name: `noise of ${share}`,
    bitmap: drawBitmap(53, 41, noise(seed, share)),
  })),
];

describe.each(SHAPES)('$name', ({ bitmap }) => {
  const polygons = tracePolygons(bitmap);

  test('drawn again it is the mask', () => {
    expect(rasterise(polygons, bitmap)).toEqual(bitmap);
  });

  test('its area is the number of pixels', () => {
    expect(polygons.reduce((area, polygon) => area + polygonArea(polygon), 0)).toBe(countSelected(bitmap));
  });

  test('outer rings are clockwise on the screen, holes are not, and no point is on a straight line', () => {
    for (const { outer, holes } of polygons) {
      expect(shoelace(outer)).toBeGreaterThan(0);
      for (const hole of holes) expect(shoelace(hole)).toBeLessThan(0);
      for (const ring of [outer, ...holes]) {
        ring.forEach(([x, y], index) => {
          const [beforeX, beforeY] = ring.at(index - 1) ?? [0, 0];
          const [afterX, afterY] = ring[(index + 1) % ring.length] ?? [0, 0];
          expect((beforeX === x) !== (afterX === x)).toBe(true);
          expect((beforeY === y) !== (afterY === y)).toBe(true);
        });
      }
    }
  });

  test.each([0.5, 1, 2, 3, 1000])('simplified by %d px', (tolerance) => {
    const simplified = tracePolygons(bitmap, { tolerance });
    expect(simplified.length).toBe(polygons.length);
    simplified.forEach((polygon, index) => {
      const exact = ringsOf(polygons[index]);
      ringsOf(polygon).forEach((ring, place) => {
        const original = exact[place] ?? [];
        expect(ring.length).toBeGreaterThanOrEqual(3);
        expect(ring.length).toBeLessThanOrEqual(original.length);
        expect(Math.sign(shoelace(ring))).toBe(Math.sign(shoelace(original)));
        for (const point of original) expect(distance(point, ring)).toBeLessThanOrEqual(tolerance + 1e-9);
        const change = Math.abs(shoelace(ring) - shoelace(original));
        expect(change).toBeLessThanOrEqual(tolerance * lengthOf(original));
      });
    });
  });
});

describe('which hole belongs to whom', () => {
  test('pixels that meet at a corner alone are polygons of their own', () => {
    expect(tracePolygons(textBitmap('#.', '.#'))).toEqual([
      { outer: unitSquare(0, 0), holes: [] },
      { outer: unitSquare(1, 1), holes: [] },
    ]);
  });

  test('holes that meet at a corner are one', () => {
    const [polygon] = tracePolygons(textBitmap('####', '#.##', '##.#', '####'));
    expect(polygon?.holes).toHaveLength(1);
  });

  test('an island in a hole is a polygon, and its hole is its own', () => {
    const polygons = tracePolygons(
      textBitmap('#########', '#.......#', '#.#####.#', '#.#...#.#', '#.#####.#', '#.......#', '#########'),
    );
    expect(polygons.map(({ holes }) => holes.length)).toEqual([1, 1]);
    expect(polygons.map(polygonArea)).toEqual([63 - 35, 15 - 3]);
  });

  test('a hole to the right of another shape belongs to the shape around it', () => {
    const polygons = tracePolygons(textBitmap('#.#####', '#.#.#.#', '#.#####'));
    expect(polygons.map(({ holes }) => holes.length)).toEqual([0, 2]);
  });
});

describe('time', () => {
  test('a full-HD mask takes less than 100 ms', () => {
    const figure = drawBitmap(1920, 1080, (x, y) => disc(960, 400, 260)(x, y) || disc(960, 1200, 520)(x, y));
    const best = Math.min(
      ...[1, 2, 3, 4, 5].map(() => duration(() => tracePolygons(figure, { tolerance: 1 }))),
    );
    expect(best).toBeLessThan(100);
  });

  test('131,072 polygons of a checkerboard take seconds at the worst', () => {
    const board = drawBitmap(512, 512, (x, y) => (x + y) % 2 === 0);
    // about 0.2 s; whatever grew with the square of the polygons would take minutes
    expect(duration(() => tracePolygons(board))).toBeLessThan(5000);
  });
});

test('refuses a negative tolerance and a bitmap that its data do not fill', () => {
  const refusal = expect.objectContaining({ code: 'invalid-input' });
  expect(() => tracePolygons(textBitmap('#'), { tolerance: -1 })).toThrow(refusal);
  expect(() => tracePolygons(textBitmap('#'), { tolerance: Number.NaN })).toThrow(refusal);
  expect(() => tracePolygons({ width: 2, height: 2, data: new Uint8Array(5) })).toThrow(refusal);
});

/** Even-odd at the centres of pixels: the slow, obvious way back. */
function rasterise(polygons: readonly Polygon[], { width, height }: Bitmap): Bitmap {
  const rings = polygons.flatMap(ringsOf);
  return drawBitmap(width, height, (column, row) => {
    const [x, y] = [column + 0.5, row + 0.5];
    let inside = false;
    for (const ring of rings) {
      ring.forEach(([toX, toY], index) => {
        const [fromX, fromY] = ring.at(index - 1) ?? [0, 0];
        if (fromY > y === toY > y) return;
        if (fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX) > x) inside = !inside;
      });
    }
    return inside;
  });
}

function ringsOf(polygon: Polygon | undefined): (readonly Point[])[] {
  return polygon === undefined ? [] : [polygon.outer, ...polygon.holes];
}

function shoelace(ring: readonly Point[]): number {
  return (
    ring.reduce((sum, [x, y], index) => {
      const [beforeX, beforeY] = ring.at(index - 1) ?? [0, 0];
      return sum + beforeX * y - x * beforeY;
    }, 0) / 2
  );
}

function lengthOf(ring: readonly Point[]): number {
  return ring.reduce((sum, [x, y], index) => {
    const [beforeX, beforeY] = ring.at(index - 1) ?? [0, 0];
    return sum + Math.hypot(x - beforeX, y - beforeY);
  }, 0);
}

/** From a point to the nearest of a ring's sides. */
function distance([x, y]: Point, ring: readonly Point[]): number {
  return ring.reduce((nearest, [toX, toY], index) => {
    const [fromX, fromY] = ring.at(index - 1) ?? [0, 0];
    const [alongX, alongY] = [toX - fromX, toY - fromY];
    const share = ((x - fromX) * alongX + (y - fromY) * alongY) / (alongX ** 2 + alongY ** 2);
    const clamped = Math.min(1, Math.max(0, share));
    return Math.min(nearest, Math.hypot(x - fromX - clamped * alongX, y - fromY - clamped * alongY));
  }, Number.POSITIVE_INFINITY);
}

function duration(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function unitSquare(x: number, y: number): Point[] {
  return [
    [x, y],
    [x + 1, y],
    [x + 1, y + 1],
    [x, y + 1],
  ];
}
