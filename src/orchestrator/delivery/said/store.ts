/** What stands in a message of ours, in SQL: for forms that are opened from it. */
import { and, desc, eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { deliveries } from "../../db/schema.ts";
import type { Notice } from "../../events.ts";
import type { MessageId, PlatformName, WorkspaceId } from "../../ports.ts";

/** Written out, since an index of one platform's rows serves only a query that names the platform. */
const NAMED = {
  console: sql`'console'`,
  slack: sql`'slack'`,
  discord: sql`'discord'`,
} as const satisfies Record<PlatformName, unknown>;

/** What was last said in a message, and in which workspace. Null for a message that is none of ours. Only reads. */
export async function saidIn(
  db: Database | Transaction,
  platform: PlatformName,
  messageId: MessageId,
): Promise<{ readonly workspaceId: WorkspaceId; readonly notice: Notice } | null> {
  const rows = await db
    .select({ workspaceId: deliveries.workspaceId, notice: deliveries.notice })
    .from(deliveries)
    .where(and(sql`${deliveries.platform} = ${NAMED[platform]}`, eq(deliveries.messageId, messageId)))
    .orderBy(desc(deliveries.createdAt))
    .limit(1);
  return rows[0] ?? null;
}
