/** Bars, one below the other with their names. */

import type { BarsMark } from "../types";
import { short } from "../words";
import { hex } from "./colours";
import { chosenBy, cut, type Drawing, halo, marked, type Pen, picking, SMALL, text } from "./pen";
import { axis } from "./scales";
import { round, type Shape, shape } from "./shapes";

const TALLEST = 24;
const ROOM = 640; // pixels for all bars
const NAMED_FROM = 14;

export function bars(mark: BarsMark, pen: Pen): Drawing {
  const { live, theme } = pen;
  const values = live.number(mark.value).data;
  const n = values.length;
  const names = live.entries(mark.labels, pen.language);
  const framed = marked(mark.highlight && live.number(mark.highlight));
  const chosenNow = chosenBy(live, mark.picks);
  const finite = Array.from(values).filter(Number.isFinite);
  const given = mark.limits === undefined ? null : live.number(mark.limits).data;
  const threshold = mark.threshold === undefined ? NaN : live.one(mark.threshold);
  const reach = Number.isFinite(threshold) ? [...finite, threshold] : finite;
  const [low, high] = given && given.length > 1 ? [given[0], given[1]] : [Math.min(0, ...reach), Math.max(0, ...reach)];

  const each = Math.max(Math.min(TALLEST, ROOM / Math.max(n, 1)), 2);
  const told = each >= NAMED_FROM;
  const numberRoom = told ? Math.max(0, ...Array.from(values, (value) => pen.measure(short(value), SMALL))) + 8 : 4;
  const left = told && names.length > 0 ? Math.min(1.12 * Math.max(...names.slice(0, n).map((name) => pen.measure(name, SMALL))) + 22, pen.width * 0.42) : 14;
  const scale = axis(Math.min(low, 0), high > low ? high : low + 1, left, Math.max(pen.width - numberRoom - 2, left + 30));
  const zero = scale(0);
  const colours = { plus: theme.accent, minus: hex(theme.signed[0]) };

  const shapes: Shape[] = [];
  const numbers: Shape[] = [];
  const thin = { plus: "", minus: "" }; // hundreds of bars are one path a colour
  for (let i = 0; i < n; i++) {
    const y = i * each;
    const end = scale(Math.min(Math.max(Number.isFinite(values[i]) ? values[i] : 0, low), high));
    const thick = Math.max(each - (told ? 7 : each > 4 ? 1 : 0), 1);
    const strong = framed(i) || i === chosenNow;
    const [x, top, width] = [Math.min(zero, end), y + (each - thick) / 2, Math.max(Math.abs(end - zero), 0.5)];
    const sign = values[i] < 0 ? "minus" : "plus";
    if (told || strong) shapes.push(shape("rect", { x, y: top, width, height: thick, fill: colours[sign], ...(strong && { stroke: theme.ink, "stroke-width": 2 }) }));
    else thin[sign] += `M${round(x)} ${round(top)}h${round(width)}v${round(thick)}H${round(x)}Z`;
    if (strong) shapes.push(shape("path", { d: `M1 ${y + each / 2 - 5}L9 ${y + each / 2}L1 ${y + each / 2 + 5}Z`, fill: theme.ink }));
    if (!told) continue;
    const weight = strong ? { "font-weight": 700 } : {};
    if (names[i]) shapes.push(text(pen, cut(pen, names[i], left - 18), left - 6, y + each / 2 + 4.5, "end", weight));
    numbers.push(text(pen, short(values[i]), Math.max(end, zero) + 5, y + each / 2 + 4.5, "start", { ...weight, ...halo(pen) }));
  }
  if (!told) shapes.unshift(...(["plus", "minus"] as const).map((sign) => shape("path", { d: thin[sign], fill: colours[sign] })));
  const height = n * each;
  shapes.push(shape("line", { x1: zero, y1: 0, x2: zero, y2: height, stroke: theme.ink, "stroke-width": 1.2 }));
  let more = 4;
  if (Number.isFinite(threshold)) {
    const x = scale(threshold);
    shapes.push(shape("line", { x1: x, y1: 0, x2: x, y2: height + 6, stroke: theme.ink, "stroke-width": 1.5, "stroke-dasharray": "5 3" }));
    shapes.push(text(pen, `${pen.say("threshold")} ${short(threshold)}`, Math.min(x, pen.width - 60), height + 19, x > pen.width - 80 ? "end" : "middle"));
    more = 24;
  }
  return {
    width: pen.width,
    height: Math.ceil(height + more),
    shapes: [...shapes, ...numbers],
    brushes: [],
    probes: n === 0 ? [] : [{
      count: n,
      text: (i) => `${names[i] ?? `${pen.say("number")} ${i}`}: ${short(values[i])}`,
      box: (i) => [0, i * each, pen.width, each],
      find: (_, y) => (y < 0 || y >= height ? -1 : Math.floor(y / each)),
      step: (i, key) => (key === "Home" ? 0 : key === "End" ? n - 1 : Math.min(Math.max(i + (key === "ArrowDown" || key === "ArrowRight" ? 1 : key.startsWith("Arrow") ? -1 : 0), 0), n - 1)),
      ...picking(live, mark.picks),
    }],
  };
}
