import { describe, expect, test } from "vitest";
import type { Dtype } from "../../src/program/arrays";
import { uniform } from "../../src/noise";
import { Executor } from "../../src/program/executor";
import { programOf, type Form, type PageProgram, type PageStep, type Size } from "../../src/program/reading";
import { ready } from "./fixtures";

function form(name: string, shape: Size[], dtype: Dtype = "float32"): Form {
  return { name, shape, dtype };
}

function step(op: string, result: Form, given: PageStep["in"], attributes: Record<string, unknown> = {}): PageStep {
  return { op, result, in: given, attributes };
}

/** A program without constants, whose outputs are called as their values are. */
function executor(inputs: Form[], steps: PageStep[], outputs: string[]): Executor {
  const page: PageProgram = { inputs, constants: {}, steps, outputs: Object.fromEntries(outputs.map((name) => [name, name])) };
  return new Executor(programOf(page, new Uint8Array()));
}

const ROWS = { rows: 1 };

/** twice = 2 x, with any number of rows; shifted = twice + y; other = y + 1. */
function small(): Executor {
  const rows: Size[] = [ROWS, 2];
  return executor(
    [form("x", rows), form("y", [])],
    [
      step("mul", form("twice", rows), ["x", 2]),
      step("add", form("shifted", rows), ["twice", "y"]),
      step("add", form("other", []), ["y", 1]),
    ],
    ["shifted", "other"],
  );
}

describe("an executor", () => {
  test("gives outputs, and every value between", () => {
    const run = small();
    run.set("x", [1, 2]);
    run.set("y", 10);
    expect([...run.get("shifted").data]).toEqual([12, 14]);
    expect([...run.get("twice").data]).toEqual([2, 4]);
    expect([...run.get("x").data]).toEqual([1, 2]);
    expect(run.get("twice")).toMatchObject({ shape: [1, 2], dtype: "float32" });
  });

  test("computes again what an input changes, and nothing else", () => {
    const run = small();
    run.set("x", [1, 2]);
    run.set("y", 10);
    run.get("shifted");
    run.get("twice").data[0] = 100; // a mark that stays as long as the step is not run
    run.set("y", 20);
    expect([...run.get("shifted").data]).toEqual([120, 24]);
    run.set("x", [1, 3]);
    expect([...run.get("shifted").data]).toEqual([22, 26]);
  });

  test("computes nothing again for numbers that stay the same, even where they are none", () => {
    const run = small();
    run.set("x", [NaN, 2]);
    run.set("y", 10);
    run.get("shifted").data[1] = 100;
    run.set("x", [NaN, 2]);
    expect([...run.get("shifted").data]).toEqual([NaN, 100]);
  });

  test("computes only what is asked for", () => {
    const run = small();
    run.set("y", 1);
    expect([...run.get("other").data]).toEqual([2]); // x, which it does not need, is not set
  });

  test("answers in the same arrays as long as the number of rows stays", () => {
    const run = small();
    run.set("y", 0);
    run.set("x", [1, 2]);
    const { data } = run.get("shifted");
    run.set("x", [3, 4]);
    expect(run.get("shifted").data).toBe(data);
    run.set("x", [1, 2, 3, 4, 5, 6]);
    expect(run.get("shifted").shape).toEqual([3, 2]);
    expect([...run.get("shifted").data]).toEqual([2, 4, 6, 8, 10, 12]);
    run.set("x", []);
    expect(run.get("shifted").shape).toEqual([0, 2]);
  });

  test("keeps its own copy of what it is given", () => {
    const run = small();
    const numbers = [1, 2];
    run.set("x", numbers);
    run.set("y", 0);
    numbers[0] = 5;
    expect([...run.get("shifted").data]).toEqual([2, 4]);
  });

  test("takes truths and whole numbers as what they are", () => {
    const run = executor(
      [form("truth", [2], "bool"), form("whole", [2], "int64")],
      [step("where", form("chosen", [2], "int64"), ["truth", "whole", -1])],
      ["chosen"],
    );
    run.set("truth", [true, false]);
    run.set("whole", [2 ** 40 + 1, 7]);
    expect([...run.get("chosen").data]).toEqual([2 ** 40 + 1, -1]);
  });

  test("writes what is not finite as JSON can", () => {
    const run = executor([], [step("full", form("far", [2]), [], { value: { number: "-inf" } })], ["far"]);
    expect([...run.get("far").data]).toEqual([-Infinity, -Infinity]);
  });

  test("gives the rows that a program has one at a time or all together the same answers", async () => {
    const { executor: run, given, wanted } = await ready("every_case");
    const together = new Map(run.outputs.map((name) => [name, run.get(name).data.slice()]));
    const rows = given.x.shape[0];
    for (let row = 0; row < rows; row++) {
      for (const [name, { data }] of Object.entries(given)) {
        const size = data.length / rows;
        run.set(name, data.slice(row * size, (row + 1) * size));
      }
      for (const name of run.outputs) {
        if (wanted[name].shape[0] !== rows) continue; // rows lie along another axis
        const { data } = run.get(name);
        expect([...data], name).toEqual(
          [...(together.get(name) ?? [])].slice(row * data.length, (row + 1) * data.length),
        );
      }
    }
  });
});

test.each(["every_case", "edges", "loops", "unrolled"])(
  "whatever of %s is set and asked for in whatever order, the answers are those of a new executor",
  async (name) => {
    const { program, executor: run, given } = await ready(name);
    const numbers = Object.fromEntries(Object.entries(given).map(([input, { data }]) => [input, data]));
    const chance = uniform(6, 300);
    const pick = <T>(from: T[], number: number): T => from[Math.floor(chance[number] * from.length)];
    for (let round = 0; round < 20; round++) {
      const input = pick(Object.keys(numbers), 5 * round);
      numbers[input] = numbers[input].slice().reverse();
      run.set(input, numbers[input]);
      const fresh = new Executor(program);
      for (const [each, data] of Object.entries(numbers)) fresh.set(each, data);
      for (let ask = 1; ask < 5; ask++) {
        const output = pick([...run.outputs], 5 * round + ask);
        expect([...run.get(output).data], output).toEqual([...fresh.get(output).data]);
      }
    }
  },
);

describe("an error", () => {
  test("names what there is instead", () => {
    const run = small();
    expect(() => run.set("z", 1)).toThrow('There is no input "z" among x, y.');
    expect(() => run.get("z")).toThrow('There is no value "z" in the program.');
  });

  test("says how many numbers an input needs", () => {
    const run = small();
    expect(() => run.set("x", [1, 2, 3])).toThrow('"x" needs 2 numbers for each row; it was given 3.');
    expect(() => run.set("y", [1, 2])).toThrow('"y" needs 1 number; it was given 2.');
  });

  test("says which inputs are missing, and is over when they are set", () => {
    const run = small();
    expect(() => run.get("shifted")).toThrow('"shifted" needs inputs that are not set: x, y.');
    run.set("x", [1, 2]);
    run.set("y", 1);
    expect([...run.get("shifted").data]).toEqual([3, 5]);
  });

  test("says that inputs have different numbers of rows", () => {
    const run = executor(
      [form("x", [ROWS]), form("y", [ROWS])],
      [step("add", form("sum", [ROWS]), ["x", "y"])],
      ["sum"],
    );
    run.set("x", [1, 2]);
    run.set("y", [1, 2, 3]);
    expect(() => run.get("sum")).toThrow('All inputs must have equally many rows: "x" has 2, and "y" has 3.');
    run.set("x", [1, 2, 3]);
    expect([...run.get("sum").data]).toEqual([2, 4, 6]);
  });

  test("says that an operation is not known", () => {
    const run = executor([], [step("fly", form("far", []), [])], ["far"]);
    expect(() => run.get("far")).toThrow('This page knows no operation "fly"');
  });

  test("says that there is no such entry, and is over when there is one", () => {
    const table = form("table", [3]);
    const run = executor(
      [table, form("place", [1], "int64")],
      [step("take", form("entry", [1]), ["table", "place"], { axis: 0 })],
      ["entry"],
    );
    run.set("table", [1, 2, 3]);
    run.set("place", [3]);
    expect(() => run.get("entry")).toThrow("There is no entry 3: the places are from 0 to 2.");
    run.set("place", [2]);
    expect([...run.get("entry").data]).toEqual([3]);
  });
});

describe("no number", () => {
  test("is what equations without an answer give", () => {
    const run = executor([form("a", [2, 2]), form("b", [2, 1])], [step("solve", form("x", [2, 1]), ["a", "b"])], ["x"]);
    run.set("a", [1, 2, 2, 4]);
    run.set("b", [1, 1]);
    expect([...run.get("x").data]).toEqual([NaN, NaN]);
    run.set("a", [0, 2, 1, 0]);
    expect([...run.get("x").data]).toEqual([1, 0.5]);
  });

  test("is larger than any place of a table, and lies last when sorted", () => {
    const numbers = form("x", [3]);
    const run = executor(
      [numbers, form("table", [2])],
      [
        step("searchsorted", form("below", [3], "int64"), ["table", "x"]),
        step("sort", form("sorted", [3]), ["x"], { axis: 0 }),
      ],
      ["below", "sorted"],
    );
    run.set("x", [NaN, 1, 5]);
    run.set("table", [1, 2]);
    expect([...run.get("below").data]).toEqual([2, 0, 2]);
    expect([...run.get("sorted").data]).toEqual([1, 5, NaN]);
  });
});

test("a loop starts anew each time", async () => {
  const { executor: run, given } = await ready("unrolled");
  const first = run.get("answers").data.slice();
  run.set(
    "line",
    given.line.data.map((number) => number + 1),
  );
  expect([...run.get("answers").data]).not.toEqual([...first]);
  run.set("line", given.line.data);
  expect([...run.get("answers").data]).toEqual([...first]);
});
