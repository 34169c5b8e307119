/** Arrays: numbers in a typed array with a shape, and how to go through several of them at once. */

export type Dtype = "float32" | "float64" | "int64" | "bool";

/** Whole numbers are kept as float64, which holds them exactly up to 2^53. */
export type Data = Float32Array | Float64Array | Uint8Array;

export interface Value {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly data: Data;
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function zeros(size: number, dtype: Dtype): Data {
  if (dtype === "float32") return new Float32Array(size);
  return dtype === "bool" ? new Uint8Array(size) : new Float64Array(size);
}

export function empty(shape: readonly number[], dtype: Dtype): Value {
  return { shape, dtype, data: zeros(count(shape), dtype) };
}

/** How far apart neighbours along each axis are. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** The strides of an array that is repeated to a shape as in NumPy: 0 along the axes that it does not have. */
export function broadcast(given: readonly number[], shape: readonly number[]): number[] {
  const more = shape.length - given.length;
  const own = stridesOf(given);
  return shape.map((_, axis) => (axis < more || given[axis - more] === 1 ? 0 : own[axis - more]));
}

/** A walk through several arrays together, in lines of `length` places that are `steps` apart and begin at `starts`. */
export interface Lines {
  readonly length: number;
  readonly steps: readonly number[];
  readonly starts: readonly Int32Array[];
}

/** Below this a line is not worth while: the next axis is walked along instead, though its numbers lie further apart. */
const SHORT = 16;

/** The walk through a shape, in as few and as long lines as the strides allow. */
export function lines(shape: readonly number[], ...strides: (readonly number[])[]): Lines {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const last = sizes.length - 1;
    if (shape[axis] === 1) continue;
    if (last >= 0 && strides.every((each, array) => steps[array][last] === each[axis] * shape[axis])) {
      sizes[last] *= shape[axis];
      strides.forEach((each, array) => (steps[array][last] = each[axis]));
    } else {
      sizes.push(shape[axis]);
      strides.forEach((each, array) => steps[array].push(each[axis]));
    }
  }
  let inner = sizes.length - 1;
  while (inner >= 0 && sizes[inner] < SHORT) inner--;
  if (inner < 0) inner = sizes.indexOf(Math.max(...sizes));
  if (inner < 0) return { length: 1, steps: steps.map(() => 1), starts: steps.map(() => new Int32Array(1)) };
  const [length] = sizes.splice(inner, 1);
  const along = steps.map((each) => each.splice(inner, 1)[0]);
  return { length, steps: along, starts: steps.map((each) => places(sizes, each)) };
}

/** Where each entry of a shape lies, last axis first. */
export function places(shape: readonly number[], strides: readonly number[]): Int32Array {
  const found = new Int32Array(count(shape));
  let known = 1;
  for (let axis = shape.length - 1; axis >= 0 && found.length; axis--) {
    for (let at = 1; at < shape[axis]; at++) {
      for (let i = 0; i < known; i++) found[at * known + i] = found[i] + at * strides[axis];
    }
    known *= shape[axis];
  }
  return found;
}

/** From so many numbers on the browser copies a whole line sooner than a loop does, the more so before it has compiled that. */
const LONG = 32;

/** Copy `n` numbers, from places `di` apart to places `dout` apart. */
export function copy(n: number, out: Data, o: number, dout: number, a: Data, i: number, di: number): void {
  if (n > LONG && dout === 1 && di === 1) out.set(a.subarray(i, i + n), o);
  else for (; n > 0; n--, o += dout, i += di) out[o] = a[i];
}
