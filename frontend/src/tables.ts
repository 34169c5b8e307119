/** Every picture as tables, for whoever reads better than sees. */

import type { Live } from "./live";
import type { Key } from "./tongue";
import type { Arr, Labels, Language, Mark, Numbers, PanelForm } from "./types";
import { pictures } from "./draw/images";
import { ended } from "./draw/matrix";
import { short } from "./words";

const ROWS = 500;
const COLUMNS = 60;

export interface Table {
  head: string[];
  rows: string[][];
  /** How many rows there are in all. */
  all: number;
}

type Say = (key: Key, ...parts: (string | number)[]) => string;

export function tables(panel: PanelForm, live: Live, language: Language, say: Say): Table[] {
  const axis = (which: "x" | "y") => {
    const label = panel[which]?.label;
    if (label === undefined) return which;
    return "of" in label ? live.entry(label.of, live.one(label.number), language) : live.told(label, language);
  };
  const names: [string, string] = [axis("x"), axis("y")];
  return panel.marks.flatMap((mark) => of(mark, live, language, say, names));
}

function of(mark: Mark, live: Live, language: Language, say: Say, [x, y]: [string, string]): Table[] {
  const list = (labels: Labels | undefined) => live.entries(labels, language);
  switch (mark.is) {
    case "cells":
      return [columns(live, say, [x, mark.x], [y, mark.y], [say("name"), list(mark.labels)], [say("kind"), typeof mark.kinds === "string" ? [] : mark.kinds], [say("value"), mark.value])];
    case "links":
      return [columns(live, say, [`${say("from")} ${x}`, mark.x0], [`${say("from")} ${y}`, mark.y0], [`${say("to")} ${x}`, mark.x1], [`${say("to")} ${y}`, mark.y1], [say("weight"), mark.weight])];
    case "points": {
      const names = list(mark.groups);
      const group = live.number(mark.group).data;
      const table = columns(live, say, [x, mark.x], [y, mark.y], [say("name"), list(mark.labels)], [say("class"), Array.from(group, (each) => names[each] ?? String(each))], [say("value"), mark.value]);
      if (mark.used === undefined) return [table];
      const used = live.number(mark.used).data;
      const rows = table.rows.filter((_, i) => used[i]);
      return [{ ...table, rows, all: Array.from(used).filter(Boolean).length }];
    }
    case "words":
      return [columns(live, say, [x, mark.x], [y, mark.y], [say("text"), list(mark.text)])];
    case "series":
      return [seriesTable(mark, live, list(mark.names), say, x, y)];
    case "raster":
      return [matrix(live.number(mark.data), [], [], say)];
    case "hull": {
      const sizes = live.number(mark.x).shape;
      const k = sizes.length > 1 ? sizes[0] : 1;
      return [columns(live, say, [say("number"), Array.from({ length: k }, (_, i) => String(i))], [say("name"), list(mark.labels)], [say("value"), mark.value], [say("class"), mark.group])];
    }
    case "matrix": {
      const { rows, columns, data } = ended(live.number(mark.data));
      return [matrix({ shape: [rows, columns], dtype: "", data }, list(mark.rows), list(mark.columns), say)];
    }
    case "images":
      return picturesTable(mark, live, list(mark.labels), say);
    case "bars":
      return [columns(live, say, [say("name"), list(mark.labels)], [say("value"), mark.value])];
    case "tokens":
      return [columns(live, say, [say("text"), list(mark.text)], [say("value"), mark.value])];
    case "formula":
      return [{ head: [say("text")], rows: [[live.told(mark.plain, language)]], all: 1 }];
  }
}

/** A table of columns; those of nothing are left out. */
function columns(live: Live, say: Say, ...given: [string, Numbers | string[] | undefined][]): Table {
  const filled = given.flatMap(([name, content]): [string, string[]][] => {
    if (content === undefined) return [];
    if (Array.isArray(content) && typeof content[0] !== "number") return content.length > 0 ? [[name, content as string[]]] : [];
    const { data } = live.number(content as Numbers);
    return data.length > 0 ? [[name, Array.from(data, short)]] : [];
  });
  const all = Math.max(0, ...filled.map(([, each]) => each.length));
  const rows = Array.from({ length: Math.min(all, ROWS) }, (_, i) => [String(i), ...filled.map(([, each]) => (each.length === 1 ? each[0] : (each[i] ?? "")))]);
  return { head: [say("number"), ...filled.map(([name]) => name)], rows, all };
}

function seriesTable(mark: Mark & { is: "series" }, live: Live, names: string[], say: Say, x: string, y: string): Table {
  const curves = live.number(mark.y);
  const n = curves.shape.at(-1) ?? 0;
  const k = n > 0 ? curves.data.length / n : 0;
  const at = mark.x === undefined ? null : live.number(mark.x).data;
  const bands = [mark.low, mark.high].map((each) => live.number(each).data).filter((each) => each.length > 0);
  const head = [x, ...Array.from({ length: k }, (_, i) => names[i] ?? (k === 1 ? y : String(i))), ...(bands.length === 2 ? [say("low"), say("high")] : [])];
  const rows = Array.from({ length: Math.min(n, ROWS) }, (_, i) => [
    short(at ? at[i] : i),
    ...Array.from({ length: k }, (_, curve) => short(curves.data[curve * n + i])),
    ...bands.map((each) => short(each[i])),
  ]);
  return { head, rows, all: n };
}

function matrix(array: Arr, rowNames: string[], columnNames: string[], say: Say, from = 0): Table {
  const [h, w] = array.shape.length === 1 ? [1, array.shape[0]] : [array.shape[0] ?? 0, array.shape[1] ?? 0];
  const wide = Math.min(w, COLUMNS);
  const head = [say("row"), ...Array.from({ length: wide }, (_, c) => columnNames[c] ?? String(c)), ...(wide < w ? ["…"] : [])];
  const rows = Array.from({ length: Math.min(h, ROWS) }, (_, r) => [
    rowNames[r] ?? String(r),
    ...Array.from({ length: wide }, (_, c) => short(array.data[from + r * w + c])),
  ]);
  return { head, rows, all: h };
}

/** One picture as its numbers; of several their smallest, mean and largest. */
function picturesTable(mark: Mark & { is: "images" }, live: Live, labels: string[], say: Say): Table[] {
  const array = live.number(mark.data);
  const { n, h, w, colours } = pictures(array, mark.draws !== undefined);
  if (n === 1 && colours === "grey") return [matrix({ ...array, shape: [h, w] }, [], [], say)];
  const each = n > 0 ? array.data.length / n : 0;
  const rows = Array.from({ length: Math.min(n, ROWS) }, (_, i) => {
    const part = Array.from({ length: each }, (_, j) => array.data[i * each + j]);
    return [labels[i] ?? String(i), short(Math.min(...part)), short(part.reduce((a, b) => a + b, 0) / each), short(Math.max(...part))];
  });
  return [{ head: [say("picture"), say("low"), "⌀", say("high")], rows, all: n }];
}
