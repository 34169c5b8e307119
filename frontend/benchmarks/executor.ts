/** How long the executor takes for an answer after every input has changed. A page has 16 ms for each. */

import { Executor } from "../src/program/executor";
import type { Program } from "../src/program/reading";
import { uniform } from "../src/noise";
import * as programs from "./programs";

const CASES: Record<string, Program> = {
  "decoder 2 - 128 - 784": programs.decoder(),
  "LSTM step, 32 inputs, 128 units": programs.lstmStep(32, 128),
  "LSTM loop, 60 turns, 32 inputs, 64 units": programs.lstmLoop(32, 64, 60),
  "CNN on 28 x 28, 8 and 16 maps": programs.pictures(8, 16),
  "generator 64 - 64 x 7 x 7 - 32 x 14 x 14 - 28 x 28": programs.generator(),
  "MLP 2 - 32 - 32 - 3 with tanh on 100 x 100 places": programs.landscape(10000, "tanh"),
  "MLP 2 - 32 - 32 - 3 with relu on 100 x 100 places": programs.landscape(10000, "relu"),
  "50 bells on 100 x 100 places": programs.bells(10000),
};

/** Milliseconds for each of so many answers, sorted. */
function times(program: Program, answers: number): number[] {
  const executor = new Executor(program);
  const spans = Array.from({ length: answers }, (_, seed) => {
    for (const { name, shape } of program.inputs) {
      executor.set(
        name,
        uniform(
          seed,
          (shape as number[]).reduce((product, each) => product * each, 1),
        ),
      );
    }
    const start = performance.now();
    executor.get("out");
    return performance.now() - start;
  });
  return spans.slice(answers / 2).sort((a, b) => a - b);
}

/** A line for each case: the median, and the fastest. */
export function report(answers = 300): string[] {
  return Object.entries(CASES).map(([name, program]) => {
    const spans = times(program, answers);
    const [median, fastest] = [spans[spans.length >> 1], spans[0]].map((ms) => ms.toFixed(2).padStart(7));
    return `${name.padEnd(52)} median ${median} ms, fastest ${fastest} ms`;
  });
}
