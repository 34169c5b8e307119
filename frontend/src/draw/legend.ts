/** Legends: what the colours, shapes and lines of a picture mean. They stand below it, always. */

import type { Labels, Numeric } from "../types";
import { short } from "../words";
import { hex, type Paint, readable, type Rgb } from "./colours";
import { cut, type Legend, type Pen, SMALL, text } from "./pen";
import { round, type Shape, shape } from "./shapes";
import { classColour, symbol } from "./symbols";

const BAR = 120;
const ROW = 22;
const SAMPLES = 24;

/** The legend of a scale of numbers. */
export function scaleLegend(paint: Paint): Legend {
  const [low, high] = paint.ends;
  const middle = low < 0 && high > 0 && Math.abs(low + high) < 1e-9 * high ? "0" : undefined;
  return { kind: "scale", key: `${paint.scale} ${low} ${high}`, table: paint.table, low: short(low), middle, high: short(high) };
}

/** The legend of classes: those that occur, by their names. */
export function classLegends(pen: Pen, groups: Labels | undefined, group: Numeric | null): Legend[] {
  const names = pen.live.entries(groups, pen.language);
  const seen = group === null ? names.map((_, i) => i) : [...new Set(Array.from(group, Math.trunc))].sort((a, b) => a - b);
  return seen.slice(0, 24).map((each) => ({
    kind: "item",
    key: `class ${each} ${names[each] ?? ""}`,
    text: names[each] ?? String(each),
    draw: (x, y) => [symbol(each, x + 7, y, 5, classColour(pen.theme.classes, each), pen.theme.ink)],
  }));
}

/** The legend of coloured numbers; ink needs none. */
export function numberLegends(pen: Pen, colour: Paint, values: Numeric): Legend[] {
  return colour.scale === "classes" ? classLegends(pen, undefined, values) : colour.scale === "ink" ? [] : [scaleLegend(colour)];
}

/** The legend of lines between cells. */
export function linkLegends(pen: Pen, most: number, negative: boolean): Legend[] {
  const upTo = `${pen.say("upTo")} ${short(most)}`;
  const line = (sign: 1 | -1): Legend => ({
    kind: "item",
    key: `link ${sign}`,
    text: sign < 0 ? pen.say("negative") : negative ? `${pen.say("positive")} (${upTo})` : upTo,
    draw: (x, y) => [
      shape("line", {
        x1: x, y1: y, x2: x + 24, y2: y,
        stroke: signColour(pen, sign),
        "stroke-width": 3,
        "stroke-dasharray": sign < 0 ? "5 3" : undefined,
      }),
    ],
  });
  return negative ? [line(1), line(-1)] : [line(1)];
}

export function signColour(pen: Pen, value: number): string {
  const { signed } = pen.theme;
  return hex(value < 0 ? signed[0] : signed[signed.length - 1]);
}

/** Lay legends out below a picture; gives the shapes and the height that they take. */
export function laid(pen: Pen, legends: readonly Legend[], left: number, top: number, width: number): [Shape[], height: number, right: number] {
  legends = merged(pen, legends);
  const seen = new Set<string>();
  const shapes: Shape[] = [];
  let [x, y, right] = [left, top, 0];
  for (const each of legends) {
    if (seen.has(each.key)) continue;
    seen.add(each.key);
    const legend = each.kind === "item" ? { ...each, text: cut(pen, each.text, width - 30) } : each;
    const wide = legendWidth(pen, legend);
    if (x > left && x + wide > left + width) [x, y] = [left, y + ROW];
    shapes.push(...(legend.kind === "scale" ? bar(pen, legend, x, y) : item(pen, legend, x, y)));
    right = Math.max(right, x + wide);
    x += wide + 16;
  }
  return [shapes, seen.size > 0 ? y - top + ROW : 0, right];
}

/** Where several marks have scales of their own, one bar stands for all. */
function merged(pen: Pen, legends: readonly Legend[]): Legend[] {
  const bars = new Set(legends.filter((each) => each.kind === "scale").map(({ key }) => key));
  if (bars.size < 3) return [...legends];
  const [first] = legends.filter((each) => each.kind === "scale");
  const one = { ...first, key: "scales", low: pen.say("low"), high: pen.say("highestOfEach") };
  return [...legends.filter((each) => each.kind !== "scale"), one as Legend];
}

function legendWidth(pen: Pen, legend: Legend): number {
  if (legend.kind === "scale") return pen.measure(legend.low, SMALL) + BAR + 12 + pen.measure(legend.high, SMALL);
  return (legend.key.startsWith("class") ? 18 : 30) + pen.measure(legend.text, SMALL);
}

function bar(pen: Pen, legend: Legend & { kind: "scale" }, x: number, y: number): Shape[] {
  const start = x + pen.measure(legend.low, SMALL) + 6;
  const middle = y + ROW / 2;
  const shapes = [
    text(pen, legend.low, x, middle + 4.5),
    shape("g", { transform: `translate(${round(start)} ${round(middle)})` }, strip(legend.table)),
    shape("rect", { x: start, y: middle - 6, width: BAR, height: 12, fill: "none", stroke: pen.theme.quiet, "stroke-width": 1 }),
    text(pen, legend.high, start + BAR + 6, middle + 4.5),
  ];
  if (legend.middle !== undefined) {
    const [zero, ink] = [start + BAR / 2, { stroke: pen.theme.ink, "stroke-width": 1.5 }];
    shapes.push(shape("line", { x1: zero, y1: middle - 6, x2: zero, y2: middle + 6, ...ink, "stroke-width": 1 }));
    const minus = start + 10;
    shapes.push(shape("line", { x1: minus - 4, y1: middle, x2: minus + 4, y2: middle, ...ink, stroke: readable(legend.table[0]) }));
  }
  return shapes;
}

const strips = new WeakMap<readonly Rgb[], Shape[]>();

/** The colours of a scale: made once, and then the page leaves them alone. */
function strip(table: readonly Rgb[]): Shape[] {
  let found = strips.get(table);
  if (found === undefined) {
    const each = BAR / SAMPLES;
    found = Array.from({ length: SAMPLES }, (_, i) => {
      const fill = hex(table[Math.round(((i + 0.5) / SAMPLES) * (table.length - 1))]);
      return shape("rect", { x: i * each, y: -6, width: each + 0.5, height: 12, fill, "shape-rendering": "crispEdges" });
    });
    strips.set(table, found);
  }
  return found;
}

function item(pen: Pen, legend: Legend & { kind: "item" }, x: number, y: number): Shape[] {
  const middle = y + ROW / 2;
  const indent = legend.key.startsWith("class") ? 18 : 30;
  return [...legend.draw(x, middle), text(pen, legend.text, x + indent, middle + 4.5)];
}
