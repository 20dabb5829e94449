/** A workflow: an instruction, a trigger, a destination and its policies. Pure. */
import { z } from "zod";
import type { Trigger } from "../triggers/trigger.ts";

export { Trigger } from "../triggers/trigger.ts";

export const WORKFLOW_STATUSES = ["draft", "active", "paused", "ended", "expired", "deleted"] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

/** `draft` awaits *Create*; `ended` has no slot left. */
export const WORKFLOW_TRANSITIONS = {
  draft: ["active", "expired", "deleted"],
  active: ["paused", "ended", "deleted"],
  paused: ["active", "deleted"],
  ended: ["active", "deleted"],
  expired: ["deleted"],
  deleted: [],
} as const satisfies Record<WorkflowStatus, readonly WorkflowStatus[]>;

export const Destination = z.object({
  channelId: z.string().min(1),
  /** The report is shown in the channel too, not in the thread alone. Absent in what was stored before there was a choice. */
  broadcast: z.boolean().optional(),
});
export type Destination = z.infer<typeof Destination>;

export const OVERLAP_POLICIES = ["skip", "queue_one", "cancel_running", "allow"] as const;
export const CATCH_UP_POLICIES = ["none", "latest", "all"] as const;
export const REPORT_POLICIES = ["always", "on_change", "when_wrong"] as const;
export const CALENDAR_POLICIES = ["respect", "ignore"] as const;

/** Defaults are those of DESIGN section 4; each can be set per workflow. Durations are milliseconds, money millionths of a dollar. */
export const Policies = z.object({
  overlap: z.enum(OVERLAP_POLICIES),
  catchUp: z.object({
    mode: z.enum(CATCH_UP_POLICIES),
    /** Null: half the period, at least 2 min, at most 2 h. */
    windowMs: z.number().int().positive().nullable(),
  }),
  report: z.enum(REPORT_POLICIES),
  /** Delays before the second, third, … attempt; after the last the run is dead. */
  retryDelaysMs: z.array(z.number().int().nonnegative()),
  pauseAfterFailures: z.number().int().positive(),
  runTimeLimitMs: z.number().int().positive(),
  idleLimitMs: z.number().int().positive(),
  approvalExpiryMs: z.number().int().positive(),
  maxSteps: z.number().int().positive(),
  runCeilingMicros: z.number().int().nonnegative(),
  /** Whether quiet hours and holidays hold for it. Absent in what was stored before there was a choice: they do. */
  calendar: z.enum(CALENDAR_POLICIES).default("respect"),
  /** Runs of it under way at once. Null, and absent in what was stored before: see {@link concurrencyOf}. */
  concurrency: z.number().int().positive().nullable().default(null),
});
export type Policies = z.infer<typeof Policies>;

const MINUTE = 60_000;
export const DEFAULT_POLICIES: Policies = {
  overlap: "skip",
  catchUp: { mode: "latest", windowMs: null },
  report: "always",
  retryDelaysMs: [30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE],
  pauseAfterFailures: 5,
  runTimeLimitMs: 30 * MINUTE,
  idleLimitMs: 10 * MINUTE,
  approvalExpiryMs: 72 * 60 * MINUTE,
  maxSteps: 30,
  runCeilingMicros: 500_000,
  calendar: "respect",
  concurrency: null,
};

/** Runs of a workflow under way at once when nobody said how many: one, or a few where overlapping is what is wanted. */
export const CONCURRENCY = { alone: 1, overlapping: 5 } as const;

/** How many runs of a workflow may be under way at once. */
export const concurrencyOf = (policies: Pick<Policies, "overlap"> & Partial<Pick<Policies, "concurrency">>): number =>
  policies.concurrency ?? (policies.overlap === "allow" ? CONCURRENCY.overlapping : CONCURRENCY.alone);

export interface Workflow {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly status: WorkflowStatus;
  readonly revision: number;
  readonly channelId: string;
  readonly threadId: string | null;
  readonly nextSlotAt: Date | null;
  readonly paused: {
    readonly by: string;
    readonly note: string | null;
    readonly at: Date;
    /** The first slot that it leaves out; null when none was left. */
    readonly firstSlot: Date | null;
  } | null;
  readonly failuresInARow: number;
  readonly openIncidents: number;
  /** Slots that a person asked to leave out. */
  readonly skipNext: number;
  /** When its thread last heard anything; null: nothing was noted yet. */
  readonly lastSaidAt: Date | null;
  /** Runs since then that had nothing to say. */
  readonly quietChecks: number;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** What a workflow is at one time; a run is pinned to one. */
export interface Revision {
  readonly workflowId: string;
  readonly number: number;
  readonly instruction: string;
  readonly trigger: Trigger;
  readonly destination: Destination;
  readonly policies: Policies;
  readonly tools: readonly string[];
  readonly authorId: string;
  readonly createdAt: Date;
}
