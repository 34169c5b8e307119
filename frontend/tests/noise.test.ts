import { expect, test } from "vitest";
import { uniform } from "../src/noise";
import { fixture } from "./program/fixtures";

test("noise is bit for bit that of Python", () => {
  for (const [seed, numbers] of Object.entries(fixture("programs/noise") as Record<string, number[]>)) {
    expect([...uniform(Number(seed), numbers.length)]).toEqual(numbers);
  }
});

test("noise lies from 0 to 1, all over", () => {
  const numbers = uniform(5, 10000);
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
});
