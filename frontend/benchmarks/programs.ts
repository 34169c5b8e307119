/** Programs as looks have them, with numbers drawn at random in the place of learnt ones. */

import type { Dtype, Value } from "../src/program/arrays";
import type { Attributes, Form, Program, Step } from "../src/program/reading";
import { uniform } from "../src/noise";

const NOTHING = {} as Attributes;

/** A program that grows step by step. */
export class Builder {
  readonly inputs: Form[] = [];
  readonly steps: Step[] = [];
  readonly constants = new Map<string, Value>();

  input(name: string, ...shape: number[]): string {
    this.inputs.push({ name, shape, dtype: "float32" });
    return name;
  }

  constant(...shape: number[]): string {
    const name = `constant_${this.constants.size}`;
    const size = shape.reduce((product, each) => product * each, 1);
    const data = uniform(this.constants.size, size).map((u) => (u - 0.5) / Math.sqrt(shape[1] ?? 1));
    this.constants.set(name, { shape, dtype: "float32", data });
    return name;
  }

  step(
    operation: string,
    inputs: (string | number)[],
    shape: number[],
    attributes: object = NOTHING,
    dtype: Dtype = "float32",
  ): string {
    const name = `step_${this.steps.length}`;
    this.steps.push({ operation, inputs, results: [{ name, shape, dtype }], attributes: attributes as Attributes });
    return name;
  }

  linear(x: string, rows: number, inputs: number, outputs: number): string {
    return this.step("linear", [x, this.constant(outputs, inputs), this.constant(outputs)], [rows, outputs]);
  }

  program(...outputs: string[]): Program {
    const named = new Map(outputs.map((value, number) => [number ? `out_${number}` : "out", value]));
    return { inputs: this.inputs, constants: this.constants, steps: this.steps, outputs: named };
  }
}

export function decoder(): Program {
  const b = new Builder();
  const hidden = b.step("maximum", [b.linear(b.input("x", 1, 2), 1, 2, 128), 0], [1, 128]);
  return b.program(b.step("sigmoid", [b.linear(hidden, 1, 128, 784)], [1, 784]));
}

/** One step of an LSTM: what comes out is h, c, and once more h. */
export function lstmStep(inputs: number, units: number): Program {
  const b = new Builder();
  const [h, c, x] = [b.input("h", 1, units), b.input("c", 1, units), b.input("x", 1, inputs)];
  const gates = b.step("add", [b.linear(x, 1, inputs, 4 * units), b.linear(h, 1, units, 4 * units)], [1, 4 * units]);
  const gate = (number: number, function_: string): string => {
    const part = b.step("slice", [gates], [1, units], {
      axis: 1,
      start: number * units,
      stop: (number + 1) * units,
      step: 1,
    });
    return b.step(function_, [part], [1, units]);
  };
  const kept = b.step("mul", [gate(1, "sigmoid"), c], [1, units]);
  const written = b.step("mul", [gate(0, "sigmoid"), gate(2, "tanh")], [1, units]);
  const memory = b.step("add", [kept, written], [1, units]);
  const hidden = b.step("mul", [gate(3, "sigmoid"), b.step("tanh", [memory], [1, units])], [1, units]);
  return b.program(hidden, memory, hidden);
}

export function lstmLoop(inputs: number, units: number, turns: number): Program {
  const b = new Builder();
  const given = [b.input("h", 1, units), b.input("c", 1, units), b.input("x", turns, 1, inputs)];
  const forms = [
    [1, units],
    [1, units],
    [turns, 1, units],
  ];
  const results: Form[] = forms.map((shape, number) => ({ name: `last_${number}`, shape, dtype: "float32" }));
  const attributes = { body: lstmStep(inputs, units), states: 2, sequences: 1, turns } as unknown as Attributes;
  b.steps.push({ operation: "loop", inputs: given, results, attributes });
  return b.program("last_2");
}

/** Two convolutions of 3 x 3 with halving between them, and a layer to ten classes. */
export function pictures(first: number, second: number): Program {
  const b = new Builder();
  const same = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
  const halve = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], dilation: [1, 1] };
  let x = b.step(
    "conv2d",
    [b.input("x", 1, 1, 28, 28), b.constant(first, 1, 3, 3), b.constant(first)],
    [1, first, 28, 28],
    same,
  );
  x = b.step("max_pool2d", [b.step("maximum", [x, 0], [1, first, 28, 28])], [1, first, 14, 14], halve);
  x = b.step("conv2d", [x, b.constant(second, first, 3, 3), b.constant(second)], [1, second, 14, 14], same);
  x = b.step("max_pool2d", [b.step("maximum", [x, 0], [1, second, 14, 14])], [1, second, 7, 7], halve);
  x = b.step("reshape", [x], [1, second * 49]);
  return b.program(b.step("softmax", [b.linear(x, 1, second * 49, 10)], [1, 10], { axis: 1 }));
}

/** 64 numbers to 64 maps of 7 x 7, to 32 of 14 x 14, to a picture of 28 x 28. */
export function generator(): Program {
  const b = new Builder();
  const twice = { stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 1 };
  let x = b.step("maximum", [b.linear(b.input("x", 1, 64), 1, 64, 64 * 49), 0], [1, 64 * 49]);
  x = b.step("reshape", [x], [1, 64, 7, 7]);
  x = b.step("conv_transpose2d", [x, b.constant(64, 32, 4, 4), b.constant(32)], [1, 32, 14, 14], twice);
  x = b.step("maximum", [x, 0], [1, 32, 14, 14]);
  x = b.step("conv_transpose2d", [x, b.constant(32, 1, 4, 4), b.constant(1)], [1, 1, 28, 28], twice);
  return b.program(b.step("tanh", [x], [1, 1, 28, 28]));
}

export function landscape(rows: number, function_: "tanh" | "relu"): Program {
  const b = new Builder();
  const bent = (x: string) =>
    function_ === "tanh" ? b.step("tanh", [x], [rows, 32]) : b.step("maximum", [x, 0], [rows, 32]);
  const x = bent(b.linear(bent(b.linear(b.input("x", rows, 2), rows, 2, 32)), rows, 32, 32));
  return b.program(b.step("softmax", [b.linear(x, rows, 32, 3)], [rows, 3], { axis: 1 }));
}

/** What 50 bells around places of a plane say of each of so many places. */
export function bells(rows: number): Program {
  const b = new Builder();
  const away = b.step("sub", [b.input("x", rows, 1, 2), b.constant(50, 2)], [rows, 50, 2]);
  const squares = b.step("sum", [b.step("mul", [away, away], [rows, 50, 2])], [rows, 50], { axes: [2] });
  const bells = b.step("exp", [b.step("neg", [squares], [rows, 50])], [rows, 50]);
  return b.program(b.linear(bells, rows, 50, 1));
}
