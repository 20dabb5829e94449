/** What people write in channels, threads and to Claw alone: recorded, or told that it was not. */
import { setTimeout as sleep } from "node:timers/promises";
import { Routes } from "discord.js";
import type { InboundEvent, Inbox } from "../../orchestrator/index.ts";
import type { DiscordDeps } from "./deps.ts";
import type { Directory } from "./directory.ts";
import { NOT_RECORDED, whichGuild } from "./entry.ts";
import type { Guilds } from "./guilds.ts";
import { nonceOf } from "./keys.ts";
import { type Markdown, markdownOf } from "./markdown.ts";
import { answeredBy, readMessage, type Where } from "./normalize.ts";
import { isThread, Message } from "./payloads.ts";
import { guildOf } from "./places.ts";
import type { Web } from "./web.ts";

export interface SayingDeps extends Pick<DiscordDeps, "log"> {
  readonly web: Web;
  readonly inbox: () => Inbox;
  readonly self: () => string | null;
  readonly directory: Directory;
  readonly guilds: Guilds;
  /** Ends waiting. */
  readonly stopped: AbortSignal;
}

/** Discord does not send a message again: Claw keeps what it could not store, and tries again after so many milliseconds. */
const AGAIN_MS = [1_000, 3_000, 10_000, 30_000, 60_000, 120_000, 300_000];
/** So many are kept at once. */
const MAX_KEPT = 500;

/** Records one message; never throws for what is in it. */
export function createSaying(deps: SayingDeps): (given: unknown) => Promise<void> {
  const state = { kept: 0 };

  return async (given) => {
    const message = Message.safeParse(given).data;
    const self = deps.self();
    if (!message || self === null || message.author.id === self) return;
    if (message.author.bot && !message.guild_id) return;
    const where = await whereOf(message);
    if (where === null) return;
    if ("sentence" in where) return answer(message, markdownOf(where.sentence));
    const event = readMessage(message, where, self);
    if (event === null) return;
    if ((await store(event)) !== "not_recorded") return;
    if (event.body.kind === "command") return answer(message, markdownOf(NOT_RECORDED));
    if (event.body.kind === "channelMessage" && event.body.byBot) return;
    await keep(event);
  };

  async function store(event: InboundEvent): ReturnType<Inbox["receive"]> {
    const guild = guildOf(event.workspaceId);
    if (guild === null || !(await deps.guilds.ensure(guild))) return "not_recorded";
    return deps.inbox().receive(event);
  }

  async function keep(event: InboundEvent): Promise<void> {
    if (state.kept >= MAX_KEPT)
      return deps.log.error({ key: event.key }, "a message from Discord is lost: too many wait for the database");
    state.kept++;
    try {
      for (const ms of AGAIN_MS) {
        await sleep(ms, undefined, { signal: deps.stopped, ref: false });
        if ((await store(event)) !== "not_recorded") return;
      }
      deps.log.error({ key: event.key }, "a message from Discord is lost: the database did not take it");
    } catch {
      deps.log.warn({ key: event.key }, "a message from Discord is lost: Claw stops before the database took it");
    } finally {
      state.kept--;
    }
  }

  /** Null: none of Claw's business. */
  async function whereOf(message: Message): Promise<Where | { readonly sentence: string } | null> {
    const { guild_id: guild, channel_id: at, author } = message;
    if (!guild) {
      const found = await deps.guilds.ofPerson(author.id);
      if (found.kind !== "one") return { sentence: whichGuild(found) };
      return { guild: found.guild, channel: `@${author.id}`, thread: answeredBy(message) };
    }
    const channel = await deps.directory.channel(guild, at);
    if (message.member && !message.author.bot) deps.directory.noteMember(guild, { ...message.member, user: author });
    const { type, parent_id } = channel.kind === "known" ? channel.value : { type: 0, parent_id: null };
    if (isThread(type) && parent_id) return { guild, channel: parent_id, thread: at };
    // What nobody waits for is not stored.
    return { guild, channel: at, thread: null };
  }

  async function answer(message: Message, content: Markdown): Promise<void> {
    const body = {
      content,
      allowed_mentions: { parse: [] },
      message_reference: { message_id: message.id, fail_if_not_exists: false },
      nonce: nonceOf(message.channel_id, `answer:${message.id}`),
      enforce_nonce: true,
    };
    const sent = await deps.web.call("post", Routes.channelMessages(message.channel_id), { body });
    if (!sent.ok) deps.log.warn({ ...sent.failure }, "Discord did not take an answer to a message");
  }
}
