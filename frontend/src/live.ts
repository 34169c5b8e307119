/** A look's numbers: what its controls stand for, its constants, and what its Program computes from them. */

import { uniform } from "./noise";
import { read, unpack, type Executor } from "./program";
import { count } from "./program/arrays";
import type { Arr, Control, Labels, Language, LookForm, Named, Numbers, Packed, PanelForm, SceneForm, Text } from "./types";
import { filled, said } from "./words";

export interface PointSetValue {
  xy: number[];
  group: number[];
}
/** What a control is set to. */
export type Setting = number | boolean | number[] | PointSetValue | Arr;

type Arrays = Record<string, Arr>;

const NOTHING: Arr = { shape: [0], dtype: "float32", data: [] };

function floats(shape: readonly number[], data: ArrayLike<number>): Arr {
  return { shape, dtype: "float32", data: Float32Array.from(data) };
}

function wholes(shape: readonly number[], data: ArrayLike<number>): Arr {
  return { shape, dtype: "int64", data: Float64Array.from(data) };
}

function padded(data: readonly number[], length: number): number[] {
  return [...data, ...new Array<number>(length - data.length).fill(0)];
}

/** The arrays that a control stands for, as its `inputs()` says in Python. */
export function arrays(control: Control, setting: Setting): Arrays {
  const { name } = control;
  switch (control.is) {
    case "number":
      return { [name]: (control.whole ? wholes : floats)([], [setting as number]) };
    case "choice":
      return { [name]: wholes([], [setting as number]) };
    case "toggle":
      return { [name]: { shape: [], dtype: "bool", data: Uint8Array.of(setting ? 1 : 0) } };
    case "picture":
    case "grid":
      return { [name]: floats(control.value.shape, setting as number[]) };
    case "pad":
      return { [name]: floats([2], setting as number[]) };
    case "noise":
      return { [name]: floats(control.shape, uniform(setting as number, count(control.shape))) };
    case "state":
      return { [name]: setting as Arr };
    case "pointset": {
      const { xy, group } = setting as PointSetValue;
      const used = group.map(() => 1);
      return {
        [`${name}_xy`]: floats([control.capacity, 2], padded(xy, 2 * control.capacity)),
        [`${name}_group`]: wholes([control.capacity], padded(group, control.capacity)),
        [`${name}_used`]: floats([control.capacity], padded(used, control.capacity)),
      };
    }
    case "typed": {
      const codes = (setting as number[]).slice(-control.length);
      return {
        [name]: wholes([control.length], padded(codes, control.length)),
        [`${name}_length`]: wholes([], [codes.length]),
      };
    }
    case "button":
      return {};
  }
}

/** What a control is set to at first. */
function initial(control: Control, dtype: string): Setting {
  switch (control.is) {
    case "number":
    case "choice":
    case "toggle":
    case "pad":
    case "typed":
      return control.value;
    case "picture":
    case "grid":
      return control.value.data;
    case "noise":
      return control.seed;
    case "state":
      return { shape: control.value.shape, dtype: control.value.dtype ?? dtype, data: control.value.data.map(Number) };
    case "pointset":
      return { xy: control.xy.data, group: control.group.data };
    case "button":
      return 0;
  }
}

/** A control's setting from an array of its shape: what a button does. */
function taken(control: Control, array: Arr): Setting {
  const data = Array.from(array.data);
  if (control.is === "number" || control.is === "choice" || control.is === "noise") return data[0];
  if (control.is === "toggle") return data[0] !== 0;
  if (control.is === "state") return { shape: array.shape, dtype: array.dtype, data };
  return data;
}

/** The form of an array in a scene's JSON, where Python gives lists. */
function listed(array: Arr): (number | boolean)[] {
  return array.dtype === "bool" ? Array.from(array.data, Boolean) : Array.from(array.data);
}

export class Live {
  readonly settings = new Map<string, Setting>();
  readonly controls = new Map<string, Control>();
  private readonly start = new Map<string, Setting>();
  private readonly given: Arrays = {};
  private readonly outputs: readonly string[];
  /** Counts the changes; and for every array of a control the last one. */
  private clock = 0;
  private readonly changes = new Map<string, number>();
  /** Who reads just now: what it asks for is written down. */
  private reads: Set<string> | null = null;

  private constructor(
    readonly scene: SceneForm,
    private readonly constants: Arrays,
    private readonly executor: Executor | null,
    /** For every output the inputs that it hangs on. */
    private readonly roots: ReadonlyMap<string, ReadonlySet<string>>,
  ) {
    this.outputs = executor === null ? [] : executor.outputs;
    for (const input of executor?.inputs ?? []) {
      const constant = constants[input.name];
      if (constant) executor?.set(input.name, constant.data);
    }
    for (const control of scene.controls) {
      this.controls.set(control.name, control);
      if (control.is === "button") continue;
      const dtype = executor?.inputs.find((each) => each.name === control.name)?.dtype ?? "float32";
      const setting = initial(control, dtype);
      this.start.set(control.name, setting);
      this.set(control.name, setting);
    }
  }

  static async open(look: LookForm): Promise<Live> {
    const constants: Arrays = await unpack({ constants: look.constants ?? {}, blob: look.blob } as Parameters<typeof unpack>[0]);
    const executor = look.program ? await read(look.program as Parameters<typeof read>[0]) : null;
    return new Live(finite(look.scene) as SceneForm, constants, executor, rootsOf(look.program as PageProgram | null));
  }

  // Numbers.

  /** An array by its name; none where there is none. */
  value(name: string): Arr | undefined {
    this.reads?.add(name);
    const known = this.given[name] ?? this.constants[name];
    if (known !== undefined || this.executor === null) return known;
    return this.outputs.includes(name) ? this.executor.get(name) : undefined;
  }

  /** Do something that reads numbers, and learn whether anything that it read has changed since. */
  watch<Answer>(work: () => Answer): [Answer, changed: () => boolean] {
    const [outer, reads] = [this.reads, new Set<string>()];
    this.reads = reads;
    const answer = work();
    this.reads = outer;
    reads.forEach((each) => outer?.add(each));
    const roots = new Set([...reads].flatMap((name) => [name, ...(this.roots.get(name) ?? [])]));
    const { clock } = this;
    return [answer, () => [...roots].some((name) => (this.changes.get(name) ?? 0) > clock)];
  }

  /** The array that a mark means. */
  number(value: Numbers | undefined): Arr {
    if (value === undefined) return NOTHING;
    if (typeof value === "number") return { shape: [], dtype: "float64", data: [value] };
    if (Array.isArray(value)) return list(value);
    if ("data" in value) return { shape: value.shape, dtype: "float64", data: value.data };
    let array = this.value(value.name) ?? NOTHING;
    for (const each of value.at) {
      const place = typeof each === "number" ? each : Math.trunc(this.value(each)?.data[0] ?? 0);
      array = part(array, place);
    }
    return array;
  }

  /** A single number. */
  one(value: Numbers | undefined): number {
    return this.number(value).data[0] ?? NaN;
  }

  /** The texts that a mark means. */
  entries(labels: Labels | undefined, language: Language): string[] {
    if (labels === undefined) return [];
    const { lists } = this.scene;
    if (typeof labels === "string") return (lists[labels] ?? []).map((each) => this.told(each, language));
    if (Array.isArray(labels)) return labels.map((each) => this.told(each, language));
    const of = lists[(labels as Named).of] ?? [];
    const codes = Array.from((this.number(labels.codes) ?? NOTHING).data);
    return codes.map((code) => (of[code] === undefined ? "" : this.told(of[code], language)));
  }

  /** A text with its numbers; a user's own name letter for letter. */
  told(text: string | Text, language: Language): string {
    return typeof text === "string" ? text : this.fill(text[language], language);
  }

  fill(text: string, language: Language): string {
    return filled(text, language, (name) => this.value(name), this.scene.lists);
  }

  /** What a list of the scene calls a number. */
  entry(of: string, number: number, language: Language): string {
    const found = (this.scene.lists[of] ?? [])[number];
    return found === undefined ? "" : said(found, language);
  }

  /** The panels that are there as the controls stand. */
  shown(): PanelForm[] {
    return this.scene.panels.filter(({ when }) => this.holds(when));
  }

  /** Whether a control is there as the others stand. */
  asked(name: string): boolean {
    return this.holds(this.scene.only[name]);
  }

  private holds(when: [string, number[]] | undefined): boolean {
    return when === undefined || when[1].includes(this.value(when[0])?.data[0] ?? 0);
  }

  // Changes.

  set(name: string, setting: Setting): void {
    const control = this.controls.get(name);
    if (control === undefined || control.is === "button") throw new Error(`there is no control ${name}`);
    this.settings.set(name, setting);
    this.clock++;
    for (const [each, array] of Object.entries(arrays(control, setting))) {
      this.given[each] = array;
      this.changes.set(each, this.clock);
      if (this.executor?.inputs.some((input) => input.name === each)) this.executor.set(each, array.data);
    }
  }

  /** A button: all that it takes over is read before anything is changed. */
  press(name: string): void {
    const button = this.controls.get(name);
    if (button?.is !== "button") throw new Error(`there is no button ${name}`);
    const read = Object.entries(button.sets).map(([to, from]) => {
      const array = this.value(from) ?? NOTHING;
      return [to, { ...array, data: Array.from(array.data) }] as const;
    });
    for (const [to, array] of read) {
      const control = this.controls.get(to);
      if (control !== undefined) this.set(to, taken(control, array));
    }
  }

  reset(name: string): void {
    const start = this.start.get(name);
    if (start !== undefined) this.set(name, start);
  }

  /** Whether a control stands where it stood at first. */
  untouched(name: string): boolean {
    const [start, now] = [this.start.get(name), this.settings.get(name)];
    return start === now || JSON.stringify(start, typed) === JSON.stringify(now, typed);
  }

  // The scene as JSON, equal to that of the Python call.

  json(): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const name of [...Object.keys(this.constants), ...Object.keys(this.given), ...this.outputs]) {
      const array = this.value(name);
      if (array) values[name] = { shape: [...array.shape], dtype: array.dtype, data: listed(array) };
    }
    const controls = this.scene.controls.map((control) => this.form(control));
    return { ...this.scene, controls, values };
  }

  private form(control: Control): Control {
    const setting = this.settings.get(control.name);
    const packed = (form: Packed, shape: readonly number[], data: number[]): Packed => ({ ...form, shape: [...shape], data });
    switch (control.is) {
      case "button":
        return control;
      case "noise":
        return { ...control, seed: setting as number };
      case "picture":
      case "grid":
        return { ...control, value: packed(control.value, control.value.shape, Array.from(setting as number[])) };
      case "state": {
        const array = setting as Arr;
        return { ...control, value: packed(control.value, array.shape, listed(array) as number[]) };
      }
      case "pointset": {
        const { xy, group } = setting as PointSetValue;
        return {
          ...control,
          xy: packed(control.xy, [group.length, 2], [...xy]),
          group: packed(control.group, [group.length], [...group]),
        };
      }
      default:
        return { ...control, value: setting } as Control;
    }
  }
}

interface PageProgram {
  steps: { in: unknown[]; result?: { name: string }; results?: { name: string }[] }[];
  inputs: { name: string }[];
  outputs: Record<string, string>;
}

/** For every output of a program the inputs that it hangs on. */
function rootsOf(program: PageProgram | null): Map<string, Set<string>> {
  const roots = new Map<string, Set<string>>((program?.inputs ?? []).map(({ name }) => [name, new Set([name])]));
  for (const { in: given, result, results } of program?.steps ?? []) {
    const all = new Set(given.flatMap((each) => (typeof each === "string" ? [...(roots.get(each) ?? [])] : [])));
    for (const { name } of results ?? (result ? [result] : [])) roots.set(name, all);
  }
  return new Map(Object.entries(program?.outputs ?? {}).map(([name, value]) => [name, roots.get(value) ?? new Set()]));
}

function typed(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
}

const lists = new WeakMap<unknown[], Arr>();

/** Nested lists of numbers as an array; those of a scene stay what they are. */
function list(value: unknown[]): Arr {
  let array = lists.get(value);
  if (array === undefined) {
    const shape: number[] = [];
    for (let inner: unknown = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
    lists.set(value, (array = { shape, dtype: "float64", data: value.flat(Infinity) as number[] }));
  }
  return array;
}

/** An entry along the first axis; of a place that is not there the nearest. */
export function part(array: Arr, place: number): Arr {
  const [length, ...shape] = array.shape;
  if (length === undefined) return array;
  const each = count(shape);
  const from = Math.min(Math.max(place, 0), length - 1) * each;
  const data = array.data as Float32Array;
  return { shape, dtype: array.dtype, data: Array.isArray(data) ? data.slice(from, from + each) : data.subarray(from, from + each) };
}

const STRANGE: Record<string, number> = { nan: NaN, inf: Infinity, "-inf": -Infinity };

/** JSON with `{"number": "nan"}` and its like turned into numbers. */
function finite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(finite);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value);
  const { number } = value as { number?: unknown };
  if (keys.length === 1 && typeof number === "string" && number in STRANGE) return STRANGE[number];
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, finite(each)]));
}
