/** A field of numbers behind a plot, and lines along which it has one value. */

import type { RasterMark } from "../types";
import { short } from "../words";
import { type Rgb, rgb } from "./colours";
import { classLegends, scaleLegend } from "./legend";
import { gridStep, type Layer, painter, type Pen } from "./pen";
import { painted, pixels, stamp } from "./pictures";
import type { Field } from "./plot";
import { shape } from "./shapes";

const FADED = 0.5; // how much of a class's colour a field of classes has, so that points on it stand out

export function raster(mark: RasterMark, field: Field, pen: Pen): Layer {
  const { live, theme } = pen;
  const { shape: [h, w], data } = live.number(mark.data);
  const colour = painter(pen, mark, data);
  const [left, right, bottom, top] = mark.extent;
  const [x0, x1, y0, y1] = [field.x(left), field.x(right), field.y(top), field.y(bottom)];
  const classes = mark.scale === "classes";
  const ground = rgb(theme.ground);
  const faded = (value: number): Rgb | null => {
    const found = colour(value);
    return found && [mixed(found[0], ground[0]), mixed(found[1], ground[1]), mixed(found[2], ground[2])];
  };
  const brush = (context: CanvasRenderingContext2D) => {
    if (!h || !w) return;
    const small = classes ? pixels(w, h, (i) => faded(data[i])) : painted(w, h, data, 0, colour);
    context.save();
    context.translate(x0, y1);
    context.scale(1, -1); // the first row is the lowest
    stamp(context, small, 0, 0, x1 - x0, y1 - y0, !classes);
    context.restore();
  };
  const at = (column: number, row: number): [number, number] => [
    field.x(left + ((column + 0.5) / w) * (right - left)),
    field.y(bottom + ((row + 0.5) / h) * (top - bottom)),
  ];
  const shapes = mark.levels.map((level) =>
    shape("path", { d: contour(data, w, h, level, at), fill: "none", stroke: theme.ink, "stroke-width": level === 0 ? 2 : 1.2, "stroke-dasharray": level < 0 ? "5 3" : undefined }),
  );
  const told = (i: number) => {
    const [row, column] = [Math.floor(i / w), i % w];
    const [px, py] = at(column, row);
    return `${field.names[0]} ${short(field.x.back(px))}, ${field.names[1]} ${short(field.y.back(py))}: ${short(data[i])}`;
  };
  return {
    shapes,
    brush,
    legends: classes ? classLegends(pen, mark.groups, distinct(data)) : [scaleLegend(colour)],
    probe: {
      count: w * h,
      text: told,
      box: (i) => {
        const [px, py] = at(i % w, Math.floor(i / w));
        return [px - 6, py - 6, 12, 12];
      },
      find: (x, y) => {
        const [column, row] = [Math.floor(((x - x0) / (x1 - x0)) * w), Math.floor(((y1 - y) / (y1 - y0)) * h)];
        return column < 0 || row < 0 || column >= w || row >= h ? -1 : row * w + column;
      },
      step: (i, key) => gridStep(h, w, i, key === "ArrowUp" ? "ArrowDown" : key === "ArrowDown" ? "ArrowUp" : key),
    },
  };
}

function mixed(colour: number, ground: number): number {
  return FADED * colour + (1 - FADED) * ground;
}

function distinct(data: ArrayLike<number>): number[] {
  const seen = new Set<number>();
  for (let i = 0; i < data.length; i++) if (Number.isFinite(data[i])) seen.add(data[i]);
  return [...seen];
}

/** Marching squares: the lines along which a field has a value. */
export function contour(data: ArrayLike<number>, w: number, h: number, level: number, at: (column: number, row: number) => [number, number]): string {
  const parts: string[] = [];
  const cross = (c0: number, r0: number, c1: number, r1: number): string => {
    const [a, b] = [data[r0 * w + c0], data[r1 * w + c1]];
    const part = (level - a) / (b - a);
    const [x, y] = at(c0 + part * (c1 - c0), r0 + part * (r1 - r0));
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  for (let r = 0; r + 1 < h; r++) {
    for (let c = 0; c + 1 < w; c++) {
      const corners = [data[r * w + c], data[r * w + c + 1], data[(r + 1) * w + c + 1], data[(r + 1) * w + c]];
      if (!corners.every(Number.isFinite)) continue;
      const above = corners.map((each) => each > level);
      const edges: string[] = [];
      if (above[0] !== above[1]) edges.push(cross(c, r, c + 1, r));
      if (above[1] !== above[2]) edges.push(cross(c + 1, r, c + 1, r + 1));
      if (above[2] !== above[3]) edges.push(cross(c + 1, r + 1, c, r + 1));
      if (above[3] !== above[0]) edges.push(cross(c, r + 1, c, r));
      for (let i = 0; i + 1 < edges.length; i += 2) parts.push(`M${edges[i]}L${edges[i + 1]}`);
    }
  }
  return parts.join("");
}
