/** An approval: people's yes or no to one exact tool call. Pure. */
import type { Role } from "../ports.ts";

export const APPROVAL_STATUSES = [
  "pending",
  "approved",
  "denied",
  "expired",
  "cancelled",
  "void",
  "replaced",
  "consumed",
] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** `consumed` by the step it allowed, not by an attempt. `replaced`: its arguments were edited, which is a new call. */
export const APPROVAL_TRANSITIONS = {
  pending: ["approved", "denied", "expired", "cancelled", "void", "replaced"],
  approved: ["consumed", "void", "cancelled", "expired"],
  denied: [],
  expired: [],
  cancelled: [],
  void: [],
  replaced: [],
  consumed: [],
} as const satisfies Record<ApprovalStatus, readonly ApprovalStatus[]>;

export interface Approval {
  readonly id: string;
  readonly workspaceId: string;
  readonly number: number;
  readonly runId: string;
  readonly turn: number;
  readonly callIndex: number;
  readonly status: ApprovalStatus;
  readonly callHash: string;
  readonly contractHash: string;
  readonly decidedBy: Role;
  readonly expiresAt: Date;
  readonly deciderId: string | null;
  readonly reason: string | null;
  readonly decidedAt: Date | null;
}
