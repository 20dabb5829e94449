/** The one error base of Claw. What may be done about an error follows from its code, never from its message. */
import { type ErrorClass, TOOL_ERRORS } from "../tools/index.ts";

/** Every code with its class. A tool's codes are part of the same union. */
export const ERRORS = {
  ...TOOL_ERRORS,
  model_unavailable: "transient",
  model_timeout: "transient",
  stream_cut: "transient",
  model_rate_limited: "limited",
  model_quota: "denied",
  model_credentials: "denied",
  model_rejected: "denied",
  refused: "denied",
  no_verdict: "denied",
  blocked: "denied",
  too_many_steps: "denied",
  superseded: "denied",
  over_budget: "denied",
  time_limit: "denied",
  idle_limit: "denied",
  forbidden: "denied",
  unknown_subject: "invalid",
  not_understood: "invalid",
  conflict: "invalid",
  name_taken: "invalid",
  context_too_large: "invalid",
  database_unavailable: "transient",
  platform_unavailable: "transient",
  platform_refused: "denied",
  bug: "broken",
} as const satisfies Record<string, ErrorClass>;

export type ErrorCode = keyof typeof ERRORS;

/** What is kept of an error in the journal, shown to people and handed to the model. No stack, no secret. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Milliseconds a service asked us to wait. */
  readonly retryAfterMs?: number;
  /** The world may have been changed although the call failed; absent for what changes nothing. */
  readonly mayHaveHappened?: boolean;
}

export const classOf = (code: ErrorCode): ErrorClass => ERRORS[code];

export class ClawError extends Error {
  override readonly name = "ClawError";
  readonly code: ErrorCode;

  /** @param message what was wrong and what to do or type instead; people read it as it stands. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Closes a switch over a union: a new member becomes a compile error here. */
export function assertNever(value: never, what: string): never {
  throw new ClawError("bug", `unexpected ${what}: ${JSON.stringify(value)}`);
}
