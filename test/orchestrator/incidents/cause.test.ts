/** What two failures must have in common to be the same. */
import { describe, expect, it } from "vitest";
import type { ErrorCode, Failure } from "../../../src/orchestrator/errors.ts";
import { causeOf, wordsOf } from "../../../src/orchestrator/incidents/cause.ts";
import type { StepStatus, ToolStep } from "../../../src/orchestrator/runs/step.ts";

describe("the words of a cause", () => {
  it.each([
    ["GitHub answers 503 since 2026-11-23T08:58:00Z", "GitHub answers 502 since 2026-11-24T09:01:30.120Z"],
    ["no row 41 in invoices after 12.5 s", "no row 1,204 in invoices after 3 s"],
    ["request req_8fA91bC22 failed", "request req_00ZZ7711x failed"],
    [
      "job 0f5c0e5c-9d0e-4a52-8c0e-1c9c5d5c7a11 was not found",
      "job 77777777-0000-4a52-8c0e-aaaaaaaaaaaa was not found",
    ],
    ["Cannot   reach\ns3", "cannot reach S3"],
  ])("leave out ids, times and numbers: %j", (one, other) => expect(wordsOf(one)).toBe(wordsOf(other)));

  it.each([
    ["cannot reach s3", "cannot reach the queue"],
    ["permission denied for table users", "permission denied for table orders"],
  ])("keep what differs: %j and %j", (one, other) => expect(wordsOf(one)).not.toBe(wordsOf(other)));

  it("of something very long cost nothing", () => expect(wordsOf("a1".repeat(100_000)).length).toBeLessThan(400));
});

const failure = (code: ErrorCode, message: string): Failure => ({ code, message });
const step = (name: string, status: StepStatus, failed: Failure | null): ToolStep => ({
  turn: 1,
  callIndex: 1,
  kind: "tool",
  status,
  name,
  failure: failed,
  costMicros: 0,
  attempts: 1,
  startedAt: null,
  endedAt: null,
  callId: "c",
  input: {},
  inputHash: "h",
  output: null,
  tainted: false,
});
const cause = (failed: Failure, ...journal: readonly ToolStep[]) => causeOf(failed, journal, ({ name }) => name);

describe("a cause", () => {
  const down = failure("service_unavailable", "it answers 503");

  it("is the step that failed with it, not another that did", () => {
    const other = failure("not_found", "no such page");
    expect(cause(down, step("look", "ready", down), step("browse", "failed", other))).toMatchObject({
      code: "service_unavailable",
      place: "look",
    });
    expect(cause(failure("forbidden", "its owner left"), step("browse", "failed", other)).place).toBeNull();
  });

  it("of a model's own last words is the call that failed before it, whatever it says of that", () => {
    const journal = step("look", "failed", failure("bad_credentials", "401"));
    const one = cause(failure("blocked", "I could not log in"), journal);
    const other = cause(failure("blocked", "The page asks for a password, so I stopped"), journal);
    expect({ ...one, failure: null }).toEqual({ ...other, failure: null });
    expect(one.failure.message).toBe("I could not log in");
    expect(cause(failure("blocked", "No access")).words).not.toBe(cause(failure("blocked", "No data")).words);
    expect(cause(failure("no_verdict", "Its last words: a")).words).toBe(cause(failure("no_verdict", "b")).words);
  });

  it("of a run that was overtaken is what it was to be tried again for", () => {
    const overtaken = failure("superseded", "The next slot came before it could be retried.");
    expect(cause(overtaken, step("look", "waiting", down))).toEqual({
      code: "service_unavailable",
      place: "look",
      words: "it answers #",
      failure: {
        code: "superseded",
        message: "it answers 503 (the next slot came before it could be retried)",
      },
    });
  });
});
