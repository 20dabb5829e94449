/** Quiet workflows in SQL. */
import { and, eq, gt, lte, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { workflows } from "../../db/schema.ts";

export interface QuietWorkflow {
  readonly id: string;
  readonly workspaceId: string;
}

export interface QuietPage {
  readonly quiet: readonly QuietWorkflow[];
  /** The last workflow looked at; null when there was none. */
  readonly last: string | null;
  readonly seen: number;
}

/**
 * Looks at the next `limit` workflows by id, and no more, however many there are: the cost of a look does not grow.
 * @param before silent since then
 * @param after the last of the page before; null begins anew
 */
export async function quietPage(
  db: Database,
  page: { readonly before: Date; readonly after: string | null; readonly limit: number },
): Promise<QuietPage> {
  const rows = await db.execute<{ id: string | null; workspaceId: string; last: string | null; seen: number }>(sql`
    with page as materialized (
      select id, workspace_id, status, quiet_checks, last_said_at from workflows
      where ${page.after}::uuid is null or id > ${page.after}::uuid order by id limit ${page.limit})
    select quiet.id, quiet.workspace_id as "workspaceId", (select id from page order by id desc limit 1) as last,
      (select count(*)::int from page) as seen
    from (values (1)) as one left join page quiet
      on quiet.status = 'active' and quiet.quiet_checks > 0 and quiet.last_said_at <= ${page.before.toISOString()}`);
  const [first] = rows;
  return {
    quiet: rows.flatMap(({ id, workspaceId }) => (id === null ? [] : [{ id, workspaceId }])),
    last: first?.last ?? null,
    seen: first?.seen ?? 0,
  };
}

export interface Silence {
  readonly name: string;
  readonly channelId: string;
  readonly checks: number;
  readonly since: Date;
  readonly nextAt: Date | null;
}

/** Ends a silence: compare and set, so that of two processes one says it. @returns null when it had ended already */
export async function endSilence(
  tx: Transaction,
  workflow: QuietWorkflow,
  change: { readonly before: Date; readonly now: Date },
): Promise<Silence | null> {
  const quiet = and(
    eq(workflows.workspaceId, workflow.workspaceId),
    eq(workflows.id, workflow.id),
    eq(workflows.status, "active"),
    gt(workflows.quietChecks, 0),
    lte(workflows.lastSaidAt, change.before),
  );
  const [was] = await tx.select().from(workflows).where(quiet).for("update");
  if (!was?.lastSaidAt) return null;
  await tx.update(workflows).set({ lastSaidAt: change.now, quietChecks: 0 }).where(quiet);
  return {
    name: was.name,
    channelId: was.channelId,
    checks: was.quietChecks,
    since: was.lastSaidAt,
    nextAt: was.nextSlotAt,
  };
}
