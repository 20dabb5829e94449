/** A run: one execution of one revision for one firing. Pure. */
import type { Failure } from "../errors.ts";

export const RUN_STATUSES = [
  "queued",
  "running",
  "waiting",
  "succeeded",
  "failed",
  "cancelled",
  "dead",
  "discarded",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/**
 * `queued`: may be claimed from its due time on. `running`: a worker holds its lease. `waiting`: holds no lease and no
 * worker; its open waits say why. `failed` was decided (denied, blocked, invalid, superseded); `dead` used up its
 * retries or is a bug, and stays until a person retries or discards it.
 */
export const RUN_TRANSITIONS = {
  queued: ["running", "cancelled"],
  running: ["queued", "waiting", "succeeded", "failed", "cancelled", "dead"],
  waiting: ["queued", "failed", "cancelled", "dead"],
  dead: ["queued", "discarded"],
  succeeded: [],
  failed: [],
  cancelled: [],
  discarded: [],
} as const satisfies Record<RunStatus, readonly RunStatus[]>;

export const mayBecome = (from: RunStatus, to: RunStatus): boolean =>
  (RUN_TRANSITIONS[from] as readonly RunStatus[]).includes(to);

export const VERDICTS = ["report", "nothing_to_report", "blocked"] as const;

/** How a run says it ended: the arguments of `finish`. */
export interface Verdict {
  readonly kind: (typeof VERDICTS)[number];
  /** Markdown for people. */
  readonly text: string;
  /** Kept for the next run of the workflow; null keeps nothing. */
  readonly notes: string | null;
}

/** What a run began with, and keeps. */
export interface RunPins {
  readonly clawVersion: string;
  readonly promptVersion: number;
  readonly model: string;
  readonly maxOutputTokens: number;
  /** Contract hash by tool name: the tools it may call, as they were. */
  readonly tools: Readonly<Record<string, string>>;
  readonly price: {
    readonly input: number;
    readonly cachedInput: number;
    readonly output: number;
    readonly source: string;
  };
}

export interface Run {
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly firingId: string;
  readonly number: number;
  readonly status: RunStatus;
  readonly revision: number;
  readonly pins: RunPins;
  readonly dueAt: Date;
  readonly epoch: number;
  readonly leaseOwner: string | null;
  readonly leaseUntil: Date | null;
  /** When the present claim began, or the last one; null before the first. */
  readonly claimedAt: Date | null;
  /** Milliseconds it was under way in the claims before the present one, waits left out. */
  readonly activeMs: number;
  /** The run whose journal answers this one's tools; null for a real run. */
  readonly replayOf: string | null;
  /** Reads are made, everything else is only noted; told to who asked, and to nobody else. */
  readonly dry: boolean;
  /** A replay or a dry run. */
  readonly rehearsal: boolean;
  /** The dead run in whose place it began from the start; null for every other. */
  readonly restartOf: string | null;
  /** The incident that its failure belongs to. */
  readonly incidentId: string | null;
  readonly cancelRequestedBy: string | null;
  readonly tainted: boolean;
  readonly costMicros: number;
  readonly verdict: Verdict | null;
  readonly failure: Failure | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}
