import { expect, test } from "vitest";
import { filled, short } from "../src/words";
import { fixture } from "./program/fixtures";

const NAMES = { names: ["zero", { en: "one", es: "uno" }, '<img src=x onerror="document.title=1">'] };
const NUMBERS: Record<string, number> = { nan: NaN, inf: Infinity, "-inf": -Infinity };

test("places are filled letter for letter as Python fills them", () => {
  for (const [form, number, wanted] of fixture("words") as [string, string, string][]) {
    const data = [NUMBERS[number] ?? Number(number)];
    const got = filled(form, "es", () => ({ shape: [], dtype: "float64", data }), NAMES);
    expect(`${form} ${number} ${got}`).toBe(`${form} ${number} ${wanted}`);
  }
});

test("a place of what nobody computes stays as it is", () => {
  expect(filled("at {t:d} of {n}", "en", (name) => (name === "t" ? { shape: [], dtype: "int64", data: [3] } : undefined), {})).toBe("at 3 of {n}");
});

test("numbers of axes and tables are short", () => {
  expect([0, 1.23456, -0.5, 1234567, 0.00001, NaN, -Infinity].map(short)).toEqual(["0", "1.235", "−0.5", "1.23e6", "1e−5", "–", "−∞"]);
});
