/** What Claw does in a Discord channel for a run, and who sees one: reads its history, pins a message, puts an emoji to one. */
import { Routes } from "discord.js";
import type {
  CalledChannel,
  ChannelOutcome,
  ChannelPage,
  ChannelQuery,
  ChannelWork,
  MarkOutcome,
  MessagePlace,
  SaidMessage,
  Sight,
} from "../../orchestrator/index.ts";
import { emojiCalled } from "../chat/emoji.ts";
import { inTime, untilAborted } from "../chat/waiting.ts";
import type { Directory } from "./directory.ts";
import { CODE, channelOutcomeOf, wordsFor } from "./failures.ts";
import { LIMITS } from "./limits.ts";
import { isForum, isThread, Message } from "./payloads.ts";
import { channelIdOf, channelIn, guildOf, madeAt, messageIdOf, placeOf, userIn } from "./places.ts";
import type { Called, Web } from "./web.ts";
import { wordsOf } from "./words.ts";

export interface ChannelsDeps {
  readonly web: Web;
  readonly directory: Directory;
  /** The bot's user id; null until Discord has said who Claw is. */
  readonly self: () => string | null;
}

type Refused = Exclude<ChannelOutcome<never>, { kind: "done" }>;

const SIGHT_LIMIT_MS = 2_900;
const CALLED_LIMIT_MS = 4_900;
const RETRY_MS = 2_000;
/** So many pages are read to fill one up. */
const PAGES = 5;
/** What people and bots wrote, as against what Discord itself notes in a channel. */
const SAID: readonly number[] = [0, 19, 20, 23];

const AWAY = "Discord does not say at present.";
const refused = (message: string, gone = false): Refused => ({
  kind: "refused",
  failure: { code: "platform_refused", message },
  ...(gone ? { gone: true as const } : {}),
});
const GIVEN_UP: Refused = {
  kind: "retry",
  afterMs: RETRY_MS,
  failure: { code: "platform_unavailable", message: "Discord did not answer in time." },
};
const NO_MESSAGE = refused("Discord: there is no such message in that channel.", true);

export function createChannels({ web, directory, self }: ChannelsDeps): Required<ChannelWork> {
  /** A channel's own id in that server, in which Claw works for everybody who sees it. */
  function channelOf(workspaceId: string, channelId: string): { guild: string; channel: string } | Refused {
    const [guild, place] = [guildOf(workspaceId), channelIn(workspaceId, channelId)];
    if (guild === null || place === null) return refused(wordsFor(CODE.unknownChannel));
    if (place.kind === "direct")
      return refused("Discord: what is said between Claw and one person is not worked with.");
    return { guild, channel: place.id };
  }

  /** Where a message is: in just that channel, or in a thread of it. */
  async function messageIn(
    at: { readonly guild: string; readonly channel: string },
    messageId: string,
  ): Promise<{ readonly channel: string; readonly message: string } | Refused> {
    const place = placeOf(messageId);
    if (place === null) return NO_MESSAGE;
    if (place.channel === at.channel) return place;
    const found = await directory.channel(at.guild, place.channel);
    if (found.kind === "unavailable") return GIVEN_UP;
    const isWithin = found.kind === "known" && isThread(found.value.type) && found.value.parent_id === at.channel;
    // A private thread is not everybody's who sees its channel.
    return isWithin && found.value.type !== PRIVATE_THREAD ? place : NO_MESSAGE;
  }

  async function page(query: ChannelQuery, signal: AbortSignal): Promise<ChannelOutcome<ChannelPage>> {
    const at = channelOf(query.workspaceId, query.channelId);
    if ("kind" in at) return at;
    let where = at.channel;
    if (query.thread !== null) {
      const root = await messageIn(at, query.thread);
      if ("kind" in root) return root;
      // A thread has the id of the message that it begins under.
      where = root.channel === at.channel ? root.message : root.channel;
    } else {
      const found = await directory.channel(at.guild, at.channel);
      if (found.kind === "known" && isForum(found.value.type)) {
        return refused("Discord: that is a forum; its posts are threads, and are read one by one.");
      }
    }
    const before = query.before === null ? null : await messageIn(at, query.before);
    if (before !== null && "kind" in before) return before;
    const found: Message[] = [];
    let from = before?.message ?? null;
    let more = true;
    for (let pages = 0; pages < PAGES && more && found.length <= query.limit; pages++) {
      const asked: Record<string, string> = { limit: String(LIMITS.page), ...(from === null ? {} : { before: from }) };
      const read: Called<unknown> = await web.call("get", Routes.channelMessages(where), { query: asked, signal });
      if (!read.ok) {
        // A message that nobody has answered has no thread yet.
        const isNoThread =
          query.thread !== null && read.failure.kind === "refused" && read.failure.code === CODE.unknownChannel;
        return isNoThread ? { kind: "done", value: { messages: [], more: false } } : channelOutcomeOf(read.failure);
      }
      const raw = Array.isArray(read.value) ? read.value : [];
      const messages = raw.flatMap((one) => Message.safeParse(one).data ?? []);
      const young = messages.filter(({ id }) => madeAt(id) > query.since);
      found.push(...young.filter(({ type }) => SAID.includes(type)));
      from = messages.at(-1)?.id ?? from;
      more = raw.length === LIMITS.page && young.length === messages.length;
    }
    const shown = found.slice(0, query.limit);
    const messages = shown.map((message) => saidOf(message)).reverse();
    return { kind: "done", value: { messages, more: more || found.length > shown.length } };
  }

  function saidOf(message: Message): SaidMessage {
    const { id, channel_id, author, content, mentions, embeds, attachments, thread } = message;
    const names = new Map(mentions.map((each) => [each.id, each.global_name || each.username]));
    const shown =
      content === ""
        ? (embeds ?? []).map(({ title, description }) => [title, description].filter(Boolean).join("\n"))
        : [];
    const files = (attachments ?? []).map(({ filename }) => `[file ${filename}]`);
    const cards = content === "" && shown.length === 0 ? wordsIn(message.components) : [];
    const text = [content, ...shown, ...cards, ...files].filter(Boolean).join("\n");
    return {
      messageId: messageIdOf(channel_id, id),
      at: madeAt(id),
      from: author.id === self() ? "Claw" : message.member?.nick || author.global_name || author.username || author.id,
      text: wordsOf(text, "", names).words,
      replies: thread?.message_count ?? 0,
    };
  }

  async function mark(
    place: MessagePlace,
    signal: AbortSignal,
    route: (at: { readonly channel: string; readonly message: string }) => `/${string}`,
  ): Promise<MarkOutcome> {
    const at = channelOf(place.workspaceId, place.channelId);
    if ("kind" in at) return at;
    const message = await messageIn(at, place.messageId);
    if ("kind" in message) return message;
    const done = await web.call("put", route(message), { signal });
    return done.ok ? { kind: "done", value: "done" } : channelOutcomeOf(done.failure);
  }

  async function sightOf(guild: string, user: string, channel: string): Promise<Sight> {
    const sees = await directory.sees(guild, channel, user);
    if (sees === null) return { kind: "cannot_tell", why: AWAY, passes: true };
    return { kind: sees ? "sees" : "hidden" };
  }

  async function called(guild: string, text: string): Promise<CalledChannel> {
    const name = text.replace(/^#/, "");
    const own = channelIn(`discord:${guild}`, text) ?? channelIn(`discord:${guild}`, `discord:${guild}:${name}`);
    if (own?.kind === "direct") return { kind: "channel", channelId: `discord:${guild}:@${own.user}`, name: null };
    if (own) {
      const found = await directory.channel(guild, own.id);
      if (found.kind === "unavailable") return { kind: "unavailable", why: AWAY };
      if (found.kind === "gone") return { kind: "none" };
      const called = found.value.name ? `#${found.value.name}` : null;
      return { kind: "channel", channelId: channelIdOf(guild, own.id), name: called };
    }
    const found = await directory.named(guild, name);
    switch (found.kind) {
      case "one": {
        const channel = await directory.channel(guild, found.id);
        const own = channel.kind === "known" && channel.value.name ? channel.value.name : name;
        return { kind: "channel", channelId: channelIdOf(guild, found.id), name: `#${own}` };
      }
      case "none":
        return { kind: "none" };
      case "several":
        // Which ones is not for every owner to know.
        return {
          kind: "unclear",
          why: `Several channels are called ${text}. Write the channel's id instead of its name.`,
        };
      default:
        return { kind: "unavailable", why: "Discord does not say at present which channels there are." };
    }
  }

  return {
    async sight(memberId, channelId, workspaceId) {
      const [guild, user] = [guildOf(workspaceId), userIn(workspaceId, memberId)];
      const place = channelIn(workspaceId, channelId);
      if (guild === null || user === null || place === null) return { kind: "hidden" };
      if (place.kind === "direct") return { kind: place.user === user ? "sees" : "hidden" };
      const away: Sight = { kind: "cannot_tell", why: AWAY, passes: true };
      return inTime(SIGHT_LIMIT_MS, sightOf(guild, user, place.id), away);
    },
    async channelCalled(text, workspaceId) {
      const guild = guildOf(workspaceId);
      if (guild === null) return { kind: "none" };
      const away = { kind: "unavailable", why: AWAY } as const;
      return self() === null ? away : inTime(CALLED_LIMIT_MS, called(guild, text), away);
    },
    readChannel: (query, signal) => untilAborted(signal, page(query, signal), () => GIVEN_UP),
    // Not the older route: https://discord.com/developers/docs/resources/message#pin-message.
    pinMessage: (place, signal) =>
      untilAborted(
        signal,
        mark(place, signal, ({ channel, message }) => Routes.channelMessagesPin(channel, message)),
        () => GIVEN_UP,
      ),
    reactTo(place, emoji, signal) {
      const { sign } = emojiCalled(emoji);
      if (sign === null) {
        return Promise.resolve(refused(`Discord knows emoji by their signs: write ${emoji} as 👀 or the like.`));
      }
      const route = ({ channel, message }: { readonly channel: string; readonly message: string }) =>
        Routes.channelMessageOwnReaction(channel, message, encodeURIComponent(sign));
      return untilAborted(signal, mark(place, signal, route), () => GIVEN_UP);
    },
  };
}

const PRIVATE_THREAD = 12;

/** The texts of a message that is made of components, in their order. */
function wordsIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(wordsIn);
  if (typeof part !== "object" || part === null) return [];
  const own = "content" in part && typeof part.content === "string" ? [part.content] : [];
  return [...own, ...("components" in part ? wordsIn(part.components) : [])];
}
