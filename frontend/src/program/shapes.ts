/** Operations that move numbers and compute none. */

import { broadcast, copy, lines, stridesOf, type Data } from "./arrays";
import type { Job, Plan, Run } from "./operations";
import { along } from "./sums";

/** A plan that copies a shape from places of `x` to places of `out`, each so many apart along the axes. */
function move(
  shape: readonly number[],
  out: Data,
  o: number,
  outStrides: readonly number[],
  x: Data,
  i: number,
  strides: readonly number[],
): Run {
  const walk = lines(shape, outStrides, strides);
  const [to, from] = walk.starts;
  const [dout, di] = walk.steps;
  return () => {
    for (let line = 0; line < to.length; line++) copy(walk.length, out, o + to[line], dout, x, i + from[line], di);
  };
}

function transpose({ inputs: [{ shape }], x, out, results: [result], attributes: { axes } }: Job): Run {
  const strides = stridesOf(shape);
  return move(
    result.shape,
    out,
    0,
    stridesOf(result.shape),
    x,
    0,
    axes.map((axis) => strides[axis]),
  );
}

function expand({ inputs: [{ shape }], x, out, results: [result] }: Job): Run {
  return move(result.shape, out, 0, stridesOf(result.shape), x, 0, broadcast(shape, result.shape));
}

function slice({ inputs: [{ shape }], x, out, results: [result], attributes: { axis, start, step } }: Job): Run {
  const strides = stridesOf(shape);
  const first = start * strides[axis];
  strides[axis] *= step;
  return move(result.shape, out, 0, stridesOf(result.shape), x, first, strides);
}

function flip({ inputs: [{ shape }], x, out, attributes: { axes } }: Job): Run {
  const strides = stridesOf(shape);
  const backwards = strides.map((each, axis) => (axes.includes(axis) ? -each : each));
  const first = axes.reduce((sum, axis) => sum + (shape[axis] - 1) * strides[axis], 0);
  return move(shape, out, 0, stridesOf(shape), x, first, backwards);
}

function cat({ inputs, out, results: [result], attributes: { axis } }: Job): Run {
  const strides = stridesOf(result.shape);
  let start = 0;
  const moves = inputs.map(({ shape, data }) => {
    const part = move(shape, out, start, strides, data, 0, stridesOf(shape));
    start += shape[axis] * strides[axis];
    return part;
  });
  return () => {
    for (const part of moves) part();
  };
}

function pad({ inputs: [{ shape }], x, out, results: [result], attributes: { before, value } }: Job): Run {
  const strides = stridesOf(result.shape);
  const first = before.reduce((sum, size, axis) => sum + size * strides[axis], 0);
  const inner = move(shape, out, first, strides, x, 0, stridesOf(shape));
  out.fill(value);
  return inner;
}

function take({ inputs: [table, index], x, out, attributes: { axis } }: Job): Run {
  const { blocks, size, step } = along(table, axis);
  return () => {
    for (let block = 0, o = 0; block < blocks; block++) {
      for (let k = 0; k < index.data.length; k++, o += step) {
        copy(step, out, o, 1, x, (block * size + checked(index.data[k], size)) * step, 1);
      }
    }
  };
}

function gather({ inputs: [table, index], x, out, attributes: { axis } }: Job): Run {
  const { size, step } = along(table, axis);
  const block = along(index, axis).size * step;
  return () => {
    for (let o = 0; o < out.length; o++)
      out[o] = x[(Math.floor(o / block) * size + checked(index.data[o], size)) * step + (o % step)];
  };
}

function put({ inputs: [table, index, { data: values }], x, out, attributes: { axis } }: Job): Run {
  const { blocks, size, step } = along(table, axis);
  return () => {
    out.set(x);
    for (let block = 0, i = 0; block < blocks; block++) {
      for (let k = 0; k < index.data.length; k++, i += step) {
        copy(step, out, (block * size + checked(index.data[k], size)) * step, 1, values, i, 1);
      }
    }
  };
}

function checked(place: number, size: number): number {
  if (place >= 0 && place < size) return place;
  throw new Error(`There is no entry ${place}: the places are from 0 to ${size - 1}.`);
}

function full({ out, attributes: { value } }: Job): Run {
  return () => {
    out.fill(value);
  };
}

export const SHAPES: Record<string, Plan> = { transpose, expand, slice, flip, cat, pad, take, gather, put, full };
