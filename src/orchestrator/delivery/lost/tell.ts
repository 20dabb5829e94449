/** What a platform refused for good reaches a person all the same: the workflow's owner, in person. */
import { createHash } from "node:crypto";
import type { Work } from "../../db/work.ts";
import type { Failure } from "../../errors.ts";
import type { ChatPlatform, Ids } from "../../ports.ts";
import type { ClaimedDelivery } from "../claims/store.ts";
import { announce } from "../store.ts";
import { isMissed, lostOf } from "./store.ts";

/**
 * Tells the owner once a workflow, cause and stretch of time without a message that arrived; what is lost after that only
 * changes what was told. Where a platform has no way to a person, it does nothing: the console shows it anyway.
 */
export async function tellOwner(
  deps: { readonly ids: Ids; readonly platform: ChatPlatform | undefined },
  work: Work,
  delivery: ClaimedDelivery,
  failure: Failure,
): Promise<void> {
  const { workspaceId, workflowId, channelId, notice } = delivery;
  if (workflowId === null || delivery.privateTo !== null || !isMissed(notice)) return;
  const lost = await lostOf(work.tx, { workspaceId, workflowId, channelId });
  const direct = lost && deps.platform?.directChannel?.(lost.ownerId, workspaceId);
  if (!lost || !direct) return;
  const cause = createHash("sha256").update(failure.message).digest("hex").slice(0, 12);
  await announce(work, {
    id: deps.ids.next(),
    workspaceId,
    key: `undelivered:${workflowId}:${lost.arrived}:${cause}`,
    channelId: direct,
    place: { kind: "channel" },
    workflowId,
    runId: delivery.runId,
    privateTo: null,
    notice: {
      kind: "undelivered",
      workflow: { workflowId, name: lost.name },
      failure,
      count: Math.max(lost.count, 1),
      asks: lost.asks,
      lastAt: work.now.toISOString(),
    },
  });
}
