/** What a run remembers anew, as its report says it. Pure. */
import { newMemoryIn, REMEMBER } from "../../tools/index.ts";
import type { Step } from "../runs/step.ts";

/** Empty when it remembered nothing that was not known. */
export function rememberedIn(journal: readonly Step[]): { readonly remembered?: readonly number[] } {
  const numbers = journal.flatMap((step) => {
    const number = step.kind === "tool" && step.name === REMEMBER ? newMemoryIn(step.output) : null;
    return number === null ? [] : [number];
  });
  return numbers.length === 0 ? {} : { remembered: [...new Set(numbers)] };
}
