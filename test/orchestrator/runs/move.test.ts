/** What a run does next, from its journal alone. */
import { describe, expect, it } from "vitest";
import { nextMove } from "../../../src/orchestrator/runs/move.ts";
import type { ModelStep, Step, ToolStep } from "../../../src/orchestrator/runs/step.ts";
import { verdictOf } from "../../../src/orchestrator/runs/verdict.ts";

const base = { failure: null, costMicros: 0, attempts: 1, startedAt: null, endedAt: null } as const;
const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

const model = (
  turn: number,
  more: Partial<ModelStep> & { said?: string; finish?: "stop" | "refusal" } = {},
): ModelStep => {
  const { said = "", finish = "stop", ...rest } = more;
  return {
    ...base,
    kind: "model",
    turn,
    callIndex: 0,
    status: "succeeded",
    name: "m",
    manifest: [],
    reply: { text: said, toolCalls: [], finish, usage, model: "m" },
    ...rest,
  };
};
const tool = (turn: number, callIndex: number, status: Step["status"], more: Partial<ToolStep> = {}): ToolStep => ({
  ...base,
  kind: "tool",
  turn,
  callIndex,
  status,
  name: "look",
  callId: `${turn}.${callIndex}`,
  input: {},
  inputHash: "h",
  output: null,
  tainted: false,
  ...more,
});
const done = (turn: number, verdict: string): ToolStep =>
  tool(turn, 1, "succeeded", { name: "finish", output: { verdict, text: "said", notes: null } });

const next = (...steps: Step[]) => nextMove(steps, { maxSteps: 30, verdictOf });

describe("the next move", () => {
  it("is the first call of the model when nothing was done", () => {
    expect(next()).toEqual({ kind: "call_model", turn: 1, nudge: false, retryOf: null });
  });

  it("is the same model call once it is ready again", () => {
    const again = model(1, { status: "ready", reply: null });
    expect(next(again)).toEqual({ kind: "call_model", turn: 1, nudge: false, retryOf: again });
  });

  it.each(["waiting", "started", "failed"] as const)("is to wait while the model call is %s", (status) => {
    expect(next(model(1, { status, reply: null })).kind).toBe("suspend");
  });

  it("is every ready call side by side, whatever the others wait for", () => {
    const ready = [tool(1, 1, "ready"), tool(1, 3, "ready")];
    const [one, three] = ready;
    if (!one || !three) throw new Error("two steps");
    expect(next(model(1), one, tool(1, 2, "waiting"), three)).toEqual({ kind: "call_tools", steps: ready });
  });

  it.each(["waiting", "started", "unknown"] as const)("is to wait while a call is %s", (status) => {
    expect(next(model(1), tool(1, 1, "succeeded"), tool(1, 2, status)).kind).toBe("suspend");
  });

  it("is the next turn once every call ended, however it ended", () => {
    expect(next(model(1), tool(1, 1, "refused"), tool(1, 2, "failed"), tool(1, 3, "succeeded"))).toEqual({
      kind: "call_model",
      turn: 2,
      nudge: false,
      retryOf: null,
    });
  });

  it("is the end when finish said so, and a failure when it was blocked", () => {
    expect(next(model(1), done(1, "report"))).toMatchObject({ kind: "end", verdict: { kind: "report", text: "said" } });
    expect(next(model(1), done(1, "blocked"))).toMatchObject({ kind: "fail", failure: { code: "blocked" } });
  });

  it("is a nudge after a turn without a call, and a failure after three in a row", () => {
    expect(next(model(1))).toMatchObject({ kind: "call_model", turn: 2, nudge: true });
    expect(next(model(1), model(2))).toMatchObject({ kind: "call_model", turn: 3, nudge: true });
    expect(next(model(1), model(2), model(3, { said: "Eh." }))).toMatchObject({
      kind: "fail",
      failure: { code: "no_verdict" },
    });
    expect(next(model(1), model(2), tool(2, 1, "failed"), model(3))).toMatchObject({ kind: "call_model", nudge: true });
  });

  it("is a failure when the model declined, or the steps are used up", () => {
    expect(next(model(1, { finish: "refusal", said: "No." }))).toMatchObject({
      kind: "fail",
      failure: { code: "refused" },
    });
    const steps = [model(1), tool(1, 1, "succeeded")];
    expect(nextMove(steps, { maxSteps: 2, verdictOf })).toMatchObject({
      kind: "fail",
      failure: { code: "too_many_steps" },
    });
  });
});
