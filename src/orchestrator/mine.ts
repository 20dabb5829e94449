/** What concerns one member: what waits for them, their workflows, their latest runs, and what it all cost this month. */
import { listApprovals } from "./approvals/service.ts";
import { dayKey } from "./budget/budget.ts";
import { costOf } from "./budget/service.ts";
import type { ApprovalView } from "./events.ts";
import { findMember } from "./members/store.ts";
import type { MemberId } from "./ports.ts";
import { openTimes, type Reader } from "./reading.ts";
import { runViews } from "./runs/views/store.ts";
import type { CostView, RunView, WorkflowView } from "./views.ts";
import { atLeast } from "./workflows/permissions.ts";
import { workflowViews } from "./workflows/views/store.ts";

export interface MineView {
  /** Approvals this member may decide. */
  readonly approvals: readonly ApprovalView[];
  /** Runs of this member's workflows that wait for a person, and dead letters. */
  readonly waiting: readonly RunView[];
  /** This member's own. */
  readonly workflows: readonly WorkflowView[];
  /** Of this member's workflows, the latest first. */
  readonly recent: readonly RunView[];
  /** Of the whole workspace, from the first of the month up to today. */
  readonly cost: CostView;
}

const RECENT = 10;
const OPEN = 50;

/** Nothing but the cost for somebody who is no member. */
export async function readMine(reader: Reader, memberId: MemberId): Promise<MineView> {
  const { db, workspaceId, now, zone } = reader;
  const dayOfMonth = Number(dayKey(now.getTime(), zone).slice(-2));
  const [member, workflows, pending, cost] = await Promise.all([
    findMember(db, workspaceId, memberId),
    workflowViews(db, workspaceId, now, openTimes(reader), memberId),
    listApprovals(db, workspaceId),
    costOf(db, { workspaceId, now: now.getTime(), zone, days: dayOfMonth, dayLimitMicros: reader.dayCeilingMicros }),
  ]);
  const workflowIds = workflows.map(({ workflowId }) => workflowId);
  const [open, recent] = await Promise.all([
    runViews(db, { workspaceId, workflowIds, statuses: ["waiting", "dead"], limit: OPEN, now }),
    runViews(db, { workspaceId, workflowIds, limit: RECENT, now }),
  ]);
  return {
    approvals: member === null ? [] : pending.filter(({ decidedBy }) => atLeast(member.role, decidedBy)),
    waiting: open,
    workflows,
    recent,
    cost,
  };
}
