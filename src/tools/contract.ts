/**
 * The contract every tool signs: what it takes, what it gives, what it can do to the world and how it may be repeated.
 * A tool never throws on purpose: it returns a {@link ToolFailure}. What it throws beside that counts as `broken`.
 */
import type { z } from "zod";
import { closedInput, type JsonSchema, jsonSchema, schemaFaults } from "./schema.ts";

export const EFFECTS = ["read", "write", "destructive"] as const;
/** What a call can do to the world. Everything but `read` waits for a person unless a grant covers it. */
export type Effect = (typeof EFFECTS)[number];

export const EGRESSES = ["none", "fixed", "by_argument"] as const;
/** Where a call can send data: nowhere, always the same place, or wherever an argument says. */
export type Egress = (typeof EGRESSES)[number];

export const RETRY_CLASSES = ["safe", "idempotent", "never"] as const;
/** `safe`: repeat at will. `idempotent`: repeat with the same key. `never`: after a crash a person decides. */
export type RetryClass = (typeof RETRY_CLASSES)[number];

export const ERROR_CLASSES = ["transient", "limited", "invalid", "denied", "unknown_effect", "broken"] as const;
/** What may be done about an error. It follows from the code, never from the message. */
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** Every error code a tool may return, with its class. */
export const TOOL_ERRORS = {
  timeout: "transient",
  connection_lost: "transient",
  service_unavailable: "transient",
  rate_limited: "limited",
  invalid_input: "invalid",
  invalid_output: "invalid",
  malformed_arguments: "invalid",
  unknown_tool: "invalid",
  not_found: "invalid",
  too_large: "invalid",
  not_alone: "invalid",
  blocked_address: "denied",
  not_permitted: "denied",
  bad_credentials: "denied",
  approval_denied: "denied",
  approval_expired: "denied",
  cancelled: "denied",
  unknown_effect: "unknown_effect",
  tool_bug: "broken",
} as const satisfies Record<string, ErrorClass>;

export type ToolErrorCode = keyof typeof TOOL_ERRORS;

export interface ToolFailure {
  readonly code: ToolErrorCode;
  /** For the model and for people: what was wrong and what to do instead. Never a stack, never a secret. */
  readonly message: string;
  /** Milliseconds the service asked us to wait; only with `limited` or `transient`. */
  readonly retryAfterMs?: number;
  /**
   * Set for every effect but `read`: true when the world may have been changed although the call failed, false when it
   * certainly was not (refused before it was sent). Absent counts as true.
   */
  readonly mayHaveHappened?: boolean;
}

export type ToolResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ToolFailure };

export const ok = <T>(value: T): ToolResult<T> => ({ ok: true, value });
export const fail = (code: ToolErrorCode, message: string, retryAfterMs?: number): ToolResult<never> => ({
  ok: false,
  error: retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs },
});

/** What an approver sees before anything happens. Plain data; the bot decides how it looks. */
export interface Preview {
  /** A question's object, e.g. `close issue #77 in acme/api`; reads well after "May I …?". */
  readonly action: string;
  /** Lines of a diff, each beginning with `+ `, `- ` or two spaces. Empty when there is nothing to compare. */
  readonly diff: readonly string[];
  /** Where data goes: a host, a repository, a channel. Null when nowhere. */
  readonly target: string | null;
}

/** For whom a call is made: a workflow acts for its owner, and sees no more than they do. */
export interface ActsFor {
  /** The workflow's owner. */
  readonly memberId: string;
  readonly workflowId: string;
  readonly workflow: string;
  /** Null: of no run, as the condition that stands before one is. */
  readonly runId: string | null;
  /** The run has read text that outsiders can write. */
  readonly tainted: boolean;
}

/** What must come first, for a call that waits for it: a time, or people. */
export type WaitFor =
  | {
      readonly kind: "timer";
      /** Milliseconds since the epoch. */
      readonly until: number;
      /** It is a time of the wall clock; else a while from now. */
      readonly isTime: boolean;
    }
  | {
      readonly kind: "answer";
      readonly question: string;
      /** Null: any text answers. */
      readonly choices: readonly string[] | null;
      /** Who may answer: roles, and groups or members as `@name`. Null: whoever may decide about the workflow. */
      readonly of: readonly string[] | null;
      /** Milliseconds that people are given. */
      readonly forMs: number;
    };

/** What came of it. */
export type Waited =
  | { readonly kind: "timer"; readonly since: number }
  | {
      readonly kind: "answer";
      /** Null: nobody answered in time. */
      readonly answer: { readonly text: string; readonly by: string; readonly at: number } | null;
    };

/** How something outside was when a run was given it, and what its server calls that. */
export interface GivenVersion {
  /** Where it was read in the end. */
  readonly url: string;
  /** Of all that it said. */
  readonly digest: string;
  /** What its server may be asked about; null: it said nothing that can be. */
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Milliseconds since the epoch, when a run was first given it so. */
  readonly at: number;
}

/** What runs of a workflow were given of sources that change. */
export interface Given {
  /**
   * Of the last run before this one that ended well, the version it was given; null: of none. The same at every call of
   * one run.
   */
  last(source: string): Promise<GivenVersion | null>;
  /** This run is given that version; it counts once the run ends well. The last word of a run stands. */
  note(source: string, version: GivenVersion): Promise<void>;
}

/** What a tool is given while it executes. Secrets come by name; nothing else of Claw is in reach. */
export interface ToolContext {
  /** Aborts at the contract's time limit, on cancellation and on shutdown. */
  readonly signal: AbortSignal;
  /** The same for every attempt of one step; send it to services that know such keys. */
  readonly idempotencyKey: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** IANA zone of the workflow. Absent: UTC. */
  readonly zone?: string;
  /** What came of {@link ToolContract.waitFor}. Absent: nothing was waited for, because the run is a rehearsal. */
  readonly waited?: Waited;
  /** Where the run reports; what a tool that posts may use as its default. */
  readonly home: { readonly workspaceId: string; readonly channelId: string; readonly threadId: string | null };
  /** Absent: nobody is known, and nothing that must be somebody's to see or do is done. */
  readonly actsFor?: ActsFor;
  /**
   * Which of these items of a source (names within it) no earlier run of this workflow that ended well has been given: in
   * every attempt of one run the same. They count as given once this run ends well. Absent where nothing is remembered.
   */
  readonly unseen?: (source: string, items: readonly string[]) => Promise<ReadonlySet<string>>;
  /** The same for sources that change as a whole, such as a page. Absent where nothing is remembered. */
  readonly given?: Given;
  /** The result of a step of the same run (`2.1`) as JSON, whole; null when there is none. Absent where nothing is kept. */
  readonly output?: (step: string) => string | null;
  /** The plain value of a secret, or null when there is none of that name. */
  readonly secret: (name: string) => Promise<string | null>;
  /**
   * Whether this call may send something to a further place that no argument named, such as a redirect's target; so
   * that the taint rule also holds there. Absent: wherever the egress guard lets it.
   */
  readonly mayReach?: (destination: string) => boolean;
  /**
   * Whether the call is still this process's to make: asked by a tool that changes something right before bytes leave, and
   * answered at once. Absent: yes.
   */
  readonly mayLeave?: () => boolean;
}

/** Functions are declared as methods so that contracts of different inputs fit into one list. */
export interface ToolContract<I = unknown, O = unknown> {
  /** `^[a-z][a-z0-9_]{1,63}$`: what OpenAI-compatible endpoints accept. */
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<I>;
  readonly output: z.ZodType<O>;
  readonly effect: Effect;
  readonly egress: Egress;
  readonly retry: RetryClass;
  /** Milliseconds an attempt may take. */
  readonly timeoutMs: number;
  /** `untrusted`: the output carries text that outsiders can write, so it taints the run. */
  readonly outputTrust: "trusted" | "untrusted";
  /**
   * A write that changes only what Claw itself keeps, for people to see and undo: it asks when the run has read text from
   * outside, and otherwise not.
   */
  readonly inside?: true;
  /** `untrusted`: outsiders wrote what a model is told of it, so whoever may call it is tainted. Absent: trusted. */
  readonly descriptionTrust?: "untrusted";
  /**
   * What in an instruction calls for it, without the flags `g` and `y`. Absent: every workflow is given it. A word too many
   * costs little, one too few takes the tool away, so it is broad.
   */
  readonly calledBy?: RegExp;
  /** The host or place this call would send data to; null when none. Needed with `by_argument`, for the taint rule. */
  destination?(input: I): string | null;
  /**
   * The arguments that say where data goes, such as `url` or `channel`: what a grant must fix to hold after outside text.
   * Absent with `by_argument`: all of them.
   */
  readonly where?: readonly string[];
  /**
   * What an output says of its service being unwell, such as `example.com answers 503`; null when it is well. For who
   * calls it next, not for the model, which sees the output. Absent: a service that answers is well.
   */
  trouble?(output: O): string | null;
  /**
   * What must come before this call is executed; the run holds no worker until then, and a restart changes nothing. Pure.
   * A rehearsal does not wait. A failure is told to the model and the call is not made. Absent: nothing.
   * @param at milliseconds since the epoch, and the workflow's zone
   */
  waitFor?(input: I, at: { readonly now: number; readonly zone: string }): ToolResult<WaitFor>;
  /**
   * Whether this output carries text that outsiders can write, where that differs from call to call. Absent: as
   * `outputTrust` says, of every one.
   */
  taints?(output: O): boolean;
  /** Why it is not called now, for people; every call of it is refused, which is not for its contract to say. */
  readonly off?: string;
  /** People are asked about every single call: no grant covers it. */
  readonly alwaysAsks?: true;
  /**
   * Needed for every effect but `read`. Pure: it must not touch the world.
   * @param given names of the tools that the run may use; absent where no run is looked at
   */
  preview?(input: I, given?: readonly string[]): Preview;
  execute(input: I, ctx: ToolContext): Promise<ToolResult<O>>;
}

/** Whether what a call gave carries text that outsiders can write. */
export const isTainted = (contract: ToolContract, output: unknown): boolean =>
  contract.taints ? contract.taints(output) : contract.outputTrust === "untrusted";

const NAME = /^[a-z][a-z0-9_]{1,63}$/;
/** OpenAI-compatible endpoints cut or refuse longer ones. */
const MAX_DESCRIPTION = 1024;

/**
 * Checks a contract when it is defined, and closes its input against unknown keys.
 * @throws Error naming every clause that does not fit
 */
export function defineTool<I, O>(contract: ToolContract<I, O>): ToolContract<I, O> {
  const closed = { ...contract, input: closedInput(contract.input) };
  const wrong = contractFaults(closed);
  if (wrong.length > 0) throw new Error(`tool ${contract.name}: ${wrong.join("; ")}`);
  return Object.freeze(closed);
}

/** What does not fit in a contract, a sentence each; empty when it is sound. */
export function contractFaults(contract: ToolContract): readonly string[] {
  const wrong: string[] = [];
  if (!NAME.test(contract.name)) wrong.push(`name "${contract.name}" must match ${NAME}`);
  if (contract.description.trim() === "") wrong.push("description is empty");
  if (contract.description.length > MAX_DESCRIPTION) wrong.push(`description is over ${MAX_DESCRIPTION} characters`);
  if (!(contract.timeoutMs > 0)) wrong.push("timeoutMs must be positive");
  if (contract.effect !== "read" && !contract.preview) wrong.push(`effect ${contract.effect} needs a preview`);
  if (contract.taints && contract.outputTrust !== "untrusted") wrong.push("taints() needs outputTrust untrusted");
  if (contract.effect !== "read" && contract.retry === "safe") wrong.push("only a read may be retry: safe");
  if (contract.inside && (contract.effect !== "write" || contract.egress !== "none"))
    wrong.push("only a write that sends nothing may be inside");
  if (contract.egress === "by_argument" && !contract.destination) wrong.push("egress by_argument needs destination()");
  try {
    wrong.push(...schemaFaults(inputSchema(contract)));
  } catch (error) {
    wrong.push(`input does not convert to a JSON schema: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    outputSchema(contract);
  } catch (error) {
    wrong.push(`output does not convert to a JSON schema: ${error instanceof Error ? error.message : String(error)}`);
  }
  return wrong;
}

/** The JSON schema a model is shown for a tool's input. */
export const inputSchema = (contract: ToolContract): JsonSchema => jsonSchema(contract.input, "input");

/** The JSON schema of what a tool gives back. */
export const outputSchema = (contract: ToolContract): JsonSchema => jsonSchema(contract.output, "output");
