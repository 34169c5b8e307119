/** Programs that neurarium wrote into the page: reading them, and running them. */

import { Executor } from "./executor";
import { readProgram, type PageProgram } from "./reading";

export { Executor } from "./executor";
export { unpack, type Pack, type PageProgram } from "./reading";
export type { Value } from "./arrays";

/** A program, ready to be run. */
export async function read(page: PageProgram): Promise<Executor> {
  return new Executor(await readProgram(page));
}
