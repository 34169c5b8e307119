/** A plot: marks that share two axes. */

import type { AxisForm, Entry, PanelForm, Plotted, Text } from "../types";
import { short } from "../words";
import { laid } from "./legend";
import { cells, cellsReach } from "./cells";
import { hull } from "./hull";
import { links } from "./links";
import { type Drawing, halo, type Handle, type Layer, type Legend, type Pen, type Probe, SMALL, text, cut } from "./pen";
import { points } from "./points";
import { raster } from "./raster";
import { type Axis, axis, logTicks, ticks } from "./scales";
import { series } from "./series";
import { type Shape, shape } from "./shapes";

/** The ground of a plot's marks. */
export interface Field {
  x: Axis;
  y: Axis;
  left: number;
  top: number;
  width: number;
  height: number;
  /** Names of the axes, for reading out. */
  names: [string, string];
}

const EDGE = 6; // pixels that a mark may reach over the edge of a plot
const SMALLEST = 9; // pixels of a cell's radius
const LABELS = 0.38; // of the width that names beside cells may take at most

export function plot(panel: PanelForm, screen: Pen): Drawing {
  const marks = panel.marks as Plotted[];
  const reach = range(panel, marks, screen);
  // A square plot whose cells would be too small to be seen gets more room than the screen has, and scrolls.
  const radii = marks.flatMap((mark) => (panel.square && mark.is === "cells" ? [mark.radius] : []));
  const unit = radii.length > 0 ? SMALLEST / Math.min(...radii) : 0; // pixels, at least
  const least = Math.ceil(unit * (reach.x[1] - reach.x[0])) + nameRoom(marks, screen).reduce((a, b) => a + b, 0) + 10;
  const pen = { ...screen, width: Math.max(screen.width, unit > 0 ? least : 0) };
  const named = { x: axisTitle(panel.x, pen), y: axisTitle(panel.y, pen) };
  const beside = nameRoom(marks, pen);
  const yTicks = panel.y ? ticksOf(panel.y, pen, reach.y, 5) : [];
  const tickRoom = Math.min(Math.max(0, ...yTicks.map((each) => pen.measure(each.text, SMALL))), pen.width * LABELS);
  const gutter = panel.y ? tickRoom + 10 : beside[0] + 2;
  const right = Math.max(beside[1], 8);
  const width = Math.max(pen.width - gutter - right, 60);
  const [top, height] = [named.y ? 24 : 10, Math.max(heightOf(panel, reach, width, pen), unit * (reach.y[1] - reach.y[0]))];
  const narrow = panel.square ? Math.min(width, (height * (reach.x[1] - reach.x[0])) / (reach.y[1] - reach.y[0])) : width;
  const left = gutter + (width - narrow) / 2;
  const field: Field = {
    x: axis(reach.x[0], reach.x[1], left, left + narrow, panel.x?.log),
    y: axis(reach.y[0], reach.y[1], top + height, top, panel.y?.log),
    left,
    top,
    width: narrow,
    height,
    names: [named.x || "x", named.y || "y"],
  };
  const layers = marks.map((mark) => layer(mark, field, pen));
  // Curves without places of their own stand at 0, 1, 2 ...
  const counted = marks.every((mark) => mark.is === "series" && mark.x === undefined);
  const frame = axes(panel, field, pen, named, yTicks, counted);
  const legends: Legend[] = layers.flatMap((each) => each.legends ?? []);
  const legendLeft = panel.y ? Math.min(left, 40) : 2;
  const [legend, legendHeight] = laid(pen, legends, legendLeft, frame.bottom + 4, screen.width - legendLeft);
  const boxed = panel.x !== undefined || panel.y !== undefined;
  return {
    width: pen.width,
    height: Math.ceil(frame.bottom + legendHeight + (legendHeight > 0 ? 6 : 2)),
    shapes: [...frame.behind, ...inside(layers, field, boxed), ...frame.before, ...legend],
    brushes: layers.flatMap((each) => (each.brush ? [clipped(each.brush, field)] : [])),
    probes: layers.flatMap((each) => (each.probe && each.probe.count > 0 ? [each.probe] : [])).reverse().sort(chooses),
    handles: handles(marks, field),
  };
}

/** Those that can be chosen come before those that are only read. */
function chooses(a: Probe, b: Probe): number {
  return Number(b.pick !== undefined) - Number(a.pick !== undefined);
}

/** What can be dragged here, the foremost first. */
function handles(marks: Plotted[], field: Field): Handle[] {
  const names = marks.flatMap((mark) => (mark.is === "points" && mark.drags !== undefined ? [mark.drags] : []));
  return [...new Set(names)].reverse().map((name) => ({
    name,
    toData: (x, y) => [field.x.back(x), field.y.back(y)],
    toPlace: (x, y) => [field.x(x), field.y(y)],
    area: [field.left, field.top, field.width, field.height],
  }));
}

function layer(mark: Plotted, field: Field, pen: Pen): Layer {
  switch (mark.is) {
    case "cells":
      return cells(mark, field, pen);
    case "links":
      return links(mark, field, pen);
    case "series":
      return series(mark, field, pen);
    case "points":
      return points(mark, field, pen);
    case "raster":
      return raster(mark, field, pen);
    case "hull":
      return hull(mark, field, pen);
    case "words": {
      const [x, y] = [pen.live.number(mark.x).data, pen.live.number(mark.y).data];
      const words = pen.live.entries(mark.text, pen.language);
      return { shapes: words.map((each, i) => text(pen, each, within(pen, each, field.x(x[i])), field.y(y[i]) + 4.5, "middle", halo(pen))) };
    }
  }
}

/** Where a text in the middle of a place stands, so that it does not leave the picture. */
function within(pen: Pen, words: string, x: number): number {
  const half = pen.measure(words, SMALL) / 2 + 1;
  return Math.max(Math.min(x, pen.width - half), half);
}

/** Marks of a plot with axes end at its edge. */
function inside(layers: Layer[], field: Field, boxed: boolean): Shape[] {
  const shapes = layers.map((each) => shape("g", {}, each.shapes));
  if (!boxed) return shapes;
  const [x, y, width, height] = [field.left - EDGE, field.top - EDGE, field.width + 2 * EDGE, field.height + 2 * EDGE];
  return [shape("svg", { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}` }, shapes)];
}

function clipped(brush: NonNullable<Layer["brush"]>, { left, top, width, height }: Field) {
  return (context: CanvasRenderingContext2D) => {
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    brush(context);
    context.restore();
  };
}

// Ranges.

type Reach = { x: [number, number]; y: [number, number] };

function range(panel: PanelForm, marks: Plotted[], pen: Pen): Reach {
  const x = [Infinity, -Infinity] as [number, number];
  const y = [Infinity, -Infinity] as [number, number];
  let padded = { x: true, y: true };
  const stretch = (reach: [number, number], data: ArrayLike<number>, by = 0) => {
    for (let i = 0; i < data.length; i++) {
      if (!Number.isFinite(data[i])) continue;
      reach[0] = Math.min(reach[0], data[i] - by);
      reach[1] = Math.max(reach[1], data[i] + by);
    }
  };
  for (const mark of marks) {
    const { live } = pen;
    if (mark.is === "raster") {
      stretch(x, mark.extent.slice(0, 2));
      stretch(y, mark.extent.slice(2));
      padded = { x: false, y: false };
    } else if (mark.is === "links") {
      for (const each of [mark.x0, mark.x1]) stretch(x, live.number(each).data);
      for (const each of [mark.y0, mark.y1]) stretch(y, live.number(each).data);
    } else if (mark.is === "series") {
      const curves = live.number(mark.y);
      stretch(x, mark.x === undefined ? [0, (curves.shape.at(-1) ?? 1) - 1] : live.number(mark.x).data);
      padded.x = padded.x && mark.style === "dots";
      for (const each of [mark.y, mark.low, mark.high]) stretch(y, live.number(each).data);
    } else if (mark.is === "points") {
      const used = mark.used === undefined ? undefined : live.number(mark.used).data;
      const there = (data: ArrayLike<number>) => (used ? Array.from(data).filter((_, i) => used[i]) : data);
      stretch(x, there(live.number(mark.x).data));
      stretch(y, there(live.number(mark.y).data));
    } else {
      const by = mark.is === "cells" ? cellsReach(mark) : 0;
      stretch(x, live.number(mark.x).data, by);
      stretch(y, live.number(mark.y).data, by);
    }
  }
  return { x: settled(x, panel.x, padded.x, pen), y: settled(y, panel.y, padded.y, pen) };
}

function settled(reach: [number, number], form: AxisForm | undefined, padded: boolean, pen: Pen): [number, number] {
  let [low, high] = Number.isFinite(reach[0]) ? reach : [0, 1];
  if (form?.ticks !== undefined) {
    const names = pen.live.entries(form.ticks, pen.language);
    [low, high] = [Math.min(low, -0.5), Math.max(high, names.length - 0.5)];
  } else if (form?.log) {
    [low, high] = [Math.max(low, 1e-12), Math.max(high, 1e-12)];
    if (padded) [low, high] = [low / 1.2, high * 1.2];
  } else if (padded) {
    const by = 0.05 * (high - low);
    [low, high] = [low - by, high + by];
  }
  if (form?.low !== undefined) low = pen.live.one(form.low);
  if (form?.high !== undefined) high = pen.live.one(form.high);
  if (high > low) return [low, high];
  return form?.log ? [low / 2, low * 2] : [low - 0.5, low + 0.5];
}

function heightOf(panel: PanelForm, reach: Reach, width: number, pen: Pen): number {
  const most = panel.size === "wide" ? 460 : panel.size === "small" ? 320 : 420;
  if (panel.square) return Math.min(Math.max((width * (reach.y[1] - reach.y[0])) / (reach.x[1] - reach.x[0]), 40), most + 100);
  const bare = !panel.x && !panel.y;
  const part = bare ? 0.75 : panel.size === "wide" ? 0.32 : 0.6;
  return Math.round(Math.min(Math.max(pen.width * part, bare ? 240 : 190), most));
}

/** Room for names beside cells, left and right. */
function nameRoom(marks: Plotted[], pen: Pen): [number, number] {
  const room: [number, number] = [0, 0];
  for (const mark of marks) {
    if ((mark.is !== "cells" && mark.is !== "points") || mark.labels === undefined) continue;
    const x = pen.live.number(mark.x).data;
    const names = pen.live.entries(mark.labels, pen.language);
    const [low, high] = [Math.min(...Array.from(x)), Math.max(...Array.from(x))];
    names.forEach((name, i) => {
      const wide = Math.min(pen.measure(name, SMALL) + 8, pen.width * LABELS * 0.6);
      if (mark.is === "cells" && x[i] === low && low < high) room[0] = Math.max(room[0], wide);
      else if (x[i] === high) room[1] = Math.max(room[1], wide);
    });
  }
  return room;
}

// Axes.

interface Tick {
  at: number;
  text: string;
}

function ticksOf(form: AxisForm, pen: Pen, [low, high]: [number, number], count: number): Tick[] {
  if (form.ticks !== undefined) {
    const names = pen.live.entries(form.ticks, pen.language);
    return names.map((name, at) => ({ at, text: cut(pen, name, pen.width * LABELS) })).filter(({ at }) => at >= low && at <= high);
  }
  const some = (most: number) => (form.log ? logTicks(low, high, most) : ticks(low, high, most));
  const found = some(count).length > 1 ? some(count) : some(2 * count);
  return found.map((at) => ({ at, text: short(at) }));
}

export function axisTitle(form: AxisForm | undefined, pen: Pen): string {
  const label: Text | Entry | undefined = form?.label;
  if (label === undefined) return "";
  if ("of" in label) return pen.live.entry(label.of, pen.live.one(label.number), pen.language);
  return pen.live.told(label, pen.language);
}

function axes(panel: PanelForm, field: Field, pen: Pen, named: { x: string; y: string }, yTicks: Tick[], whole: boolean) {
  const tickRoom = Math.max(0, ...yTicks.map((each) => pen.measure(each.text, SMALL)));
  const { left, top, width, height } = field;
  const { theme } = pen;
  const behind: Shape[] = [];
  const before: Shape[] = [];
  let bottom = top + height;
  if (panel.x || panel.y) {
    before.push(shape("rect", { x: left, y: top, width, height, fill: "none", stroke: theme.quiet, "stroke-width": 1 }));
  }
  if (panel.y) {
    const room = panel.y.ticks !== undefined ? height / Math.max(yTicks.length, 1) : 99;
    const skip = Math.max(1, Math.ceil(15 / room));
    yTicks.forEach(({ at, text: words }, i) => {
      const y = field.y(at);
      if (y < top - 0.5 || y > top + height + 0.5) return;
      if (panel.y?.ticks === undefined) behind.push(shape("line", { x1: left, y1: y, x2: left + width, y2: y, stroke: theme.line, "stroke-width": 0.6 }));
      before.push(shape("line", { x1: left - 4, y1: y, x2: left, y2: y, stroke: theme.quiet }));
      if (i % skip === 0) before.push(text(pen, words, left - 7, y + 4.5, "end"));
    });
    if (named.y) before.push(text(pen, cut(pen, named.y, pen.width - left + tickRoom), Math.max(0, left - tickRoom - 10), 13));
  }
  if (panel.x) {
    const xTicks = ticksOf(panel.x, pen, [field.x.low, field.x.high], Math.max(2, Math.floor(width / 70))).filter(({ at }) => !whole || Number.isInteger(at));
    let free = -Infinity;
    for (const { at, text: words } of xTicks) {
      const x = field.x(at);
      if (x < left - 0.5 || x > left + width + 0.5) continue;
      before.push(shape("line", { x1: x, y1: bottom, x2: x, y2: bottom + 4, stroke: theme.quiet }));
      const half = pen.measure(words, SMALL) / 2;
      if (x - half < free) continue;
      free = x + half + 6;
      const anchor = x + half > pen.width ? "end" : x - half < 0 ? "start" : "middle";
      before.push(text(pen, words, x, bottom + 17, anchor));
    }
    bottom += 22;
    if (named.x) {
      before.push(text(pen, cut(pen, named.x, pen.width), left + width / 2, bottom + 12, "middle"));
      bottom += 18;
    }
  }
  return { behind, before, bottom: bottom + 4 };
}
