/** The rules people gave, in SQL. */
import { and, asc, eq, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { policyRules, runs, steps } from "../../db/schema.ts";
import type { WorkspaceId } from "../../ports.ts";
import { type Rule, RuleBody, type UnreadableRule } from "../rule.ts";

export interface StoredRule {
  readonly id: string;
  readonly workspaceId: WorkspaceId;
  readonly number: number | null;
  readonly workflowId: string | null;
  readonly body: unknown;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly savedAt: Date | null;
  readonly removedAt: Date | null;
}

/** Everything that holds in a workspace, by number. What cannot be read is there, too, and says so. */
export async function heldRules(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
): Promise<(Rule | UnreadableRule)[]> {
  const rows = await db
    .select()
    .from(policyRules)
    .where(and(eq(policyRules.workspaceId, workspaceId), isNotNull(policyRules.savedAt), isNull(policyRules.removedAt)))
    .orderBy(asc(policyRules.number));
  return rows.map(toRule);
}

export function toRule(row: Pick<StoredRule, "number" | "workflowId" | "body">): Rule | UnreadableRule {
  const name = `rule ${row.number ?? "?"}`;
  const read = RuleBody.safeParse(row.body);
  if (!read.success) return { name, unreadable: true, workflowId: row.workflowId };
  return { ...read.data, name, level: "chat", workflow: null, workflowId: row.workflowId };
}

export async function insertRule(
  tx: Transaction,
  rule: Pick<StoredRule, "id" | "workspaceId" | "workflowId" | "proposedBy" | "proposedAt"> & {
    readonly body: RuleBody;
  },
): Promise<void> {
  await tx.insert(policyRules).values(rule);
}

export async function lockRule(
  tx: Transaction,
  workspaceId: WorkspaceId,
  which: { readonly id: string } | { readonly number: number },
): Promise<StoredRule | null> {
  const by = "id" in which ? eq(policyRules.id, which.id) : eq(policyRules.number, which.number);
  const rows = await tx
    .select()
    .from(policyRules)
    .where(and(eq(policyRules.workspaceId, workspaceId), by))
    .for("update");
  return rows[0] ?? null;
}

/** It holds from now on. @returns its number; null when it was saved or removed before */
export async function saveRule(
  tx: Transaction,
  rule: Pick<StoredRule, "id" | "workspaceId">,
  at: Date,
): Promise<number | null> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`rules:${rule.workspaceId}`}, 0))`);
  const rows = await tx
    .update(policyRules)
    .set({
      savedAt: at,
      number: sql`(select coalesce(max(r.number), 0) + 1 from policy_rules r where r.workspace_id = ${rule.workspaceId})`,
    })
    .where(
      and(
        eq(policyRules.workspaceId, rule.workspaceId),
        eq(policyRules.id, rule.id),
        isNull(policyRules.savedAt),
        isNull(policyRules.removedAt),
      ),
    )
    .returning({ number: policyRules.number });
  return rows[0]?.number ?? null;
}

/** It holds no more. @returns false when it was removed before */
export async function removeRule(
  tx: Transaction,
  rule: Pick<StoredRule, "id" | "workspaceId">,
  by: string,
  at: Date,
): Promise<boolean> {
  const rows = await tx
    .update(policyRules)
    .set({ removedBy: by, removedAt: at })
    .where(
      and(eq(policyRules.workspaceId, rule.workspaceId), eq(policyRules.id, rule.id), isNull(policyRules.removedAt)),
    )
    .returning({ id: policyRules.id });
  return rows.length > 0;
}

/** Rules that were shown and never saved. */
export async function dropOldRules(db: Database, before: Date): Promise<void> {
  const old = db
    .select({ id: policyRules.id })
    .from(policyRules)
    .where(and(isNull(policyRules.savedAt), lt(policyRules.proposedAt, before)))
    .limit(500);
  await db.delete(policyRules).where(inArray(policyRules.id, old));
}

/** Calls of a workflow that began since then, of tools that change something. One work at a time counts them. */
export async function writesSince(
  tx: Transaction,
  of: { readonly workspaceId: WorkspaceId; readonly workflowId: string },
  tools: readonly string[],
  since: Date,
): Promise<number> {
  if (tools.length === 0) return 0;
  // Two runs side by side would each count the same, and both go on.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`writes:${of.workflowId}`}, 0))`);
  const [row] = await tx
    .select({ n: sql<number>`count(*)::int` })
    .from(steps)
    .innerJoin(runs, eq(runs.id, steps.runId))
    .where(
      and(
        eq(runs.workspaceId, of.workspaceId),
        eq(runs.workflowId, of.workflowId),
        eq(steps.kind, "tool"),
        inArray(steps.name, [...tools]),
        isNull(runs.replayOf),
        sql`${steps.startedAt} >= ${since.toISOString()}::timestamptz`,
        sql`${steps.attempts} + (${steps.status} = 'started')::int > 0`,
      ),
    );
  return row?.n ?? 0;
}
