/** The colours of the page's pictures, in light and in dark. Each says without colour what it says by colour too. */

import type { ScaleName } from "../types";

export type Rgb = readonly [number, number, number];

export interface Theme {
  dark: boolean;
  ground: string;
  sheet: string;
  ink: string;
  quiet: string;
  line: string;
  accent: string;
  signed: readonly Rgb[];
  classes: readonly string[];
  curves: readonly string[];
}

export const HUES: Record<string, string> = {
  input: "#ffe849",
  hidden: "#33c094",
  output: "#a44906",
  recurrent: "#476aa1",
  kernel: "#5f2053",
};

const CIVIDIS = stops("00224e002e6a1a386f32436d434e6c535a6d61656f6f70737d7c788c88789b9476aba072bcae6ccdbb63dec958f0d846fee838");

function stops(text: string): Rgb[] {
  return (text.match(/.{6}/g) ?? []).map(rgb);
}

export function rgb(hex: string): Rgb {
  const number = parseInt(hex.replace("#", ""), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

export function hex(colour: Rgb): string {
  return `#${colour.map((each) => Math.round(each).toString(16).padStart(2, "0")).join("")}`;
}

const CLASSES = ["#0501f7", "#ffb83d", "#a80000", "#409992", "#b675ff", "#e65700", "#aecae1", "#741495"];

export const LIGHT: Theme = {
  dark: false,
  ground: "#f5f5f5",
  sheet: "#ffffff",
  ink: "#1d1d1d",
  quiet: "#555555",
  line: "#c8c8c8",
  accent: "#0053a5",
  signed: stops("903500c18154e9ccbaf5f5f5c1d5ee6794ce0053a5"),
  classes: CLASSES,
  curves: ["#0501f7", "#a86f00", "#a80000", "#2a7c76", "#8d45e0", "#c74b00", "#50799b", "#741495"],
};

export const DARK: Theme = {
  dark: true,
  ground: "#222222",
  sheet: "#2c2c2c",
  ink: "#eeeeee",
  quiet: "#b8b8b8",
  line: "#555555",
  accent: "#72baff",
  signed: stops("ff9b50a466394d36272222222d3d524d79b072baff"),
  classes: CLASSES,
  curves: ["#8088ff", "#ffb83d", "#ff7062", "#5cc2ba", "#c79aff", "#ff8440", "#aecae1", "#cf7bec"],
};

/** A colour between equally spaced ones, at 0 to 1. */
export function between(colours: readonly Rgb[], at: number): Rgb {
  const place = Math.min(Math.max(at, 0), 1) * (colours.length - 1);
  const low = Math.min(Math.floor(place), colours.length - 2);
  const part = place - low;
  const [a, b] = [colours[low], colours[low + 1]];
  return [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1]), a[2] + part * (b[2] - a[2])];
}

/** The ends of a scale: those given, or those of the numbers. */
export function ends(scale: ScaleName, values: ArrayLike<number>, given?: ArrayLike<number>): [number, number] {
  if (given !== undefined && given.length > 0) {
    const [low, high] = given.length > 1 ? [given[0], given[1]] : [-given[0], given[0]];
    return [low, high > low ? high : low + 1];
  }
  if (scale === "ink") return [0, 1];
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (scale === "signed") {
    const most = Math.max(Math.abs(low), Math.abs(high));
    return Number.isFinite(most) && most > 0 ? [-most, most] : [-1, 1];
  }
  if (low > high) return [0, 1];
  return [low, high > low ? high : low + 1];
}

/** The colour of a number on a scale; of what is no number none. */
export interface Paint {
  (value: number): Rgb | null;
  scale: ScaleName;
  ends: [number, number];
  /** From the low end to the high one: the same array whenever theme and scale are the same. */
  table: readonly Rgb[];
}

/** How to colour numbers: 512 colours, made once for each scale. */
export function paint(theme: Theme, scale: ScaleName, limits: [number, number]): Paint {
  const table = scale === "classes" ? theme.classes.map(rgb) : tables(theme, scale);
  const last = table.length - 1;
  const [low, high] = limits;
  const colour = (value: number): Rgb | null => {
    if (!Number.isFinite(value)) return null;
    if (scale === "classes") return table[((Math.trunc(value) % table.length) + table.length) % table.length];
    const place = Math.round(((value - low) / (high - low)) * last);
    return table[place < 0 ? 0 : place > last ? last : place];
  };
  return Object.assign(colour, { scale, ends: limits, table });
}

const made = new Map<string, Rgb[]>();

function tables(theme: Theme, scale: ScaleName): Rgb[] {
  const key = `${scale}${theme.dark}`;
  const known = made.get(key);
  if (known) return known;
  const colours =
    scale === "signed" ? theme.signed : scale === "ink" ? [rgb(theme.dark ? theme.ground : "#ffffff"), rgb(theme.ink)] : CIVIDIS;
  const table = Array.from({ length: 511 }, (_, i) => between(colours, i / 510));
  made.set(key, table);
  return table;
}

/** A text colour that can be read on a colour. */
export function readable(colour: Rgb): string {
  return luminance(colour) > 0.19 ? "#111111" : "#ffffff";
}

export function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((each) => {
    const part = each / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
