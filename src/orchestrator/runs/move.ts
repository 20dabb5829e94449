/** What a run does next: a pure function of its journal. */
import type { Failure } from "../errors.ts";
import type { Verdict } from "./run.ts";
import { isSettled, type ModelStep, type Step, type ToolStep } from "./step.ts";

export type Move =
  /** `nudge`: the turn before called no tool; the model is told to end with `finish`. */
  | { readonly kind: "call_model"; readonly turn: number; readonly nudge: boolean; readonly retryOf: ModelStep | null }
  | { readonly kind: "call_tools"; readonly steps: readonly ToolStep[] }
  /** Open waits say why. */
  | { readonly kind: "suspend" }
  | { readonly kind: "end"; readonly verdict: Verdict }
  | { readonly kind: "fail"; readonly failure: Failure };

/** Turns in a row without a tool call before the run fails: the model was told twice how to end. */
const MAX_TURNS_WITHOUT_CALL = 3;

export interface Limits {
  /** Steps a run may take, model and tool calls together. */
  readonly maxSteps: number;
  /** Reads a verdict from the input of a `finish` step. */
  readonly verdictOf: (step: ToolStep) => Verdict | null;
}

/** @param steps the whole journal, in order of (turn, call index) */
export function nextMove(steps: readonly Step[], limits: Limits): Move {
  const turn = steps.at(-1)?.turn ?? 0;
  const model = steps.find((step): step is ModelStep => step.turn === turn && step.kind === "model");
  if (!model) return { kind: "call_model", turn: 1, nudge: false, retryOf: null };
  if (model.status === "ready") {
    return { kind: "call_model", turn, nudge: idleTurns(steps, turn - 1) > 0, retryOf: model };
  }
  if (model.status !== "succeeded" || !model.reply) return { kind: "suspend" };

  const calls = steps.filter((step): step is ToolStep => step.turn === turn && step.kind === "tool");
  const ready = calls.filter((step) => step.status === "ready");
  if (ready.length > 0) return { kind: "call_tools", steps: ready };
  if (calls.some((step) => !isSettled(step.status))) return { kind: "suspend" };

  for (const call of calls) {
    const verdict = call.status === "succeeded" ? limits.verdictOf(call) : null;
    if (verdict) return end(verdict);
  }
  const insisting = askedInVain(steps);
  if (insisting) {
    return fail(
      "approval_denied",
      `It was denied, and asked for again and again: ${insisting.name}. The run was stopped.`,
    );
  }
  if (model.reply.finish === "refusal") {
    return fail("refused", `The model declined: ${model.reply.text.trim() || "it gave no reason"}`);
  }
  const idle = idleTurns(steps, turn);
  if (idle >= MAX_TURNS_WITHOUT_CALL) {
    const said = model.reply.text.trim();
    return fail("no_verdict", `The model did not say how the run ended${said ? `. Its last words: ${said}` : "."}`);
  }
  if (steps.length >= limits.maxSteps) {
    return fail(
      "too_many_steps",
      `Stopped after ${steps.length} steps; the limit of this workflow is ${limits.maxSteps}.`,
    );
  }
  return { kind: "call_model", turn: turn + 1, nudge: idle > 0, retryOf: null };
}

/** How often a run may ask again for exactly what people said no to; it is told each time. */
const MAX_ASKED_AGAIN = 2;

/** The call that it asks for however often it is denied, or null. */
function askedInVain(steps: readonly Step[]): ToolStep | null {
  const asked = new Map<string, number>();
  for (const step of steps) {
    if (step.kind !== "tool" || step.status !== "failed" || step.failure?.code !== "approval_denied") continue;
    if (step.inputHash === "" || step.attempts > 0) continue;
    const times = (asked.get(step.inputHash) ?? 0) + 1;
    if (times >= MAX_ASKED_AGAIN) return step;
    asked.set(step.inputHash, times);
  }
  return null;
}

function end(verdict: Verdict): Move {
  return verdict.kind === "blocked" ? fail("blocked", verdict.text) : { kind: "end", verdict };
}

const fail = (code: Failure["code"], message: string): Move => ({ kind: "fail", failure: { code, message } });

/** How many turns up to `turn`, counted backwards, called no tool. */
function idleTurns(steps: readonly Step[], turn: number): number {
  let idle = 0;
  for (let at = turn; at >= 1; at--) {
    if (steps.some((step) => step.turn === at && step.kind === "tool")) break;
    idle++;
  }
  return idle;
}
