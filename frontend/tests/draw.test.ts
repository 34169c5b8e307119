import { expect, test } from "vitest";
import { DARK, ends, hex, LIGHT, paint } from "../src/draw/colours";
import { ended } from "../src/draw/matrix";
import { contour } from "../src/draw/raster";
import { axis, logTicks, ticks } from "../src/draw/scales";
import { shape, written } from "../src/draw/shapes";
import { classColour, classShape } from "../src/draw/symbols";
import { coded, typed } from "../src/typing";

test("ticks are round and within the range", () => {
  expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks(-3.2, 4.1, 4)).toEqual([-2, 0, 2, 4]);
  expect(ticks(0, 0.003, 3)).toEqual([0, 0.001, 0.002, 0.003]);
  expect(ticks(1, 1, 5)).toEqual([]);
  expect(logTicks(0.01, 100, 5)).toEqual([0.01, 0.1, 1, 10, 100]);
  expect(logTicks(1, 10, 5)).toEqual([1, 2, 5, 10]);
});

test("an axis leads forth and back", () => {
  const [linear, log] = [axis(-2, 2, 100, 500), axis(0.01, 100, 0, 400, true)];
  expect([linear(-2), linear(0), linear.back(500)]).toEqual([100, 300, 2]);
  expect([log(0.01), log(1)]).toEqual([0, 200]);
  expect(log.back(300)).toBeCloseTo(10);
});

test("signed numbers go from orange over the ground to blue", () => {
  for (const theme of [LIGHT, DARK]) {
    const signed = paint(theme, "signed", [-2, 2]);
    const at = (value: number) => hex(signed(value) ?? [0, 0, 0]);
    expect(at(0)).toBe(theme.ground);
    expect([at(-2), at(-9)]).toEqual([theme.dark ? "#ff9b50" : "#903500", theme.dark ? "#ff9b50" : "#903500"]);
    expect(at(2)).toBe(theme.dark ? "#72baff" : "#0053a5");
    expect(signed(NaN)).toBeNull();
  }
});

test("magnitudes are cividis, and classes their eight colours", () => {
  const magnitude = paint(LIGHT, "magnitude", [0, 1]);
  expect([0, 1].map((each) => hex(magnitude(each) ?? [0, 0, 0]))).toEqual(["#00224e", "#fee838"]);
  const classes = paint(LIGHT, "classes", [0, 1]);
  expect(hex(classes(9) ?? [0, 0, 0])).toBe(LIGHT.classes[1]);
});

test("the ends of a scale are those of its numbers, on both sides where it is signed", () => {
  expect(ends("signed", [1, -3, NaN])).toEqual([-3, 3]);
  expect(ends("magnitude", [1, 5, Infinity])).toEqual([1, 5]);
  expect(ends("ink", [7])).toEqual([0, 1]);
  expect(ends("magnitude", [], [2, 4])).toEqual([2, 4]);
  expect(ends("signed", [0, 0])).toEqual([-1, 1]);
});

test("a table ends where its numbers do", () => {
  const table = (shape: number[], data: number[]) => ended({ shape, dtype: "float32", data });
  expect(table([3, 3], [1, NaN, NaN, 2, 3, NaN, NaN, NaN, NaN])).toEqual({ rows: 2, columns: 2, data: [1, NaN, 2, 3] });
  expect(table([2, 2], [NaN, NaN, NaN, 4])).toEqual({ rows: 2, columns: 2, data: [NaN, NaN, NaN, 4] });
  expect(table([2], [NaN, NaN])).toEqual({ rows: 1, columns: 1, data: [NaN] });
  expect(table([0], []).columns).toBe(0);
});

test("sixty-four classes differ in colour or shape", () => {
  const seen = new Set(Array.from({ length: 64 }, (_, i) => `${classColour(LIGHT.classes, i)} ${classShape(i)}`));
  expect(seen.size).toBe(64);
});

test("a contour crosses where the numbers do", () => {
  const path = contour([0, 1, 0, 1], 2, 2, 0.25, (column, row) => [column, row]);
  expect(path).toBe("M0.3 0.0L0.3 1.0");
});

test("a file's texts cannot become elements", () => {
  expect(written(shape("text", { x: 1.006, fill: '"><script>' }, "<img src=x>\u0000&"))).toBe(
    '<text x="1.01" fill="&quot;&gt;&lt;script&gt;">&lt;img src=x&gt;&amp;</text>',
  );
});

test("typed text becomes codes and text again", () => {
  const letters = ["?", "a", "b", " "];
  expect(coded("ab xa", letters, "characters")).toEqual([1, 2, 3, 0, 1]);
  expect(typed([1, 2, 3, 0], letters, "characters")).toBe("ab ?");
  expect(coded("the  cat sat", ["?", "the", "sat"], "words")).toEqual([1, 0, 2]);
});
