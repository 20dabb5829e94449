/** Inbound events in SQL. */
import { and, asc, eq, lte, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { inboundEvents } from "../db/schema.ts";
import type { Failure } from "../errors.ts";
import type { InboundEvent } from "../ports.ts";

/** One statement. @returns null when the key was there already */
export async function insertEvent(
  db: Database,
  id: string,
  event: InboundEvent,
  receivedAt: Date,
): Promise<string | null> {
  const rows = await db
    .insert(inboundEvents)
    .values({
      id,
      workspaceId: event.workspaceId,
      platform: event.platform,
      key: event.key,
      status: "received",
      event,
      receivedAt,
    })
    .onConflictDoNothing()
    .returning({ id: inboundEvents.id });
  return rows[0]?.id ?? null;
}

/** The event, locked until the work ends; null when it was handled, or another process is at it. */
export async function lockEvent(tx: Transaction, id: string): Promise<InboundEvent | null> {
  const rows = await tx
    .select({ event: inboundEvents.event })
    .from(inboundEvents)
    .where(and(eq(inboundEvents.id, id), eq(inboundEvents.status, "received")))
    .for("update", { skipLocked: true });
  return (rows[0]?.event as InboundEvent | undefined) ?? null;
}

export async function markHandled(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.update(inboundEvents).set({ status: "handled", handledAt: at }).where(eq(inboundEvents.id, id));
}

/** Counts a try that failed; after `most` tries the event is given up, with its failure. @returns whether it is */
export async function markTried(db: Database, id: string, most: number, failure: Failure): Promise<boolean> {
  const rows = await db
    .update(inboundEvents)
    .set({
      attempts: sql`${inboundEvents.attempts} + 1`,
      failure,
      status: sql`case when ${inboundEvents.attempts} + 1 >= ${most} then 'failed'::inbound_status else ${inboundEvents.status} end`,
    })
    .where(and(eq(inboundEvents.id, id), eq(inboundEvents.status, "received")))
    .returning({ status: inboundEvents.status });
  return rows[0]?.status === "failed";
}

/** Events that nobody has handled although they came before `before`: their process was lost. */
export async function leftOver(db: Database, before: Date, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: inboundEvents.id })
    .from(inboundEvents)
    .where(and(eq(inboundEvents.status, "received"), lte(inboundEvents.receivedAt, before)))
    .orderBy(asc(inboundEvents.receivedAt))
    .limit(limit);
  return rows.map((row) => row.id);
}
