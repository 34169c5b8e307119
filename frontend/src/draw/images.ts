/** Pictures side by side. */

import type { Arr, ImagesMark } from "../types";
import { short } from "../words";
import { ends, paint, type Rgb } from "./colours";
import { laid, scaleLegend } from "./legend";
import { chosenBy, cut, type Drawing, gridStep, type Legend, marked, painter, type Pen, picking, SMALL, text } from "./pen";
import { pixels } from "./pictures";
import { type Shape, shape } from "./shapes";

const GAP = 6;
const [FEW, SMALL_ONE, TINY] = [24, 56, 13]; // pixels that pictures have at least, where they are few, and where many
const LARGEST = 132;
const HIGHEST = 16_000; // pixels of one canvas
const ALONE = 320;

/** How many pictures an array holds, how large they are, and whether they have colours. */
export function pictures(array: Arr, drawn: boolean): { n: number; h: number; w: number; colours: "grey" | "last" | "first" } {
  const { shape } = array;
  if (shape.length === 4) return { n: shape[0], h: shape[1], w: shape[2], colours: shape[3] === 3 ? "last" : "grey" };
  if (shape.length === 2) return { n: 1, h: shape[0], w: shape[1], colours: "grey" };
  if (drawn && shape.length === 3) return { n: 1, h: shape[1], w: shape[2], colours: shape[0] === 3 ? "first" : "grey" };
  return { n: shape[0] ?? 0, h: shape[1] ?? 0, w: shape[2] ?? 0, colours: "grey" };
}

export function images(mark: ImagesMark, pen: Pen): Drawing {
  const { live, theme } = pen;
  const array = live.number(mark.data);
  const { data } = array;
  const { n, h, w, colours } = pictures(array, mark.draws !== undefined);
  const colour = painter(pen, mark, data);
  const over = mark.over === undefined ? null : live.number(mark.over).data;
  const overEnds = over && ends("signed", over, mark.over_limits && live.number(mark.over_limits).data);
  const overPaint = overEnds && paint(theme, "signed", overEnds);
  const labels = live.entries(mark.labels, pen.language);
  const framed = marked(mark.highlight && live.number(mark.highlight));
  const chosenNow = chosenBy(live, mark.picks);

  const most = Math.max(1, Math.min(mark.columns, n, Math.floor((pen.width + GAP) / ((n <= FEW ? SMALL_ONE : TINY) + GAP))));
  const rows = Math.ceil(n / most);
  const columns = most < mark.columns ? Math.max(1, Math.ceil(n / rows)) : most; // rows that are equally long
  const wide = Math.min((pen.width - 4 - (columns - 1) * GAP) / columns, n === 1 ? ALONE : Math.max(LARGEST, Math.min(ALONE, 420 / columns)));
  const high = w > 0 ? (wide * h) / w : 0;
  const below = labels.length > 0 ? SMALL + 6 : 0;
  const place = (i: number): [number, number] => [2 + (i % columns) * (wide + GAP), 2 + Math.floor(i / columns) * (high + below + GAP)];

  const shapes: Shape[] = [];
  const frames: Shape[] = [];
  for (let i = 0; i < n; i++) {
    const [x, y] = place(i);
    shapes.push(shape("rect", { x, y, width: wide, height: high, fill: "none", stroke: theme.line, "stroke-width": 1 }));
    if (framed(i) || i === chosenNow) {
      frames.push(shape("rect", { x: x - 1, y: y - 1, width: wide + 2, height: high + 2, fill: "none", stroke: theme.accent, "stroke-width": 3 }));
    }
    if (labels[i]) shapes.push(text(pen, cut(pen, labels[i], wide + GAP), x + wide / 2, y + high + SMALL + 1, "middle"));
  }
  // All pictures lie in memory one below the other, and so they are painted: as one, from which each is cut.
  const onto = (context: CanvasRenderingContext2D, all: HTMLCanvasElement, from: number, to: number) => {
    context.imageSmoothingEnabled = false;
    for (let i = from; i < to; i++) context.drawImage(all, 0, (i - from) * h, w, h, ...place(i), wide, high);
  };
  const brush = (context: CanvasRenderingContext2D) => {
    const each = w * h;
    const step = Math.max(1, Math.floor(HIGHEST / Math.max(h, 1)));
    for (let from = 0; from < n; from += step) {
      const to = Math.min(n, from + step);
      const paint = colours === "grey" ? (j: number) => colour(data[from * each + j]) : coloured(data, from, each, colours);
      onto(context, pixels(w, (to - from) * h, paint), from, to);
      if (!over || !overPaint || !overEnds) continue;
      const value = (j: number) => over[from * each + j];
      const strength = (j: number) => 255 * Math.min(1, Math.abs(value(j)) / overEnds[1]) ** 0.6;
      onto(context, pixels(w, (to - from) * h, (j) => overPaint(overEnds[1] * Math.sign(value(j)) || 0), strength), from, to);
    }
  };
  const legends: Legend[] = [
    ...(colours === "grey" && mark.scale !== "ink" && mark.scale !== "classes" ? [scaleLegend(colour)] : []),
    ...(overPaint ? [scaleLegend(overPaint)] : []),
  ];
  const bottom = rows * (high + below + GAP) + 2;
  const [legend, legendHeight, legendRight] = laid(pen, legends, 2, bottom, pen.width - 4);
  return {
    width: Math.ceil(Math.max(columns * (wide + GAP) - GAP + 4, legendRight)),
    height: Math.ceil(bottom + legendHeight),
    shapes: [...shapes, ...legend, ...frames],
    brushes: [brush],
    canvas: mark.draws === undefined ? undefined : { name: mark.draws, left: 2, top: 2, width: wide, height: high },
    probes: n === 0 ? [] : [{
      count: n,
      text: (i) => `${labels[i] || `${pen.say("picture")} ${i}`}${w * h === 1 ? `: ${short(data[i])}` : ""}`,
      box: (i) => [...place(i), wide, high],
      find: (x, y) => {
        const [c, r] = [Math.floor((x - 2) / (wide + GAP)), Math.floor((y - 2) / (high + below + GAP))];
        return c < 0 || r < 0 || c >= columns || r * columns + c >= n ? -1 : r * columns + c;
      },
      step: (i, key) => gridStep(rows, columns, i, key, n),
      ...picking(live, mark.picks),
    }],
  };
}

function coloured(data: ArrayLike<number>, i: number, each: number, where: "last" | "first"): (j: number) => Rgb {
  const [from, channel, pixel] = where === "last" ? [3 * i * each, 1, 3] : [3 * i * each, each, 1];
  const level = (at: number) => 255 * Math.min(Math.max(data[at], 0), 1);
  return (j) => [level(from + j * pixel), level(from + j * pixel + channel), level(from + j * pixel + 2 * channel)];
}
