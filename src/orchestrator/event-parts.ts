/** What notices speak of: workflows, runs, approvals, as people know them. Plain JSON. */
import type { Failure } from "./errors.ts";
import type { Role } from "./ports.ts";
import type { RunStatus, Verdict } from "./runs/run.ts";

/** A workflow as people know it. */
export interface WorkflowRef {
  readonly workflowId: string;
  readonly name: string;
}

/** A run as people know it. */
export interface RunRef extends WorkflowRef {
  readonly runId: string;
  readonly number: number;
}

export interface RunFigures {
  /** Milliseconds from its start to its end, waits included. */
  readonly durationMs: number;
  readonly costMicros: number;
  readonly steps: number;
}

export interface ProgressLine {
  readonly state: "done" | "running" | "failed" | "waiting";
  /** `http_get status.example.com`. */
  readonly text: string;
}

export interface ApprovalView {
  readonly approvalId: string;
  /** What people type: `/claw approve 7`. */
  readonly number: number;
  readonly run: RunRef;
  readonly step: number;
  readonly tool: string;
  readonly effect: "read" | "write" | "destructive";
  /** What it would do: `close issue #77 in acme/api`. */
  readonly action: string;
  readonly target: string | null;
  readonly diff: readonly string[];
  /** The exact arguments, as canonical JSON. */
  readonly exactly: string;
  /** The instruction it serves. */
  readonly why: string;
  /** Why Claw asks: effect, taint, policy; a sentence each. */
  readonly reasons: readonly string[];
  readonly expiresAt: string;
  readonly costMicros: number;
  /** The lowest role that may decide, where nobody said more. */
  readonly decidedBy: Role;
  /** Who may decide, in words: `2 people, each @leads, not the author`. Absent in what was asked before there were such. */
  readonly who?: string;
  /** How many must say yes; absent: one. */
  readonly quorum?: number;
  /** Who said yes so far, while more are needed. */
  readonly votes?: readonly { readonly by: string; readonly at: string }[];
  /** Before that a yes takes no effect. */
  readonly effectiveAt?: string;
  /** A standing yes may be given for calls like it. */
  readonly grantable?: boolean;
  /** Slots that were skipped because the run still waited for this; absent: none. `last`: an ISO instant. */
  readonly slots?: { readonly count: number; readonly last: string };
  /** Absent: the call is as the model made it. */
  readonly changed?: {
    readonly by: string;
    /** The arguments before, as canonical JSON. */
    readonly was: string;
    /** What differs, line by line, each beginning with `- ` or `+ `. */
    readonly lines: readonly string[];
  };
}

export type ApprovalDecision =
  /** A person approved the call with other arguments; approval `number` took this one's place. */
  | { readonly kind: "replaced"; readonly by: string; readonly at: string; readonly number: number }
  | { readonly kind: "approved" | "denied"; readonly by: string; readonly at: string; readonly reason: string | null }
  | { readonly kind: "expired" | "cancelled" | "void"; readonly at: string; readonly reason: string };

/** A question of a run. */
export interface QuestionView {
  readonly questionId: string;
  /** What people type: `/claw answer 3 blue`. */
  readonly number: number;
  readonly run: RunRef;
  /** As the model wrote it. */
  readonly question: string;
  /** Null: people answer in their own words. */
  readonly choices: readonly string[] | null;
  /** Who may answer, in words. */
  readonly who: string;
  readonly until: string;
  /** The run had read text that outsiders can write. */
  readonly tainted: boolean;
}

/** How a question was over. */
export type QuestionEnd =
  | { readonly kind: "answered"; readonly answer: string; readonly by: string; readonly at: string }
  | { readonly kind: "expired" | "cancelled"; readonly at: string };

/** Asked in the home of its workflow; edited when it is over. */
export interface QuestionAskedNotice {
  readonly kind: "questionAsked";
  readonly question: QuestionView;
  /** Null while it is open. */
  readonly decision: QuestionEnd | null;
}

/** Half of a question's time is over: who can answer. */
export interface QuestionReminderNotice {
  readonly kind: "questionReminder";
  readonly question: QuestionView;
  /** Names of people who can. */
  readonly able: readonly string[];
  /** How many others can. */
  readonly more: number;
  readonly decision: QuestionEnd | null;
}

/** A tool call that a replay and the run it repeats do not share. Arguments are JSON, cut. */
export type CallDifference =
  | { readonly kind: "added"; readonly tool: string; readonly is: string }
  | { readonly kind: "missing"; readonly tool: string; readonly was: string }
  | { readonly kind: "changed"; readonly tool: string; readonly was: string; readonly is: string };

/** A read that a dry run made. Arguments are JSON, cut. */
export interface DryRead {
  readonly tool: string;
  readonly target: string | null;
  readonly exactly: string;
  /** Why it failed; null when it did not. */
  readonly failure: string | null;
}

/** A call that a dry run did not make, because a real run would have asked first. Arguments are JSON, cut. */
export interface DryCall extends Pick<ApprovalView, "tool" | "effect" | "action" | "target" | "reasons" | "exactly"> {
  readonly diff: readonly string[];
  readonly moreDiff: number;
  /** A real run would have waited here, for a time or an answer, and asked nobody whether it may. */
  readonly waits?: true;
}

/** What a dry run came to. */
export interface DryRan {
  readonly run: RunRef;
  /** Key of the event it was asked with. */
  readonly asked: string;
  /** Its workflow was still a draft. */
  readonly draft: boolean;
  readonly status: RunStatus;
  /** Markdown that would have been the report; null when it did not come to one. */
  readonly verdict: Pick<Verdict, "kind" | "text"> | null;
  readonly failure: Failure | null;
  readonly figures: RunFigures;
  readonly model: string;
  readonly reads: readonly DryRead[];
  readonly moreReads: number;
  readonly would: readonly DryCall[];
  readonly moreWould: number;
}

/** How a run came out, for the comparison with its replay. */
export interface ReplayedOutcome {
  readonly status: RunStatus;
  /** Null when it did not come to one. */
  readonly verdict: Verdict["kind"] | null;
  readonly revision: number;
  readonly model: string;
  readonly figures: RunFigures;
}

/** Repeated failures of one cause, as their one card shows them. */
export interface IncidentMark {
  readonly incidentId: string;
  readonly since: string;
  readonly lastAt: string;
  /** Number of the run it began with. */
  readonly firstRun: number;
  /** How many of its runs are dead: a person must retry or discard them. */
  readonly dead: number;
  readonly acknowledged: { readonly by: string; readonly at: string } | null;
  /** Since when it has its workflow paused; null when it does not. */
  readonly pausedAt: string | null;
  /** How it ended; null while it is open. */
  readonly over:
    | { readonly kind: "recovered"; readonly run: number; readonly at: string }
    | { readonly kind: "closed"; readonly at: string }
    | null;
}

/** Sealed while it is stored, shown only as it leaves, hidden once it has been shown for long enough. */
export type WebhookSecret =
  | { readonly kind: "sealed"; readonly value: string }
  | { readonly kind: "shown"; readonly value: string }
  | { readonly kind: "hidden" };

/** Where its webhooks arrive and what signs them: told to one person, for a while. */
export interface WebhookSecretNotice {
  readonly kind: "webhookSecret";
  readonly workflow: WorkflowRef;
  readonly url: string;
  readonly secret: WebhookSecret;
  readonly until: string;
}

/** A webhook came that could not be checked: what signs it was sealed with a key that this process does not have. */
export interface WebhookSealedNotice {
  readonly kind: "webhookSealed";
  readonly workflow: WorkflowRef;
  /** When it got a new secret; null before. */
  readonly rotatedAt: string | null;
}

/** The condition of a workflow cannot be checked; edited until it can. */
export interface CheckFailingNotice {
  readonly kind: "checkFailing";
  readonly workflow: WorkflowRef;
  /** `GET https://example.com`. */
  readonly call: string;
  readonly failure: Failure;
  /** Checks in a row that came to no answer. */
  readonly count: number;
  readonly since: string;
  /** When it answered again; null while it does not. */
  readonly overAt: string | null;
}
