// What the tiny models compute, whatever the format of their files: one convolution each, and how integers are stored.
// Weights are multiples of 1/64, so that float32, the files and the TypeScript reference hold the same numbers.

const snap = (number) => Math.round(number * 64) / 64;
let state = 20260101;
const noise = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' linear congruential generator
  return state / 2 ** 32 - 0.5;
};

/** Which colour (r, g, b in -1..1) speaks for each class: background is dark, then red, green, blue. */
const COLORS = [
  [-2, -2, -2],
  [3, -2, -2],
  [-2, 3, -2],
  [-2, -2, 3],
];
const BLUR = [1, 2, 1, 2, 4, 2, 1, 2, 1];

const colorWeights = COLORS.flatMap((color) =>
  color.flatMap((amount) => BLUR.map((blur) => snap((amount * blur) / 16 + noise() / 8))),
);

/** 16 x 16 to 8 x 8. Weights [to, from, kernel, kernel]. */
export const colors = {
  kernel: 3,
  stride: 2,
  pad: 1,
  from: 3,
  to: 4,
  weights: colorWeights,
  bias: [-0.5, 0.25, 0.125, 0.0625],
};

/** The same network for pictures that come as blue, green, red. */
export const colorsOfBgr = { ...colors, weights: reverseInputs(colors) };

export const person = {
  kernel: 1,
  stride: 1,
  pad: 0,
  from: 3,
  to: 1,
  weights: [2.5, 1.5, -3.25],
  bias: [0.25],
};

/** The last channel is the previous mask: it speaks for the foreground. */
export const previous = {
  kernel: 1,
  stride: 1,
  pad: 0,
  from: 4,
  to: 2,
  weights: [-1.5, -1.25, -1, -2, 1.25, 1.5, 0.75, 2],
  bias: [0.5, -0.5],
};

export const QUANTIZATION = {
  uint8: { input: { scale: 0.0078125, zeroPoint: 128 }, output: { scale: 0.125, zeroPoint: 128 } },
  int8: { input: { scale: 0.0078125, zeroPoint: 0 }, output: { scale: 0.125, zeroPoint: 0 } },
};

/** Says in each file where it comes from. */
export const ORIGIN = 'Made by packages/testkit/scripts/make-models.mjs of Seg; see README.md beside it.';

function reverseInputs({ kernel, from, to, weights }) {
  const area = kernel * kernel;
  const at = (out, input) => weights.slice((out * from + input) * area, (out * from + input + 1) * area);
  return Array.from({ length: to }, (_, out) => [2, 1, 0].flatMap((input) => at(out, input))).flat();
}

/** Weights in another order: `order` names the four dimensions, `o` out, `i` in, `h` and `w`, from outside in. */
export function weightsAs(order, { kernel, from, to, weights }) {
  const lengths = { o: to, i: from, h: kernel, w: kernel };
  const shape = [...order].map((dimension) => lengths[dimension]);
  const values = weights.map((_, at) => {
    const place = {};
    let rest = at;
    for (const dimension of [...order].reverse()) {
      place[dimension] = rest % lengths[dimension];
      rest = Math.floor(rest / lengths[dimension]);
    }
    return weights[((place.o * from + place.i) * kernel + place.h) * kernel + place.w];
  });
  return { shape, values };
}
