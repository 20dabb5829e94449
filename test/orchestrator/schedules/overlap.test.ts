/** What happens to a slot while a run of its workflow is open. */
import { describe, expect, it } from "vitest";
import { decideOverlap, type OpenRun } from "../../../src/orchestrator/schedules/overlap.ts";

const open = (more: Partial<OpenRun> = {}): OpenRun => ({
  runId: "r",
  number: 7,
  status: "running",
  onlyRetrying: false,
  ...more,
});

describe("a slot while a run is open", () => {
  it("runs when none is, or when runs may overlap", () => {
    for (const policy of ["skip", "queue_one", "cancel_running", "allow"] as const) {
      expect(decideOverlap(policy, [], 0)).toEqual({ kind: "run" });
    }
    expect(decideOverlap("allow", [open()], 3)).toEqual({ kind: "run" });
  });

  it("is skipped, saying for which run; one that waits for people counts", () => {
    expect(decideOverlap("skip", [open()], 0)).toEqual({ kind: "skip", reason: "overlap: run 7 was still running" });
    expect(decideOverlap("skip", [open({ status: "waiting" })], 0).kind).toBe("skip");
  });

  it("is queued once", () => {
    expect(decideOverlap("queue_one", [open()], 0)).toEqual({ kind: "queue" });
    expect(decideOverlap("queue_one", [open()], 1)).toMatchObject({
      kind: "skip",
      reason: /one slot is queued already/,
    });
  });

  it("takes the place of what runs, where the workflow says so", () => {
    const waits = open({ status: "waiting" });
    expect(decideOverlap("cancel_running", [waits], 0)).toEqual({ kind: "cancel_then_run", runs: [waits] });
  });

  it("waits until a worker has let go of what it is to replace", () => {
    const runs = [open({ status: "waiting" }), open()];
    expect(decideOverlap("cancel_running", runs, 0)).toEqual({ kind: "cancel_then_queue", runs });
  });

  it("is skipped for money when that is what the open run waits for", () => {
    const poor = open({ status: "waiting", waitsForMoney: true });
    expect(decideOverlap("skip", [poor], 0)).toEqual({
      kind: "skip",
      reason: "budget: run 7 was still waiting for more money",
    });
    expect(decideOverlap("queue_one", [poor], 1)).toMatchObject({ reason: /^budget: .* one slot is queued already/ });
  });

  it("overtakes what only waits to be retried, but not when another run does more", () => {
    const retrying = open({ status: "waiting", onlyRetrying: true });
    for (const policy of ["skip", "queue_one", "cancel_running"] as const) {
      expect(decideOverlap(policy, [retrying], 0)).toEqual({ kind: "supersede", runs: [retrying] });
    }
    expect(decideOverlap("skip", [retrying, open()], 0).kind).toBe("skip");
  });
});
