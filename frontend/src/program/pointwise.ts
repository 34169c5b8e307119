/** Operations on numbers, one result for each. A kernel goes along one line; the loop stands inside it. */

import { broadcast, lines, stridesOf, type Data, type Dtype } from "./arrays";
import type { Job, Plan, Run } from "./operations";
import { erf, exp, power, sigmoid, tanh } from "./functions";

type Unary = (n: number, out: Data, x: Data) => void;

/** n numbers: out at `o`, `o + dout`, ... from x at `i`, `i + di`, ... and y at `j`, `j + dj`, ... */
type Binary = (
  n: number,
  out: Data,
  o: number,
  dout: number,
  x: Data,
  i: number,
  di: number,
  y: Data,
  j: number,
  dj: number,
) => void;

const UNARY: Record<string, Unary> = {
  neg(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = -x[i];
  },
  abs(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.abs(x[i]);
  },
  exp(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = exp(x[i]);
  },
  log(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.log(x[i]);
  },
  log1p(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.log1p(x[i]);
  },
  expm1(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.expm1(x[i]);
  },
  sqrt(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.sqrt(x[i]);
  },
  sin(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.sin(x[i]);
  },
  cos(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.cos(x[i]);
  },
  tanh(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = tanh(x[i]);
  },
  sigmoid(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = sigmoid(x[i]);
  },
  erf(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = erf(x[i]);
  },
  floor(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.floor(x[i]);
  },
  isnan(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = x[i] !== x[i] ? 1 : 0;
  },
  not(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = x[i] === 0 ? 1 : 0;
  },
};

const BINARY: Record<string, Binary> = {
  add(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] + y[j];
  },
  sub(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] - y[j];
  },
  mul(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] * y[j];
  },
  div(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] / y[j];
  },
  pow(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = power(x[i], y[j]);
  },
  maximum(n, out, o, dout, x, i, di, y, j, dj) {
    if (dj === 0 && y[j] === 0) return rectify(n, out, o, dout, x, i, di);
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = Math.max(x[i], y[j]);
  },
  minimum(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = Math.min(x[i], y[j]);
  },
  copysign(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) {
      const size = Math.abs(x[i]);
      out[o] = y[j] < 0 || (y[j] === 0 && 1 / y[j] < 0) ? -size : size;
    }
  },
  lt(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] < y[j] ? 1 : 0;
  },
  le(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] <= y[j] ? 1 : 0;
  },
  eq(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] === y[j] ? 1 : 0;
  },
  and(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] !== 0 && y[j] !== 0 ? 1 : 0;
  },
  or(n, out, o, dout, x, i, di, y, j, dj) {
    for (; n > 0; n--, o += dout, i += di, j += dj) out[o] = x[i] !== 0 || y[j] !== 0 ? 1 : 0;
  },
};

/** The same where float64 asks for every digit. */
const UNARY_EXACT: Record<string, Unary> = {
  exp(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.exp(x[i]);
  },
  tanh(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = Math.tanh(x[i]);
  },
  sigmoid(n, out, x) {
    for (let i = 0; i < n; i++) out[i] = 1 / (1 + Math.exp(-x[i]));
  },
};

/** The larger of x and 0, of which no processor has to guess the sign: as fast as a sum. */
function rectify(n: number, out: Data, o: number, dout: number, x: Data, i: number, di: number): void {
  for (; n > 0; n--, o += dout, i += di) out[o] = x[i] === -Infinity ? 0 : (x[i] + Math.abs(x[i])) / 2;
}

function unary(kernel: Unary, name: string): Plan {
  return ({ x, out }) => {
    const exact = out instanceof Float64Array ? (UNARY_EXACT[name] ?? kernel) : kernel;
    return () => exact(out.length, out, x);
  };
}

function binary(kernel: Binary): Plan {
  return ({ inputs: [{ shape: xShape, data: x }, { shape: yShape, data: y }], results: [{ shape }], out }) => {
    const { length, steps, starts } = lines(
      shape,
      stridesOf(shape),
      broadcast(xShape, shape),
      broadcast(yShape, shape),
    );
    const [outs, xs, ys] = starts;
    const [dout, di, dj] = steps;
    return () => {
      for (let line = 0; line < outs.length; line++)
        kernel(length, out, outs[line], dout, x, xs[line], di, y, ys[line], dj);
    };
  };
}

function where({ inputs, results: [{ shape }], out }: Job): Run {
  const [truth, yes, no] = inputs.map((each) => each.data);
  const { length, steps, starts } = lines(
    shape,
    stridesOf(shape),
    ...inputs.map((each) => broadcast(each.shape, shape)),
  );
  const [outs, ts, ys, ns] = starts;
  const [dout, dt, dy, dn] = steps;
  return () => {
    for (let line = 0; line < outs.length; line++) {
      let o = outs[line];
      let t = ts[line];
      let y = ys[line];
      let n = ns[line];
      for (let rest = length; rest > 0; rest--, o += dout, t += dt, y += dy, n += dn)
        out[o] = truth[t] !== 0 ? yes[y] : no[n];
    }
  };
}

function cast({ inputs: [{ data: x, dtype: from }], results: [{ data: out, dtype: to }] }: Job): Run {
  const kernel = castTo(from, to);
  return () => kernel(out.length, out, x);
}

function castTo(from: Dtype, to: Dtype): Unary {
  if (to === "bool") {
    return (n, out, x) => {
      for (let i = 0; i < n; i++) out[i] = x[i] !== 0 ? 1 : 0;
    };
  }
  if (to === "int64" && from.startsWith("float")) {
    return (n, out, x) => {
      for (let i = 0; i < n; i++) out[i] = Math.abs(x[i]) < 2 ** 63 ? Math.trunc(x[i]) + 0 : -(2 ** 63); // as processors do
    };
  }
  const nothing = from.startsWith("float") ? -0 : 0; // a whole number has no -0, though float64 gives it one
  return (n, out, x) => {
    for (let i = 0; i < n; i++) out[i] = x[i] + nothing;
  };
}

function each<K>(kernels: Record<string, K>, plan: (kernel: K, name: string) => Plan): Record<string, Plan> {
  return Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, plan(kernel, name)]));
}

export const POINTWISE: Record<string, Plan> = { ...each(UNARY, unary), ...each(BINARY, binary), where, cast };
