/** A running text, each piece on the colour of a number. */

import type { TokensMark } from "../types";
import { short } from "../words";
import { hex, readable } from "./colours";
import { laid, numberLegends } from "./legend";
import { chosenBy, type Drawing, marked, MONO, painter, type Pen, picking, scattered, text } from "./pen";
import { type Shape, shape } from "./shapes";

const SIZE = 16;
const LINE = 30;

export function tokens(mark: TokensMark, pen: Pen): Drawing {
  const { live, theme } = pen;
  const pieces = live.entries(mark.text, pen.language);
  // Places behind the end of a text have codes that the list does not have.
  if (typeof mark.text === "object" && "codes" in mark.text) while (pieces.at(-1) === "") pieces.pop();
  const values = mark.value === undefined ? [] : live.number(mark.value).data;
  const colour = values.length > 0 ? painter(pen, mark, values) : null;
  const framed = marked(mark.highlight && live.number(mark.highlight));
  const chosenNow = chosenBy(live, mark.picks);
  const letters = pieces.every((piece) => [...piece].length <= 1);
  const gap = letters ? 1 : 5;

  const boxes: [number, number, number][] = [];
  let [x, y] = [2, 2];
  for (const piece of pieces) {
    const wide = Math.max(pen.measure(shown(piece), SIZE) + (letters ? 3 : 8), letters ? 11 : 14);
    if (x + wide > pen.width - 2 && x > 2) [x, y] = [2, y + LINE];
    boxes.push([x, y, Math.min(wide, pen.width - 4)]);
    x += wide + gap;
    if (piece === "\n") [x, y] = [2, y + LINE];
  }
  const height = y + LINE;
  const shapes: Shape[] = [];
  boxes.forEach(([left, top, wide], i) => {
    const found = colour?.(values[i]);
    const ink = found ? readable(found) : theme.ink;
    const strong = framed(i) || i === chosenNow;
    shapes.push(shape("rect", { x: left, y: top, width: wide, height: LINE - 6, rx: 2, fill: found ? hex(found) : "none", stroke: strong ? theme.ink : letters ? undefined : theme.line, "stroke-width": strong ? 2.5 : 1 }));
    shapes.push(text(pen, shown(pieces[i]), left + wide / 2, top + 17, "middle", { "font-family": letters ? MONO : undefined, "font-size": SIZE, fill: ink, "xml:space": "preserve" }));
    if (mark.scale === "signed" && values[i] < 0) {
      shapes.push(shape("line", { x1: left + 2, y1: top + LINE - 8.5, x2: left + wide - 2, y2: top + LINE - 8.5, stroke: ink, "stroke-width": 1.5, "stroke-dasharray": "3 2" }));
    }
  });
  const legends = colour === null ? [] : numberLegends(pen, colour, values);
  const [legend, legendHeight] = laid(pen, legends, 2, height, pen.width - 4);
  const probe = scattered(
    pieces.length,
    (i) => [boxes[i][0] + boxes[i][2] / 2, boxes[i][1] + (LINE - 6) / 2],
    () => 10,
    (i) => `${i}: ${shown(pieces[i])}${colour ? ` ${short(values[i])}` : ""}`,
    picking(live, mark.picks),
  );
  return {
    width: pen.width,
    height: Math.ceil(height + legendHeight),
    shapes: [...shapes, ...legend],
    brushes: [],
    probes: pieces.length === 0 ? [] : [{
      ...probe,
      box: (i) => [boxes[i][0] - 1, boxes[i][1] - 1, boxes[i][2] + 2, LINE - 4],
      find: (px, py) => boxes.findIndex(([left, top, wide]) => px >= left && px <= left + wide + gap && py >= top && py < top + LINE),
      step: (i, key) => {
        if (key === "ArrowLeft") return Math.max(i - 1, 0);
        if (key === "ArrowRight") return Math.min(i + 1, pieces.length - 1);
        return probe.step(i, key);
      },
    }],
  };
}

/** What cannot be seen is shown by a sign. */
function shown(piece: string): string {
  if (piece === " ") return "␣";
  if (piece === "\n") return "⏎";
  if (piece === "\t") return "⇥";
  return piece.trim() === "" ? "·" : piece;
}
