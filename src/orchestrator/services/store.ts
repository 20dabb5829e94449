/** Breakers, the calls of a minute, and the waits that hang on them, in SQL. */
import { and, eq, isNull, lt, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { breakers, serviceMinutes } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { WorkspaceId } from "../ports.ts";
import { BREAKER_TRANSITIONS, type Breaker, type BreakerStatus } from "./breaker.ts";
import type { ServiceName } from "./service-name.ts";

export interface ServiceKey {
  readonly workspaceId: WorkspaceId;
  readonly service: ServiceName;
}

const isService = ({ workspaceId, service }: ServiceKey) =>
  and(eq(breakers.workspaceId, workspaceId), eq(breakers.service, service));

const toBreaker = ({ status, failures, opens, openedAt, probeAt, probeUntil, failure }: Breaker): Breaker => ({
  status,
  failures,
  opens,
  openedAt,
  probeAt,
  probeUntil,
  failure,
});

/**
 * @param lock `update`: nobody else decides about it until the work ends; `share`: it stays as it is until then
 * @returns null when the service has never failed
 */
export async function readBreaker(
  db: Database | Transaction,
  key: ServiceKey,
  lock: "update" | "share" | null = null,
): Promise<Breaker | null> {
  const query = db.select().from(breakers).where(isService(key));
  const [row] = await (lock === null ? query : query.for(lock));
  return row ? toBreaker(row) : null;
}

/**
 * The one mutator of a breaker: compare and set.
 * @param from as it was read; null when there was none
 * @returns false when somebody else changed it since: a lost race, which is a normal outcome
 * @throws ClawError `bug` for a transition that the state table does not have
 */
export async function moveBreaker(
  tx: Transaction,
  key: ServiceKey,
  from: Breaker | null,
  to: Breaker,
  now: Date,
): Promise<boolean> {
  const was: BreakerStatus = from?.status ?? "closed";
  if (was !== to.status && !(BREAKER_TRANSITIONS[was] as readonly BreakerStatus[]).includes(to.status)) {
    throw new ClawError("bug", `a breaker cannot go from ${was} to ${to.status}`);
  }
  const values = { ...to, updatedAt: now };
  const rows = from
    ? await tx
        .update(breakers)
        .set(values)
        .where(
          and(
            isService(key),
            eq(breakers.status, from.status),
            eq(breakers.failures, from.failures),
            eq(breakers.opens, from.opens),
            from.probeUntil ? eq(breakers.probeUntil, from.probeUntil) : isNull(breakers.probeUntil),
          ),
        )
        .returning({ service: breakers.service })
    : await tx
        .insert(breakers)
        .values({ ...key, ...values })
        .onConflictDoNothing()
        .returning({ service: breakers.service });
  return rows.length > 0;
}

/** Counts one call, unless the minute has had as many as it may. @returns whether it may be made */
export async function countCall(tx: Transaction, key: ServiceKey, minute: Date, perMinute: number): Promise<boolean> {
  const rows = await tx
    .insert(serviceMinutes)
    .values({ ...key, minute, calls: 1 })
    .onConflictDoUpdate({
      target: [serviceMinutes.workspaceId, serviceMinutes.service, serviceMinutes.minute],
      set: { calls: sql`${serviceMinutes.calls} + 1` },
      setWhere: lt(serviceMinutes.calls, perMinute),
    })
    .returning({ calls: serviceMinutes.calls });
  return rows.length > 0;
}

/** A call that was counted is not made after all. */
export async function uncountCall(tx: Transaction, key: ServiceKey, minute: Date): Promise<void> {
  await tx
    .update(serviceMinutes)
    .set({ calls: sql`greatest(${serviceMinutes.calls} - 1, 0)` })
    .where(
      and(
        eq(serviceMinutes.workspaceId, key.workspaceId),
        eq(serviceMinutes.service, key.service),
        eq(serviceMinutes.minute, minute),
      ),
    );
}

/** Runs let go at once when a service is back, and how many a second follow: it has just recovered. */
const FREED_A_SECOND = 50;
/** What waits beyond goes on when it is due by itself. */
const MAX_FREED = 1_000;

/**
 * The service is back: what waits for it is due, a part of it each second. The rows are locked in one order, so that
 * two such statements never wait for each other in a circle.
 * @returns the times to look at
 */
export async function freeWaits(tx: Transaction, key: ServiceKey, now: Date): Promise<Date[]> {
  const rows = await tx.execute<{ second: number }>(sql`
    with waiting as (
      select id, due_at from waits
      where status = 'open' and kind = 'service' and workspace_id = ${key.workspaceId}
        and detail->>'service' = ${key.service} and detail->>'why' = 'breaker'
      order by id limit ${MAX_FREED} for update),
    placed as (select id, (row_number() over (order by id) - 1) / ${FREED_A_SECOND}::int as second from waiting),
    freed as (
      update waits w set due_at = ${now.toISOString()}::timestamptz + p.second * interval '1 second'
      from placed p where w.id = p.id
      returning p.second)
    select distinct second::int as second from freed order by 1`);
  return rows.map(({ second }) => new Date(now.getTime() + second * 1_000));
}

/**
 * Puts off the due waits of a service, but for those that may try first.
 * @param first how many of the oldest go
 * @returns the ids of those that were put off
 */
export async function putOffWaits(
  tx: Transaction,
  key: ServiceKey,
  put: { readonly now: Date; readonly until: Date; readonly first: number },
): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    with due as (
      select id from waits
      where status = 'open' and kind = 'service' and due_at <= ${put.now.toISOString()}
        and workspace_id = ${key.workspaceId} and detail->>'service' = ${key.service}
      order by id for update),
    late as (select id from due order by id offset ${put.first}::int)
    update waits w set due_at = ${put.until.toISOString()} from late where w.id = late.id
    returning w.id`);
  return rows.map(({ id }) => id);
}

/** Cards that one turn of an outage edits at most. */
const MAX_TOLD = 200;

/** Keys under which the outage was told, where a workflow has a run that is not over. */
export async function toldKeys(tx: Transaction, workspaceId: WorkspaceId, prefix: string): Promise<string[]> {
  const rows = await tx.execute<{ key: string }>(sql`
    select distinct d.key from runs r
    join deliveries d on d.workspace_id = r.workspace_id and d.key = ${prefix}::text || r.workflow_id::text
    where r.workspace_id = ${workspaceId} and r.status in ('queued', 'running', 'waiting', 'dead')
    order by d.key limit ${MAX_TOLD}`);
  return rows.map(({ key }) => key);
}

/** A minute is counted for as long as it lasts; milliseconds. */
const MINUTES_KEPT_MS = 10 * 60_000;
/** A breaker that has been quiet for so long is one that never was; milliseconds. */
const QUIET_KEPT_MS = 7 * 24 * 60 * 60_000;

/** Forgets old minutes and breakers that have long been quiet, over all workspaces. Again is harmless. */
export async function pruneServices(db: Database, now: Date): Promise<void> {
  const ago = (ms: number) => new Date(now.getTime() - ms);
  await db.delete(serviceMinutes).where(lt(serviceMinutes.minute, ago(MINUTES_KEPT_MS)));
  await db.delete(breakers).where(and(eq(breakers.status, "closed"), lt(breakers.updatedAt, ago(QUIET_KEPT_MS))));
}
