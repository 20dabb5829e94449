/** What it costs, for people: from the ledger. */
import type { Database, Transaction } from "../db/client.ts";
import type { WorkspaceId } from "../ports.ts";
import type { CostView } from "../views.ts";
import { type Budget, dayKey, daysUpTo } from "./budget.ts";
import { costByDay, costByWorkflow } from "./costs/store.ts";
import { readBudget } from "./store.ts";

const MOST_DAYS = 366;

/** Whose costs, and of which days: those of `zone`, up to and including the one that `now` falls in. */
export interface CostQuery {
  readonly workspaceId: WorkspaceId;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly zone: string;
  /** The configured ceiling: shown while nothing has opened today's. Left out: 0. */
  readonly dayLimitMicros?: number;
}

/**
 * Settled costs by day and by workflow. What is reserved for calls under way is not in it, what a crash lost is.
 * @param query.days 1 is today; at most 366
 */
export async function costOf(
  db: Database | Transaction,
  query: CostQuery & { readonly days: number },
): Promise<CostView> {
  const { workspaceId } = query;
  const count = Math.min(Math.max(1, Math.trunc(query.days)), MOST_DAYS);
  const today = dayKey(query.now, query.zone);
  const days = daysUpTo(today, count);
  const range = { workspaceId, from: days[0] ?? today, to: today };
  const [costs, byWorkflow, use] = await Promise.all([
    costByDay(db, range),
    costByWorkflow(db, range),
    dayUse(db, query),
  ]);
  const byDay = days.map((day) => ({ day, micros: costs.get(day) ?? 0 }));
  return {
    days: count,
    totalMicros: byDay.reduce((sum, each) => sum + each.micros, 0),
    todayMicros: costs.get(today) ?? 0,
    todayLimitMicros: use.limitMicros,
    byDay,
    byWorkflow,
  };
}

/** Today's ceiling and what is used of it. */
export async function dayUse(db: Database | Transaction, query: CostQuery): Promise<Budget & { readonly day: string }> {
  const day = dayKey(query.now, query.zone);
  const budget = await readBudget(db, { workspaceId: query.workspaceId, scope: "workspace_day", key: day });
  return { ...(budget ?? { limitMicros: query.dayLimitMicros ?? 0, spentMicros: 0, reservedMicros: 0 }), day };
}
