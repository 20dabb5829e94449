/** What the use cases answer: plain data for the bot's cards and the console's pages. Times are ISO instants. */
import type { Failure } from "./errors.ts";
import type { ApprovalView, RunFigures, RunRef, WorkflowRef } from "./events.ts";
import type { RunStatus, Verdict } from "./runs/run.ts";
import type { AttemptOutcome, StepStatus } from "./runs/step.ts";
import type { WaitKind } from "./runs/wait.ts";
import type { FiringKind, FiringOutcome } from "./schedules/firing.ts";
import type { WorkflowStatus } from "./workflows/workflow.ts";

export interface ToolUse {
  readonly name: string;
  readonly effect: "read" | "write" | "destructive";
  /** It changes only what Claw itself keeps, and asks after outside text alone. */
  readonly inside?: true;
}

export interface DraftView extends WorkflowRef {
  readonly instruction: string;
  /** `Every weekday at 09:00, Europe/Paris`; `once, now`. */
  readonly schedule: string;
  readonly zone: string;
  readonly next: readonly string[];
  /** Why none of the times that are near will run; absent: some will. */
  readonly allClosed?: string;
  /** What happens at the clock change, when one falls within the next five slots or the next month; else null. */
  readonly clockChange: string | null;
  /** What a person should know of how it starts, beside the sentence; null: nothing. */
  readonly starts?: string | null;
  readonly tools: readonly ToolUse[];
  /** Where it may send to without asking after text from outside. Absent: not looked up. */
  readonly places?: readonly string[];
  /** Channels that its instruction names and its author cannot see, or Claw is not in. Absent: none. */
  readonly unseen?: readonly string[];
  readonly channelId: string;
  /** The report is shown in the channel too. */
  readonly broadcast: boolean;
  /** Null when Claw can post there; else what a person can do about it. */
  readonly cannotPost: string | null;
  readonly model: string;
  /** Null when it cannot be told (runs on demand). */
  readonly runsAMonth: number | null;
  readonly costPerRunMicros: number;
  readonly runCeilingMicros: number;
  readonly keptUntil: string;
}

export interface WorkflowView extends WorkflowRef {
  readonly status: WorkflowStatus;
  readonly instruction: string;
  readonly schedule: string;
  readonly zone: string;
  readonly revision: number;
  readonly ownerName: string;
  readonly channelId: string;
  readonly threadId: string | null;
  readonly nextAt: string | null;
  /** It has no times: it waits for something to happen. */
  readonly waits?: true;
  /** So many of its next times are left out, because a person asked. */
  readonly skipNext: number;
  readonly paused: {
    readonly by: string;
    readonly note: string | null;
    readonly at: string;
    /** How many slots have fallen into the pause so far; null where workflows are listed. */
    readonly leftOut: number | null;
  } | null;
  /** What fails again and again, the latest first. */
  readonly incidents: readonly IncidentView[];
  readonly lastRun: RunView | null;
  readonly lastFirings: readonly FiringView[];
}

export interface FiringView {
  readonly firingId: string;
  readonly kind: FiringKind;
  readonly plannedAt: string;
  readonly outcome: FiringOutcome | null;
  readonly reason: string | null;
  readonly count: number;
  /** Its gate is asked: nothing is decided yet. */
  readonly checking?: true;
}

export interface WaitView {
  readonly waitId: string;
  readonly kind: WaitKind;
  readonly since: string;
  readonly dueAt: string | null;
  /** What or whom it waits for, in a few words. */
  readonly forWhat: string;
  /** Its workflow asked to wait until `dueAt`. */
  readonly asked?: true;
}

/** A dead run: where and since when. */
export interface LetterView {
  /** Null when that is not known any more. */
  readonly since: string | null;
  /** The step it stopped at; null when its journal is not kept, or no step is to blame. */
  readonly step: {
    readonly turn: number;
    readonly callIndex: number;
    readonly name: string;
    readonly attempts: number;
  } | null;
}

/** Failures of a workflow with one cause, until a run ends well. */
export interface IncidentView extends WorkflowRef {
  readonly incidentId: string;
  /** How often a run failed that way. */
  readonly count: number;
  readonly failure: Failure;
  readonly since: string;
  readonly lastAt: string;
  /** Number of the run it began with. */
  readonly firstRun: number;
  readonly lastRun: { readonly runId: string; readonly number: number };
  /** How many of its runs are dead. */
  readonly dead: number;
  readonly acknowledged: { readonly by: string; readonly at: string } | null;
}

export interface RunView extends RunRef {
  readonly status: RunStatus;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly figures: RunFigures;
  readonly verdict: Verdict | null;
  readonly failure: Failure | null;
  readonly tainted: boolean;
  /** Number of the run it repeats; null for a real run. */
  readonly replayOf: number | null;
  /** It changed nothing; absent: it is a real run, or a replay. */
  readonly dry?: true;
  /** Where it stopped; null for what is not dead. */
  readonly letter: LetterView | null;
  /** The incident its failure belongs to. */
  readonly incidentId: string | null;
  readonly waits: readonly WaitView[];
  /** What keeps it from beginning, when it is queued and not just waiting for a worker. */
  readonly queued?: string;
}

/** Messages of a workflow that did not arrive in its channel, since the last that did. */
export interface LostView extends WorkflowRef {
  readonly count: number;
  /** Of the last one. */
  readonly failure: Failure | null;
  /** Some of them may have arrived. */
  readonly isUnknown: boolean;
}

export interface StatusView {
  /** Everything is stopped; null or absent while it goes on. */
  readonly stopped?: { readonly at: string; readonly by: string } | null;
  readonly running: readonly RunView[];
  readonly waiting: readonly RunView[];
  readonly dead: readonly RunView[];
  readonly lost: readonly LostView[];
  readonly incidents: readonly IncidentView[];
  readonly workflows: number;
  readonly todayMicros: number;
  readonly todayLimitMicros: number;
  /** The next slots of the workspace, soonest first. */
  readonly next: readonly (WorkflowRef & { readonly at: string })[];
}

export interface ManifestEntry {
  /** `instruction`, `last notes`, `thread`, `tool result`… */
  readonly piece: string;
  readonly hash: string;
  readonly tokens: number;
  readonly included: boolean;
  readonly reason: string;
  /** Outsiders can write it: it taints the run. Absent: they cannot. */
  readonly trust?: "untrusted";
  /** Left out because it is private; the model is told that something was. Absent: it was not. */
  readonly withheld?: true;
}

/** One try at a step. */
export interface AttemptView {
  readonly number: number;
  readonly outcome: AttemptOutcome;
  readonly failure: Failure | null;
  readonly at: string;
  /** Null when nobody heard its end. */
  readonly durationMs: number | null;
}

export interface StepView {
  readonly turn: number;
  readonly callIndex: number;
  readonly kind: "model" | "tool";
  readonly name: string;
  readonly status: StepStatus;
  readonly attempts: number;
  readonly durationMs: number | null;
  readonly costMicros: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Arguments or the model's words, cut to 500 characters. */
  readonly summary: string;
  /** Output or error, cut to 500 characters. */
  readonly result: string;
  /** Its output carries text that outsiders can write. */
  readonly tainted?: boolean;
  /** Number of the grant that allowed it; absent: none did. */
  readonly grant?: number;
  readonly manifest: readonly ManifestEntry[];
  /** Each of its attempts, in order. */
  readonly tries: readonly AttemptView[];
}

export interface DeliveryView {
  readonly key: string;
  readonly status: "pending" | "sending" | "sent" | "unknown" | "undelivered";
  readonly noticeKind: string;
  readonly at: string;
  readonly failure: Failure | null;
}

export interface InspectView {
  readonly run: RunView;
  readonly instruction: string;
  readonly firing: FiringView;
  readonly model: string;
  /** When its journal was pruned, an ISO instant; null while it is kept. */
  readonly prunedAt: string | null;
  readonly steps: readonly StepView[];
  readonly approvals: readonly (ApprovalView & { readonly status: string; readonly decider: string | null })[];
  readonly deliveries: readonly DeliveryView[];
  /** What its workflow may do without asking, and what this run did by it. */
  readonly grants: readonly RunGrantView[];
}

export interface RunGrantView {
  readonly number: number;
  /** `channel_post with channel = "#ops", text = anything`. */
  readonly words: string;
  readonly uses: number;
  readonly usesLeft: number;
  readonly expiresAt: string;
  /** Calls of this run. */
  readonly usedHere: number;
  /** Why it does not hold any more; null while it does. */
  readonly over: string | null;
}

export interface CostView {
  readonly days: number;
  readonly totalMicros: number;
  readonly todayMicros: number;
  readonly todayLimitMicros: number;
  readonly byDay: readonly { readonly day: string; readonly micros: number }[];
  readonly byWorkflow: readonly (WorkflowRef & { readonly micros: number; readonly runs: number })[];
}

export interface AuditView {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly sealed: boolean;
}
