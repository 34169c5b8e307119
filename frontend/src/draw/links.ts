/** Lines between places: as wide as the weight is large, in the colour of its sign, dashed where it is negative. */

import type { LinksMark } from "../types";
import { short } from "../words";
import { ends } from "./colours";
import { linkLegends, signColour } from "./legend";
import { chosenBy, distance, type Layer, type Pen, picking, type Probe, towards } from "./pen";
import type { Field } from "./plot";
import { type Shape, shape } from "./shapes";

const SVG_MOST = 1000;
const WIDEST = 5;
const HEAD = 7;

export function links(mark: LinksMark, field: Field, pen: Pen): Layer {
  const { live } = pen;
  const [x0, y0, x1, y1] = [mark.x0, mark.y0, mark.x1, mark.y1].map((each) => live.number(each).data);
  const weights = live.number(mark.weight);
  const weight = (i: number) => (weights.shape.length === 0 ? weights.data[0] : weights.data[i]);
  const count = x0.length;
  const [, most] = ends("signed", weights.data, mark.limits && live.number(mark.limits).data);
  const line = (i: number) => [field.x(x0[i]), field.y(y0[i]), field.x(x1[i]), field.y(y1[i])] as const;
  const part = (i: number) => Math.min(Math.abs(weight(i)) / most, 1);
  const colours = { plus: signColour(pen, 1), minus: signColour(pen, -1) };
  const colour = (i: number) => (weight(i) < 0 ? colours.minus : colours.plus);
  const chosen = chosenBy(live, mark.picks);

  const shapes: Shape[] = [];
  if (count <= SVG_MOST) {
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(weight(i))) continue;
      const [ax, ay, bx, by] = line(i);
      const thick = 0.4 + (WIDEST - 0.4) * part(i);
      const at = {
        x1: ax, y1: ay, x2: bx, y2: by,
        stroke: colour(i),
        "stroke-width": thick,
        "stroke-opacity": Math.round((0.25 + 0.75 * part(i)) * 100) / 100,
        "stroke-dasharray": weight(i) < 0 ? `${(4 + thick).toFixed(1)} ${(2 + thick / 2).toFixed(1)}` : undefined,
      };
      if (i === chosen) shapes.push(shape("line", { ...at, stroke: pen.theme.ink, "stroke-width": thick + 4, "stroke-opacity": 0.35, "stroke-dasharray": undefined }));
      shapes.push(shape("line", at));
      if (mark.arrows) shapes.push(head(ax, ay, bx, by, colour(i), thick));
    }
  }
  const brush = (context: CanvasRenderingContext2D) => {
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(weight(i))) continue;
      const [ax, ay, bx, by] = line(i);
      context.strokeStyle = colour(i);
      context.globalAlpha = 0.05 + 0.6 * part(i);
      context.lineWidth = 0.3 + 2.5 * part(i);
      context.setLineDash(weight(i) < 0 ? [5, 3] : []);
      context.beginPath();
      context.moveTo(ax, ay);
      context.lineTo(bx, by);
      context.stroke();
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  };
  const negative = Array.from({ length: count }, (_, i) => weight(i)).some((each) => each < 0);
  return {
    shapes,
    brush: count > SVG_MOST ? brush : undefined,
    legends: linkLegends(pen, most, negative),
    probe: probe(mark, pen, count, line, (i) => `${pen.say("link")} ${i}: ${pen.say("weight")} ${short(weight(i))}`),
  };
}

function head(ax: number, ay: number, bx: number, by: number, fill: string, thick: number): Shape {
  const long = Math.hypot(bx - ax, by - ay) || 1;
  const [ux, uy] = [(bx - ax) / long, (by - ay) / long];
  const size = HEAD + thick;
  const corner = (along: number, across: number) => `${(bx - along * ux - across * uy).toFixed(2)} ${(by - along * uy + across * ux).toFixed(2)}`;
  return shape("path", { d: `M${corner(0, 0)}L${corner(size, size / 2)}L${corner(size, -size / 2)}Z`, fill });
}

function probe(mark: LinksMark, pen: Pen, count: number, line: (i: number) => readonly [number, number, number, number], told: (i: number) => string): Probe {
  const middle = (i: number): [number, number] => {
    const [ax, ay, bx, by] = line(i);
    return [(ax + bx) / 2, (ay + by) / 2];
  };
  return {
    count,
    text: told,
    box: (i) => {
      const [ax, ay, bx, by] = line(i);
      return [Math.min(ax, bx) - 4, Math.min(ay, by) - 4, Math.abs(bx - ax) + 8, Math.abs(by - ay) + 8];
    },
    find: (x, y) => {
      let [best, least] = [-1, 5];
      for (let i = 0; i < count; i++) {
        const [ax, ay, bx, by] = line(i);
        const far = distance(x, y, [ax, ay], [bx, by]);
        if (far < least) [best, least] = [i, far];
      }
      return best;
    },
    step: (i, key) => {
      const next = towards(count, middle, i, key);
      if (next !== i) return next;
      return Math.min(Math.max(i + (key === "ArrowDown" || key === "ArrowRight" ? 1 : key === "ArrowUp" || key === "ArrowLeft" ? -1 : 0), 0), count - 1);
    },
    ...picking(pen.live, mark.picks),
  };
}
