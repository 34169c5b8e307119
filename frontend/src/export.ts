/** Pictures to take away: an SVG that needs nothing else, or a PNG of it. */

import { FAMILY } from "./draw/pen";
import { escaped, type Shape, written } from "./draw/shapes";
import type { Theme } from "./draw/colours";

export interface Picture {
  width: number;
  height: number;
  shapes: Shape[];
  canvas: HTMLCanvasElement | null;
  /** What is no SVG: a formula. */
  foreign?: Element;
}

interface Frame {
  title: string;
  note: string;
  kind: "svg" | "png";
  theme: Theme;
  name: string;
}

const MARGIN = 12;
const SHARP = 2; // pixels of a PNG for one of the page

export async function saved(picture: Picture, frame: Frame): Promise<void> {
  const [width, height, svg] = file(picture, frame);
  const name = `${frame.name.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}.${frame.kind}`;
  const blob = new Blob([svg], { type: "image/svg+xml" });
  download(frame.kind === "svg" ? blob : await rastered(svg, width, height), name);
}

/** The picture with its title and note, in colours of its own. */
export function file(picture: Picture, { title, note, theme }: Frame): [number, number, string] {
  const lines = wrapped(note, Math.max(picture.width / 6.6, 20));
  const width = picture.width + 2 * MARGIN;
  const top = MARGIN + 26;
  const height = top + picture.height + lines.length * 18 + MARGIN;
  const words = (text: string, y: number, size: number, weight = 400) =>
    `<text x="${MARGIN}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${theme.ink}">${escaped(text)}</text>`;
  const canvas = picture.canvas
    ? `<image x="0" y="0" width="${picture.width}" height="${picture.height}" href="${picture.canvas.toDataURL()}"/>`
    : "";
  const foreign = picture.foreign
    ? `<foreignObject width="${picture.width}" height="${picture.height}" color="${theme.ink}">${new XMLSerializer().serializeToString(picture.foreign)}</foreignObject>`
    : "";
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(FAMILY)}">` +
    `<title>${escaped(title)}</title><rect width="${width}" height="${height}" fill="${theme.ground}"/>` +
    words(title, MARGIN + 14, 16, 600) +
    `<g transform="translate(${MARGIN} ${top})">${canvas}${picture.shapes.map(written).join("")}${foreign}</g>` +
    lines.map((line, i) => words(line, top + picture.height + 14 + i * 18, 13)).join("") +
    "</svg>";
  return [width, height, svg];
}

function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

async function rastered(svg: string, width: number, height: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SHARP * width, SHARP * height];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"));
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
