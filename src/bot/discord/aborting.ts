/** Waiting that a signal ends. */
import type { PostOutcome } from "../../orchestrator/index.ts";
import { outcomeOf } from "./failures.ts";

export const givenUp = (): Exclude<PostOutcome, { kind: "posted" }> => outcomeOf({ kind: "unclear", why: "given up" });

/** What comes of the work; what was sent when the signal fires may have arrived. */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | ReturnType<typeof givenUp>> {
  if (signal.aborted) return givenUp();
  let release = () => {};
  const aborted = new Promise<ReturnType<typeof givenUp>>((resolve) => {
    const end = () => resolve(givenUp());
    signal.addEventListener("abort", end, { once: true });
    release = () => signal.removeEventListener("abort", end);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    release();
  }
}
