/** Inbound events in SQL. */
import { and, asc, eq, inArray, lte, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { inboundEvents } from "../db/schema.ts";
import { storable } from "../db/storable.ts";
import type { Failure } from "../errors.ts";
import type { InboundEvent } from "../ports.ts";

export interface NewEvent {
  readonly id: string;
  readonly event: InboundEvent;
  readonly receivedAt: Date;
}

/** One statement, however many there are. @returns the ids of those whose key was not there already */
export async function insertEvents(db: Database, events: readonly NewEvent[]): Promise<ReadonlySet<string>> {
  const rows = await db
    .insert(inboundEvents)
    .values(
      events.map(({ id, event, receivedAt }) => ({
        id,
        workspaceId: event.workspaceId,
        platform: event.platform,
        key: event.key,
        status: "received" as const,
        event: storable(event),
        receivedAt,
      })),
    )
    .onConflictDoNothing()
    .returning({ id: inboundEvents.id });
  return new Set(rows.map(({ id }) => id));
}

/** The event as it was received, whatever became of it. */
export async function readEvent(db: Database, id: string): Promise<InboundEvent | null> {
  const rows = await db.select({ event: inboundEvents.event }).from(inboundEvents).where(eq(inboundEvents.id, id));
  return (rows[0]?.event as InboundEvent | undefined) ?? null;
}

/**
 * The event, as handled from now on and locked until the work ends; null when it was handled, or another process is at it.
 */
export async function takeEvent(tx: Transaction, id: string, at: Date): Promise<InboundEvent | null> {
  const free = tx
    .select({ id: inboundEvents.id })
    .from(inboundEvents)
    .where(and(eq(inboundEvents.id, id), eq(inboundEvents.status, "received")))
    .for("update", { skipLocked: true });
  const rows = await tx
    .update(inboundEvents)
    .set({ status: "handled", handledAt: at })
    .where(inArray(inboundEvents.id, free))
    .returning({ event: inboundEvents.event });
  return (rows[0]?.event as InboundEvent | undefined) ?? null;
}

/** Counts a try that failed; after `most` tries the event is given up, with its failure. @returns it, once it is */
export async function markTried(
  tx: Transaction,
  id: string,
  most: number,
  failure: Failure,
): Promise<InboundEvent | null> {
  const rows = await tx
    .update(inboundEvents)
    .set({
      attempts: sql`${inboundEvents.attempts} + 1`,
      failure,
      status: sql`case when ${inboundEvents.attempts} + 1 >= ${most} then 'failed'::inbound_status else ${inboundEvents.status} end`,
    })
    .where(and(eq(inboundEvents.id, id), eq(inboundEvents.status, "received")))
    .returning({ status: inboundEvents.status, event: inboundEvents.event });
  const row = rows[0];
  return row?.status === "failed" ? (row.event as InboundEvent) : null;
}

/** Nobody is to handle it, with its reason; one that was handled already stays as it is. */
export async function markRefused(db: Database, id: string, failure: Failure): Promise<void> {
  await db
    .update(inboundEvents)
    .set({ status: "failed", failure })
    .where(and(eq(inboundEvents.id, id), eq(inboundEvents.status, "received")));
}

/**
 * The same event again, after it was refused: whoever sends it wants it done.
 * @returns its id; null when it was not refused for that reason
 */
export async function reopenRefused(
  db: Database,
  event: Pick<InboundEvent, "workspaceId" | "key">,
  refused: Failure,
  receivedAt: Date,
): Promise<string | null> {
  const rows = await db
    .update(inboundEvents)
    .set({ status: "received", failure: null, receivedAt })
    .where(
      and(
        eq(inboundEvents.workspaceId, event.workspaceId),
        eq(inboundEvents.key, event.key),
        eq(inboundEvents.status, "failed"),
        sql`${inboundEvents.failure} ->> 'code' = ${refused.code}`,
      ),
    )
    .returning({ id: inboundEvents.id });
  return rows[0]?.id ?? null;
}

/**
 * Events that nobody has handled, or is handling, although they came before `before`: their process was lost. Each look
 * counts as a try, made by the process that was lost: an event that kills its process must not do so for ever.
 * @returns them, the oldest first, with their tries
 */
export async function takeLeftOver(
  db: Database,
  before: Date,
  limit: number,
): Promise<{ readonly id: string; readonly attempts: number }[]> {
  const left = db
    .select({ id: inboundEvents.id })
    .from(inboundEvents)
    .where(and(eq(inboundEvents.status, "received"), lte(inboundEvents.receivedAt, before)))
    .orderBy(asc(inboundEvents.receivedAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  const rows = await db
    .update(inboundEvents)
    .set({ attempts: sql`${inboundEvents.attempts} + 1` })
    .where(inArray(inboundEvents.id, left))
    .returning({ id: inboundEvents.id, attempts: inboundEvents.attempts, receivedAt: inboundEvents.receivedAt });
  return rows.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
}
