/** What Claw does in the console's channels for a run, in the console's own store. Everybody there sees every channel. */
import type { ChannelWork, MarkOutcome, MessagePlace } from "../../orchestrator/index.ts";
import { cardText } from "../cards/text.ts";
import { emojiCalled } from "../chat/emoji.ts";
import { inTime } from "../chat/waiting.ts";
import type { ConsoleDeps } from "./deps.ts";
import { markMessage, readHistory } from "./history/store.ts";
import { channelIdOf, channelOf, rootOf, threadIdOf } from "./places.ts";

export type ChannelsDeps = Pick<ConsoleDeps, "db" | "clock"> & {
  readonly workspace: Pick<ConsoleDeps["workspace"], "id">;
  readonly people: readonly Pick<ConsoleDeps["people"][number], "memberId">[];
  readonly channels: readonly string[];
};

const LIMIT_MS = 5_000;
const RETRY_MS = 2_000;

const away = {
  kind: "retry",
  afterMs: RETRY_MS,
  failure: { code: "platform_unavailable", message: "The console cannot reach its database." },
} as const;
const refused = (message: string) => ({ kind: "refused", failure: { code: "platform_refused", message } }) as const;
const noMessage = { ...refused("There is no such message in that channel."), gone: true } as const;

export function createChannels({ db, clock, workspace, people, channels }: ChannelsDeps): Required<ChannelWork> {
  const isHere = (workspaceId: string, channelId: string): boolean =>
    workspaceId === workspace.id && channelOf(workspace.id, channelId, channels) !== null;
  const noChannel = refused(
    `There is no such channel in the console. It has ${channels.map((c) => `#${c}`).join(", ")}.`,
  );

  const tried = async <T>(work: Promise<T>): Promise<T | typeof away> => {
    try {
      return await inTime(LIMIT_MS, work, away);
    } catch {
      return away;
    }
  };

  async function mark(place: MessagePlace, change: Parameters<typeof markMessage>[2]): Promise<MarkOutcome> {
    const { workspaceId, channelId, messageId } = place;
    if (!isHere(workspaceId, channelId)) return noChannel;
    const marked = await tried(markMessage(db, { workspaceId, channelId, messageId }, change, new Date(clock.now())));
    if (typeof marked === "object") return marked;
    return marked === "none" ? noMessage : { kind: "done", value: marked };
  }

  return {
    async sight(memberId, channelId, workspaceId) {
      const isMember = people.some((person) => person.memberId === memberId);
      return { kind: isMember && isHere(workspaceId, channelId) ? "sees" : "hidden" };
    },

    async channelCalled(called, workspaceId) {
      const prefix = `${workspace.id}:`;
      const name = (called.startsWith(prefix) ? called.slice(prefix.length) : called.replace(/^#/, "")).toLowerCase();
      const channelId = channelIdOf(workspace.id, name);
      return isHere(workspaceId, channelId) ? { kind: "channel", channelId, name: `#${name}` } : { kind: "none" };
    },

    async readChannel({ workspaceId, channelId, thread, since, before, limit }) {
      if (!isHere(workspaceId, channelId)) return noChannel;
      const threadId = thread === null ? null : threadIdOf(channelId, rootOf(channelId, thread) ?? thread);
      const page = { threadId, since: new Date(since), before, limit: limit + 1 };
      const read = await tried(readHistory(db, { workspaceId, channelId }, page));
      if (!Array.isArray(read)) return read === null ? noMessage : (read as typeof away);
      const shown = read.slice(0, limit).reverse();
      return {
        kind: "done",
        value: {
          messages: shown.map(({ id, at, authorName, text, card, replies }) => ({
            messageId: id,
            at: at.getTime(),
            from: authorName,
            text: text ?? (card ? cardText(card) : ""),
            replies,
          })),
          more: read.length > limit,
        },
      };
    },

    pinMessage: (place) => mark(place, { kind: "pin" }),
    reactTo(place, emoji) {
      const called = emojiCalled(emoji);
      return mark(place, { kind: "reaction", emoji: called.sign ?? `:${called.name ?? emoji}:` });
    },
  };
}
