/** Axes: from numbers to places and back, and where the ticks stand. */

export interface Axis {
  (value: number): number;
  back: (place: number) => number;
  low: number;
  high: number;
  log: boolean;
}

/** The axis that takes low to `from` and high to `to`. */
export function axis(low: number, high: number, from: number, to: number, log = false): Axis {
  const put = log ? (value: number) => Math.log10(value) : (value: number) => value;
  const [a, b] = [put(low), put(high)];
  const unit = (to - from) / (b - a || 1);
  const forth = (value: number) => from + (put(value) - a) * unit;
  const back = (place: number) => {
    const value = a + (place - from) / unit;
    return log ? 10 ** value : value;
  };
  return Object.assign(forth, { back, low, high, log });
}

/** Round numbers from low to high, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  if (!(high > low) || count < 1) return [];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999) ?? 10 * power;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(step)));
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    found.push(Number((i * step).toFixed(Math.min(digits, 100))) + 0);
  }
  return found;
}

/** Ticks of a logarithmic axis: powers of ten, and 2 and 5 times them where there is room. */
export function logTicks(low: number, high: number, count: number): number[] {
  if (!(low > 0) || !(high > low)) return [];
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const skip = Math.max(1, Math.ceil((last - first) / Math.max(count, 1)));
  const parts = (last - first) * 3 <= count ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let power = first; power <= last; power += skip) {
    for (const each of parts) found.push(Number(`${each}e${power}`));
  }
  return found.filter((each) => each >= low * (1 - 1e-9) && each <= high * (1 + 1e-9));
}
