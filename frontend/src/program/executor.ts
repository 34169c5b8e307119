/** Runs a program: inputs are set, and what is asked for is computed, as far as it has changed. */

import { count, empty, type Data, type Value } from "./arrays";
import { followers, Memory, needs, shapeOf } from "./memory";
import type { Form, Program } from "./reading";

/** As many as the shape of an input holds, last axis first; or the one of an input without axes. */
export type Numbers = number | boolean | ArrayLike<number | boolean>;

/**
 * A program at work.
 *
 * What it answers stands in arrays that are used again: read or copy them before the next question.
 */
export class Executor {
  readonly inputs: readonly Form[];
  readonly outputs: readonly string[];
  private readonly given = new Map<string, Value>();
  /** How many rows came in, by the input. */
  private readonly rows = new Map<string, number>();
  private readonly stale: Uint8Array;
  private readonly touchedBy: ReadonlyMap<string, readonly number[]>;
  private readonly neededFor = new Map<string, readonly number[]>();
  private readonly names: ReadonlySet<string>;
  private memory: Memory | undefined;
  /** Values that nothing has changed since they were asked for. */
  private readonly fresh = new Set<string>();

  constructor(private readonly program: Program) {
    const { inputs, outputs, steps, constants } = program;
    this.inputs = inputs;
    this.outputs = [...outputs.keys()];
    this.stale = new Uint8Array(steps.length).fill(1);
    this.touchedBy = new Map(inputs.map(({ name }) => [name, followers(program, [name])]));
    const forms = [...inputs, ...steps.flatMap(({ results }) => results)];
    this.names = new Set([...forms.map(({ name }) => name), ...constants.keys()]);
  }

  /** Give an input its numbers; where they are those it had, nothing is computed anew. */
  set(name: string, numbers: Numbers): void {
    const form = this.inputs.find((each) => each.name === name);
    if (!form) throw new Error(`There is no input "${name}" among ${[...this.touchedBy.keys()].join(", ")}.`);
    const list = typeof numbers === "object" ? numbers : [numbers];
    this.fresh.clear();
    const rows = rowsIn(form, list.length);
    const old = this.given.get(name);
    if (old?.data.length === list.length) {
      if (write(old.data, list)) for (const step of this.touchedBy.get(name) ?? []) this.stale[step] = 1;
      return;
    }
    const value = empty(shapeOf(form.shape, rows ?? 1), form.dtype);
    write(value.data, list);
    this.given.set(name, value);
    if (rows !== null) this.rows.set(name, rows);
    this.memory = undefined; // its arrays have other sizes
    this.stale.fill(1);
  }

  /** An output, or any other value by the name that it has in the program. */
  get(name: string): Value {
    const inside = this.program.outputs.get(name) ?? name;
    if (this.memory && this.fresh.has(inside)) return this.memory.value(inside);
    if (!this.names.has(inside)) throw new Error(`There is no value "${name}" in the program.`);
    const steps = this.stepsTo(inside);
    this.memory ??= new Memory(this.program, this.equalRows(), this.given);
    for (const step of steps) {
      if (!this.stale[step]) continue;
      this.memory.run(step);
      this.stale[step] = 0;
    }
    this.fresh.add(inside);
    return this.memory.value(inside);
  }

  /** The steps that a value needs, all inputs that they take being set. */
  private stepsTo(name: string): readonly number[] {
    const known = this.neededFor.get(name);
    if (known) return known;
    const steps = needs(this.program, [name]);
    const taken = new Set<string | number>([name, ...steps.flatMap((step) => this.program.steps[step].inputs)]);
    const missing = this.inputs.filter((each) => taken.has(each.name) && !this.given.has(each.name));
    if (missing.length)
      throw new Error(`"${name}" needs inputs that are not set: ${missing.map((each) => each.name).join(", ")}.`);
    this.neededFor.set(name, steps);
    return steps;
  }

  private equalRows(): number {
    const [first, ...others] = this.rows;
    const other = others.find(([, rows]) => rows !== first[1]);
    if (other)
      throw new Error(
        `All inputs must have equally many rows: "${first[0]}" has ${first[1]}, and "${other[0]}" has ${other[1]}.`,
      );
    return first?.[1] ?? 1;
  }
}

/** How many rows so many numbers are; null where the input has no rows. */
function rowsIn({ name, shape }: Form, length: number): number | null {
  const each = count(shapeOf(shape, 1));
  const ofRows = shape.some((size) => typeof size !== "number");
  if (ofRows && length % each === 0) return length / each;
  if (!ofRows && length === each) return null;
  throw new Error(`"${name}" needs ${each} number${each === 1 ? "" : "s"}${ofRows ? " for each row" : ""}; it was given ${length}.`);
}

/** Write numbers, and say whether they are others than before. */
function write(data: Data, numbers: ArrayLike<number | boolean>): boolean {
  const truth = data instanceof Uint8Array;
  let changed = false;
  for (let i = 0; i < data.length; i++) {
    const before = data[i];
    data[i] = truth ? Number(Boolean(numbers[i])) : Number(numbers[i]);
    if (!Object.is(data[i], before)) changed = true;
  }
  return changed;
}
