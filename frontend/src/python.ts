/** The Python call that makes the scene as it stands. */

import { base64 } from "./fragment";
import type { Live, PointSetValue, Setting } from "./live";
import type { Arr, Control } from "./types";
import { least } from "./words";

const WRITTEN = 64; // numbers that are written out; more are packed

/** The scene's own call, with every control that differs from its start. */
export function call(live: Live): string {
  const options = live.scene.controls.flatMap((control) => {
    const setting = live.settings.get(control.name);
    if (setting === undefined || live.untouched(control.name)) return [];
    return [`${control.name}=${value(control, setting, live)}`];
  });
  const { python } = live.scene;
  if (options.length === 0) return python;
  const end = python.lastIndexOf(")");
  const needed = [["base64.", "import base64"], ["np.", "import numpy as np"]].filter(([use, line]) => options.some((each) => each.includes(use)) && !python.includes(line));
  const before = needed.map(([, line]) => `${line}\n`).join("");
  const opened = python[end - 1] === "(" ? "" : ", ";
  return `${before}${python.slice(0, end)}${opened}${options.join(", ")}${python.slice(end)}`;
}

function value(control: Control, setting: Setting, live: Live): string {
  switch (control.is) {
    case "toggle":
      return setting ? "True" : "False";
    case "choice": {
      const options = typeof control.options === "string" ? live.scene.lists[control.options] : control.options;
      const chosen = options[setting as number];
      const name = typeof chosen === "string" ? chosen : chosen.en;
      const unique = options.filter((each) => (typeof each === "string" ? each : each.en) === name).length === 1;
      return unique ? JSON.stringify(name) : String(setting);
    }
    case "pad":
    case "typed":
      return `(${(setting as number[]).map(python).join(", ")}${(setting as number[]).length === 1 ? "," : ""})`;
    case "picture":
    case "grid":
      return array(Float32Array.from(setting as number[]), control.value.shape, "float32");
    case "pointset": {
      const { xy, group } = setting as PointSetValue;
      return `(${array(Float32Array.from(xy), [group.length, 2], "float32")}, ${array(Uint8Array.from(group), [group.length], "uint8")})`;
    }
    case "state": {
      const { data, shape, dtype } = setting as Arr;
      return array(Float64Array.from(data), shape, "float64", dtype);
    }
    default:
      return python(setting as number);
  }
}

function python(number: number): string {
  return Number.isFinite(number) ? least(number) : `float("${Number.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf"}")`;
}

function array(data: Float32Array | Float64Array | Uint8Array, shape: readonly number[], stored: string, dtype = stored): string {
  const size = shape.length === 1 ? "" : `.reshape(${shape.join(", ")})`;
  if (data.length <= WRITTEN) return `np.array([${Array.from(data, python).join(", ")}], "${dtype}")${size}`;
  const text = base64(data);
  const cast = dtype === stored ? "" : `.astype("${dtype}")`;
  return `np.frombuffer(base64.urlsafe_b64decode("${text}${"=".repeat(-text.length & 3)}"), "${stored}")${cast}${size}`;
}
