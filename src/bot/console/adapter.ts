/** The console as a chat platform: it posts into its own table, which open pages follow. */
import type { ChatPlatform, Failure, FindOutcome, PostOutcome, PostTarget } from "../../orchestrator/index.ts";
import { storable } from "./cleaning.ts";
import { within } from "./deadline.ts";
import type { ConsoleDeps } from "./deps.ts";
import { CLAW_AUTHOR } from "./message.ts";
import { channelOf, rootOf, threadIdOf } from "./places.ts";
import { findByKey, findRoot, insertMessage, replaceCard } from "./store.ts";

type Talking = Pick<ChatPlatform, "post" | "edit" | "find" | "whyNotPost">;
type AdapterDeps = Pick<ConsoleDeps, "db" | "clock" | "ids" | "log" | "workspace" | "channels" | "noticeCard">;

const DATABASE_LIMIT_MS = 5_000;
const RETRY_MS = 2_000;

const refused = (message: string): PostOutcome => ({
  kind: "refused",
  failure: { code: "platform_refused", message },
});

export function createAdapter(deps: AdapterDeps): Talking {
  const { db, workspace, channels } = deps;

  const unavailable = (error: unknown): Failure => {
    deps.log.warn({ err: error }, "console database unavailable");
    return { code: "platform_unavailable", message: "The console cannot reach its database." };
  };

  /** Why there is nothing to post to, or null. */
  const whyNot = (workspaceId: string, channelId: string): string | null => {
    if (workspaceId === workspace.id && channelOf(workspace.id, channelId, channels) !== null) return null;
    return `There is no such channel in the console. It has ${channels.map((c) => `#${c}`).join(", ")}.`;
  };

  const where = (target: PostTarget, found: { readonly id: string; readonly threadId: string | null }) => ({
    messageId: found.id,
    threadId: found.threadId ?? threadIdOf(target.channelId, found.id),
  });

  /** The console's posts are keyed, so doing one again is safe even when the first may have happened. */
  const tried = async (work: () => Promise<PostOutcome>, signal: AbortSignal): Promise<PostOutcome> => {
    try {
      return await within(DATABASE_LIMIT_MS, work(), signal);
    } catch (error) {
      return { kind: "retry", afterMs: RETRY_MS, failure: unavailable(error) };
    }
  };

  return {
    async post(target, notice, key, signal) {
      const no = whyNot(target.workspaceId, target.channelId);
      if (no !== null) return refused(no);
      const card = storable(deps.noticeCard(notice));
      return tried(async () => {
        let privateTo = target.privateTo;
        if (target.threadId !== null) {
          const rootId = rootOf(target.channelId, target.threadId);
          const place = { workspaceId: workspace.id, channelId: target.channelId };
          const root = rootId === null ? null : await findRoot(db, place, rootId);
          if (!root) return refused("That thread does not exist in the console.");
          // Under a message that only one person sees, nobody else sees the answers either.
          privateTo ??= root.privateTo;
        }
        const found = await insertMessage(db, {
          workspaceId: workspace.id,
          id: deps.ids.next(),
          seq: null,
          channelId: target.channelId,
          threadId: target.threadId,
          author: CLAW_AUTHOR,
          text: null,
          card,
          key,
          privateTo,
          at: new Date(deps.clock.now()),
        });
        return { kind: "posted", ...where(target, found) };
      }, signal);
    },

    async edit(target, messageId, notice, signal) {
      const no = whyNot(target.workspaceId, target.channelId);
      if (no !== null) return refused(no);
      const card = storable(deps.noticeCard(notice));
      return tried(async () => {
        const place = { workspaceId: workspace.id, channelId: target.channelId };
        const found = await replaceCard(db, place, messageId, card, new Date(deps.clock.now()));
        return found
          ? { kind: "posted", ...where(target, found) }
          : refused("That message does not exist in the console.");
      }, signal);
    },

    async find(target, key, signal): Promise<FindOutcome> {
      if (whyNot(target.workspaceId, target.channelId) !== null) return { kind: "absent" };
      try {
        const found = await within(DATABASE_LIMIT_MS, findByKey(db, workspace.id, key), signal);
        return found ? { kind: "found", ...where(target, found) } : { kind: "absent" };
      } catch (error) {
        return { kind: "unavailable", failure: unavailable(error) };
      }
    },

    async whyNotPost(channelId, workspaceId) {
      return whyNot(workspaceId, channelId);
    },
  };
}
