/** Matrix products, and solving. Sums of products are made in float64 and rounded when they are stored. */

import { broadcast, count, places, type Data } from "./arrays";
import type { Job, Plan, Run } from "./operations";

/** A matrix: how far its neighbours are apart along a column and along a row, and what is added to each of its columns. */
interface Matrix {
  readonly data: Data;
  readonly down: number;
  readonly right: number;
  readonly bias: Data;
}

/** n rows of x, from `xs` on, times a matrix of k rows and m columns, from `ys` on. */
export function multiply(
  out: Data,
  o: number,
  x: Data,
  xs: number,
  y: Matrix,
  ys: number,
  n: number,
  k: number,
  m: number,
): void {
  let row = 0;
  for (; row + 1 < n; row += 2) twoRows(out, o + row * m, x, xs + row * k, y, ys, k, m);
  if (row < n) oneRow(out, o + row * m, x, xs + row * k, y, ys, k, m);
}

/** Two rows and four columns go together, so that each number that is read serves more than once. */
function twoRows(out: Data, o: number, x: Data, xs: number, matrix: Matrix, ys: number, k: number, m: number): void {
  const { data: y, down, right, bias } = matrix;
  const second = 2 * right;
  const third = 3 * right;
  const end = xs + k;
  let c = 0;
  for (; c + 3 < m; c += 4, o += 4) {
    let a0: number, a1: number, a2: number, a3: number, b0: number, b1: number, b2: number, b3: number;
    a0 = b0 = bias[c];
    a1 = b1 = bias[c + 1];
    a2 = b2 = bias[c + 2];
    a3 = b3 = bias[c + 3];
    for (let p = xs, q = ys + c * right; p < end; p++, q += down) {
      const a = x[p];
      const b = x[p + k];
      const y0 = y[q];
      const y1 = y[q + right];
      const y2 = y[q + second];
      const y3 = y[q + third];
      a0 += a * y0;
      a1 += a * y1;
      a2 += a * y2;
      a3 += a * y3;
      b0 += b * y0;
      b1 += b * y1;
      b2 += b * y2;
      b3 += b * y3;
    }
    out[o] = a0;
    out[o + 1] = a1;
    out[o + 2] = a2;
    out[o + 3] = a3;
    out[o + m] = b0;
    out[o + m + 1] = b1;
    out[o + m + 2] = b2;
    out[o + m + 3] = b3;
  }
  for (; c < m; c++, o++) {
    let a = bias[c];
    let b = a;
    for (let p = xs, q = ys + c * right; p < end; p++, q += down) {
      a += x[p] * y[q];
      b += x[p + k] * y[q];
    }
    out[o] = a;
    out[o + m] = b;
  }
}

function oneRow(out: Data, o: number, x: Data, xs: number, matrix: Matrix, ys: number, k: number, m: number): void {
  const { data: y, down, right, bias } = matrix;
  const second = 2 * right;
  const third = 3 * right;
  const end = xs + k;
  let c = 0;
  for (; c + 3 < m; c += 4, o += 4) {
    let a0 = bias[c];
    let a1 = bias[c + 1];
    let a2 = bias[c + 2];
    let a3 = bias[c + 3];
    for (let p = xs, q = ys + c * right; p < end; p++, q += down) {
      const a = x[p];
      a0 += a * y[q];
      a1 += a * y[q + right];
      a2 += a * y[q + second];
      a3 += a * y[q + third];
    }
    out[o] = a0;
    out[o + 1] = a1;
    out[o + 2] = a2;
    out[o + 3] = a3;
  }
  for (; c < m; c++, o++) {
    let a = bias[c];
    for (let p = xs, q = ys + c * right; p < end; p++, q += down) a += x[p] * y[q];
    out[o] = a;
  }
}

function matmul({ inputs: [a, b], x, out, results: [{ shape }] }: Job): Run {
  const [n, m] = shape.slice(-2);
  const k = a.shape[a.shape.length - 1];
  const y = { data: b.data, down: m, right: 1, bias: new Float32Array(m) };
  const batch = shape.slice(0, -2);
  const xs = places(batch, broadcast(a.shape.slice(0, -2), batch));
  const ys = places(batch, broadcast(b.shape.slice(0, -2), batch));
  return () => {
    for (let each = 0; each < xs.length; each++)
      multiply(out, each * n * m, x, xs[each] * n * k, y, ys[each] * k * m, n, k, m);
  };
}

function linear({ inputs: [a, weight, bias], x, out }: Job): Run {
  const [m, k] = weight.shape;
  const n = count(a.shape.slice(0, -1));
  const y = { data: weight.data, down: 1, right: k, bias: bias?.data ?? new Float32Array(m) };
  return () => multiply(out, 0, x, 0, y, 0, n, k, m);
}

/** The a with `matrix a = right`, by elimination with the largest pivot first; no number where there is none. */
function solve({ inputs: [{ shape }, right], x, out }: Job): Run {
  const [n] = shape;
  const k = n ? right.data.length / n : 0;
  const left = new Float64Array(n * n);
  const answer = new Float64Array(n * k);
  return () => {
    left.set(x);
    answer.set(right.data);
    for (let column = 0; column < n; column++) {
      let best = column;
      for (let row = column + 1; row < n; row++) {
        if (Math.abs(left[row * n + column]) > Math.abs(left[best * n + column])) best = row;
      }
      swap(left, n, column, best);
      swap(answer, k, column, best);
      const pivot = left[column * n + column] || NaN;
      for (let row = 0; row < n; row++) {
        if (row === column) continue;
        const share = left[row * n + column] / pivot;
        subtract(left, n, row, column, share);
        subtract(answer, k, row, column, share);
      }
    }
    for (let i = 0; i < answer.length; i++) out[i] = answer[i] / (left[Math.floor(i / k) * (n + 1)] || NaN);
  };
}

function swap(matrix: Float64Array, width: number, one: number, other: number): void {
  const kept = matrix.slice(one * width, (one + 1) * width);
  matrix.copyWithin(one * width, other * width, (other + 1) * width);
  matrix.set(kept, other * width);
}

/** Takes a multiple of another row off a row. */
function subtract(matrix: Float64Array, width: number, row: number, other: number, times: number): void {
  for (let c = 0; c < width; c++) matrix[row * width + c] -= times * matrix[other * width + c];
}

export const PRODUCTS: Record<string, Plan> = { matmul, linear, solve };
