/** How long a run may be under way, and how long silent. Pure. */
import type { Failure } from "../errors.ts";
import { durationWords } from "../workflows/amounts.ts";
import type { Policies } from "../workflows/workflow.ts";
import type { Run } from "./run.ts";

/** `time`: under way in all its claims together, waits left out. `idle`: without a journal write. */
export type LimitKind = "time" | "idle";

/** Milliseconds that a run which is held has been under way, the present claim included. */
export const activeMsAt = (run: Pick<Run, "activeMs" | "claimedAt">, now: Date): number =>
  run.activeMs + (run.claimedAt ? Math.max(now.getTime() - run.claimedAt.getTime(), 0) : 0);

/**
 * Why a run ended at a limit: which one, what had already happened, and what to type to allow more.
 * @param happened what it had changed in the world, in words
 */
export function limitFailure(
  limit: LimitKind,
  of: { readonly name: string; readonly policies: Pick<Policies, "runTimeLimitMs" | "idleLimitMs"> },
  happened: readonly string[],
): Failure {
  const ms = limit === "time" ? of.policies.runTimeLimitMs : of.policies.idleLimitMs;
  const why =
    limit === "time"
      ? `Stopped after ${durationWords(ms)} of work, its time limit (waits do not count).`
      : `Stopped because nothing of it came to an end for ${durationWords(ms)}, its idle limit.`;
  const done =
    happened.length === 0 ? "It had changed nothing." : `What it had changed by then: ${happened.join("; ")}.`;
  const more = `/claw set ${of.name} ${limit} limit ${durationWords(2 * ms)} allows more.`;
  return { code: limit === "time" ? "time_limit" : "idle_limit", message: `${why} ${done} ${more}` };
}
