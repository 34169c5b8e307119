/** What Python wrote for the tests; in `programs/` are programs, inputs, and what torch answers to them. */

import type { Value } from "../../src/program/arrays";
import { Executor } from "../../src/program/executor";
import { readProgram, unpack, type Pack, type PageProgram, type Program } from "../../src/program/reading";

interface Fixture {
  program: PageProgram;
  given: Pack;
  wanted: Pack;
}

const files = import.meta.glob<unknown>("../fixtures/**/*.json", { eager: true, import: "default" });

export function fixture(name: string): unknown {
  return files[`../fixtures/${name}.json`];
}

export interface Case {
  program: Program;
  executor: Executor;
  given: Record<string, Value>;
  wanted: Record<string, Value>;
}

/** A program whose inputs are set, and torch's answers. */
export async function ready(name: string): Promise<Case> {
  const { program: page, given, wanted } = fixture(`programs/${name}`) as Fixture;
  const program = await readProgram(page);
  const executor = new Executor(program);
  const numbers = await unpack(given);
  for (const [input, { data }] of Object.entries(numbers)) executor.set(input, data);
  return { program, executor, given: numbers, wanted: await unpack(wanted) };
}

/** How far the furthest number is away, as a share of the largest number wanted; infinite where none may be away. */
export function away(got: Value, wanted: Value): number {
  let [largest, furthest] = [0, 0];
  for (const each of wanted.data) if (Number.isFinite(each)) largest = Math.max(largest, Math.abs(each));
  wanted.data.forEach((right, i) => {
    const here = got.data[i];
    if (Object.is(here, right) || here === right) return;
    furthest = Math.max(furthest, Number.isFinite(here) && Number.isFinite(right) ? Math.abs(here - right) : Infinity);
  });
  return furthest / (largest || 1);
}
