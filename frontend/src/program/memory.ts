/** Where the values of a program stand while it runs, and which steps a value needs. */

import { empty, type Dtype, type Value } from "./arrays";
import { OPERATIONS, type Run } from "./operations";
import type { Form, Program, Size, Step } from "./reading";

/** The numbers of the steps that compute values, in order. */
export function needs(program: Program, names: Iterable<string>): number[] {
  const wanted = new Set(names);
  const found: number[] = [];
  for (let number = program.steps.length - 1; number >= 0; number--) {
    const { results, inputs } = program.steps[number];
    if (!results.some(({ name }) => wanted.has(name))) continue;
    found.push(number);
    for (const each of inputs) if (typeof each === "string") wanted.add(each);
  }
  return found.reverse();
}

/** The numbers of the steps to which values matter, in order. */
export function followers(program: Program, names: Iterable<string>): number[] {
  const touched = new Set<string | number>(names);
  return program.steps.flatMap(({ results, inputs }, number) => {
    if (!inputs.some((each) => typeof each === "string" && touched.has(each))) return [];
    for (const { name } of results) touched.add(name);
    return [number];
  });
}

export function shapeOf(shape: readonly Size[], rows: number): number[] {
  return shape.map((size) => (typeof size === "number" ? size : size.rows * rows));
}

/**
 * All values of a program for one number of rows, each in an array of its own that stays while its numbers change.
 *
 * A step is planned when it first runs; the steps before it have run by then.
 */
export class Memory {
  private readonly values: Map<string, Value>;
  private readonly runs: Run[] = [];

  constructor(
    private readonly program: Program,
    private readonly rows: number,
    inputs: ReadonlyMap<string, Value>,
  ) {
    this.values = new Map([...program.constants, ...inputs]);
  }

  /** A constant, an input, or the result of a step that has run. */
  value(name: string): Value {
    return this.values.get(name) as Value;
  }

  /** Do one step. */
  run(number: number): void {
    (this.runs[number] ??= this.plan(this.program.steps[number]))();
  }

  private plan(step: Step): Run {
    const { operation, attributes } = step;
    const dtype = literalDtype(step, (name) => this.value(name).dtype);
    const inputs = step.inputs.map((each) => (typeof each === "string" ? this.value(each) : single(each, dtype)));
    const results = step.results.map((form) => this.place(form, operation === "reshape" ? inputs[0] : undefined));
    if (operation === "reshape") return () => {};
    const plan = OPERATIONS[operation];
    if (!plan)
      throw new Error(
        `This page knows no operation "${operation}": it was written by a newer neurarium than its script.`,
      );
    const inside = (program: Program, given: readonly Value[]) =>
      new Memory(program, this.rows, new Map(program.inputs.map(({ name }, number) => [name, given[number]])));
    return plan({ inputs, results, x: inputs[0]?.data, out: results[0].data, attributes, inside });
  }

  /** An array for a result; or the same numbers in another shape. */
  private place({ name, shape, dtype }: Form, same?: Value): Value {
    const sizes = shapeOf(shape, this.rows);
    const value = same ? { shape: sizes, dtype, data: same.data } : empty(sizes, dtype);
    this.values.set(name, value);
    return value;
  }
}

/** Plain numbers have the dtype of the first value beside them; those to choose between, that of the result. */
function literalDtype({ operation, inputs, results }: Step, dtypeOf: (name: string) => Dtype): Dtype {
  const first = inputs.find((each) => typeof each === "string");
  return operation === "where" || first === undefined ? results[0].dtype : dtypeOf(first);
}

function single(number: number, dtype: Dtype): Value {
  const value = empty([], dtype);
  value.data[0] = number;
  return value;
}
