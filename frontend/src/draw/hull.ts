/** Polygons and open paths. */

import type { HullMark } from "../types";
import { short } from "../words";
import { hex, readable, type Rgb, rgb } from "./colours";
import { classLegends, scaleLegend } from "./legend";
import { chosenBy, halo, type Layer, marked, painter, type Pen, picking, towards, text } from "./pen";
import type { Field } from "./plot";
import { type Shape, shape } from "./shapes";
import { classColour, DASHES } from "./symbols";

export function hull(mark: HullMark, field: Field, pen: Pen): Layer {
  const { live, theme } = pen;
  const [x, y] = [live.number(mark.x), live.number(mark.y)];
  const m = x.shape.at(-1) ?? 0;
  const k = m > 0 ? x.data.length / m : 0;
  const [value, group] = [live.number(mark.value).data, live.number(mark.group).data];
  const labels = live.entries(mark.labels, pen.language);
  const framed = marked(mark.highlight && live.number(mark.highlight));
  const colour = value.length > 0 ? painter(pen, mark, value) : null;
  const corners = Array.from({ length: k }, (_, i) => {
    const found: [number, number][] = [];
    for (let j = 0; j < m; j++) {
      const [px, py] = [field.x(x.data[i * m + j]), field.y(y.data[i * m + j])];
      if (Number.isFinite(px) && Number.isFinite(py)) found.push([px, py]);
    }
    return found;
  });
  const fill = (i: number): Rgb | null => colour?.(value[i]) ?? (group.length > 0 ? rgb(classColour(theme.classes, Math.trunc(group[i]))) : null);
  const chosen = chosenBy(live, mark.picks);

  const shapes: Shape[] = [];
  const top: Shape[] = [];
  corners.forEach((each, i) => {
    if (each.length === 0) return;
    const d = `M${each.map(([px, py]) => `${px.toFixed(2)} ${py.toFixed(2)}`).join("L")}${mark.closed ? "Z" : ""}`;
    const found = fill(i);
    const stroke = mark.closed || !found ? (mark.closed ? theme.ink : theme.quiet) : hex(found);
    shapes.push(shape("path", {
      d,
      fill: mark.closed && found ? hex(found) : "none",
      "fill-opacity": mark.closed && found && !colour ? 0.35 : undefined,
      stroke,
      "stroke-width": mark.closed ? 0.7 : 1.8,
      "stroke-dasharray": !mark.closed && group.length > 0 ? DASHES[Math.trunc(group[i]) % DASHES.length] : undefined,
      "stroke-linejoin": "round",
    }));
    if (framed(i) || i === chosen) top.push(shape("path", { d, fill: "none", stroke: theme.accent, "stroke-width": 3.5, "stroke-linejoin": "round" }));
    if (labels[i]) {
      const [cx, cy] = centre(each);
      top.push(text(pen, labels[i], cx, cy + 4.5, "middle", mark.closed && colour && found ? { fill: readable(found) } : halo(pen)));
    } else if (mark.scale === "signed" && value[i] < 0 && mark.closed) {
      const [cx, cy] = centre(each);
      top.push(shape("line", { x1: cx - 4, y1: cy, x2: cx + 4, y2: cy, stroke: found ? readable(found) : theme.ink, "stroke-width": 1.5 }));
    }
  });
  return {
    shapes: [...shapes, ...top],
    legends: colour ? [scaleLegend(colour)] : group.length > 0 ? classLegends(pen, mark.groups, group) : [],
    probe: {
      count: k,
      text: (i) => `${labels[i] || `${pen.say("area")} ${i}`}${value.length > 0 ? `: ${short(value[i])}` : ""}`,
      box: (i) => box(corners[i]),
      find: (px, py) => corners.reduce((found, each, i) => ((mark.closed ? within : near)(each, px, py) ? i : found), -1),
      step: (i, key) => towards(k, (j) => (corners[j].length > 0 ? centre(corners[j]) : [NaN, NaN]), i, key),
      ...picking(live, mark.picks),
    },
  };
}

function centre(corners: readonly [number, number][]): [number, number] {
  const sum = corners.reduce((a, b) => [a[0] + b[0], a[1] + b[1]] as [number, number], [0, 0]);
  return [sum[0] / corners.length, sum[1] / corners.length];
}

function box(corners: readonly [number, number][]): [number, number, number, number] {
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left - 2, top - 2, Math.max(...xs) - left + 4, Math.max(...ys) - top + 4];
}

function within(corners: readonly [number, number][], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [[ax, ay], [bx, by]] = [corners[i], corners[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

function near(corners: readonly [number, number][], x: number, y: number): boolean {
  return corners.some(([px, py]) => Math.hypot(px - x, py - y) < 8);
}
