/** What an operation is: a plan, made once for the shapes at hand, which is then run as often as its inputs change. */

import type { Data, Value } from "./arrays";
import { LAYERS } from "./layers";
import { loop } from "./loop";
import type { Memory } from "./memory";
import { POINTWISE } from "./pointwise";
import { PRODUCTS } from "./products";
import type { Attributes, Program } from "./reading";
import { SHAPES } from "./shapes";
import { SUMS } from "./sums";

/** Computes the results from the inputs, each in its place in memory. */
export type Run = () => void;

export interface Job {
  readonly inputs: readonly Value[];
  readonly results: readonly Value[];
  /** The numbers of the first input and of the first result, which are all that most operations need. */
  readonly x: Data;
  readonly out: Data;
  readonly attributes: Attributes;
  /** The memory of a program inside this one. */
  readonly inside: (program: Program, inputs: readonly Value[]) => Memory;
}

export type Plan = (job: Job) => Run;

/** By name; their meaning is written in `neurarium/program/operations.py`. `reshape` is no work: see `Memory`. */
export const OPERATIONS: Record<string, Plan> = { ...POINTWISE, ...SUMS, ...PRODUCTS, ...LAYERS, ...SHAPES, loop };
