/** Numbers as a table of coloured cells. */

import type { Arr, MatrixMark, PanelForm } from "../types";
import { short } from "../words";
import { readable } from "./colours";
import { laid, numberLegends } from "./legend";
import { cut, type Drawing, gridStep, painter, type Pen, SMALL, text } from "./pen";
import { painted, stamp } from "./pictures";
import { axisTitle } from "./plot";
import { type Shape, shape } from "./shapes";

const TALLEST = 520;
const NUMBERS_MOST = 900;
const MINUS_FROM = 12; // pixels: smaller cells have no room for a minus

export function matrix(mark: MatrixMark, panel: PanelForm, pen: Pen): Drawing {
  const { live, theme } = pen;
  const array = live.number(mark.data);
  const { rows, columns, data } = ended(array);
  const colour = painter(pen, mark, data);
  const rowNames = live.entries(mark.rows, pen.language);
  const columnNames = live.entries(mark.columns, pen.language);
  const numbers = mark.numbers && rows * columns <= NUMBERS_MOST ? Array.from(data, (each) => (Number.isNaN(each) ? "" : short(each))) : null;
  const widestNumber = numbers ? Math.max(...numbers.map((each) => pen.measure(each, SMALL - 1))) + 8 : 0;

  const left = Math.min(Math.max(0, ...rowNames.map((each) => pen.measure(each, SMALL))), pen.width * 0.35) + (rowNames.length > 0 ? 8 : 1);
  const room = pen.width - left - 2;
  const wide = Math.max(Math.min(room / columns, numbers ? 72 : 44), numbers ? widestNumber : 0, Math.min(1, room / columns));
  const high = Math.min(Math.max(Math.min(wide, 44), Math.min(22, 240 / rows)), Math.max(TALLEST / rows, numbers ? 18 : 0.5));
  const [width, height] = [wide * columns, high * rows];
  const longest = Math.max(0, ...columnNames.map((each) => pen.measure(each, SMALL)));
  const upright = longest > wide - 2;
  const [xTitle, yTitle] = [axisTitle(panel.x, pen), axisTitle(panel.y, pen)];
  const top = (yTitle ? 20 : 0) + (columnNames.length === 0 ? 1 : upright ? Math.min(longest, 110) + 8 : 20);

  const shapes: Shape[] = [];
  names(pen, rowNames, rows, high, 15).forEach(([i, name]) => {
    shapes.push(text(pen, cut(pen, name, left - 8), left - 6, top + (i + 0.5) * high + 4.5, "end"));
  });
  names(pen, columnNames, columns, wide, upright ? 15 : 0).forEach(([i, name]) => {
    const x = left + (i + 0.5) * wide;
    if (!upright) shapes.push(text(pen, name, x, top - 6, "middle"));
    else shapes.push(text(pen, cut(pen, name, 110), 0, 0, "start", { transform: `translate(${(x + 4.5).toFixed(1)} ${top - 5}) rotate(-90)` }));
  });
  if (yTitle) shapes.push(text(pen, yTitle, 0, 13));
  if (xTitle) shapes.push(text(pen, cut(pen, xTitle, pen.width), left + width / 2, top + height + 16, "middle"));
  const below = top + height + (xTitle ? 22 : 0);
  shapes.push(shape("rect", { x: left, y: top, width, height, fill: "none", stroke: theme.quiet, "stroke-width": 1 }));
  numbers?.forEach((each, i) => {
    const [x, y] = [left + ((i % columns) + 0.5) * wide, top + (Math.floor(i / columns) + 0.5) * high];
    const ground = colour(data[i]);
    shapes.push(text(pen, each, x, y + 4, "middle", { "font-size": SMALL - 1, fill: ground ? readable(ground) : theme.ink }));
  });
  shapes.push(...frame(mark, pen, { left, top, wide, high, rows, columns }, array.shape[1]));

  const brush = (context: CanvasRenderingContext2D) => {
    if (rows * columns === 0) return;
    stamp(context, painted(columns, rows, data, 0, colour), left, top, width, height);
    const apart = Math.min(wide, high) >= MINUS_FROM;
    if (!apart) return;
    context.strokeStyle = theme.ground;
    context.lineWidth = 1;
    context.beginPath();
    for (let c = 1; c < columns; c++) [context.moveTo(left + c * wide, top), context.lineTo(left + c * wide, top + height)];
    for (let r = 1; r < rows; r++) [context.moveTo(left, top + r * high), context.lineTo(left + width, top + r * high)];
    context.stroke();
    if (mark.scale !== "signed" || numbers) return;
    context.lineWidth = 1.5;
    const half = Math.min(wide, high) * 0.22;
    for (let i = 0; i < rows * columns; i++) {
      if (!(data[i] < 0)) continue;
      const [x, y] = [left + ((i % columns) + 0.5) * wide, top + (Math.floor(i / columns) + 0.5) * high];
      context.strokeStyle = readable(colour(data[i]) ?? [0, 0, 0]);
      context.beginPath();
      context.moveTo(x - half, y);
      context.lineTo(x + half, y);
      context.stroke();
    }
  };
  const legends = numberLegends(pen, colour, data);
  const [legend, legendHeight, legendRight] = laid(pen, legends, left, below + 6, Math.max(pen.width - left, 200));
  const told = (i: number) => {
    const [r, c] = [Math.floor(i / columns), i % columns];
    return `${rowNames[r] ?? `${pen.say("row")} ${r}`}, ${columnNames[c] ?? `${pen.say("column")} ${c}`}: ${short(data[i])}`;
  };
  const { picks } = mark;
  const one = (name: string) => (name ? (live.value(name)?.data[0] ?? 0) : 0);
  return {
    width: Math.ceil(Math.max(left + width, legendRight, pen.measure(yTitle, SMALL)) + 2),
    height: Math.ceil(below + legendHeight + 8),
    shapes: [...shapes, ...legend],
    brushes: [brush],
    probes: rows * columns === 0 ? [] : [{
      count: rows * columns,
      text: told,
      box: (i) => [left + (i % columns) * wide, top + Math.floor(i / columns) * high, wide, high],
      find: (x, y) => {
        const [c, r] = [Math.floor((x - left) / wide), Math.floor((y - top) / high)];
        return c < 0 || r < 0 || c >= columns || r >= rows ? -1 : r * columns + c;
      },
      step: (i, key) => gridStep(rows, columns, i, key),
      ...(picks === undefined ? {} : {
        pick: (i: number) => chosen(picks, Math.floor(i / columns), i % columns),
        chosen: () => Math.min(one(picks[0]), rows - 1) * columns + Math.min(one(picks[1]), columns - 1),
      }),
    }],
  };
}

function chosen([rowControl, columnControl]: [string, string], row: number, column: number): Record<string, number> {
  return { ...(rowControl ? { [rowControl]: row } : {}), ...(columnControl ? { [columnControl]: column } : {}) };
}

/** Those names for which there is room. */
function names(pen: Pen, all: string[], count: number, step: number, need: number): [number, string][] {
  const wanted = need || Math.max(...all.map((each) => pen.measure(each, SMALL))) + 4;
  const skip = Math.max(1, Math.ceil(wanted / step));
  return all.slice(0, count).flatMap((name, i) => (i % skip === 0 ? [[i, name] as [number, string]] : []));
}

interface Grid {
  left: number;
  top: number;
  wide: number;
  high: number;
  rows: number;
  columns: number;
}

/** A table without its last rows and columns in which none is a number. */
export function ended({ shape, data }: Arr): { rows: number; columns: number; data: ArrayLike<number> } {
  const [m, w] = shape.length === 1 ? [1, shape[0]] : [shape[0] ?? 0, shape[1] ?? 0];
  let [rows, columns] = [Math.min(m, 1), Math.min(w, 1)];
  for (let i = 0; i < m * w; i++) {
    if (!Number.isNaN(data[i])) [rows, columns] = [Math.max(rows, Math.floor(i / w) + 1), Math.max(columns, (i % w) + 1)];
  }
  return { rows, columns, data: columns === w ? data : Array.from({ length: rows * columns }, (_, i) => data[Math.floor(i / columns) * w + (i % columns)]) };
}

/** The frames around the marked cells, and around the highlighted cell, row or column. */
function frame(mark: MatrixMark, pen: Pen, grid: Grid, whole: number): Shape[] {
  const marked = Array.from(pen.live.number(mark.marked).data, (each, i) => (each ? [Math.floor(i / whole), i % whole] : []));
  const framed = marked.filter(([row, column]) => row < grid.rows && column < grid.columns);
  if (mark.highlight !== undefined) framed.push(mark.highlight.map((each) => pen.live.one(each)));
  const pairs = framed.map(([row, column]) => framedAt(row, column, pen, grid));
  return [...pairs.flatMap(([under]) => under ?? []), ...pairs.flatMap(([, over]) => over ?? [])];
}

function framedAt(row: number, column: number, pen: Pen, grid: Grid): Shape[] {
  if (!Number.isFinite(row) || !Number.isFinite(column) || (row < 0 && column < 0)) return [];
  const x = grid.left + Math.max(column, 0) * grid.wide;
  const y = grid.top + Math.max(row, 0) * grid.high;
  const at = { x, y, width: column < 0 ? grid.columns * grid.wide : grid.wide, height: row < 0 ? grid.rows * grid.high : grid.high, fill: "none" };
  return [
    shape("rect", { ...at, stroke: pen.theme.ground, "stroke-width": 5 }),
    shape("rect", { ...at, stroke: pen.theme.ink, "stroke-width": 2.5 }),
  ];
}

