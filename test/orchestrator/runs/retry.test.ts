/** When a failed attempt is tried again. */
import { describe, expect, it } from "vitest";
import { decideRetry, isLastOfRound, MAX_RETRY_AFTER_MS } from "../../../src/orchestrator/runs/retry.ts";
import { DEFAULT_POLICIES } from "../../../src/orchestrator/workflows/workflow.ts";

const { retryDelaysMs: delaysMs } = DEFAULT_POLICIES;
const state = (more: Partial<Parameters<typeof decideRetry>[1]> = {}) => ({
  attempt: 1,
  repeatable: true,
  delaysMs,
  random: 0.5,
  ...more,
});
const failure = (code: Parameters<typeof decideRetry>[0]["code"], retryAfterMs?: number) => ({
  code,
  message: "m",
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

describe("a retry", () => {
  it("of a passing failure comes after 30 s, 1, 5, 15 and 60 min, then the run is dead", () => {
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) => decideRetry(failure("timeout"), state({ attempt })));
    expect(waits).toEqual([
      ...[0.5, 1, 5, 15, 60].map((minutes) => ({ kind: "retry", afterMs: minutes * 60_000 })),
      { kind: "dead" },
    ]);
    expect(isLastOfRound(6, delaysMs)).toBe(true);
    expect(isLastOfRound(5, delaysMs)).toBe(false);
  });

  it("is moved by a tenth to either side", () => {
    expect(decideRetry(failure("timeout"), state({ random: 0 }))).toEqual({ kind: "retry", afterMs: 27_000 });
    expect(decideRetry(failure("timeout"), state({ random: 1 }))).toEqual({ kind: "retry", afterMs: 33_000 });
  });

  it("waits as long as the service asks, never less than its own delay, never more than an hour", () => {
    const asked = (ms: number) => decideRetry(failure("rate_limited", ms), state());
    expect(asked(90_000)).toEqual({ kind: "retry", afterMs: 90_000 });
    expect(asked(1)).toEqual({ kind: "retry", afterMs: 30_000 });
    expect(asked(1e12)).toEqual({ kind: "retry", afterMs: MAX_RETRY_AFTER_MS });
  });

  it("is not made of what may have happened and must not happen twice: a person is asked", () => {
    expect(decideRetry(failure("timeout"), state({ repeatable: false }))).toEqual({ kind: "ask" });
    expect(decideRetry(failure("unknown_effect"), state())).toEqual({ kind: "ask" });
  });

  it("is not made of what was decided or wrong, nor of a bug", () => {
    for (const code of ["invalid_input", "not_found", "blocked_address", "model_credentials"] as const) {
      expect(decideRetry(failure(code), state())).toEqual({ kind: "tell_model" });
    }
    expect(decideRetry(failure("tool_bug"), state())).toEqual({ kind: "dead" });
  });

  it("has no delays to wait when the policy has none", () => {
    expect(decideRetry(failure("timeout"), state({ delaysMs: [] }))).toEqual({ kind: "dead" });
  });
});
