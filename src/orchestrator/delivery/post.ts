/** A message that a tool posts: a delivery like any other, waited for, so that "done" means that it is there. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelPost, fail, notOurs, ok, type ToolResult } from "../../tools/index.ts";
import type { Database } from "../db/client.ts";
import { inWork, type WorkDeps } from "../db/work.ts";
import type { ChannelId, Ids } from "../ports.ts";
import { announce, findDelivery } from "./store.ts";

export interface PosterDeps extends WorkDeps {
  readonly ids: Ids;
}

/** Milliseconds between two looks at the delivery. */
const LOOK_EVERY_MS = 100;
/** Milliseconds a post is waited for before the call counts as not done yet. */
const PATIENCE_MS = 8_000;

/** Posts once for a key, however often it is called; a repeat waits for the same message. */
export function createPoster(
  deps: PosterDeps,
): (
  post: ChannelPost & { readonly channelId: ChannelId },
) => Promise<ToolResult<{ messageId: string | null; channel: string }>> {
  return async (post) => {
    const key = `tool:${post.idempotencyKey}`;
    const { workspaceId, channelId } = post;
    const queued = await inWork(deps, async (work) => {
      if (post.mayLeave?.() === false) return false;
      await announce(work, {
        id: deps.ids.next(),
        workspaceId,
        key,
        channelId,
        place: { kind: "channel" },
        workflowId: null,
        runId: null,
        privateTo: null,
        notice: { kind: "channelPosted", run: null, text: post.text },
      });
      return true;
    });
    if (!queued) return notOurs;
    return arrival(deps.db, deps, post, key);
  };
}

async function arrival(
  db: Database,
  deps: PosterDeps,
  post: ChannelPost,
  key: string,
): Promise<ToolResult<{ messageId: string | null; channel: string }>> {
  const until = deps.clock.now() + PATIENCE_MS;
  while (deps.clock.now() < until && !post.signal.aborted) {
    const delivery = await findDelivery(db, post.workspaceId, key);
    switch (delivery?.status) {
      case "sent":
        return ok({ messageId: delivery.messageId, channel: post.channel });
      case "undelivered":
        return fail(
          "not_permitted",
          `Not posted to ${post.channel}: ${delivery.failure?.message ?? "the platform refused it"}`,
        );
      case "unknown":
        return fail("unknown_effect", `It is not known whether the message reached ${post.channel}.`);
      default:
        await sleep(LOOK_EVERY_MS);
    }
  }
  return fail("service_unavailable", `The message to ${post.channel} is queued and not delivered yet.`);
}
