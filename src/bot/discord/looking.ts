/** Looks for a message by the marker that it bears, before it is sent again after a crash. */
import { Routes } from "discord.js";
import { z } from "zod";
import type { FindOutcome } from "../../orchestrator/index.ts";
import type { Place } from "./adapter.ts";
import type { Directory } from "./directory.ts";
import { type CallFailure, CODE, isCode, outcomeOf } from "./failures.ts";
import { bears, type Marker } from "./keys.ts";
import { LIMITS } from "./limits.ts";
import type { Posted } from "./messages.ts";
import { DiscordChannel, isForum, Message } from "./payloads.ts";
import { channelIdOf } from "./places.ts";
import { FLAG } from "./render-parts.ts";
import type { Web } from "./web.ts";

export interface LookingDeps {
  readonly web: Web;
  readonly directory: Directory;
  readonly self: () => string | null;
}

type Looked = { readonly kind: "found"; readonly message: Posted } | Exclude<FindOutcome, { kind: "found" }>;

export interface Looking {
  lookFor(place: Place, marker: Marker, signal: AbortSignal): Promise<Looked>;
}

/** So many pages of messages are looked through, newest first. */
const PAGES = 5;
/** So many posts of a forum are looked at. */
const POSTS = 15;

export function createLooking({ web, directory, self }: LookingDeps): Looking {
  async function inChannel(channel: string, marker: Marker, signal: AbortSignal): Promise<Looked | "empty"> {
    let before: string | null = null;
    let unmarked = false;
    for (let page = 0; page < PAGES; page++) {
      const query: Record<string, string> = { limit: String(LIMITS.page), ...(before === null ? {} : { before }) };
      const read = await web.call<unknown>("get", Routes.channelMessages(channel), { query, signal });
      if (!read.ok) return unread(read.failure);
      const messages = (Array.isArray(read.value) ? read.value : []).flatMap(
        (one) => Message.safeParse(one).data ?? [],
      );
      for (const message of messages) {
        if (message.author.id !== self()) continue;
        if (bears(message.components, marker)) return { kind: "found", message };
        // It may be the one: that form has no place for a marker.
        unmarked ||= ((message.flags ?? 0) & FLAG.v2) === 0 && message.type === 0;
      }
      if (messages.length === 0 && page === 0) return "empty";
      if (messages.length < LIMITS.page) return { kind: unmarked ? "cannot_tell" : "absent" };
      before = messages.at(-1)?.id ?? null;
    }
    // More came since than is looked through: what was not seen may be there.
    return { kind: "cannot_tell" };
  }

  /** The posts of a forum are threads, each with its first message. */
  async function inForum(guild: string, forum: string, marker: Marker, signal: AbortSignal): Promise<Looked> {
    const read = await web.call("get", Routes.guildActiveThreads(guild), { signal });
    if (!read.ok) return unread(read.failure);
    const listed = z.object({ threads: z.array(DiscordChannel) }).safeParse(read.value).data?.threads ?? [];
    const ours = listed.filter(({ parent_id, owner_id }) => parent_id === forum && owner_id === self());
    const newest = ours.sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? 1 : -1)).slice(0, POSTS);
    for (const { id } of newest) {
      const first = await web.call("get", Routes.channelMessage(id, id), { signal });
      if (!first.ok && !isCode(first.failure, CODE.unknownMessage)) return unread(first.failure);
      const message = first.ok ? Message.safeParse(first.value).data : undefined;
      if (message && bears(message.components, marker)) return { kind: "found", message };
    }
    return { kind: ours.length > POSTS ? "cannot_tell" : "absent" };
  }

  return {
    async lookFor({ guild, workspaceId, channel, thread }, marker, signal) {
      if (channel.kind === "direct") {
        const direct = await directory.direct(channel.user);
        if (direct.kind !== "known") return unread(direct.failure);
        const looked = await inChannel(direct.value, marker, signal);
        return looked === "empty" ? { kind: "absent" } : looked;
      }
      const found = await directory.channel(guild, channel.id);
      if (found.kind !== "known") return unread(found.failure);
      if (thread === null && isForum(found.value.type)) return inForum(guild, channel.id, marker, signal);
      const looked = await inChannel(thread ?? channel.id, marker, signal);
      if (looked !== "empty") return looked;
      // To whoever may not read the history Discord shows none, and says no more.
      const why = await directory.whyNotPost(channelIdOf(guild, channel.id), workspaceId);
      return { kind: why === null ? "absent" : "cannot_tell" };
    },
  };
}

function unread(failure: CallFailure): Looked {
  // A channel or thread that is not there holds no message.
  if (isCode(failure, CODE.unknownChannel)) return { kind: "absent" };
  const outcome = outcomeOf(failure);
  if (outcome.kind === "retry" || outcome.kind === "unknown") return { kind: "unavailable", failure: outcome.failure };
  if (outcome.kind === "later") {
    return {
      kind: "unavailable",
      failure: { code: "platform_unavailable", message: "Discord asks for fewer requests." },
    };
  }
  return { kind: "cannot_tell" };
}
