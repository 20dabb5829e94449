/** Deliveries in SQL. One row a message; what it should show and what it shows are versions. */
import { and, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { deliveries, workflows } from "../db/schema.ts";
import type { Work } from "../db/work.ts";
import { ClawError, type Failure } from "../errors.ts";
import type { Notice } from "../events.ts";
import { platformOf } from "../ids.ts";
import type { ChannelId, MemberId, MessageId, PlatformName, ThreadId, WorkspaceId } from "../ports.ts";
import type { ClaimedDelivery } from "./claims/store.ts";
import { DELIVERY_TRANSITIONS, type DeliveryStatus } from "./delivery.ts";

export interface Announcement {
  readonly id: string;
  readonly workspaceId: WorkspaceId;
  /** What it is about, e.g. `approval:<id>`. The same key again edits the message. */
  readonly key: string;
  readonly channelId: ChannelId;
  readonly place:
    | { readonly kind: "channel" }
    | { readonly kind: "thread"; readonly threadId: ThreadId }
    /** The workflow's home; waits until its root message is posted. */
    | { readonly kind: "home" }
    /** The root message: its thread becomes the home. */
    | { readonly kind: "root" };
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly privateTo: MemberId | null;
  /** What the platform wants back with an answer; absent keeps what an earlier one under the key had. */
  readonly replyToken?: string | undefined;
  readonly notice: Notice;
}

/**
 * Says something to people, as part of the caller's transaction. The same key with the same notice does nothing; with
 * another notice the message is edited in place.
 * @returns false when the very same was said under that key before
 */
export async function announce(work: Work, said: Announcement): Promise<boolean> {
  const { place } = said;
  const threadId =
    place.kind === "thread"
      ? place.threadId
      : place.kind === "home"
        ? sql`(select ${workflows.threadId} from ${workflows} where ${workflows.id} = ${said.workflowId})`
        : null;
  const written = await work.tx
    .insert(deliveries)
    .values({
      id: said.id,
      workspaceId: said.workspaceId,
      platform: platformOf(said.workspaceId) as PlatformName,
      key: said.key,
      workflowId: said.workflowId,
      runId: said.runId,
      channelId: said.channelId,
      threadId,
      awaitsHome: place.kind === "home",
      opensHome: place.kind === "root",
      privateTo: said.privateTo,
      replyToken: said.replyToken,
      notice: said.notice,
      status: "pending",
      dueAt: work.now,
      createdAt: work.now,
    })
    .onConflictDoUpdate({
      target: [deliveries.workspaceId, deliveries.key],
      set: {
        notice: sql`excluded.notice`,
        replyToken: sql`coalesce(excluded.reply_token, ${deliveries.replyToken})`,
        version: sql`${deliveries.version} + 1`,
        status: sql`case when ${deliveries.status} = 'sent' then 'pending'::delivery_status else ${deliveries.status} end`,
        dueAt: sql`case when ${deliveries.status} = 'sent' then excluded.due_at else ${deliveries.dueAt} end`,
        attempts: sql`case when ${deliveries.status} = 'sent' then 0 else ${deliveries.attempts} end`,
      },
      setWhere: sql`${deliveries.notice} is distinct from excluded.notice`,
    })
    .returning({ id: deliveries.id });
  work.wake("deliveries.due");
  return written.length > 0;
}

/**
 * Edits what was said under a key, if anything was; the message follows.
 * @param edit null leaves it as it is
 */
export async function revise(
  work: Work,
  workspaceId: WorkspaceId,
  key: string,
  edit: (notice: Notice) => Notice | null,
): Promise<void> {
  const rows = await work.tx
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.workspaceId, workspaceId), eq(deliveries.key, key)))
    .for("update");
  const row = rows[0];
  const notice = row ? edit(row.notice) : null;
  if (!row || !notice) return;
  const { id, channelId, workflowId, runId, privateTo } = row;
  await announce(work, {
    id,
    workspaceId,
    key,
    channelId,
    place: { kind: "channel" },
    workflowId,
    runId,
    privateTo,
    notice,
  });
}

/** Has a message made anew although its notice is the same: what a card offers may depend on the time. */
export async function showAgain(work: Work, workspaceId: WorkspaceId, key: string): Promise<void> {
  await work.tx
    .update(deliveries)
    .set({
      version: sql`${deliveries.version} + 1`,
      status: sql`case when ${deliveries.status} = 'sent' then 'pending'::delivery_status else ${deliveries.status} end`,
      dueAt: sql`case when ${deliveries.status} = 'sent' then ${work.now.toISOString()}::timestamptz else ${deliveries.dueAt} end`,
    })
    .where(and(eq(deliveries.workspaceId, workspaceId), eq(deliveries.key, key)));
  work.wake("deliveries.due");
}

/** What was last said under each key. */
export async function noticesOf(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  keys: readonly string[],
): Promise<Map<string, Notice>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .select({ key: deliveries.key, notice: deliveries.notice })
    .from(deliveries)
    .where(and(eq(deliveries.workspaceId, workspaceId), inArray(deliveries.key, [...keys])));
  return new Map(rows.map((row) => [row.key, row.notice]));
}

/** What became of a message. Null when nothing was said under the key. */
export async function findDelivery(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  key: string,
): Promise<Pick<typeof deliveries.$inferSelect, "status" | "messageId" | "failure"> | null> {
  const rows = await db
    .select({ status: deliveries.status, messageId: deliveries.messageId, failure: deliveries.failure })
    .from(deliveries)
    .where(and(eq(deliveries.workspaceId, workspaceId), eq(deliveries.key, key)));
  return rows[0] ?? null;
}

/**
 * The one mutator of a delivery that is being sent: compare and set, by whoever holds its lease.
 * @returns false when another worker has it
 */
async function moveSending(
  tx: Transaction,
  delivery: ClaimedDelivery,
  owner: string,
  to: DeliveryStatus,
  change: Partial<typeof deliveries.$inferInsert> | { readonly threadId: SQL },
): Promise<boolean> {
  if (!(DELIVERY_TRANSITIONS.sending as readonly DeliveryStatus[]).includes(to)) {
    throw new ClawError("bug", `a delivery cannot go from sending to ${to}`);
  }
  const rows = await tx
    .update(deliveries)
    .set({ ...change, status: to, leaseOwner: null, leaseUntil: null })
    .where(sentBy(delivery, owner))
    .returning({ id: deliveries.id });
  return rows.length > 0;
}

/** The delivery, as long as that process is the one that sends it. */
const sentBy = (delivery: Pick<ClaimedDelivery, "workspaceId" | "id">, owner: string): SQL | undefined =>
  and(
    eq(deliveries.workspaceId, delivery.workspaceId),
    eq(deliveries.id, delivery.id),
    eq(deliveries.status, "sending"),
    eq(deliveries.leaseOwner, owner),
  );

/**
 * The message is there. When it is to show something newer by now, it is edited next.
 * @param delivery its `version` is what the message shows; 0 when that is not known, as for one that was found
 */
export async function recordSent(
  work: Work,
  delivery: ClaimedDelivery,
  owner: string,
  posted: { messageId: MessageId; threadId: ThreadId },
): Promise<void> {
  const [row] = await work.tx
    .select({ version: deliveries.version })
    .from(deliveries)
    .where(and(eq(deliveries.workspaceId, delivery.workspaceId), eq(deliveries.id, delivery.id)))
    .for("update");
  const outdated = row !== undefined && row.version > delivery.version;
  const moved = await moveSending(work.tx, delivery, owner, outdated ? "pending" : "sent", {
    sentVersion: delivery.version,
    messageId: posted.messageId,
    threadId: sql`coalesce(${deliveries.threadId}, ${posted.threadId})`,
    sentAt: work.now,
    dueAt: work.now,
    attempts: 0,
    failure: null,
  });
  if (moved && delivery.opensHome) await openHome(work.tx, delivery, posted.threadId);
  if (moved && (outdated || delivery.opensHome)) work.wake("deliveries.due");
}

async function openHome(tx: Transaction, delivery: ClaimedDelivery, threadId: ThreadId): Promise<void> {
  if (delivery.workflowId === null) return;
  await tx
    .update(workflows)
    .set({ threadId })
    .where(and(eq(workflows.workspaceId, delivery.workspaceId), eq(workflows.id, delivery.workflowId)));
  await tx
    .update(deliveries)
    .set({ threadId })
    .where(
      and(
        eq(deliveries.workspaceId, delivery.workspaceId),
        eq(deliveries.workflowId, delivery.workflowId),
        eq(deliveries.awaitsHome, true),
        sql`${deliveries.threadId} is null`,
      ),
    );
}

/** It certainly did not happen: it is tried again at `dueAt`. */
export async function recordRetry(
  work: Work,
  delivery: ClaimedDelivery,
  owner: string,
  retry: { dueAt: Date; failure: Failure },
): Promise<void> {
  await moveSending(work.tx, delivery, owner, "pending", retry);
  work.wake("deliveries.due", retry.dueAt.getTime());
}

/** Its turn has not come: nothing was tried. */
export async function recordLater(work: Work, delivery: ClaimedDelivery, owner: string, dueAt: Date): Promise<void> {
  await moveSending(work.tx, delivery, owner, "pending", { dueAt, attempts: delivery.attempts - 1 });
  work.wake("deliveries.due", dueAt.getTime());
}

/** It may have happened, and could not be looked for: it stays claimed until `at`, and is then looked for again. */
export async function recordLookAgain(work: Work, delivery: ClaimedDelivery, owner: string, at: Date): Promise<void> {
  await work.tx.update(deliveries).set({ leaseUntil: at }).where(sentBy(delivery, owner));
  work.wake("deliveries.due", at.getTime());
}

/**
 * It will not be tried again: `unknown` (it may be there) or `undelivered` (it is not). What waits for the home that a
 * root message did not open shares its fate.
 * @returns false when another worker has it
 */
export async function recordGivenUp(
  work: Work,
  delivery: ClaimedDelivery,
  owner: string,
  ended: { status: "unknown" | "undelivered"; failure: Failure },
): Promise<boolean> {
  const moved = await moveSending(work.tx, delivery, owner, ended.status, { failure: ended.failure });
  if (moved && delivery.opensHome && delivery.messageId === null && delivery.workflowId !== null) {
    await work.tx
      .update(deliveries)
      .set({ status: "undelivered", failure: ended.failure })
      .where(
        and(
          eq(deliveries.workspaceId, delivery.workspaceId),
          eq(deliveries.workflowId, delivery.workflowId),
          eq(deliveries.awaitsHome, true),
          isNull(deliveries.threadId),
          eq(deliveries.status, "pending"),
        ),
      );
  }
  return moved;
}
