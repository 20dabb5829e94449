/** A step: one entry in a run's journal, keyed (run, turn, call index). Pure. */
import type { Failure } from "../errors.ts";
import type { ModelReply } from "../ports.ts";

export const STEP_KINDS = ["model", "tool"] as const;

export const STEP_STATUSES = ["ready", "waiting", "started", "succeeded", "failed", "refused", "unknown"] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/**
 * `failed` gave an error, which the model is told; `refused` was never executed (a person or silence said no);
 * `unknown` may have happened, and a person is asked.
 */
export const STEP_TRANSITIONS = {
  ready: ["started", "waiting"],
  waiting: ["ready", "refused"],
  started: ["succeeded", "failed", "unknown", "ready"],
  unknown: ["succeeded", "ready", "failed"],
  succeeded: [],
  failed: [],
  refused: [],
} as const satisfies Record<StepStatus, readonly StepStatus[]>;

export const isSettled = (status: StepStatus): boolean => STEP_TRANSITIONS[status].length === 0;

export const ATTEMPT_OUTCOMES = ["started", "succeeded", "failed", "abandoned"] as const;
/** `abandoned`: its worker was lost before it heard an answer. */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

export interface StepKey {
  readonly turn: number;
  readonly callIndex: number;
}

/** Handed to the tool: the same for every attempt of one step. */
export const idempotencyKeyOf = (runId: string, { turn, callIndex }: StepKey): string =>
  `${runId}-${turn}-${callIndex}`;

interface StepBase extends StepKey {
  readonly status: StepStatus;
  readonly name: string;
  readonly failure: Failure | null;
  readonly costMicros: number;
  readonly attempts: number;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface ModelStep extends StepBase {
  readonly kind: "model";
  readonly reply: ModelReply | null;
  readonly manifest: unknown;
}

/** A person approved the call with other arguments than the model gave. */
export interface ArgumentsChange {
  /** The person's name. */
  readonly by: string;
  /** The arguments the model gave. */
  readonly was: unknown;
  /** Canonical hash of the call as the model made it. */
  readonly hash: string;
}

export interface ToolStep extends StepBase {
  readonly kind: "tool";
  readonly callId: string;
  readonly input: unknown;
  readonly inputHash: string;
  readonly output: unknown;
  readonly tainted: boolean;
  /** Null or absent: the call is as the model made it. */
  readonly changed?: ArgumentsChange | null;
}

export type Step = ModelStep | ToolStep;

/** A result that the run has, as the model would be shown it. */
export function outputOf(journal: readonly Step[], step: string): string | null {
  const found = journal.find(({ turn, callIndex }) => step === `${turn}.${callIndex}`);
  return found?.kind === "tool" && found.status === "succeeded" ? JSON.stringify(found.output) : null;
}
