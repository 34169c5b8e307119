/** Drawing on a picture, setting points, dragging a place: what hands and keys do to a look's controls. */

import { distance } from "./draw/pen";
import type { PointSetValue } from "./live";
import type { Look } from "./state.svelte";
import type { PadControl, PictureControl, PointSetControl } from "./types";

/** How many pictures' channels, rows and columns a picture has. */
export function pictureSize(control: PictureControl): { channels: number; h: number; w: number } {
  const { shape } = control.value;
  return shape.length === 3 ? { channels: shape[0], h: shape[1], w: shape[2] } : { channels: 1, h: shape[0], w: shape[1] };
}

/** Whether a picture knows only its two ends, so that a brush must have no soft edge. */
export function hard(control: PictureControl): boolean {
  return control.value.data.every((each) => each === control.low || each === control.high);
}

/** Draw or erase a line from one place of a picture (in pixels, fractions too) to another. */
export function stroke(look: Look, control: PictureControl, from: [number, number], to: [number, number]): void {
  const { erase, size, colour } = look.tools[control.name];
  const { channels, h, w } = pictureSize(control);
  const data = Float32Array.from(look.live.settings.get(control.name) as number[]);
  const inks = channels === 3 ? shades(colour) : [1];
  const span = control.high - control.low;
  const radius = size / 2;
  const edge = hard(control) || size === 1 ? 0 : 0.5;
  const reach = Math.ceil(radius + edge);
  for (let row = Math.floor(Math.min(from[1], to[1])) - reach; row <= Math.max(from[1], to[1]) + reach; row++) {
    for (let column = Math.floor(Math.min(from[0], to[0])) - reach; column <= Math.max(from[0], to[0]) + reach; column++) {
      if (row < 0 || column < 0 || row >= h || column >= w) continue;
      const far = distance(column + 0.5, row + 0.5, from, to);
      const touched = size === 1 ? touches(column, row, from, to) : 0;
      const cover = size === 1 ? touched : edge === 0 ? Number(far <= radius) : Math.min(Math.max((radius + edge - far) / (2 * edge), 0), 1);
      if (cover <= 0) continue;
      for (let channel = 0; channel < channels; channel++) {
        const at = (channel * h + row) * w + column;
        const goal = erase ? control.low : control.low + span * inks[channel % inks.length];
        const level = Math.round(255 * cover) / 255;
        const mixed = data[at] + level * (goal - data[at]);
        // Ink only adds and the eraser only takes, so that going over an edge again does not fray it.
        data[at] = channels === 3 || cover === 1 ? mixed : erase ? Math.min(data[at], control.high - span * level) : Math.max(data[at], control.low + span * level);
      }
    }
  }
  look.set(control.name, Array.from(data));
}

/** Whether a line passes through a pixel. */
function touches(column: number, row: number, from: [number, number], to: [number, number]): number {
  const steps = Math.ceil(Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])) * 2) || 1;
  for (let i = 0; i <= steps; i++) {
    const [x, y] = [from[0] + (i / steps) * (to[0] - from[0]), from[1] + (i / steps) * (to[1] - from[1])];
    if (Math.floor(x) === column && Math.floor(y) === row) return 1;
  }
  return 0;
}

/** Red, green and blue from 0 to 1. */
function shades(colour: string): number[] {
  const number = parseInt(colour.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255].map((each) => each / 255);
}

// Points.

export function points(look: Look, control: PointSetControl): PointSetValue {
  return look.live.settings.get(control.name) as PointSetValue;
}

export function addPoint(look: Look, control: PointSetControl, [x, y]: [number, number]): number {
  const { xy, group } = points(look, control);
  if (group.length >= control.capacity) return -1;
  look.set(control.name, { xy: [...xy, Math.fround(x), Math.fround(y)], group: [...group, look.tools[control.name].group] });
  return group.length;
}

export function movePoint(look: Look, control: PointSetControl, i: number, [x, y]: [number, number]): void {
  const { xy, group } = points(look, control);
  if (i < 0 || i >= group.length) return;
  look.set(control.name, { xy: xy.map((each, at) => (at === 2 * i ? Math.fround(x) : at === 2 * i + 1 ? Math.fround(y) : each)), group });
}

export function removePoint(look: Look, control: PointSetControl, i: number): void {
  const { xy, group } = points(look, control);
  look.set(control.name, { xy: xy.filter((_, at) => at >> 1 !== i), group: group.filter((_, at) => at !== i) });
}

// A place in a plane.

export function movePad(look: Look, control: PadControl, place: [number, number]): void {
  look.set(control.name, place.map((each, i) => Math.fround(Math.min(Math.max(each, control.low[i]), control.high[i]))));
}
