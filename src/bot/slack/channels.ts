/** What Claw does in a Slack channel for a run: reads its history, pins a message, puts an emoji to one. */
import type {
  ChannelOutcome,
  ChannelPage,
  ChannelQuery,
  ChannelWork,
  MarkOutcome,
  MessagePlace,
  SaidMessage,
} from "../../orchestrator/index.ts";
import { emojiCalled } from "../chat/emoji.ts";
import { untilAborted } from "../chat/waiting.ts";
import type { Directory } from "./directory.ts";
import { channelOutcomeOf, wordsFor } from "./failures.ts";
import type { Identity } from "./normalize.ts";
import { isDirect, memberIdOf, messageIdOf, nameIn, placeOf } from "./places.ts";
import type { Called, Web } from "./web.ts";
import { wordsOf } from "./words.ts";

export interface ChannelsDeps {
  readonly web: Web;
  readonly directory: Pick<Directory, "introduce">;
  readonly identity: () => Identity | null;
}

/** What Claw reads of a message. */
interface Message {
  readonly ts?: string;
  readonly subtype?: string;
  readonly user?: string;
  readonly text?: string;
  readonly username?: string;
  readonly bot_profile?: { readonly name?: string };
  readonly reply_count?: number;
  readonly files?: readonly { readonly name?: string; readonly title?: string }[];
  readonly attachments?: readonly { readonly text?: string; readonly fallback?: string }[];
}
type Refused = Exclude<ChannelOutcome<never>, { kind: "done" }>;

const NOT_YET_MS = 2_000;
/** A page of a thread, and how many of them are read: Slack shows threads from their beginning on. */
const PAGE = 200;
const PAGES = 10;
/** What Slack itself notes in a channel, such as who came in, is nobody's word. */
const SAID = new Set([undefined, "bot_message", "thread_broadcast", "file_share", "me_message"]);

const refused = (message: string, gone = false): Refused => ({
  kind: "refused",
  failure: { code: "platform_refused", message },
  ...(gone ? { gone: true as const } : {}),
});
const retry = (message: string): Refused => ({
  kind: "retry",
  afterMs: NOT_YET_MS,
  failure: { code: "platform_unavailable", message },
});

export function createChannels(
  deps: ChannelsDeps,
): Required<Pick<ChannelWork, "readChannel" | "pinMessage" | "reactTo">> {
  const { client, call } = deps.web;

  /** The channel of that id, in which Claw works for everybody who is in it. */
  function channelOf(workspaceId: string, channelId: string): string | Refused {
    const identity = deps.identity();
    if (!identity) return retry("Slack has not said yet who Claw is.");
    const channel = nameIn(workspaceId, channelId);
    if (channel === null || workspaceId !== `slack:${identity.team}`) return refused(wordsFor("channel_not_found"));
    if (isDirect(channel)) return refused("Slack: what is said between Claw and one person is not worked with.");
    return channel;
  }

  /** A message of just that channel. */
  function tsIn(channel: string, messageId: string): string | Refused {
    const at = placeOf(messageId);
    return at?.channel === channel ? at.ts : refused("Slack: there is no such message in that channel.", true);
  }

  async function history(channel: string, query: ChannelQuery, before: string | null): Promise<Called<Page>> {
    const found: Message[] = [];
    let latest = before;
    let more = true;
    // Some of what Slack shows is nobody's word: a page may have to be filled up.
    for (let page = 0; page < PAGES && more && found.length < query.limit; page++) {
      const read = await call(
        client.conversations.history({
          channel,
          oldest: tsOf(query.since),
          limit: Math.min(PAGE, query.limit + 1),
          ...(latest === null ? {} : { latest }),
        }),
      );
      if (!read.ok) return read;
      const messages: readonly Message[] = read.value.messages ?? [];
      found.push(...messages.filter(({ subtype }) => SAID.has(subtype)));
      latest = messages.at(-1)?.ts ?? latest;
      more = read.value.has_more === true && messages.length > 0;
    }
    return { ok: true, value: { messages: found.slice(0, query.limit), more: more || found.length > query.limit } };
  }

  async function thread(
    channel: string,
    root: string,
    query: ChannelQuery,
    before: string | null,
  ): Promise<Called<Page>> {
    const found = new Map<string, Message>();
    let cursor = "";
    let pages = 0;
    do {
      const read = await call(
        client.conversations.replies({
          channel,
          ts: root,
          oldest: tsOf(query.since),
          limit: PAGE,
          ...(before === null ? {} : { latest: before }),
          ...(cursor ? { cursor } : {}),
        }),
      );
      if (!read.ok) return read;
      for (const message of (read.value.messages ?? []) as readonly Message[]) {
        const { ts, subtype } = message;
        // Every page begins with the first message, whatever was asked for.
        if (ts === undefined || !SAID.has(subtype) || Number(ts) <= query.since / 1_000) continue;
        if (before === null || Number(ts) < Number(before)) found.set(ts, message);
      }
      cursor = read.value.response_metadata?.next_cursor ?? "";
      pages++;
    } while (cursor !== "" && pages < PAGES);
    const all = [...found.values()];
    const newest = all.slice(-query.limit).reverse();
    return { ok: true, value: { messages: newest, more: all.length > newest.length } };
  }

  async function page(query: ChannelQuery): Promise<ChannelOutcome<ChannelPage>> {
    const channel = channelOf(query.workspaceId, query.channelId);
    if (typeof channel !== "string") return channel;
    const before = query.before === null ? null : tsIn(channel, query.before);
    if (before !== null && typeof before !== "string") return before;
    const root = query.thread === null ? null : tsIn(channel, query.thread);
    if (root !== null && typeof root !== "string") return root;
    const read = root === null ? await history(channel, query, before) : await thread(channel, root, query, before);
    if (!read.ok) return channelOutcomeOf(read.failure);
    const { messages, more } = read.value;
    const names = await namesOf(query.workspaceId, messages);
    const said = messages.flatMap((message) => saidOf(channel, message, names)).reverse();
    return { kind: "done", value: { messages: said, more } };
  }

  /** By user id; who cannot be looked up stays their id. */
  async function namesOf(workspaceId: string, messages: readonly Message[]): Promise<ReadonlyMap<string, string>> {
    const team = deps.identity()?.team ?? "";
    const users = [...new Set(messages.flatMap(({ user }) => (user === undefined ? [] : [user])))];
    const known = await Promise.all(
      users.map(async (user): Promise<readonly [string, string]> => {
        if (user === deps.identity()?.user) return [user, "Claw"];
        return [user, (await deps.directory.introduce(memberIdOf(team, user), workspaceId))?.name ?? user];
      }),
    );
    return new Map(known);
  }

  async function mark(
    { workspaceId, channelId, messageId }: MessagePlace,
    signal: AbortSignal,
    already: string,
    work: (at: { readonly channel: string; readonly timestamp: string }) => Promise<unknown>,
  ): Promise<MarkOutcome> {
    const channel = channelOf(workspaceId, channelId);
    if (typeof channel !== "string") return channel;
    const timestamp = tsIn(channel, messageId);
    if (typeof timestamp !== "string") return timestamp;
    const marking = call(work({ channel, timestamp })).then((done): MarkOutcome => {
      if (done.ok) return { kind: "done", value: "done" };
      if (done.failure.kind === "refused" && done.failure.error === already) return { kind: "done", value: "already" };
      return channelOutcomeOf(done.failure);
    });
    return untilAborted(signal, marking, () => GIVEN_UP);
  }

  return {
    readChannel: (query, signal) => untilAborted(signal, page(query), () => GIVEN_UP),
    pinMessage: (place, signal) => mark(place, signal, "already_pinned", (at) => client.pins.add(at)),
    reactTo(place, emoji, signal) {
      const called = emojiCalled(emoji);
      if (called.name === null) {
        return Promise.resolve(
          refused(`Slack knows emoji by their names: write ${emoji} as white_check_mark or the like.`),
        );
      }
      const name = called.name;
      return mark(place, signal, "already_reacted", (at) => client.reactions.add({ ...at, name }));
    },
  };
}

interface Page {
  /** The newest first. */
  readonly messages: readonly Message[];
  readonly more: boolean;
}

const GIVEN_UP = retry("Slack did not answer in time.");

/** Slack's own spelling of a moment. */
const tsOf = (ms: number): string => (Math.max(0, ms) / 1_000).toFixed(6);

function saidOf(channel: string, message: Message, names: ReadonlyMap<string, string>): SaidMessage[] {
  const { ts, user, username, bot_profile, reply_count = 0 } = message;
  if (ts === undefined) return [];
  const files = (message.files ?? []).map(({ name, title }) => `[file ${name ?? title ?? ""}]`);
  const attached = message.text ? [] : (message.attachments ?? []).map(({ text, fallback }) => text ?? fallback ?? "");
  const raw = [message.text ?? "", ...attached, ...files].filter(Boolean).join("\n");
  const words = wordsOf(raw, "").words.replace(/@([UW][A-Z0-9]{2,})\b/g, (whole, id: string) => {
    const name = names.get(id);
    return name === undefined ? whole : `@${name}`;
  });
  const from = (user === undefined ? undefined : names.get(user)) ?? username ?? bot_profile?.name ?? "a bot";
  return [
    {
      messageId: messageIdOf(channel, ts),
      at: Math.floor(Number(ts) * 1_000),
      from,
      text: words,
      replies: reply_count,
    },
  ];
}
