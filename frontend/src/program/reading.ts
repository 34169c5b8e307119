/** Programs as the page holds them (`neurarium/program/page_json.py` writes them), and how they are read. */

import { count, type Data, type Dtype, type Value } from "./arrays";

/** A size, or so many times the number of rows. */
export type Size = number | { rows: number };

export interface Form {
  readonly name: string;
  readonly shape: readonly Size[];
  readonly dtype: Dtype;
}

type Literal = number | boolean | { number: "inf" | "-inf" | "nan" };

export interface PageStep {
  readonly op: string;
  readonly result?: Form;
  /** Of a loop, which has several. */
  readonly results?: readonly Form[];
  readonly in: readonly (string | Literal)[];
  readonly attributes?: Readonly<Record<string, unknown>>;
}

interface Stored {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly stored: "f2" | "f4" | "f8" | "i4" | "b1";
  readonly at: number;
}

/** Constants, and the bytes of all, deflated, in base64; a program inside another one has none of its own. */
export interface Pack {
  readonly constants: Readonly<Record<string, Stored>>;
  readonly blob?: string;
}

export interface PageProgram extends Pack {
  readonly inputs: readonly Form[];
  readonly steps: readonly PageStep[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** What operations are told; each reads what it has. */
export interface Attributes {
  readonly axis: number;
  readonly axes: readonly number[];
  readonly start: number;
  readonly step: number;
  readonly before: readonly number[];
  readonly value: number;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation?: readonly number[];
  readonly groups: number;
  readonly divisor: number;
  /** Of a loop. */
  readonly body: Program;
  readonly states: number;
  readonly sequences: number;
  readonly turns: number;
}

export interface Step {
  readonly operation: string;
  readonly results: readonly Form[];
  /** Names of values, and numbers. */
  readonly inputs: readonly (string | number)[];
  readonly attributes: Attributes;
}

export interface Program {
  readonly inputs: readonly Form[];
  readonly constants: ReadonlyMap<string, Value>;
  readonly steps: readonly Step[];
  readonly outputs: ReadonlyMap<string, string>;
}

/** Read a program. */
export async function readProgram(page: PageProgram): Promise<Program> {
  return programOf(page, await inflated(page.blob));
}

/** Read constants that go without a program. */
export async function unpack(pack: Pack): Promise<Record<string, Value>> {
  return Object.fromEntries(constants(pack, await inflated(pack.blob)));
}

let last: [blob: string, bytes: Promise<Uint8Array>] | null = null;

/** The bytes of a block, which several looks may have in common. */
function inflated(blob = ""): Promise<Uint8Array> {
  if (last?.[0] !== blob) last = [blob, bytesOf(blob)];
  return last[1];
}

async function bytesOf(blob: string): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(blob), (letter) => letter.charCodeAt(0));
  if (!packed.length) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A program, the bytes of its constants being at hand. */
export function programOf(page: PageProgram, bytes: Uint8Array): Program {
  return {
    inputs: page.inputs,
    constants: constants(page, bytes),
    steps: page.steps.map((step) => stepOf(step, bytes)),
    outputs: new Map(Object.entries(page.outputs)),
  };
}

function constants(pack: Pack, bytes: Uint8Array): Map<string, Value> {
  return new Map(Object.entries(pack.constants).map(([name, stored]) => [name, constant(stored, bytes)]));
}

function stepOf({ op, result, results, in: given, attributes = {} }: PageStep, bytes: Uint8Array): Step {
  const inputs = given.map((each) => (typeof each === "string" ? each : literal(each)));
  const told: Record<string, unknown> = { ...attributes };
  if (op === "loop") told.body = programOf(attributes.step as PageProgram, bytes);
  if ("value" in told) told.value = literal(told.value as Literal);
  return { operation: op, results: results ?? [result as Form], inputs, attributes: told as unknown as Attributes };
}

function literal(given: Literal): number {
  if (typeof given !== "object") return Number(given);
  return { inf: Infinity, "-inf": -Infinity, nan: NaN }[given.number];
}

function constant({ shape, dtype, stored, at }: Stored, bytes: Uint8Array): Value {
  const size = count(shape);
  const { buffer } = bytes;
  const start = bytes.byteOffset + at;
  switch (stored) {
    case "f4":
      return { shape, dtype, data: as(dtype, new Float32Array(buffer, start, size)) };
    case "f8":
      return { shape, dtype, data: as(dtype, new Float64Array(buffer, start, size)) };
    case "f2":
      return { shape, dtype, data: as(dtype, Float32Array.from(new Uint16Array(buffer, start, size), half)) };
    case "i4":
      return { shape, dtype, data: as(dtype, new Int32Array(buffer, start, size)) };
    case "b1":
      return { shape, dtype, data: as(dtype, new Uint8Array(buffer, start, size)) };
  }
}

/** Numbers in the array that their dtype has; those that are in it already stay where they are. */
function as(dtype: Dtype, numbers: Data | Int32Array): Data {
  const kind = dtype === "float32" ? Float32Array : dtype === "bool" ? Uint8Array : Float64Array;
  return numbers instanceof kind ? numbers : new kind(numbers);
}

/** A number from its 16 bits: a sign, five of exponent, ten of fraction. */
function half(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14);
}
