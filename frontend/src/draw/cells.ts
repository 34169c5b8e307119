/** Circles of the chart. */

import type { CellsMark } from "../types";
import { short } from "../words";
import { HUES, hex, readable, rgb } from "./colours";
import { scaleLegend } from "./legend";
import { cut, halo, type Layer, type Legend, marked, painter, type Pen, scattered, SMALL, text } from "./pen";
import type { Field } from "./plot";
import { type Shape, shape } from "./shapes";

const KINDS = ["input", "hidden", "output", "recurrent", "kernel"] as const;

/** How far a cell reaches around its middle, its rims and loops included. */
export function cellsReach(mark: CellsMark): number {
  const kinds = typeof mark.kinds === "string" ? [mark.kinds] : mark.kinds;
  const more = kinds.some((kind) => /^recurrent/.test(kind)) ? 1.75 : kinds.some((kind) => /^output/.test(kind)) ? 1.4 : 1.2;
  return more * mark.radius;
}

export function cells(mark: CellsMark, field: Field, pen: Pen): Layer {
  const { live, theme } = pen;
  const [x, y] = [live.number(mark.x).data, live.number(mark.y).data];
  const values = mark.value === undefined ? null : live.number(mark.value).data;
  const colour = values && painter(pen, mark, values);
  const labels = live.entries(mark.labels, pen.language);
  const unit = Math.min(Math.abs(field.x(1) - field.x(0)), Math.abs(field.y(1) - field.y(0)));
  const radius = Math.max(mark.radius * unit, 3);
  const framed = marked(mark.highlight && live.number(mark.highlight));
  const kind = (i: number) => (typeof mark.kinds === "string" ? mark.kinds : (mark.kinds[i] ?? "hidden"));
  const place = (i: number): [number, number] => [field.x(x[i]), field.y(y[i])];
  const [least, most] = [Math.min(...Array.from(x)), Math.max(...Array.from(x))];

  const shapes: Shape[] = [];
  for (let i = 0; i < x.length; i++) {
    const [cx, cy] = place(i);
    const fill = colour && values ? colour(values[i]) : rgb(HUES[kind(i).split("/")[0]] ?? HUES.hidden);
    const minus = values !== null && mark.scale === "signed" && values[i] < 0;
    shapes.push(shape("g", {}, cell(pen, kind(i), cx, cy, radius, fill ? hex(fill) : "none", fill ? readable(fill) : theme.ink, minus, framed(i))));
    if (labels[i]) shapes.push(beside(pen, labels[i], cx, cy, radius, x[i] === least && least < most ? "left" : x[i] === most ? "right" : "below", field));
  }
  const told = (i: number) => {
    const name = labels[i] || `${pen.say("cell")} ${i}`;
    return values ? `${name}: ${short(values[i])}` : `${name} (${kindName(pen, kind(i))})`;
  };
  const { picks, sets } = mark;
  const pick = sets ? (i: number) => ({ ...sets[i], ...(picks === undefined ? {} : { [picks]: i }) }) : picks === undefined ? undefined : (i: number) => ({ [picks]: i });
  const stands = (i: number) => Object.entries(pick?.(i) ?? {}).every(([name, value]) => live.value(name)?.data[0] === value);
  return {
    shapes,
    legends: [...kindLegends(pen, mark, x.length), ...(colour ? [scaleLegend(colour)] : [])],
    probe: scattered(x.length, place, () => radius, told, pick && {
      pick,
      chosen: () => Math.max(Array.from(x).findIndex((_, i) => stands(i)), 0),
    }),
  };
}

function kindName(pen: Pen, kind: string): string {
  const [family, inner] = kind.split("/");
  const known = KINDS.find((each) => each === family);
  return (known ? pen.say(known) : family) + (inner ? ` (${inner})` : "");
}

function kindLegends(pen: Pen, mark: CellsMark, count: number): Legend[] {
  const all = typeof mark.kinds === "string" ? (count > 0 ? [mark.kinds] : []) : mark.kinds.slice(0, count);
  const there = KINDS.filter((family) => all.some((kind) => kind.split("/")[0] === family));
  return there.map((family) => ({
    kind: "item",
    key: `kind ${family}`,
    text: pen.say(family),
    draw: (x, y) => {
      const fill = mark.value === undefined ? HUES[family] : pen.theme.ground;
      return cell(pen, family, x + 12, y + (family === "recurrent" ? 3 : 0), family === "recurrent" ? 5 : 6, fill, pen.theme.ink, false, false);
    },
  }));
}

/** A cell: what kind it is stands in its rim, so that it can be told without its colour. */
function cell(pen: Pen, kind: string, x: number, y: number, r: number, fill: string, ink: string, minus: boolean, framed: boolean): Shape[] {
  const [family, inner] = kind.split("/");
  const rim = pen.theme.ink;
  const thin = Math.min(1.5, Math.max(0.8, r / 8));
  const line = (more: Shape["at"]): Shape["at"] => ({ fill: "none", stroke: rim, "stroke-width": thin, ...more });
  const shapes: Shape[] = [];
  if (framed) shapes.push(shape("circle", line({ cx: x, cy: y, r: r + 5, stroke: pen.theme.accent, "stroke-width": 3 })));
  if (family === "recurrent") shapes.push(shape("circle", line({ cx: x, cy: y - r * 1.15, r: r * 0.42 })));
  shapes.push(shape("circle", line({
    cx: x, cy: y, r, fill,
    "stroke-dasharray": family === "kernel" ? `${Math.max(2, r / 4)} ${Math.max(1.5, r / 6)}` : undefined,
    "stroke-width": family === "kernel" ? thin * 1.4 : thin,
  })));
  if (family === "input") shapes.push(shape("path", line({ d: arc(x, y, r), "stroke-width": Math.max(2, r / 4) })));
  if (family === "output") shapes.push(shape("circle", line({ cx: x, cy: y, r: r * 1.25 })));
  if (inner === "ring") shapes.push(shape("circle", line({ cx: x, cy: y, r: r * 0.55, stroke: ink })));
  if (inner === "triangle") {
    const [a, b] = [r * 0.55, r * 0.48];
    shapes.push(shape("path", line({ d: `M${x} ${y - a}L${x + a * 0.9} ${y + b}L${x - a * 0.9} ${y + b}Z`, stroke: ink })));
  }
  if (minus && r >= 6) shapes.push(shape("line", line({ x1: x - r * 0.4, y1: y, x2: x + r * 0.4, y2: y, stroke: ink, "stroke-width": 1.5 })));
  return shapes;
}

/** The lower third of a circle. */
function arc(x: number, y: number, r: number): string {
  const [dx, dy] = [r * 0.87, r * 0.5];
  return `M${(x - dx).toFixed(2)} ${(y + dy).toFixed(2)}A${r} ${r} 0 0 0 ${(x + dx).toFixed(2)} ${(y + dy).toFixed(2)}`;
}

function beside(pen: Pen, words: string, x: number, y: number, r: number, side: "left" | "right" | "below", field: Field): Shape {
  if (side === "below") return text(pen, words, x, y + r * 1.3 + SMALL + 2, "middle", halo(pen));
  const room = side === "left" ? x - r * 1.3 - 6 : pen.width - x - r * 1.3 - 6;
  const shown = cut(pen, words, Math.max(room, field.width * 0.1));
  return side === "left" ? text(pen, shown, x - r * 1.3 - 5, y + 4.5, "end", halo(pen)) : text(pen, shown, x + r * 1.3 + 5, y + 4.5, "start", halo(pen));
}
