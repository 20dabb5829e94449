import { describe, expect, test } from "vitest";
import type { Failure } from "../../../src/orchestrator/errors.ts";
import {
  type Breaker,
  hear,
  hearing,
  isOutage,
  knock,
  LONGEST_OUTAGE_MS,
  LONGEST_PAUSE_MS,
  OPENS_AFTER,
  PROBE_MS,
  QUIET,
} from "../../../src/orchestrator/services/breaker.ts";

const T0 = Date.parse("2026-05-04T10:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1_000);
const DOWN: Failure = { code: "service_unavailable", message: "it cannot be reached" };

const failed = (breaker: Breaker, now: Date, more: { probe?: boolean; failure?: Failure } = {}) =>
  hear(breaker, { kind: "failed", failure: more.failure ?? DOWN }, { probe: more.probe ?? false, now });
const answered = (breaker: Breaker, now: Date, probe = false) => hear(breaker, { kind: "answered" }, { probe, now });

function failedTimes(times: number, now = at(0)): Breaker {
  let breaker = QUIET;
  for (let n = 0; n < times; n++) breaker = failed(breaker, now);
  return breaker;
}

/** Knocks when the probe is due, and lets it fail. @returns seconds until the next probe */
function failProbe(breaker: Breaker): { breaker: Breaker; pause: number } {
  const now = breaker.probeAt ?? at(0);
  const gate = knock(breaker, now);
  if (gate.kind !== "probe") throw new Error(`expected a probe, got ${gate.kind}`);
  const next = failed(gate.next, now, { probe: true });
  return { breaker: next, pause: ((next.probeAt?.getTime() ?? 0) - now.getTime()) / 1_000 };
}

describe("a breaker", () => {
  test("opens at the fifth failure in a row, not at the fourth", () => {
    expect(failedTimes(OPENS_AFTER - 1)).toMatchObject({ status: "closed", failures: 4 });
    expect(failedTimes(OPENS_AFTER)).toMatchObject({ status: "open", opens: 1, openedAt: at(0), probeAt: at(30) });
  });

  test("a call that goes well between them starts the count again", () => {
    const four = failedTimes(4);
    expect(answered(four, at(1))).toEqual(QUIET);
    expect(failed(answered(four, at(1)), at(2))).toMatchObject({ status: "closed", failures: 1 });
  });

  test("open, it lets nobody through before its time, then one; the others wait for what that one hears", () => {
    const open = failedTimes(5);
    expect(knock(open, at(29))).toEqual({ kind: "wait", until: at(30) });
    const gate = knock(open, at(30));
    if (gate.kind !== "probe") throw new Error(gate.kind);
    expect(gate.next.status).toBe("half_open");
    expect(knock(gate.next, at(31))).toEqual({ kind: "wait", until: at(30 + PROBE_MS / 1_000) });
  });

  test("each failed probe doubles the pause, up to five minutes", () => {
    const pauses: number[] = [];
    let breaker = failedTimes(5);
    for (let n = 0; n < 8; n++) {
      const next = failProbe(breaker);
      pauses.push(next.pause);
      breaker = next.breaker;
    }
    expect(pauses).toEqual([60, 120, 240, 300, 300, 300, 300, 300]);
    expect(breaker.openedAt, "the outage began once").toEqual(at(0));
  });

  test("a probe that goes well closes it, and the next outage begins with the short pause", () => {
    const { breaker } = failProbe(failedTimes(5));
    const gate = knock(breaker, breaker.probeAt ?? at(0));
    if (gate.kind !== "probe") throw new Error(gate.kind);
    expect(answered(gate.next, at(200), true)).toEqual(QUIET);
    expect(failedTimes(5, at(900)).probeAt).toEqual(at(930));
  });

  test("late answers of calls from before the outage neither close it nor open it again", () => {
    const open = failedTimes(5);
    expect(answered(open, at(5))).toBe(open);
    expect(failed(open, at(5))).toBe(open);
    const gate = knock(open, at(30));
    if (gate.kind !== "probe") throw new Error(gate.kind);
    expect(answered(gate.next, at(31))).toBe(gate.next);
    expect(failed(gate.next, at(31))).toBe(gate.next);
  });

  test("a probe that is lost with its worker is followed by another", () => {
    const gate = knock(failedTimes(5), at(30));
    if (gate.kind !== "probe") throw new Error(gate.kind);
    expect(knock(gate.next, at(30 + PROBE_MS / 1_000))).toMatchObject({ kind: "probe" });
  });

  test("a probe that was not made leaves its turn to the next at once, without a longer pause", () => {
    const gate = knock(failedTimes(5), at(30));
    if (gate.kind !== "probe") throw new Error(gate.kind);
    const back = hear(gate.next, null, { probe: true, now: at(31) });
    expect(back).toMatchObject({ status: "open", opens: 1 });
    expect(knock(back, at(31))).toMatchObject({ kind: "probe" });
  });

  test("a service that says when to come back is believed, up to the longest pause", () => {
    const asks = (retryAfterMs: number) =>
      failed(failedTimes(4), at(0), { failure: { ...DOWN, retryAfterMs } }).probeAt;
    expect(asks(10_000)).toEqual(at(30));
    expect(asks(100_000)).toEqual(at(100));
    expect(asks(3_600_000)).toEqual(at(LONGEST_PAUSE_MS / 1_000));
  });

  test("after a day it is no outage any more, so that attempts count again and the run ends", () => {
    const open = failedTimes(5);
    expect(isOutage(open, at(3_600))).toBe(true);
    expect(isOutage(open, new Date(T0 + LONGEST_OUTAGE_MS))).toBe(false);
    expect(isOutage(QUIET, at(0))).toBe(false);
  });
});

describe("what a call tells of its service", () => {
  const kind = (code: Failure["code"]) => hearing({ code, message: "" })?.kind ?? null;
  test.each(["timeout", "connection_lost", "service_unavailable", "model_unavailable", "stream_cut"] as const)(
    "%s: it is down",
    (code) => expect(kind(code)).toBe("failed"),
  );
  test.each(["rate_limited", "model_rate_limited", "bad_credentials", "model_quota", "too_large"] as const)(
    "%s: it answered",
    (code) => expect(kind(code)).toBe("answered"),
  );
  test.each(["cancelled", "blocked_address", "invalid_input", "unknown_effect", "tool_bug"] as const)(
    "%s: nothing",
    (code) => expect(kind(code)).toBe(null),
  );
  test("a call that went well: it answered", () => expect(hearing(null)).toEqual({ kind: "answered" }));
});
