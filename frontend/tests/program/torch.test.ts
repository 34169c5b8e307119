import { describe, expect, test } from "vitest";
import type { PageProgram, PageStep } from "../../src/program/reading";
import { OPERATIONS } from "../../src/program/operations";
import { away, fixture, ready } from "./fixtures";

const NAMES = ["every_case", "edges", "loops", "unrolled", "half"];

for (const name of NAMES) {
  describe(`the program "${name}" answers as torch does`, async () => {
    const { executor, wanted } = await ready(name);
    test.each(Object.keys(wanted))("%s", (output) => {
      const got = executor.get(output);
      expect(got.shape).toEqual(wanted[output].shape);
      expect(got.dtype).toBe(wanted[output].dtype);
      const exact = got.dtype === "int64" || got.dtype === "bool";
      expect(away(got, wanted[output])).toBeLessThanOrEqual(exact ? 0 : got.dtype === "float64" ? 1e-13 : 1e-6);
    });
  });
}

test("every operation is run by a fixture, and every operation of a fixture is known", () => {
  const used = new Set(
    NAMES.flatMap((name) => operations((fixture(`programs/${name}`) as { program: PageProgram }).program)),
  );
  used.delete("reshape"); // no work
  expect([...used].sort()).toEqual(Object.keys(OPERATIONS).sort());
});

function operations({ steps }: PageProgram): string[] {
  return steps.flatMap(({ op, attributes }: PageStep) =>
    op === "loop" ? [op, ...operations(attributes?.step as PageProgram)] : [op],
  );
}
