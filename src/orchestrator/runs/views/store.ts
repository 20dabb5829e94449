/** Runs as people are shown them. */
import { and, asc, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import {
  approvals,
  attempts,
  deliveries,
  firings,
  members,
  revisions,
  runs,
  steps,
  waits,
  workflows,
} from "../../db/schema.ts";
import type { Notice } from "../../events.ts";
import { grantsOfRun, usesOfRun } from "../../grants/store.ts";
import { letterViews } from "../../incidents/views/store.ts";
import type { WorkspaceId } from "../../ports.ts";
import { journalPrunedAt } from "../../retention/journals/store.ts";
import type {
  AttemptView,
  DeliveryView,
  FiringView,
  InspectView,
  ManifestEntry,
  RunView,
  StepView,
  WaitView,
} from "../../views.ts";
import { whyQueued } from "../claims/store.ts";
import { toStep } from "../journal/store.ts";
import type { RunStatus } from "../run.ts";
import type { Step } from "../step.ts";
import { isAskedFor } from "../wait.ts";

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

export interface RunQuery {
  readonly workspaceId: WorkspaceId;
  readonly workflowId?: string;
  readonly workflowIds?: readonly string[];
  readonly statuses?: readonly RunStatus[];
  readonly number?: number;
  readonly id?: string;
  /** Only the latest run of each of these workflows; replays do not count. */
  readonly latestOf?: readonly string[];
  readonly limit: number;
  /** For the duration of what has not ended. */
  readonly now: Date;
  /** Runs of a workspace under way at once, to say so of a queued run; unknown when left out. */
  readonly perWorkspace?: number | undefined;
}

/** The latest first. */
export async function runViews(db: Database | Transaction, query: RunQuery): Promise<RunView[]> {
  const where: SQL[] = [eq(runs.workspaceId, query.workspaceId)];
  if (query.workflowId !== undefined) where.push(eq(runs.workflowId, query.workflowId));
  if (query.workflowIds) where.push(inArray(runs.workflowId, [...query.workflowIds]));
  if (query.statuses) where.push(inArray(runs.status, [...query.statuses]));
  if (query.number !== undefined) where.push(eq(runs.number, query.number));
  if (query.id !== undefined) where.push(eq(runs.id, query.id));
  // A look into the index for each workflow, in one statement.
  if (query.latestOf !== undefined)
    where.push(sql`${runs.id} in (
      select latest.id from unnest(${sql.param([...query.latestOf])}::uuid[]) as w (id) cross join lateral (
        select l.id from runs l where l.workflow_id = w.id and not l.rehearsal order by l.number desc limit 1) latest)`);
  const rows = await db
    .select({
      run: runs,
      name: workflows.name,
      steps: sql<number>`(select count(*)::int from ${steps} where ${steps.runId} = ${runs.id})`,
      replayOf: sql<number | null>`(select original.number from ${runs} original where original.id = ${runs.replayOf})`,
    })
    .from(runs)
    .innerJoin(workflows, eq(workflows.id, runs.workflowId))
    .where(and(...where))
    .orderBy(desc(runs.number))
    .limit(query.limit);
  const open = await waitViews(
    db,
    query.workspaceId,
    rows.map(({ run }) => run.id),
  );
  const queued = rows.filter(({ run }) => run.status === "queued").map(({ run }) => run.id);
  const held = await whyQueued(db, query.workspaceId, queued, { perWorkspace: query.perWorkspace ?? null });
  const heldBy = (id: string) => {
    const why = held.get(id);
    return why === undefined ? {} : { queued: why };
  };
  const letters = await letterViews(
    db,
    query.workspaceId,
    rows.flatMap(({ run }) => (run.status === "dead" ? [run.id] : [])),
  );
  return rows.map(({ run, name, steps: count, replayOf }) => ({
    ...heldBy(run.id),
    runId: run.id,
    number: run.number,
    workflowId: run.workflowId,
    name,
    status: run.status,
    startedAt: iso(run.startedAt),
    endedAt: iso(run.endedAt),
    figures: {
      durationMs: run.startedAt ? Math.max((run.endedAt ?? query.now).getTime() - run.startedAt.getTime(), 0) : 0,
      costMicros: run.costMicros,
      steps: count,
    },
    verdict: run.verdict,
    failure: run.failure,
    tainted: run.tainted,
    replayOf,
    ...(run.dry ? { dry: true } : {}),
    letter: run.status === "dead" ? (letters.get(run.id) ?? { since: null, step: null }) : null,
    incidentId: run.incidentId,
    waits: open.get(run.id) ?? [],
  }));
}

async function waitViews(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  runIds: readonly string[],
): Promise<Map<string, WaitView[]>> {
  const views = new Map<string, WaitView[]>();
  if (runIds.length === 0) return views;
  const rows = await db
    .select()
    .from(waits)
    .where(and(eq(waits.workspaceId, workspaceId), inArray(waits.runId, [...runIds]), eq(waits.status, "open")))
    .orderBy(asc(waits.createdAt));
  for (const row of rows) {
    const of = views.get(row.runId) ?? [];
    of.push({
      waitId: row.id,
      kind: row.kind,
      since: row.createdAt.toISOString(),
      dueAt: row.kind === "unknown_effect" ? null : iso(row.dueAt),
      forWhat: forWhat(row.kind, row.detail),
      ...(isAskedFor(row) ? { asked: true } : {}),
    });
    views.set(row.runId, of);
  }
  return views;
}

function forWhat(kind: WaitView["kind"], detail: Record<string, unknown>): string {
  switch (kind) {
    case "approval":
      return `approval ${String(detail.number)} of ${String(detail.tool)}`;
    case "retry":
      return `its next try (${String(detail.message)})`;
    case "budget":
      return "more money";
    case "unknown_effect":
      return `a word on whether ${String(detail.tool)} happened`;
    case "answer":
      return `an answer to question ${String(detail.number)}: ${String(detail.question)}`;
    case "timer":
      return isAskedFor({ kind, detail }) ? "its time, because the workflow asked to" : "its time";
    case "service":
      return detail.why === "limit"
        ? `its turn at ${String(detail.service)}`
        : `${String(detail.service)}, which is down`;
    case "stopped":
      return detail.why === "version"
        ? "a word on whether it goes on with the new version of Claw"
        : "everything to be resumed";
  }
}

export const firingView = (row: typeof firings.$inferSelect): FiringView => ({
  firingId: row.id,
  kind: row.kind,
  plannedAt: row.plannedAt.toISOString(),
  outcome: row.outcome,
  reason: row.reason,
  count: row.count,
  ...(row.outcome === null && row.gate === "checking" ? { checking: true as const } : {}),
});

/** Everything about one run; null when the workspace has none such. */
export async function inspectRun(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  which: { readonly number: number } | { readonly id: string },
  now: Date,
  perWorkspace?: number,
): Promise<InspectView | null> {
  const [run] = await runViews(db, { workspaceId, ...which, limit: 1, now, perWorkspace });
  if (!run) return null;
  const [about] = await db
    .select({ firing: firings, instruction: revisions.instruction, pins: runs.pins })
    .from(runs)
    .innerJoin(firings, eq(firings.id, runs.firingId))
    .innerJoin(revisions, and(eq(revisions.workflowId, runs.workflowId), eq(revisions.number, runs.revision)))
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.id, run.runId)));
  if (!about) return null;
  const journal = await db
    .select()
    .from(steps)
    .where(and(eq(steps.workspaceId, workspaceId), eq(steps.runId, run.runId)))
    .orderBy(asc(steps.turn), asc(steps.callIndex));
  const tries = await triesOf(db, workspaceId, run.runId);
  const uses = await usesOfRun(db, { id: run.runId, workspaceId });
  const said = await db
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.workspaceId, workspaceId), eq(deliveries.runId, run.runId)))
    .orderBy(asc(deliveries.seq));
  const asked = await db
    .select({ approval: approvals, decider: members.name })
    .from(approvals)
    .leftJoin(members, and(eq(members.workspaceId, approvals.workspaceId), eq(members.id, approvals.deciderId)))
    .where(and(eq(approvals.workspaceId, workspaceId), eq(approvals.runId, run.runId)))
    .orderBy(asc(approvals.number));
  const notices = new Map<string, Notice>(said.map((row) => [row.key, row.notice]));
  return {
    run,
    instruction: about.instruction,
    firing: firingView(about.firing),
    model: about.pins.model,
    prunedAt: journal.length === 0 ? await journalPrunedAt(db, workspaceId, run.number) : null,
    steps: journal.map((row) => {
      const grant = uses.find((use) => use.turn === row.turn && use.callIndex === row.callIndex);
      return {
        ...stepView(toStep(row), row, tries.get(`${row.turn}.${row.callIndex}`) ?? []),
        ...(row.tainted ? { tainted: true } : {}),
        ...(grant ? { grant: grant.number } : {}),
      };
    }),
    approvals: asked.flatMap(({ approval, decider }) => {
      const notice = notices.get(`approval:${approval.id}`);
      return notice?.kind === "approvalRequested" ? [{ ...notice.approval, status: approval.status, decider }] : [];
    }),
    grants: await grantsOfRun(db, { workspaceId, workflowId: run.workflowId, runId: run.runId }, now),
    deliveries: said.map(
      (row): DeliveryView => ({
        key: row.key,
        status: row.status,
        noticeKind: row.notice.kind,
        at: (row.sentAt ?? row.createdAt).toISOString(),
        failure: row.failure,
      }),
    ),
  };
}

const SHOWN = 500;
const shorten = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

async function triesOf(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  runId: string,
): Promise<Map<string, AttemptView[]>> {
  const rows = await db
    .select()
    .from(attempts)
    .where(and(eq(attempts.workspaceId, workspaceId), eq(attempts.runId, runId)))
    .orderBy(asc(attempts.turn), asc(attempts.callIndex), asc(attempts.number));
  const tries = new Map<string, AttemptView[]>();
  for (const { turn, callIndex, number, outcome, failure, startedAt, endedAt } of rows) {
    const of = tries.get(`${turn}.${callIndex}`) ?? [];
    const durationMs = endedAt ? Math.max(endedAt.getTime() - startedAt.getTime(), 0) : null;
    of.push({ number, outcome, failure, at: startedAt.toISOString(), durationMs });
    tries.set(`${turn}.${callIndex}`, of);
  }
  return tries;
}

function stepView(step: Step, row: typeof steps.$inferSelect, tries: readonly AttemptView[]): StepView {
  const result = step.failure
    ? `${step.failure.code}: ${step.failure.message}`
    : step.kind === "tool"
      ? step.output === null
        ? ""
        : JSON.stringify(step.output)
      : (step.reply?.toolCalls.map((call) => `${call.name} ${call.arguments}`).join("\n") ?? "");
  return {
    turn: step.turn,
    callIndex: step.callIndex,
    kind: step.kind,
    name: step.name,
    status: step.status,
    attempts: step.attempts,
    durationMs: step.startedAt && step.endedAt ? Math.max(step.endedAt.getTime() - step.startedAt.getTime(), 0) : null,
    costMicros: step.costMicros,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    summary: shorten(step.kind === "tool" ? JSON.stringify(step.input) : (step.reply?.text ?? "")),
    result: shorten(result),
    manifest: step.kind === "model" && Array.isArray(step.manifest) ? (step.manifest as ManifestEntry[]) : [],
    tries,
  };
}
