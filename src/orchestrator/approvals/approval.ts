/** An approval: people's yes or no to one exact tool call. Pure. */
import { strictest, type Terms } from "../policy/decider.ts";
import type { MemberId, Role } from "../ports.ts";

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
  /** Null in what was asked before there were such: {@link termsOf}. */
  readonly terms: Terms | null;
  readonly authors: readonly MemberId[];
  /** When people are reminded; null once they were, or when it is not to be. */
  readonly remindAt: Date | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly deciderId: string | null;
  readonly reason: string | null;
  readonly decidedAt: Date | null;
}

/** Who may decide, how many, from when. */
export const termsOf = ({ terms, decidedBy }: Pick<Approval, "terms" | "decidedBy">): Terms =>
  terms ?? strictest([{ by: [decidedBy] }]);

/** When a yes takes effect at the earliest. */
export const effectiveAt = (approval: Pick<Approval, "terms" | "decidedBy" | "createdAt">): Date =>
  new Date(approval.createdAt.getTime() + termsOf(approval).waitMs);
