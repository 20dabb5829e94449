/** Slack as a chat platform: posts, changes and finds messages. */

import type { webApi } from "@slack/bolt";
import type { ChatPlatform, FindOutcome, Notice, PostOutcome, PostTarget } from "../../orchestrator/index.ts";
import { createLately } from "../chat/lately.ts";
import { untilAborted as untilAbortedOr } from "../chat/waiting.ts";
import { createChannels } from "./channels.ts";
import type { SlackDeps } from "./deps.ts";
import type { Directory } from "./directory.ts";
import { type CallFailure, outcomeOf, wordsFor } from "./failures.ts";
import { renderKeyed } from "./keys.ts";
import type { LiveViews } from "./live-views.ts";
import type { Identity } from "./normalize.ts";
import type { SlackPace } from "./pace.ts";
import { isDirect, messageIdOf, nameIn, placeOf, threadIdOf, threadIn } from "./places.ts";
import { createReadMessage } from "./read-message.ts";
import type { Rendered } from "./render.ts";
import { answerByUrl } from "./reply-url.ts";
import { createSight } from "./sight.ts";
import type { Uploads } from "./uploads.ts";
import type { Web } from "./web.ts";

type Talking = Omit<ChatPlatform, "name" | "start" | "stop">;

export interface AdapterDeps extends Pick<SlackDeps, "clock" | "log" | "noticeCard"> {
  readonly web: Web;
  readonly directory: Directory;
  readonly pace: SlackPace;
  readonly uploads: Uploads;
  readonly liveViews: Pick<LiveViews, "follow">;
  /** Null until Slack has said who Claw is. */
  readonly identity: () => Identity | null;
}

/** A notice as a message, given what became of its files. */
type Show = (files: "before" | "none" | "failed") => Rendered;

const NOT_YET_MS = 2_000;
/** Where the key of a message stands in it. */
const METADATA_TYPE = "claw_message";
/** So many messages are looked through for a key, newest first. */
const LOOK_BACK = 200;

const refused = (message: string): PostOutcome => ({ kind: "refused", failure: { code: "platform_refused", message } });

/** Codes by which Slack says that only a person's own `response_url` reaches them there. */
const NOT_THERE = new Set(["channel_not_found", "not_in_channel", "user_not_in_channel"]);

export function createAdapter(deps: AdapterDeps): Talking {
  const { client, call } = deps.web;
  /** What was posted of late, by key: Slack itself would post it again. */
  const lately = createLately<PostOutcome>(({ kind }) => kind === "posted");

  interface Place {
    readonly team: string;
    readonly channel: string;
    /** Timestamp of the thread's first message; null in the channel itself. */
    readonly root: string | null;
    /** User id of the only reader; null when everybody there reads it. */
    readonly reader: string | null;
  }

  /** Where a target is, or what becomes of what was to go there. */
  function placed(target: PostTarget): Place | PostOutcome {
    const identity = deps.identity();
    if (!identity) {
      const message = "Slack has not said yet who Claw is.";
      return { kind: "retry", afterMs: NOT_YET_MS, failure: { code: "platform_unavailable", message } };
    }
    const channel = nameIn(target.workspaceId, target.channelId);
    if (target.workspaceId !== `slack:${identity.team}` || channel === null) {
      return refused("Slack: Claw is not installed in that workspace.");
    }
    const thread = target.threadId === null ? null : threadIn(target.workspaceId, target.threadId);
    // What goes to a person, or had to, begins a thread in the conversation with them.
    const isTheirs = thread !== null && (thread.channel === channel || isDirect(thread.channel));
    if (target.threadId !== null && !isTheirs) return refused(wordsFor("thread_not_found"));
    const reader = target.privateTo === null ? null : nameIn(target.workspaceId, target.privateTo);
    if (target.privateTo !== null && reader === null) return refused(wordsFor("user_not_found"));
    const at = thread?.channel ?? channel;
    return { team: identity.team, channel: at, root: thread?.ts ?? null, reader: isDirect(at) ? null : reader };
  }

  const posted = ({ team, root }: Place, channel: string, ts: string): PostOutcome => ({
    kind: "posted",
    messageId: messageIdOf(channel, ts),
    threadId: threadIdOf(team, channel, root ?? ts),
  });

  const showing =
    (notice: Notice, key: string): Show =>
    (files) =>
      renderKeyed(deps.noticeCard(notice), { showAll: key, files }, key);

  const content = ({ text, blocks }: Rendered) => ({ text, blocks, unfurl_links: false, unfurl_media: false });

  async function toEverybody(place: Place, show: Show, key: string, broadcast = false): Promise<PostOutcome> {
    const wait = deps.pace.post(place.channel, key, deps.clock.now());
    if (wait > 0) return tooSoon(wait);
    const rendered = await withFiles(place, show, key);
    const sent = await call(
      client.chat.postMessage({
        channel: place.channel,
        ...inThread(place.root, broadcast),
        ...content(rendered),
        metadata: { event_type: METADATA_TYPE, event_payload: { key } },
      }),
    );
    if (!sent.ok) return failed(place, sent.failure);
    const { ts, channel } = sent.value;
    if (ts === undefined) return unclear("Slack named no message");
    return posted(place, channel ?? place.channel, ts);
  }

  /** Slack keeps no trace of these, and lets only the newest `response_url` change one. */
  async function toOne(place: Place & { reader: string }, target: PostTarget, show: Show): Promise<PostOutcome> {
    const rendered = show("none");
    const sent = await call(
      client.chat.postEphemeral({
        channel: place.channel,
        user: place.reader,
        ...(place.root === null ? {} : { thread_ts: place.root }),
        text: rendered.text,
        blocks: rendered.blocks,
      }),
    );
    if (sent.ok) return posted(place, place.channel, sent.value.message_ts ?? `${deps.clock.now()}.0`);
    if (sent.failure.kind !== "refused" || !NOT_THERE.has(sent.failure.error)) return failed(place, sent.failure);
    if (target.replyToken !== null) {
      const answered = await answerByUrl(target.replyToken, { ...rendered, replace: false });
      if (answered === null) return posted(place, place.channel, `${deps.clock.now()}.0`);
    }
    // Where neither reaches them, the conversation with Claw does.
    return toEverybody({ ...place, channel: place.reader, root: null, reader: null }, () => rendered, "");
  }

  /** What people decide on is there as a whole before they are asked. */
  async function withFiles(place: Place, show: Show, key: string): Promise<Rendered> {
    const rendered = show("before");
    const files = rendered.uploads.filter(({ when }) => when === "now");
    if (files.length === 0) return rendered;
    const channel = await channelOf(place.channel);
    const areThere = channel !== null && (await deps.uploads.put(`${channel} ${key}`, channel, place.root, files));
    return areThere ? rendered : show("failed");
  }

  const failed = (place: Place, failure: CallFailure, what: "posts" | "edits" = "posts"): PostOutcome => {
    if (failure.kind === "limited") {
      const until = deps.clock.now() + failure.retryAfterMs;
      if (what === "posts") deps.pace.quietPosts(place.channel, until);
      else deps.pace.quietEdits(until);
    }
    deps.log.warn({ ...failure, channel: place.channel }, "Slack did not take a message");
    if (failure.kind === "refused") deps.directory.forget();
    const outcome = outcomeOf(failure);
    const isGone = what === "posts" && failure.kind === "refused" && failure.error === "thread_not_found";
    return isGone && outcome.kind === "refused" ? { ...outcome, gone: "thread" } : outcome;
  };

  return {
    ...createSight(deps),
    ...createChannels(deps),
    async post(target, notice, key, signal) {
      const place = placed(target);
      if ("kind" in place) return place;
      const show = showing(notice, key);
      const { reader } = place;
      // The same again in another thread is another message: the one before was deleted with its thread.
      const at = target.threadId ?? (notice.kind === "workflowCreated" ? (notice.movedFrom ?? "") : "");
      const posting = lately.once(`${target.workspaceId} ${key} ${at}`, () =>
        reader === null ? toEverybody(place, show, key, target.broadcast) : toOne({ ...place, reader }, target, show),
      );
      const outcome = await untilAborted(signal, posting);
      if (outcome.kind === "posted") deps.liveViews.follow(notice, key);
      return outcome;
    },

    async edit(target, messageId, notice, key, signal) {
      const place = placed(target);
      if ("kind" in place) return place;
      const message = placeOf(messageId);
      if (!message) return refused(wordsFor("message_not_found"));
      const show = showing(notice, key);
      const rendered = show("none");
      const { reader } = place;
      if (reader !== null) {
        if (target.replyToken !== null) {
          const answered = await answerByUrl(target.replyToken, { ...rendered, replace: true });
          if (answered === null) return posted(place, message.channel, message.ts);
        }
        return untilAborted(signal, toOne({ ...place, reader }, { ...target, replyToken: null }, show));
      }
      const isProgress = notice.kind === "runProgress" && notice.state === "running";
      const wait = deps.pace.edit(messageId, isProgress, deps.clock.now());
      if (wait > 0) return tooSoon(wait);
      const update = client.chat.update({
        channel: message.channel,
        ts: message.ts,
        text: rendered.text,
        blocks: rendered.blocks,
      });
      return untilAborted(
        signal,
        call(update).then((sent) =>
          sent.ok ? posted(place, message.channel, message.ts) : failed(place, sent.failure, "edits"),
        ),
      );
    },

    async find(target, key, signal): Promise<FindOutcome> {
      const place = placed(target);
      if ("kind" in place)
        return place.kind === "retry" ? { kind: "unavailable", failure: place.failure } : { kind: "absent" };
      if (place.reader !== null) return { kind: "cannot_tell" };
      const found = await untilAborted(signal, lookFor(place, key));
      return "found" in found ? found.found : { kind: "unavailable", failure: NO_ANSWER };
    },

    whyNotPost: (channelId, workspaceId) => deps.directory.whyNotPost(channelId, workspaceId),
    directChannel: (memberId, workspaceId) => (nameIn(workspaceId, memberId) === null ? null : memberId),
    readMessage: createReadMessage(deps),
    introduce: (memberId, workspaceId) => deps.directory.introduce(memberId, workspaceId),
  };

  async function lookFor(place: Place, key: string): Promise<{ readonly found: FindOutcome }> {
    const channel = await channelOf(place.channel);
    if (channel === null) return { found: { kind: "unavailable", failure: NO_ANSWER } };
    const common = { channel, include_all_metadata: true, limit: LOOK_BACK } as const;
    const read = await call<webApi.ConversationsHistoryResponse | webApi.ConversationsRepliesResponse>(
      place.root === null
        ? client.conversations.history(common)
        : client.conversations.replies({ ...common, ts: place.root }),
    );
    if (!read.ok) {
      const outcome = outcomeOf(read.failure);
      if (outcome.kind === "retry" || outcome.kind === "unknown") {
        return { found: { kind: "unavailable", failure: outcome.failure } };
      }
      const isGone = read.failure.kind === "refused" && /^(channel|thread)_not_found$/.test(read.failure.error);
      return { found: { kind: isGone ? "absent" : "cannot_tell" } };
    }
    for (const message of read.value.messages ?? []) {
      const { metadata, ts } = message;
      if (metadata?.event_type !== METADATA_TYPE || ts === undefined) continue;
      if ((metadata.event_payload as { key?: unknown } | undefined)?.key !== key) continue;
      return {
        found: {
          kind: "found",
          messageId: messageIdOf(channel, ts),
          threadId: threadIdOf(place.team, channel, place.root ?? ts),
        },
      };
    }
    // More came since than Slack shows at once: what was not seen may be there.
    return { found: { kind: read.value.has_more ? "cannot_tell" : "absent" } };
  }

  /** A conversation with one person is named by them until it is opened. */
  async function channelOf(channel: string): Promise<string | null> {
    if (!/^[UW]/.test(channel)) return channel;
    const opened = await call(client.conversations.open({ users: channel }));
    return opened.ok ? (opened.value.channel?.id ?? null) : null;
  }
}

/** As Slack wants it: what is shown in the channel too has to be in a thread. */
function inThread(root: string | null, broadcast: boolean) {
  if (root === null) return {};
  return broadcast ? { thread_ts: root, reply_broadcast: true as const } : { thread_ts: root };
}

const NO_ANSWER = { code: "platform_unavailable", message: "Slack did not answer." } as const;

const tooSoon = (afterMs: number): PostOutcome => ({ kind: "later", afterMs });

const unclear = (why: string): PostOutcome => outcomeOf({ kind: "unclear", why });

const untilAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T | PostOutcome> =>
  untilAbortedOr(signal, work, () => unclear("given up"));
