import { expect, test } from "vitest";
import { erf, exp, power, sigmoid, tanh } from "../../src/program/functions";

const PLACES = Array.from({ length: 40001 }, (_, i) => (i - 20000) / 1000);

test.each([
  ["exp", exp, Math.exp, 1e-10],
  ["tanh", tanh, Math.tanh, 3e-8],
  ["sigmoid", sigmoid, (x: number) => 1 / (1 + Math.exp(-x)), 1e-10],
])("%s is as near as float32 can tell", (_, quick, right, share) => {
  const worst = Math.max(...PLACES.map((x) => Math.abs(quick(x) / right(x) - 1) || 0));
  expect(worst).toBeLessThan(share);
});

test("far away and where there is no number, they end as they should", () => {
  const ends = [-Infinity, -1000, -0, 1000, Infinity, NaN];
  expect(ends.map(exp)).toEqual([0, 0, 1, Infinity, Infinity, NaN]);
  expect(ends.map(tanh)).toEqual([-1, -1, -0, 1, 1, NaN]);
  expect(ends.map(sigmoid)).toEqual([0, 0, 0.5, 1, 1, NaN]);
  expect(ends.map(erf)).toEqual([-1, -1, -0, 1, 1, NaN]);
});

test("erf has all its digits", () => {
  expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15);
  expect(erf(-2)).toBeCloseTo(-0.9953222650189527, 15);
  expect(erf(5.5)).toBeCloseTo(0.9999999999999927, 15);
  expect(erf(1e-20) / 1e-20).toBeCloseTo(2 / Math.sqrt(Math.PI), 15);
});

test("powers mean what they mean in C", () => {
  expect([power(1, NaN), power(1, Infinity), power(-1, -Infinity), power(NaN, 0), power(-8, 3)]).toEqual([
    1, 1, 1, 1, -512,
  ]);
});
