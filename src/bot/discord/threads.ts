/** Threads and the channels they are in: messages get there, also where a thread is not open yet, or not any more. */
import { Routes } from "discord.js";
import { z } from "zod";
import { plainWithin } from "../chat/text.ts";
import type { Log } from "./deps.ts";
import type { Directory, Found } from "./directory.ts";
import { type CallFailure, CODE, isCode } from "./failures.ts";
import { LIMITS } from "./limits.ts";
import { type Messages, type Posted, postedIn, type Show } from "./messages.ts";
import { type DiscordChannel, isForum } from "./payloads.ts";
import type { Channel } from "./places.ts";
import type { Called, Web } from "./web.ts";

export interface ThreadsDeps {
  readonly web: Web;
  readonly messages: Messages;
  readonly directory: Directory;
  readonly log: Log;
}

export interface Posting {
  readonly guild: string;
  readonly channel: Channel;
  /** Null begins one. */
  readonly thread: string | null;
  readonly show: Show;
  readonly nonce: string;
  /** What a thread is called that has to be opened. */
  readonly name: string;
  readonly signal: AbortSignal;
}

export interface Threads {
  post(posting: Posting): Promise<Called<Posted>>;
  /** Opens the thread under a message, so that people can answer there at once. Doing it again does no harm. */
  open(channel: string, message: string, name: string): Promise<Called<unknown>>;
  /** Does it, and does it again when it was the thread's being archived that was in the way. */
  inOpen<T>(thread: string, work: () => Promise<Called<T>>): Promise<Called<T>>;
}

/** A week: the longest that Discord keeps a thread in the list without a word in it; minutes. */
const ARCHIVED_AFTER_MIN = 10_080;
/** A forum that wants a tag on each post. */
const REQUIRES_TAG = 1 << 4;
/** What it began under was deleted too. */
const GONE: CallFailure = { kind: "refused", code: CODE.hasThread, status: 404, details: "" };
const NO_ANSWER: CallFailure = { kind: "unclear", why: "Discord named no message" };

const ForumPost = z.object({ id: z.string(), message: z.object({ id: z.string() }).optional() });

export function createThreads({ web, messages, directory, log }: ThreadsDeps): Threads {
  const open = (channel: string, message: string, name: string): Promise<Called<unknown>> =>
    web.call("post", Routes.threads(channel, message), {
      body: { name: threadName(name), auto_archive_duration: ARCHIVED_AFTER_MIN },
    });

  async function inOpen<T>(thread: string, work: () => Promise<Called<T>>): Promise<Called<T>> {
    const done = await work();
    if (done.ok || !isCode(done.failure, CODE.archived)) return done;
    const opened = await web.call("patch", Routes.channel(thread), { body: { archived: false } });
    if (opened.ok) return work();
    log.warn({ ...opened.failure }, "Discord did not let an archived thread be opened");
    return isCode(opened.failure, CODE.missingPermissions, CODE.missingAccess) ? done : opened;
  }

  async function inChannel(at: string, posting: Posting, also: object = {}): Promise<Called<Posted>> {
    const { show, nonce, signal } = posting;
    const route = Routes.channelMessages(at);
    return messageIn(
      await messages.send({ method: "post", route, show, signal, also: { nonce, enforce_nonce: true, ...also } }),
    );
  }

  async function inThread(channel: string, thread: string, posting: Posting): Promise<Called<Posted>> {
    const post = () => inOpen(thread, () => inChannel(thread, posting));
    const posted = await post();
    if (posted.ok || !isCode(posted.failure, CODE.unknownChannel)) return posted;
    // Nobody has answered below that message yet, or the thread was deleted.
    const opened = await open(channel, thread, posting.name);
    if (!opened.ok) return isCode(opened.failure, CODE.unknownMessage) ? { ok: false, failure: GONE } : opened;
    return post();
  }

  async function inForum(forum: DiscordChannel, posting: Posting): Promise<Called<Posted>> {
    const tags = (forum.available_tags ?? []).filter(({ moderated }) => moderated !== true);
    const needed = ((forum.flags ?? 0) & REQUIRES_TAG) !== 0 ? tags.slice(0, 1).map(({ id }) => id) : [];
    const made = await messages.send({
      method: "post",
      route: Routes.threads(forum.id),
      show: posting.show,
      signal: posting.signal,
      within: ({ attachments, ...message }) => ({
        name: threadName(posting.name),
        auto_archive_duration: ARCHIVED_AFTER_MIN,
        ...(needed.length === 0 ? {} : { applied_tags: needed }),
        message: attachments === undefined ? message : { ...message, attachments },
      }),
    });
    if (!made.ok) return made;
    const post = ForumPost.safeParse(made.value).data;
    // The first message of a forum's post has the id of the post.
    return post
      ? { ok: true, value: { id: post.message?.id ?? post.id, channel_id: post.id } }
      : { ok: false, failure: NO_ANSWER };
  }

  return {
    open,
    inOpen,
    async post(posting) {
      const { guild, channel, thread } = posting;
      if (channel.kind === "direct") {
        const direct = await directory.direct(channel.user);
        if (direct.kind !== "known") return { ok: false, failure: direct.failure };
        const reference = { message_reference: { message_id: thread, fail_if_not_exists: false } };
        return inChannel(direct.value, posting, thread === null ? {} : reference);
      }
      const found: Found<DiscordChannel> = await directory.channel(guild, channel.id);
      if (found.kind !== "known") return { ok: false, failure: found.failure };
      if (thread !== null) return inThread(channel.id, thread, posting);
      return isForum(found.value.type) ? inForum(found.value, posting) : inChannel(channel.id, posting);
    },
  };
}

const threadName = (name: string): string => plainWithin(name, LIMITS.threadName, "Claw");

function messageIn(called: Called<unknown>): Called<Posted> {
  if (!called.ok) return called;
  const value = postedIn(called.value);
  return value ? { ok: true, value } : { ok: false, failure: NO_ANSWER };
}
