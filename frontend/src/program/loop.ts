/** Loops: a program that is run turn after turn, what it gives being the states that the next turn starts from. */

import { copy, empty } from "./arrays";
import { followers, needs } from "./memory";
import type { Job, Run } from "./operations";

export function loop({ inputs, results, attributes, inside }: Job): Run {
  const { body, states, sequences, turns } = attributes;
  const sequence = inputs.slice(states, states + sequences);
  const now = inputs.slice(0, states).map(({ shape, dtype }) => empty(shape, dtype));
  const next = now.map(({ shape, dtype }) => empty(shape, dtype));
  const entries = sequence.map(({ shape, dtype }) => empty(shape.slice(1), dtype));
  const memory = inside(body, [...now, ...entries, ...inputs.slice(states + sequences)]);
  const outputs = [...body.outputs.values()];
  const needed = needs(body, outputs);
  const changing = new Set(
    followers(
      body,
      body.inputs.slice(0, states + sequences).map(({ name }) => name),
    ),
  );
  const once = needed.filter((step) => !changing.has(step));
  const each = needed.filter((step) => changing.has(step));
  return () => {
    for (const step of once) memory.run(step);
    now.forEach(({ data }, state) => data.set(inputs[state].data));
    for (let turn = 0; turn < turns; turn++) {
      for (let k = 0; k < sequences; k++) {
        const { data } = entries[k];
        copy(data.length, data, 0, 1, sequence[k].data, turn * data.length, 1);
      }
      for (const step of each) memory.run(step);
      for (let k = states; k < outputs.length; k++) {
        const { data } = memory.value(outputs[k]);
        copy(data.length, results[k].data, turn * data.length, 1, data, 0, 1);
      }
      // By way of `next`: a new state may be another one's old state, which is written over here.
      for (let k = 0; k < states; k++) next[k].data.set(memory.value(outputs[k]).data);
      for (let k = 0; k < states; k++) now[k].data.set(next[k].data);
    }
    now.forEach(({ data }, state) => results[state].data.set(data));
  };
}
