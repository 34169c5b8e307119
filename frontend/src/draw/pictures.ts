/** Numbers as the pixels of small canvases. */

import type { Paint, Rgb } from "./colours";

let scratch: HTMLCanvasElement | null = null;

/** A canvas of one pixel for each number: the same one each time, so draw it before you ask for the next. */
export function pixels(width: number, height: number, colour: (i: number) => Rgb | null, alpha?: (i: number) => number): HTMLCanvasElement {
  const canvas = (scratch ??= document.createElement("canvas")); // a new one takes longer than all of its pixels, and so does another size
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [Math.max(width, 1), Math.max(height, 1)];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null || width * height === 0) return canvas;
  const image = context.createImageData(width, height);
  const { data } = image;
  for (let i = 0; i < width * height; i++) {
    const found = colour(i);
    if (found === null) continue;
    data[4 * i] = found[0];
    data[4 * i + 1] = found[1];
    data[4 * i + 2] = found[2];
    data[4 * i + 3] = alpha === undefined ? 255 : alpha(i);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The same, of numbers on a scale. */
export function painted(width: number, height: number, data: ArrayLike<number>, from: number, paint: Paint): HTMLCanvasElement {
  return pixels(width, height, (i) => paint(data[from + i]));
}

export function stamp(context: CanvasRenderingContext2D, canvas: HTMLCanvasElement, x: number, y: number, width: number, height: number, smooth = false): void {
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, x, y, width, height);
}
