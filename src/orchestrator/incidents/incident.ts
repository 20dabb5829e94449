/** An incident: the failures of a workflow that have the same cause, told as one. Pure. */
import type { Failure } from "../errors.ts";

export const INCIDENT_STATUSES = ["open", "recovered", "closed"] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** `recovered`: a run ended well. `closed`: nothing more can come of it, because its workflow is deleted. */
export const INCIDENT_TRANSITIONS = {
  open: ["recovered", "closed"],
  recovered: [],
  closed: [],
} as const satisfies Record<IncidentStatus, readonly IncidentStatus[]>;

export interface Incident {
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly status: IncidentStatus;
  /** Hash of the cause: of the code, of where it failed, and of its words without numbers. */
  readonly fingerprint: string;
  /** How often a run failed that way. */
  readonly count: number;
  /** The last one, as people are told it. */
  readonly failure: Failure;
  /** Its card stands where the failure of this run was told. */
  readonly firstRunId: string;
  readonly firstRunNumber: number;
  readonly lastRunId: string;
  readonly lastRunNumber: number;
  readonly startedAt: Date;
  readonly lastAt: Date;
  /** Who has seen it, by name; null: nobody said so. */
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: Date | null;
  /** When it paused its workflow; null: it did not. */
  readonly pausedAt: Date | null;
  readonly closedAt: Date | null;
}

/** The message in which the failure of a run is told. */
export const failureKey = (runId: string): string => `failure:${runId}`;
