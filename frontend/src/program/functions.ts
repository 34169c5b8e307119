/** Functions of one number that JavaScript does not have, or has slowly. */

const FRACTIONS = 32;
const ROOTS = Float64Array.from({ length: FRACTIONS }, (_, i) => 2 ** (i / FRACTIONS));
const LOWEST = -1100;
const POWERS = Float64Array.from({ length: 2200 }, (_, i) => 2 ** (i + LOWEST));
const PER_UNIT = FRACTIONS / Math.LN2;

/**
 * e to the x, to 1e-10 of it, in half the time of `Math.exp`: enough for float32. It asks for |x| < 700.
 *
 * x = k ln 2 / 32 + r; 2 to the k / 32 stands in two tables, and of r, which is small, five terms of the series do.
 */
function raised(x: number): number {
  const k = (x * PER_UNIT) | 0;
  const r = x - k / PER_UNIT;
  const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24))));
  return POWERS[(k >> 5) - LOWEST] * ROOTS[k & (FRACTIONS - 1)] * series;
}

/** e to the x, for float32. */
export function exp(x: number): number {
  return x > -700 && x < 700 ? raised(x) : Math.exp(x);
}

/** tanh, to 2e-8 of it, for float32: a fraction of two polynomials in x², fitted so that the largest error is least. */
export function tanh(x: number): number {
  if (!(x > -9 && x < 9)) return Math.tanh(x);
  const s = x * x;
  const above =
    0.9999999794675429 +
    s * (0.1338102428368921 + s * (3.495586547750132e-3 + s * (2.06090578481244e-5 + s * 1.3354630600224589e-8)));
  const below =
    1 + s * (0.4671433987917491 + s * (2.5876976102802006e-2 + s * (3.2856322991835793e-4 + s * 7.776545017478958e-7)));
  return (x * above) / below;
}

/** 1 / (1 + exp(-x)), for float32. */
export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x));
}

/** x to the y; C's meaning where JavaScript has another one: 1 to whatever, and -1 to infinity, is 1. */
export function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return x ** y;
}

/** 2 / sqrt(pi) exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (1 3 5 ... (2n + 1)): all terms have one sign, so that nothing cancels. */
export function erf(x: number): number {
  if (!(Math.abs(x) < 6)) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (2 * x * x) / odd;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
