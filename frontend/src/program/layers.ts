/** Convolutions and pooling over pictures. */

import { copy, zeros, type Data } from "./arrays";
import type { Job, Plan, Run } from "./operations";
import { multiply } from "./products";
import type { Attributes } from "./reading";

/**
 * How one axis of a large picture goes with one of a small one, under each place of a kernel.
 *
 * Place `tap` of the kernel joins `small` with `small * stride + shift[tap]`; `from[tap]` to `to[tap]` are the small
 * places whose partner lies in the picture.
 */
interface Axis {
  readonly taps: number;
  readonly small: number;
  readonly large: number;
  readonly stride: number;
  readonly shift: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

function axis(large: number, small: number, taps: number, stride: number, padding: number, dilation: number): Axis {
  const shift = Int32Array.from({ length: taps }, (_, tap) => tap * dilation - padding);
  const from = shift.map((each) => Math.max(0, Math.ceil(-each / stride)));
  const to = shift.map((each) => Math.min(small, Math.floor((large - 1 - each) / stride) + 1));
  return { taps, small, large, stride, shift, from, to };
}

function axes(
  large: readonly number[],
  small: readonly number[],
  taps: readonly number[],
  at: Attributes,
  padding: readonly number[],
): [Axis, Axis] {
  const [y, x] = [0, 1].map((each) =>
    axis(large[each + 2], small[each + 2], taps[each], at.stride[each], padding[each], at.dilation?.[each] ?? 1),
  );
  return [y, x];
}

/** What each place of a kernel sees of a large plane, for each place of the small one; what lies outside stays as it is. */
function unfold(seen: Data, at: number, large: Data, plane: number, y: Axis, x: Axis): void {
  const { stride } = x;
  for (let i = 0; i < y.taps; i++) {
    for (let j = 0; j < x.taps; j++, at += y.small * x.small) {
      const from = x.from[j];
      const to = x.to[j];
      for (let row = y.from[i]; row < y.to[i]; row++) {
        const start = at + row * x.small;
        let q = plane + (row * y.stride + y.shift[i]) * x.large + from * stride + x.shift[j];
        for (let p = start + from, end = start + to; p < end; p++, q += stride) seen[p] = large[q];
      }
    }
  }
}

/** Adds to a large plane what each place of a kernel paints for each place of the small one: `width` numbers a place. */
function fold(large: Float64Array, painted: Data, at: number, width: number, y: Axis, x: Axis): void {
  const { stride } = x;
  for (let i = 0; i < y.taps; i++) {
    for (let j = 0; j < x.taps; j++, at++) {
      const from = x.from[j];
      const to = x.to[j];
      for (let row = y.from[i]; row < y.to[i]; row++) {
        const start = row * x.small;
        let q = (row * y.stride + y.shift[i]) * x.large + from * stride + x.shift[j];
        for (let p = start + from, end = start + to; p < end; p++, q += stride) large[q] += painted[at + p * width];
      }
    }
  }
}

/** The kernel, as a matrix, times what its places see. */
function conv2d({ inputs: [{ shape }, kernel, bias], x, out, results: [result], attributes }: Job): Run {
  const [pictures] = shape;
  const { groups } = attributes;
  const [outputs, inputs, high, wide] = kernel.shape;
  const [down, right] = axes(shape, result.shape, [high, wide], attributes, attributes.padding);
  const [plane, area] = [down.large * right.large, down.small * right.small];
  const [each, taps] = [outputs / groups, high * wide];
  const seen = zeros(inputs * taps * area, result.dtype);
  const matrix = { data: seen, down: area, right: 1, bias: new Float32Array(area) };
  return () => {
    for (let part = 0; part < pictures * groups; part++) {
      for (let input = 0; input < inputs; input++)
        unfold(seen, input * taps * area, x, (part * inputs + input) * plane, down, right);
      multiply(
        out,
        part * each * area,
        kernel.data,
        (part % groups) * each * inputs * taps,
        matrix,
        0,
        each,
        inputs * taps,
        area,
      );
    }
    if (bias) for (let o = 0; o < out.length; o++) out[o] += bias.data[Math.floor(o / area) % outputs];
  };
}

/** What comes in, its channels last, times the kernel as a matrix: what each of its places paints. */
function convTranspose2d({ inputs: [{ shape }, kernel, bias], x, out, results: [result], attributes }: Job): Run {
  const [pictures, channels] = shape;
  const { groups } = attributes;
  const [, each, high, wide] = kernel.shape;
  const [down, right] = axes(result.shape, shape, [high, wide], attributes, attributes.padding);
  const [plane, area] = [down.large * right.large, down.small * right.small];
  const [inputs, width] = [channels / groups, each * high * wide];
  const turned = zeros(area * inputs, result.dtype);
  const painted = zeros(area * width, result.dtype);
  const matrix = { data: kernel.data, down: width, right: 1, bias: new Float32Array(width) };
  const sum = new Float64Array(plane);
  return () => {
    for (let part = 0; part < pictures * groups; part++) {
      for (let input = 0; input < inputs; input++)
        copy(area, turned, input, inputs, x, (part * inputs + input) * area, 1);
      multiply(painted, 0, turned, 0, matrix, (part % groups) * inputs * width, area, inputs, width);
      for (let output = 0; output < each; output++) {
        sum.fill(bias ? bias.data[(part % groups) * each + output] : 0);
        fold(sum, painted, output * high * wide, width, down, right);
        out.set(sum, (part * each + output) * plane);
      }
    }
  };
}

/** Makes each place of a small plane the largest, or the sum, of what a window sees in a large one. */
function join(small: Float64Array, largest: boolean, large: Data, plane: number, y: Axis, x: Axis): void {
  const { stride } = x;
  small.fill(largest ? -Infinity : 0);
  for (let i = 0; i < y.taps; i++) {
    for (let j = 0; j < x.taps; j++) {
      const from = x.from[j];
      const to = x.to[j];
      for (let row = y.from[i]; row < y.to[i]; row++) {
        const start = row * x.small;
        let q = plane + (row * y.stride + y.shift[i]) * x.large + from * stride + x.shift[j];
        for (let p = start + from, end = start + to; p < end; p++, q += stride) {
          small[p] = largest ? Math.max(small[p], large[q]) : small[p] + large[q];
        }
      }
    }
  }
}

function windows({ inputs: [{ shape }], results: [result], attributes }: Job): [Axis, Axis] {
  const [top, , left] = attributes.padding;
  return axes(shape, result.shape, attributes.kernel, attributes, [top, left]);
}

function maxPool2d(job: Job): Run {
  const { x, out } = job;
  const [down, right] = windows(job);
  const best = new Float64Array(down.small * right.small);
  return () => {
    for (let o = 0, plane = 0; o < out.length; o += best.length, plane += down.large * right.large) {
      join(best, true, x, plane, down, right);
      out.set(best, o);
    }
  };
}

function avgPool2d(job: Job): Run {
  const { x, out, attributes } = job;
  const [down, right] = windows(job);
  const size = down.large * right.large;
  const seen = new Float64Array(down.small * right.small).fill(attributes.divisor);
  if (attributes.divisor === 0) join(seen, false, new Float64Array(size).fill(1), 0, down, right);
  const sum = new Float64Array(seen.length);
  return () => {
    for (let o = 0, plane = 0; o < out.length; o += sum.length, plane += size) {
      join(sum, false, x, plane, down, right);
      for (let p = 0; p < sum.length; p++) out[o + p] = sum[p] / seen[p];
    }
  };
}

export const LAYERS: Record<string, Plan> = {
  conv2d,
  conv_transpose2d: convTranspose2d,
  max_pool2d: maxPool2d,
  avg_pool2d: avgPool2d,
};
