import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../src/orchestrator/runs/run.ts";
import { isSaid } from "../../../src/orchestrator/runs/verdict.ts";

const report = (text: string): Verdict => ({ kind: "report", text, notes: null });
const nothing: Verdict = { kind: "nothing_to_report", text: "", notes: null };

describe("what people are told", () => {
  it.each([
    ["always", report("a"), report("a"), true],
    ["always", nothing, null, false],
    ["on_change", report("a"), null, true],
    ["on_change", report("a"), report("a"), false],
    ["on_change", report("b"), report("a"), true],
    ["on_change", report("a"), nothing, true],
    ["when_wrong", report("a"), null, false],
  ] as const)("%s: %j after %j", (policy, verdict, before, said) => {
    expect(isSaid(policy, verdict, before)).toBe(said);
  });
});
