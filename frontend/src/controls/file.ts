/** Pictures from files: the browser decodes them, nothing leaves the page. */

/** A picture as bytes of the size that a control has: grey, or red, green and blue planes; centred and scaled to fit. */
export async function decoded(file: File, { channels, h, w }: { channels: number; h: number; w: number }): Promise<number[]> {
  const image = new Image();
  const address = URL.createObjectURL(file);
  try {
    image.src = address;
    await image.decode();
    return sampled(image, channels, h, w);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function sampled(image: HTMLImageElement, channels: number, h: number, w: number): number[] {
  // Halved again and again: one great step down would leave out most of the pixels.
  let [from, width, height]: [CanvasImageSource, number, number] = [image, image.naturalWidth || w, image.naturalHeight || h];
  const scale = Math.min(w / width, h / height);
  while (Math.min(width, height) * scale * 2 < Math.min(width, height)) {
    if (scale * (image.naturalWidth || w) * 2 > width) break;
    const half = canvas(Math.ceil(width / 2), Math.ceil(height / 2));
    half.drawImage(from, 0, 0, half.canvas.width, half.canvas.height);
    [from, width, height] = [half.canvas, half.canvas.width, half.canvas.height];
  }
  const context = canvas(w, h);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, w, h);
  const fit = Math.min(w / width, h / height);
  context.drawImage(from, (w - fit * width) / 2, (h - fit * height) / 2, fit * width, fit * height);
  const { data } = context.getImageData(0, 0, w, h);
  const planes = channels === 3 ? [0, 1, 2].map((channel) => (i: number) => data[4 * i + channel]) : [(i: number) => grey(data, i)];
  const bytes = planes.flatMap((plane) => Array.from({ length: w * h }, (_, i) => plane(i)));
  return channels === 3 ? bytes : inked(bytes);
}

function canvas(width: number, height: number): CanvasRenderingContext2D {
  const made = document.createElement("canvas");
  [made.width, made.height] = [width, height];
  const context = made.getContext("2d");
  if (!context) throw new Error("this browser cannot draw");
  context.imageSmoothingQuality = "high";
  return context;
}

function grey(data: Uint8ClampedArray, i: number): number {
  return Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
}

/** Ink is high: a picture on light ground is turned into one of its ink. */
function inked(bytes: number[]): number[] {
  const mean = bytes.reduce((sum, each) => sum + each, 0) / bytes.length;
  return mean > 127 ? bytes.map((each) => 255 - each) : bytes;
}
