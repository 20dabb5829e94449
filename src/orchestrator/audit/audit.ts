/** An audit event: who changed what, when. Written in the transaction of the change itself. Pure. */
import type { MemberId, WorkspaceId } from "../ports.ts";

export interface AuditEvent {
  readonly workspaceId: WorkspaceId;
  readonly at: Date;
  readonly actor: MemberId | "claw";
  /** Dotted past tense: `workflow.created`, `approval.approved`. */
  readonly action: string;
  readonly subject: {
    readonly kind:
      | "workspace"
      | "member"
      | "workflow"
      | "run"
      | "incident"
      | "approval"
      | "question"
      | "delivery"
      | "grant"
      | "rule"
      | "memory";
    readonly id: string;
  };
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}
