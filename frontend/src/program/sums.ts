/** Operations along axes: sums and the like, sorting, softmax. Sums are made in float64 and rounded when they are stored. */

import { copy, count, lines, stridesOf, type Data, type Value } from "./arrays";
import type { Job, Plan, Run } from "./operations";

interface Fold {
  readonly start: number;
  /** Goes on from a total with n numbers of x. */
  one(total: number, n: number, x: Data, i: number, di: number): number;
  /** Goes on from n totals with a number of x each. */
  each(n: number, out: Float64Array, o: number, dout: number, x: Data, i: number, di: number): void;
}

const FOLDS: Record<string, Fold> = {
  sum: {
    start: 0,
    one(total, n, x, i, di) {
      for (; n > 0; n--, i += di) total += x[i];
      return total;
    },
    each(n, out, o, dout, x, i, di) {
      for (; n > 0; n--, o += dout, i += di) out[o] += x[i];
    },
  },
  prod: {
    start: 1,
    one(total, n, x, i, di) {
      for (; n > 0; n--, i += di) total *= x[i];
      return total;
    },
    each(n, out, o, dout, x, i, di) {
      for (; n > 0; n--, o += dout, i += di) out[o] *= x[i];
    },
  },
  max: {
    start: -Infinity,
    one(total, n, x, i, di) {
      for (; n > 0; n--, i += di) total = Math.max(total, x[i]);
      return total;
    },
    each(n, out, o, dout, x, i, di) {
      for (; n > 0; n--, o += dout, i += di) out[o] = Math.max(out[o], x[i]);
    },
  },
  min: {
    start: Infinity,
    one(total, n, x, i, di) {
      for (; n > 0; n--, i += di) total = Math.min(total, x[i]);
      return total;
    },
    each(n, out, o, dout, x, i, di) {
      for (; n > 0; n--, o += dout, i += di) out[o] = Math.min(out[o], x[i]);
    },
  },
};

function fold({ start, one, each }: Fold): Plan {
  return ({ inputs: [{ shape }], x, out, attributes: { axes } }) => {
    const kept = stridesOf(shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
    const strides = kept.map((stride, axis) => (axes.includes(axis) ? 0 : stride));
    const { length, steps, starts } = lines(shape, strides, stridesOf(shape));
    const [outs, xs] = starts;
    const [dout, di] = steps;
    const totals = new Float64Array(out.length);
    return () => {
      totals.fill(start);
      for (let line = 0; line < outs.length; line++) {
        const o = outs[line];
        if (dout === 0) totals[o] = one(totals[o], length, x, xs[line], di);
        else each(length, totals, o, dout, x, xs[line], di);
      }
      out.set(totals);
    };
  };
}

/** How an array lies along an axis: in so many blocks, of so many lines of `size` numbers that are `step` apart. */
export function along({ shape }: Value, axis: number): { blocks: number; size: number; step: number } {
  return { blocks: count(shape.slice(0, axis)), size: shape[axis], step: count(shape.slice(axis + 1)) };
}

/** A plan that does the same to each line along the axis; `work` is told where the line begins, and its number. */
function eachLine(work: (job: Job, size: number, step: number) => (start: number, line: number) => void): Plan {
  return (job) => {
    const { blocks, size, step } = along(job.inputs[0], job.attributes.axis);
    const kernel = work(job, size, step);
    return () => {
      for (let line = 0; line < blocks * step; line++)
        kernel(Math.floor(line / step) * size * step + (line % step), line);
    };
  };
}

const argmax = eachLine(({ x, out }, size, step) => (start, line) => {
  let [best, at] = [x[start], 0];
  for (let k = 1; k < size && best === best; k++) {
    const here = x[start + k * step];
    if (here > best || here !== here) [best, at] = [here, k];
  }
  out[line] = at;
});

const cumsum = eachLine(({ x, out }, size, step) => (start) => {
  let total = 0;
  for (let k = 0, i = start; k < size; k++, i += step) out[i] = total += x[i];
});

const sort = eachLine(({ x, out }, size, step) => {
  const line = x.slice(0, size);
  return (start) => {
    copy(size, line, 0, 1, x, start, step);
    line.sort();
    copy(size, out, start, step, line, 0, 1);
  };
});

const softmax = eachLine(({ x, out }, size, step) => {
  const raised = new Float64Array(size);
  return (start) => {
    let largest = -Infinity;
    for (let k = 0, i = start; k < size; k++, i += step) largest = Math.max(largest, x[i]);
    let total = 0;
    for (let k = 0, i = start; k < size; k++, i += step) total += raised[k] = Math.exp(x[i] - largest);
    for (let k = 0, i = start; k < size; k++, i += step) out[i] = raised[k] / total;
  };
});

/** How many of the rising numbers are below each of y; whatever is no number stands above all. */
function searchsorted({ x: table, inputs: [, { data: y }], out }: Job): Run {
  return () => {
    for (let o = 0; o < out.length; o++) {
      let [low, high] = [0, table.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (table[middle] >= y[o]) high = middle;
        else low = middle + 1;
      }
      out[o] = low;
    }
  };
}

const folds = Object.fromEntries(Object.entries(FOLDS).map(([name, each]) => [name, fold(each)]));

export const SUMS: Record<string, Plan> = { ...folds, argmax, cumsum, sort, softmax, searchsorted };
