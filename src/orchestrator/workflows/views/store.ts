/** Workflows as people are shown them. */
import { and, asc, desc, eq, gt, inArray, notInArray, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { firings, revisions, workflows } from "../../db/schema.ts";
import { incidentViews } from "../../incidents/views/store.ts";
import { memberNames } from "../../members/store.ts";
import type { MemberId, ThreadId, WorkspaceId } from "../../ports.ts";
import { firingView, runViews } from "../../runs/views/store.ts";
import { slotsInPause } from "../../schedules/left-out.ts";
import { nextRun, type OpenTimes } from "../../schedules/next-run.ts";
import { pauseKey } from "../../triggers/fire.ts";
import { routeOf } from "../../triggers/route.ts";
import { countedFirings } from "../../triggers/store.ts";
import { scheduleOf } from "../../triggers/trigger.ts";
import { triggerWords } from "../../triggers/words.ts";
import type { FiringView, RunView, StatusView, WorkflowView } from "../../views.ts";
import { type Defined, findDefined, listDefined, workflowOfThread } from "../store.ts";

const FIRINGS_SHOWN = 10;
const NEXT_SHOWN = 5;
/** Soonest by their plan; what is closed or skipped of them comes later than some that follow. */
const NEXT_SEEN = 25;
const NOTHING_CLOSED: OpenTimes = { closedTimes: null, zone: "UTC" };

/** Workflows of a workspace that are not drafts or deleted, by name. @param ownerId null: whoever owns them */
export async function workflowViews(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  now: Date,
  open: OpenTimes = NOTHING_CLOSED,
  ownerId: MemberId | null = null,
): Promise<WorkflowView[]> {
  const all = await listDefined(db, workspaceId);
  const wanted = ownerId === null ? all : all.filter(({ workflow }) => workflow.ownerId === ownerId);
  return viewsOf(db, workspaceId, wanted, now, open);
}

/** Null when there is none such, or only a draft. */
export async function workflowView(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  which: { readonly name: string } | { readonly id: string },
  now: Date,
  open: OpenTimes = NOTHING_CLOSED,
): Promise<WorkflowView | null> {
  const defined = await findDefined(db, workspaceId, which);
  if (!defined || defined.workflow.status === "draft") return null;
  const [view] = await viewsOf(db, workspaceId, [defined], now, open);
  return view ?? null;
}

async function viewsOf(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  all: readonly Defined[],
  now: Date,
  open: OpenTimes,
): Promise<WorkflowView[]> {
  const ids = all.map(({ workflow }) => workflow.id);
  const names = await memberNames(db, workspaceId);
  const last = await lastRuns(db, workspaceId, ids, now);
  const failing = all.flatMap(({ workflow }) => (workflow.openIncidents > 0 ? [workflow.id] : []));
  const incidents = await incidentViews(db, workspaceId, failing);
  const [one] = all;
  const counted =
    ids.length === 1 && one?.workflow.paused
      ? await countedFirings(db, one.workflow, pauseKey(one.workflow.paused.at))
      : 0;
  const recent = ids.length === 1 ? await recentFirings(db, workspaceId, ids[0] ?? "") : [];
  return all.map(({ workflow, revision }) => ({
    workflowId: workflow.id,
    name: workflow.name,
    status: workflow.status,
    instruction: revision.instruction,
    schedule: triggerWords(revision.trigger),
    zone: scheduleOf(revision.trigger)?.zone ?? "",
    revision: revision.number,
    ownerName: names.get(workflow.ownerId) ?? workflow.ownerId,
    channelId: workflow.channelId,
    threadId: workflow.threadId,
    nextAt: nextRun(workflow, revision, open)?.toISOString() ?? null,
    ...(routeOf(revision.trigger) ? { waits: true as const } : {}),
    skipNext: workflow.skipNext,
    paused: workflow.paused
      ? {
          by: workflow.paused.by,
          note: workflow.paused.note,
          at: workflow.paused.at.toISOString(),
          leftOut: ids.length === 1 ? (slotsInPause({ workflow, revision }, now)?.count ?? counted) : null,
        }
      : null,
    incidents: incidents.filter(({ workflowId }) => workflowId === workflow.id),
    lastRun: last.get(workflow.id) ?? null,
    lastFirings: recent,
  }));
}

async function lastRuns(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  ids: readonly string[],
  now: Date,
): Promise<Map<string, RunView>> {
  if (ids.length === 0) return new Map();
  const latest = await runViews(db, { workspaceId, latestOf: ids, limit: ids.length, now });
  return new Map(latest.map((run) => [run.workflowId, run]));
}

async function recentFirings(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  workflowId: string,
): Promise<FiringView[]> {
  const rows = await db
    .select()
    .from(firings)
    .where(
      and(
        eq(firings.workspaceId, workspaceId),
        eq(firings.workflowId, workflowId),
        notInArray(firings.kind, ["replay", "dry_run"]),
      ),
    )
    .orderBy(desc(firings.plannedAt))
    .limit(FIRINGS_SHOWN);
  return rows.map(firingView);
}

/** The slots that come next in a workspace, and how many workflows it has. */
export async function workspaceAhead(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  now: Date,
  open: OpenTimes = NOTHING_CLOSED,
): Promise<Pick<StatusView, "next" | "workflows">> {
  const next = await db
    .select({ workflow: workflows, revision: { trigger: revisions.trigger, policies: revisions.policies } })
    .from(workflows)
    .innerJoin(revisions, and(eq(revisions.workflowId, workflows.id), eq(revisions.number, workflows.revision)))
    .where(and(eq(workflows.workspaceId, workspaceId), eq(workflows.status, "active"), gt(workflows.nextSlotAt, now)))
    .orderBy(asc(workflows.nextSlotAt))
    .limit(NEXT_SEEN);
  const [count] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(workflows)
    .where(and(eq(workflows.workspaceId, workspaceId), inArray(workflows.status, ["active", "paused"])));
  return {
    next: next
      .flatMap(({ workflow, revision }) => {
        const at = nextRun(workflow, revision, open);
        return at ? [{ workflowId: workflow.id, name: workflow.name, at: at.toISOString() }] : [];
      })
      .sort((a, b) => a.at.localeCompare(b.at))
      .slice(0, NEXT_SHOWN),
    workflows: count?.count ?? 0,
  };
}

/** The workflow of that name that was made last, of those that are deleted. */
export async function lastDeleted(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  name: string,
): Promise<string | null> {
  const named = and(eq(workflows.workspaceId, workspaceId), eq(workflows.name, name), eq(workflows.status, "deleted"));
  const rows = await db
    .select({ id: workflows.id })
    .from(workflows)
    .where(named)
    .orderBy(desc(workflows.createdAt))
    .limit(1);
  return rows[0]?.id ?? null;
}

/** The name of the workflow whose home a thread is, if it is one. */
export async function nameOfThread(
  tx: Transaction,
  workspaceId: WorkspaceId,
  threadId: ThreadId,
): Promise<string | null> {
  const id = await workflowOfThread(tx, workspaceId, threadId);
  return id === null ? null : ((await findDefined(tx, workspaceId, { id }))?.workflow.name ?? null);
}
