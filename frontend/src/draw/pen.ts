/** What drawing needs to know, and what it gives: shapes, canvases below them, and things that can be pointed at. */

import type { Live } from "../live";
import type { Key } from "../tongue";
import type { Language, Limits, Numeric, ScaleName } from "../types";
import { ends, type Paint, paint, type Rgb, type Theme } from "./colours";
import { type Shape, shape } from "./shapes";

export interface Pen {
  live: Live;
  language: Language;
  theme: Theme;
  width: number;
  /** The width of a text in pixels. */
  measure: (text: string, size: number) => number;
  say: (key: Key, ...parts: (string | number)[]) => string;
}

export type Brush = (context: CanvasRenderingContext2D) => void;

/** Things of a mark that can be pointed at, read out one by one, and perhaps chosen. */
export interface Probe {
  count: number;
  box: (i: number) => [left: number, top: number, width: number, height: number];
  text: (i: number) => string;
  find: (x: number, y: number) => number;
  step: (i: number, key: string) => number;
  /** The controls that choosing sets, and to what. */
  pick?: (i: number) => Record<string, number>;
  /** The one that is chosen now. */
  chosen?: () => number;
}

/** What a person can change by dragging on a plot. */
export interface Handle {
  name: string;
  toData: (x: number, y: number) => [number, number];
  toPlace: (x: number, y: number) => [number, number];
  area: [left: number, top: number, width: number, height: number];
}

/** Where the picture lies that can be drawn on. */
export interface Canvas {
  name: string;
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Layer {
  shapes: Shape[];
  brush?: Brush;
  probe?: Probe;
  legends?: Legend[];
}

export interface Drawing {
  width: number;
  height: number;
  shapes: Shape[];
  brushes: Brush[];
  probes: Probe[];
  handles?: Handle[];
  canvas?: Canvas;
}

export type Legend =
  | { kind: "scale"; key: string; table: readonly Rgb[]; low: string; middle?: string; high: string }
  | { kind: "item"; key: string; text: string; draw: (x: number, y: number) => Shape[] };

export const SMALL = 13;
export const FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
export const MONO = "ui-monospace, 'SF Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace";

/** A text in a picture. */
export function text(
  pen: Pen,
  words: string,
  x: number,
  y: number,
  anchor: "start" | "middle" | "end" = "start",
  more: Shape["at"] = {},
): Shape {
  return shape(
    "text",
    { x, y, fill: pen.theme.ink, "font-size": SMALL, "text-anchor": anchor === "start" ? undefined : anchor, ...more },
    words,
  );
}

/** A rim of the ground's colour, on which a text can be read whatever lies under it. */
export function halo(pen: Pen): Shape["at"] {
  return { stroke: pen.theme.ground, "stroke-width": 3, "paint-order": "stroke", "stroke-linejoin": "round" };
}

/** The colours of a mark's numbers, on the scale that it asks for. */
export function painter(pen: Pen, mark: { scale: ScaleName; limits?: Limits }, values: Numeric): Paint {
  const { live, theme } = pen;
  return paint(theme, mark.scale, ends(mark.scale, values, mark.limits && live.number(mark.limits).data));
}

/** The thing that is chosen now by a control; -1 where things are not chosen. */
export function chosenBy(live: Live, picks: string | undefined): number {
  return picks === undefined ? -1 : (live.value(picks)?.data[0] ?? -1);
}

/** What choosing a thing sets, `of` being what the control calls it. */
export function picking(live: Live, picks: string | undefined, of = (i: number) => i): Pick<Probe, "pick" | "chosen"> {
  return picks === undefined ? {} : { pick: (i) => ({ [picks]: of(i) }), chosen: () => live.value(picks)?.data[0] ?? 0 };
}

/** A text cut to a width, with an ellipsis. */
export function cut(pen: Pen, words: string, width: number, size = SMALL): string {
  if (pen.measure(words, size) <= width) return words;
  const letters = [...words];
  let [fits, tooLong] = [0, letters.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (pen.measure(`${letters.slice(0, middle).join("")}…`, size) <= width) fits = middle;
    else tooLong = middle;
  }
  return fits === 0 ? "" : `${letters.slice(0, fits).join("")}…`;
}

/** How far a place is from a line between two others. */
export function distance(x: number, y: number, [ax, ay]: [number, number], [bx, by]: [number, number]): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1), 0), 1);
  return Math.hypot(ax + along * dx - x, ay + along * dy - y);
}

const TURNS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Where an arrow key leads, in steps to the right and up. */
export function turn(key: string): [number, number] | undefined {
  return TURNS[key];
}

/** The nearest thing in the direction of an arrow key. */
export function towards(count: number, place: (i: number) => [number, number], i: number, key: string): number {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const by = turn(key);
  if (by === undefined) return i;
  const [x, y] = place(i);
  let [best, least] = [i, Infinity];
  for (let j = 0; j < count; j++) {
    const [dx, dy] = [place(j)[0] - x, place(j)[1] - y];
    const along = dx * by[0] - dy * by[1];
    const across = Math.abs(dx * by[1]) + Math.abs(dy * by[0]);
    if (j === i || along <= 0.5 || across > 2.5 * along) continue;
    const far = along + 2 * across;
    if (far < least) [best, least] = [j, far];
  }
  return best;
}

/** Things in rows and columns: where an arrow key leads. */
export function gridStep(rows: number, columns: number, i: number, key: string, count = rows * columns): number {
  const [row, column] = [Math.floor(i / columns), i % columns];
  const to = (r: number, c: number) => Math.min(Math.max(r, 0), rows - 1) * columns + Math.min(Math.max(c, 0), columns - 1);
  const next =
    key === "ArrowLeft" ? to(row, column - 1)
    : key === "ArrowRight" ? to(row, column + 1)
    : key === "ArrowUp" ? to(row - 1, column)
    : key === "ArrowDown" ? to(row + 1, column)
    : key === "Home" ? to(row, 0)
    : key === "End" ? to(row, columns - 1)
    : i;
  return next < count ? next : i;
}

/** A probe of things at places of a plot. */
export function scattered(
  count: number,
  place: (i: number) => [number, number],
  radius: (i: number) => number,
  told: (i: number) => string,
  more: Pick<Probe, "pick" | "chosen"> = {},
): Probe {
  return {
    count,
    box: (i) => {
      const [x, y] = place(i);
      const r = Math.max(radius(i), 6) + 3;
      return [x - r, y - r, 2 * r, 2 * r];
    },
    text: told,
    find: (x, y) => {
      let [best, least] = [-1, Infinity];
      for (let i = 0; i < count; i++) {
        const [px, py] = place(i);
        const far = Math.hypot(px - x, py - y) - radius(i);
        if (far < least) [best, least] = [i, far];
      }
      return least <= 12 ? best : -1;
    },
    step: (i, key) => towards(count, place, i, key),
    ...more,
  };
}

/** Which things are marked: one by its number, or all with a 1. */
export function marked(highlight: { shape: readonly number[]; data: ArrayLike<number> } | undefined): (i: number) => boolean {
  if (highlight === undefined || highlight.data.length === 0) return () => false;
  if (highlight.shape.length === 0) return (i) => i === highlight.data[0];
  return (i) => Boolean(highlight.data[i]);
}
