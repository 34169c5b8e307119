/** The state of the page in its address, behind the "#": reopening it brings everything back. */

import type { Live, PointSetValue, Setting } from "./live";
import type { Arr, Control, GridControl, PictureControl } from "./types";
import { least } from "./words";

const OWN = new Set(["look", "lang", "theme"]);

/** A control's name in the address; one that the page needs itself gets a sign in front. */
function key(name: string): string {
  return OWN.has(name) ? `.${name}` : name;
}

/** What of a look differs from how it began. */
export function state(live: Live): [string, string][] {
  return live.scene.controls.flatMap((control): [string, string][] => {
    const setting = live.settings.get(control.name);
    if (setting === undefined || live.untouched(control.name)) return [];
    return [[key(control.name), encoded(control, setting, live)]];
  });
}

/** Set a look's controls as an address says; what does not fit is passed over. */
export function restore(live: Live, parameters: URLSearchParams): void {
  for (const control of live.scene.controls) {
    const text = parameters.get(key(control.name));
    if (text === null) {
      if (!live.untouched(control.name)) live.reset(control.name);
      continue;
    }
    const setting = decoded(control, text, live);
    if (setting !== null) live.set(control.name, setting);
  }
}

function encoded(control: Control, setting: Setting, live: Live): string {
  switch (control.is) {
    case "toggle":
      return setting ? "1" : "0";
    case "pad":
      return (setting as number[]).map(least).join("_");
    case "picture":
      return picture(control, Float32Array.from(setting as number[]), live);
    case "grid": {
      const sample = sampleOf(control, setting as number[], live);
      return sample >= 0 ? `s${sample}` : (setting as number[]).map(least).join("_");
    }
    case "pointset": {
      const { xy, group } = setting as PointSetValue;
      return `${base64(Float32Array.from(xy))}.${base64(Uint8Array.from(group))}`;
    }
    case "typed":
      return base64(Uint16Array.from(setting as number[]));
    case "state":
      return base64(Float64Array.from((setting as Arr).data));
    default:
      return String(setting);
  }
}

/** A picture: the number of its sample, or a byte for each pixel where that is exact, or its numbers. */
function picture(control: PictureControl, data: Float32Array, live: Live): string {
  const sample = sampleOf(control, data, live);
  if (sample >= 0) return `s${sample}`;
  const bytes = Uint8Array.from(data, (each) => Math.round((255 * (each - control.low)) / (control.high - control.low)));
  const exact = bytes.every((byte, i) => grade(control, byte) === data[i]);
  return exact ? `b${base64(bytes)}` : `f${base64(data)}`;
}

/** The shade of a byte between a picture's low and high. */
export function grade(control: PictureControl, byte: number): number {
  return Math.fround(control.low + (byte / 255) * (control.high - control.low));
}

/** Which sample a picture is; -1 for none. */
export function sampleOf(control: PictureControl | GridControl, data: ArrayLike<number>, live: Live): number {
  const samples = control.samples === undefined ? undefined : live.value(control.samples);
  if (samples === undefined) return -1;
  const each = data.length;
  for (let i = 0; i < samples.shape[0]; i++) {
    let same = true;
    for (let j = 0; same && j < each; j++) same = samples.data[i * each + j] === data[j];
    if (same) return i;
  }
  return -1;
}

function decoded(control: Control, text: string, live: Live): Setting | null {
  try {
    return read(control, text, live);
  } catch {
    return null;
  }
}

function read(control: Control, text: string, live: Live): Setting | null {
  switch (control.is) {
    case "toggle":
      return text === "1";
    case "number": {
      const number = Number(text);
      return number >= control.low && number <= control.high ? number : null;
    }
    case "choice": {
      const number = Number(text);
      const options = typeof control.options === "string" ? live.scene.lists[control.options] : control.options;
      return Number.isInteger(number) && number >= 0 && number < options.length ? number : null;
    }
    case "noise": {
      const seed = Number(text);
      return Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32 ? seed : null;
    }
    case "pad": {
      const place = text.split("_").map(Number);
      return place.length === 2 && place.every((each, i) => each >= control.low[i] && each <= control.high[i]) ? place.map(Math.fround) : null;
    }
    case "picture":
      return readPicture(control, text, live);
    case "grid": {
      const length = control.value.data.length;
      const numbers = text[0] === "s" ? sample(control, text.slice(1), live) : text.split("_").map(Number);
      return numbers?.length === length && numbers.every((each) => each >= control.low && each <= control.high) ? numbers.map(Math.fround) : null;
    }
    case "pointset": {
      const [places, classes] = text.split(".");
      const xy = Array.from(new Float32Array(bytes(places).buffer));
      const group = Array.from(bytes(classes));
      return xy.length === 2 * group.length && group.length <= control.capacity && xy.every(Number.isFinite) ? { xy, group } : null;
    }
    case "typed":
      return Array.from(new Uint16Array(bytes(text).buffer));
    case "state": {
      const before = live.settings.get(control.name) as Arr;
      const data = new Float64Array(bytes(text).buffer);
      return data.length === before.data.length ? { ...before, data: Array.from(data) } : null;
    }
    case "button":
      return null;
  }
}

function readPicture(control: PictureControl, text: string, live: Live): Setting | null {
  const length = control.value.data.length;
  const rest = text.slice(1);
  if (text[0] === "s") return sample(control, rest, live);
  const data = text[0] === "b" ? Array.from(bytes(rest), (byte) => grade(control, byte)) : Array.from(new Float32Array(bytes(rest).buffer));
  return data.length === length && data.every(Number.isFinite) ? data : null;
}

/** A sample by its number in an address. */
function sample(control: PictureControl | GridControl, text: string, live: Live): number[] | null {
  const samples = control.samples === undefined ? undefined : live.value(control.samples);
  const [number, { length }] = [Number(text), control.value.data];
  if (samples === undefined || !(number >= 0 && number < samples.shape[0])) return null;
  return Array.from({ length }, (_, i) => samples.data[number * length + i]);
}

// Bytes as letters that an address can hold.

export function base64(array: ArrayBufferView): string {
  const letters = Array.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), (byte) => String.fromCharCode(byte));
  return btoa(letters.join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function bytes(text: string): Uint8Array {
  const letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
