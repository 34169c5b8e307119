/** Points of a plot, in the colours and shapes of their classes or in the colour of a value. */

import type { PointsMark } from "../types";
import { short } from "../words";
import { hex } from "./colours";
import { classLegends, scaleLegend } from "./legend";
import { chosenBy, halo, type Layer, painter, type Pen, scattered, text } from "./pen";
import type { Field } from "./plot";
import { type Shape, shape } from "./shapes";
import { classColour, outline, symbol } from "./symbols";

const [SVG_MOST, OUTLINED_MOST] = [2000, 6000];

export function points(mark: PointsMark, field: Field, pen: Pen): Layer {
  const { live, theme } = pen;
  const [allX, allY] = [live.number(mark.x), live.number(mark.y)];
  const [group, value, ring] = [live.number(mark.group).data, live.number(mark.value).data, live.number(mark.ring).data];
  const used = mark.used === undefined ? null : live.number(mark.used).data;
  const labels = live.entries(mark.labels, pen.language);
  const names = live.entries(mark.groups, pen.language);
  const [x, y] = [allX.data, allY.data];
  const there = Array.from({ length: x.length }, (_, i) => i).filter((i) => (!used || used[i]) && Number.isFinite(x[i]) && Number.isFinite(y[i]));
  const colour = value.length > 0 ? painter(pen, mark, value) : null;
  const of = (i: number) => (group.length > 0 ? Math.trunc(group.length === 1 ? group[0] : group[i]) : 0);
  const fill = (i: number) => {
    const found = colour?.(value[i]);
    return found ? hex(found) : group.length > 0 ? classColour(theme.classes, of(i)) : theme.accent;
  };
  const place = (i: number): [number, number] => [field.x(x[there[i]]), field.y(y[there[i]])];
  const chosen = chosenBy(live, mark.picks);
  const radius = mark.drags === undefined ? mark.size : Math.max(mark.size, 5);

  const shapes: Shape[] = [];
  const many = there.length > SVG_MOST;
  there.forEach((i, at) => {
    const [px, py] = place(at);
    if (!many) shapes.push(symbol(of(i), px, py, radius, fill(i), theme.ink));
    const around = (r: number, stroke: string, width: number) => shape("circle", { cx: px, cy: py, r, fill: "none", stroke, "stroke-width": width });
    if (ring[i]) shapes.push(around(radius + 4, theme.ink, 1.5));
    if (i === chosen) shapes.push(around(radius + 6, theme.accent, 3));
    if (labels[i]) {
      shapes.push(text(pen, labels[i], px + radius + 4, py + 4.5, "start", halo(pen)));
    }
  });
  const brush = (context: CanvasRenderingContext2D) => {
    const paths = new Map<number, Path2D>();
    context.lineWidth = 0.6;
    context.strokeStyle = theme.ink;
    there.forEach((i, at) => {
      const [px, py] = place(at);
      let path = paths.get(of(i));
      if (path === undefined) paths.set(of(i), (path = new Path2D(outline(of(i), radius))));
      context.translate(px, py);
      context.fillStyle = fill(i);
      context.fill(path);
      if (there.length <= OUTLINED_MOST) context.stroke(path);
      context.translate(-px, -py);
    });
  };
  const told = (at: number) => {
    const i = there[at];
    const name = labels[i] || `${pen.say("point")} ${i}`;
    const more = [names[of(i)] !== undefined && group.length > 0 ? names[of(i)] : "", value.length > 0 ? short(value[i]) : ""].filter(Boolean);
    return `${name}: ${field.names[0]} ${short(x[i])}, ${field.names[1]} ${short(y[i])}${more.map((each) => `, ${each}`).join("")}`;
  };
  const { picks } = mark;
  return {
    shapes,
    brush: many ? brush : undefined,
    legends: [
      ...(group.length > 0 && (mark.groups !== undefined || group.length > 1) ? classLegends(pen, mark.groups, mark.groups ? null : there.map(of)) : []),
      ...(colour && mark.scale !== "classes" ? [scaleLegend(colour)] : []),
    ],
    probe: scattered(there.length, place, () => radius, told, picks === undefined ? {} : {
      pick: (at) => ({ [picks]: there[at] }),
      chosen: () => Math.max(there.indexOf(live.value(picks)?.data[0] ?? 0), 0),
    }),
  };
}
