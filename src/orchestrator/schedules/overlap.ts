/** What happens to a slot while an earlier run of its workflow is still open. Pure. */
import { assertNever } from "../errors.ts";
import type { Policies } from "../workflows/workflow.ts";

export interface OpenRun {
  readonly runId: string;
  readonly number: number;
  readonly status: "queued" | "running" | "waiting";
  /** It only waits to be retried: the next slot overtakes it. */
  readonly onlyRetrying: boolean;
  /** It waits until somebody allows more money. */
  readonly waitsForMoney?: boolean;
  /** Its workflow asked to wait until then: milliseconds since the epoch. Null or absent: it does not wait for a time. */
  readonly waitsUntil?: number | null;
  /** Number of a question of it that nobody has answered; null or absent: there is none. */
  readonly question?: number | null;
}

export type OverlapDecision =
  | { readonly kind: "run" }
  /** The open runs end `superseded`, then this one runs. */
  | { readonly kind: "supersede"; readonly runs: readonly OpenRun[] }
  | { readonly kind: "cancel_then_run"; readonly runs: readonly OpenRun[] }
  /** A worker has to let go of one of them first: the firing stays undecided until then. */
  | { readonly kind: "cancel_then_queue"; readonly runs: readonly OpenRun[] }
  /** The firing stays undecided and runs when the open one has ended. */
  | { readonly kind: "queue" }
  | { readonly kind: "skip"; readonly reason: string };

/** @param queued firings of the workflow that already wait for the open run to end */
export function decideOverlap(policy: Policies["overlap"], open: readonly OpenRun[], queued: number): OverlapDecision {
  const first = open[0];
  if (!first || policy === "allow") return { kind: "run" };
  if (open.every((run) => run.onlyRetrying)) return { kind: "supersede", runs: open };
  switch (policy) {
    case "skip":
      return { kind: "skip", reason: whySkipped(open, first) };
    case "queue_one":
      return queued === 0
        ? { kind: "queue" }
        : {
            kind: "skip",
            reason: `${whySkipped(open, first)} and one slot is queued already`,
          };
    case "cancel_running":
      return {
        kind: open.some(({ status }) => status === "running") ? "cancel_then_queue" : "cancel_then_run",
        runs: open,
      };
    default:
      return assertNever(policy, "overlap policy");
  }
}

function whySkipped(open: readonly OpenRun[], first: OpenRun): string {
  const poor = open.find(({ waitsForMoney }) => waitsForMoney);
  return poor
    ? `budget: run ${poor.number} was still waiting for more money`
    : `overlap: run ${first.number} was still ${first.status}${whatFor(first)}`;
}

function whatFor({ waitsUntil, question }: OpenRun): string {
  if (question) return ` for an answer to question ${question}`;
  return waitsUntil ? ` until ${new Date(waitsUntil).toISOString()}, because the workflow asked to` : "";
}
