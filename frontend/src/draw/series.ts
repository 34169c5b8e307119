/** Curves over a common axis. */

import type { SeriesMark } from "../types";
import { short } from "../words";
import { gridStep, type Layer, type Legend, type Pen, picking } from "./pen";
import type { Field } from "./plot";
import { type Shape, shape } from "./shapes";
import { classColour, DASHES, symbol } from "./symbols";

const DOTS_MOST = 2000;

export function series(mark: SeriesMark, field: Field, pen: Pen): Layer {
  const { live, theme } = pen;
  const y = live.number(mark.y);
  const n = y.shape.at(-1) ?? 0;
  const k = n > 0 ? y.data.length / n : 0;
  const given = mark.x === undefined ? null : live.number(mark.x).data;
  const x = (i: number) => field.x(given ? given[i] : i);
  const names = live.entries(mark.names, pen.language);
  const colour = (curve: number) => (k === 1 ? theme.accent : classColour(theme.curves, curve));
  const shapes: Shape[] = [];

  const [low, high] = [live.number(mark.low).data, live.number(mark.high).data];
  if (low.length > 0 && high.length > 0) {
    const there = Array.from({ length: n }, (_, i) => i).filter((i) => Number.isFinite(low[i]) && Number.isFinite(high[i]));
    const forth = there.map((i) => `${x(i).toFixed(2)} ${field.y(high[i]).toFixed(2)}`);
    const back = there.reverse().map((i) => `${x(i).toFixed(2)} ${field.y(low[i]).toFixed(2)}`);
    if (forth.length > 0) shapes.push(shape("path", { d: `M${[...forth, ...back].join("L")}Z`, fill: colour(0), "fill-opacity": 0.2 }));
  }
  const dots = mark.style === "dots";
  for (let curve = 0; curve < k; curve++) {
    const value = (i: number) => y.data[curve * n + i];
    if (dots && k * n <= DOTS_MOST) {
      for (let i = 0; i < n; i++) {
        if (Number.isFinite(value(i))) shapes.push(symbol(curve, x(i), field.y(value(i)), 3, colour(curve), theme.ink));
      }
    } else {
      shapes.push(shape("path", {
        d: dots ? dotted(n, x, (i) => field.y(value(i))) : line(n, x, (i) => field.y(value(i)), mark.style === "step"),
        fill: "none",
        stroke: colour(curve),
        "stroke-width": dots ? 3 : 2,
        "stroke-linejoin": "round",
        "stroke-linecap": dots ? "round" : undefined,
        "stroke-dasharray": dots ? undefined : DASHES[curve % DASHES.length],
      }));
    }
  }
  const cursor = mark.cursor === undefined ? NaN : field.x(live.one(mark.cursor));
  if (Number.isFinite(cursor)) {
    shapes.push(shape("line", { x1: cursor, y1: field.top, x2: cursor, y2: field.top + field.height, stroke: theme.ink, "stroke-width": 1.5 }));
    const mark = `M${cursor - 5} ${field.top}L${cursor + 5} ${field.top}L${cursor} ${field.top + 7}Z`;
    shapes.push(shape("path", { d: mark, fill: theme.ink }));
  }
  const told = (i: number) => {
    const [curve, at] = [Math.floor(i / n), i % n];
    return `${names[curve] ? `${names[curve]}, ` : ""}${field.names[0]} ${short(given ? given[at] : at)}: ${short(y.data[i])}`;
  };
  const place = (i: number) => field.y(y.data[i]);
  return {
    shapes,
    legends: legends(names.length > 0 ? k : 0, names, dots, colour, theme.ink),
    probe: {
      count: k * n,
      text: told,
      box: (i) => [x(i % n) - 6, (Number.isFinite(place(i)) ? place(i) : field.top) - 6, 12, 12],
      find: (px, py) => {
        if (px < field.left - 8 || px > field.left + field.width + 8 || py < field.top || py > field.top + field.height) return -1;
        let [best, least] = [-1, Infinity];
        for (let i = 0; i < k * n; i++) {
          const far = Math.abs(x(i % n) - px) * 8 + Math.abs(place(i) - py);
          if (far < least) [best, least] = [i, far];
        }
        return best;
      },
      step: (i, key) => gridStep(k, n, i, key),
      ...picking(live, mark.picks, (i) => i % n),
    },
  };
}

function line(n: number, x: (i: number) => number, y: (i: number) => number, step: boolean): string {
  const parts: string[] = [];
  let down = false;
  for (let i = 0; i < n; i++) {
    const [px, py] = [x(i), y(i)];
    if (!Number.isFinite(px) || !Number.isFinite(py)) {
      down = false;
      continue;
    }
    if (down && step) parts.push(`H${px.toFixed(2)}V${py.toFixed(2)}`);
    else parts.push(`${down ? "L" : "M"}${px.toFixed(2)} ${py.toFixed(2)}`);
    down = true;
  }
  return parts.join("");
}

/** Dots as lines of no length with round ends: one element for all. */
function dotted(n: number, x: (i: number) => number, y: (i: number) => number): string {
  const parts: string[] = [];
  for (let i = 0; i < n; i++) if (Number.isFinite(y(i))) parts.push(`M${x(i).toFixed(1)} ${y(i).toFixed(1)}h0`);
  return parts.join("");
}

function legends(k: number, names: string[], dots: boolean, colour: (curve: number) => string, ink: string): Legend[] {
  return Array.from({ length: k }, (_, curve) => ({
    kind: "item" as const,
    key: `curve ${curve} ${names[curve]}`,
    text: names[curve] ?? String(curve),
    draw: (x: number, y: number) =>
      dots
        ? [symbol(curve, x + 12, y, 4, colour(curve), ink)]
        : [shape("line", { x1: x, y1: y, x2: x + 24, y2: y, stroke: colour(curve), "stroke-width": 2.5, "stroke-dasharray": DASHES[curve % DASHES.length] })],
  }));
}
