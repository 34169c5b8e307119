/** The eight shapes of classes and their dashes: what says a class without its colour. */

import { type Shape, shape } from "./shapes";

/** Outlines around (0, 0), of about the area of a circle of radius 1. */
const OUTLINES: readonly (readonly [number, number][])[] = [
  ring(24, 1, 1),
  [[-0.89, -0.89], [0.89, -0.89], [0.89, 0.89], [-0.89, 0.89]],
  [[0, -1.25], [1.15, 0.8], [-1.15, 0.8]],
  [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  [[0, 1.25], [1.15, -0.8], [-1.15, -0.8]],
  plus(0),
  plus(Math.PI / 4),
  ring(10, 1.4, 0.62),
];

export const DASHES = [undefined, "6 3", "1.5 2.5", "7 2.5 1.5 2.5", "12 4", "5 2 1.5 2 1.5 2", "3 3", "10 3 3 3"] as const;

function ring(corners: number, long: number, small: number): [number, number][] {
  return Array.from({ length: corners }, (_, i) => {
    const [angle, r] = [(2 * Math.PI * i) / corners - Math.PI / 2, i % 2 ? small : long];
    return [r * Math.cos(angle), r * Math.sin(angle)];
  });
}

function plus(turn: number): [number, number][] {
  const [a, b] = [1.25, 0.42];
  const corners = [[-b, -a], [b, -a], [b, -b], [a, -b], [a, b], [b, b], [b, a], [-b, a], [-b, b], [-a, b], [-a, -b], [-b, -b]];
  return corners.map(([x, y]) => [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)]);
}

export function classShape(group: number): number {
  const size = OUTLINES.length;
  return (((group + Math.floor(group / size)) % size) + size) % size;
}

export function classColour(colours: readonly string[], group: number): string {
  return colours[((group % colours.length) + colours.length) % colours.length];
}

const paths = new Map<string, string>();

/** The path of a class's shape around (0, 0). */
export function outline(group: number, radius: number): string {
  const key = `${classShape(group)} ${radius}`;
  let path = paths.get(key);
  if (path === undefined) {
    const corners = OUTLINES[classShape(group)].map(([x, y]) => `${(x * radius).toFixed(2)} ${(y * radius).toFixed(2)}`);
    path = classShape(group) === 0 ? circle(radius) : `M${corners.join("L")}Z`;
    paths.set(key, path);
  }
  return path;
}

function circle(r: number): string {
  return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
}

/** A class's shape at a place. */
export function symbol(group: number, x: number, y: number, radius: number, fill: string, stroke: string): Shape {
  return shape("path", {
    d: outline(group, radius),
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
    fill,
    stroke,
    "stroke-width": 1,
  });
}
