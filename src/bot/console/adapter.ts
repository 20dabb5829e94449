/** The console as a chat platform: it posts into its own table, which open pages follow. */
import { createGather } from "../../gather.ts";
import type { ChatPlatform, Failure, FindOutcome, PostOutcome, PostTarget } from "../../orchestrator/index.ts";
import { insertCards, type NewCard } from "./cards/store.ts";
import { createChannels } from "./channels.ts";
import { storable } from "./cleaning.ts";
import { within } from "./deadline.ts";
import type { ConsoleDeps } from "./deps.ts";
import { CLAW_AUTHOR } from "./message.ts";
import { channelIdOf, channelOf, threadIdOf } from "./places.ts";
import { findByKey, replaceCard } from "./store.ts";

type Talking = Omit<ChatPlatform, "name" | "start" | "stop">;
type AdapterDeps = Pick<
  ConsoleDeps,
  "db" | "clock" | "ids" | "log" | "workspace" | "people" | "channels" | "noticeCard"
>;

const DATABASE_LIMIT_MS = 5_000;
const RETRY_MS = 2_000;
const TOGETHER = 64;

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

  /** Cards that are posted at about the same time are one statement. */
  const store = createGather<NewCard, boolean>({
    most: TOGETHER,
    async together(cards) {
      const stored = await insertCards(db, workspace.id, CLAW_AUTHOR, cards);
      return cards.map(({ id }) => stored.has(id));
    },
  });

  return {
    ...createChannels(deps),
    async post(target, notice, key, signal) {
      const no = whyNot(target.workspaceId, target.channelId);
      if (no !== null) return refused(no);
      const card = storable(deps.noticeCard(notice));
      return tried(async () => {
        const { channelId, threadId } = target;
        const id = deps.ids.next();
        const at = new Date(deps.clock.now());
        if (
          await store({
            workspaceId: workspace.id,
            id,
            channelId,
            threadId,
            card,
            key,
            privateTo: target.privateTo,
            at,
          })
        )
          return { kind: "posted", ...where(target, { id, threadId }) };
        const known = await findByKey(db, workspace.id, key);
        return known
          ? { kind: "posted", ...where(target, known) }
          : refused("That thread does not exist in the console.");
      }, signal);
    },

    async edit(target, messageId, notice, _key, signal) {
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

    channelNamed(name, workspaceId) {
      const channelId = channelIdOf(workspace.id, name.replace(/^#/, "").toLowerCase());
      return whyNot(workspaceId, channelId) === null ? channelId : null;
    },

    async introduce(memberId) {
      const person = deps.people.find((one) => one.memberId === memberId);
      // Who was here under an older configuration has left.
      if (!person) return { name: memberId, timezone: null, role: "viewer", standing: "gone" };
      return { name: person.name, timezone: null, role: person.role, standing: "member" };
    },
  };
}
