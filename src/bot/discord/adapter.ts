/** Discord as a chat platform: posts, changes and finds messages. */
import { Routes } from "discord.js";
import type { ChatPlatform, Notice, PostOutcome, PostTarget } from "../../orchestrator/index.ts";
import { createLately } from "../chat/lately.ts";
import { untilAborted } from "./aborting.ts";
import type { Answers } from "./answers.ts";
import { createChannels } from "./channels.ts";
import type { DiscordDeps } from "./deps.ts";
import type { Directory } from "./directory.ts";
import { type CallFailure, CODE, isCode, outcomeOf, wordsFor } from "./failures.ts";
import { markerOf, nonceOf } from "./keys.ts";
import { createLooking } from "./looking.ts";
import { type Messages, type Posted, postedIn, type Show } from "./messages.ts";
import { createNamedChannels } from "./named-channels.ts";
import { nameOf } from "./naming.ts";
import type { DiscordPace } from "./pace.ts";
import { Message } from "./payloads.ts";
import {
  type Channel,
  channelIn,
  directIdOf,
  guildOf,
  messageIdOf,
  placeOf,
  threadIdOf,
  threadIn,
  userIn,
} from "./places.ts";
import { renderCard } from "./render.ts";
import { renderClassic } from "./render-classic.ts";
import { usableToken } from "./reply-token.ts";
import type { Threads } from "./threads.ts";
import type { Called, Web } from "./web.ts";
import { wordsOf } from "./words.ts";

type Talking = Omit<ChatPlatform, "name" | "start" | "stop">;

export interface AdapterDeps extends Pick<DiscordDeps, "clock" | "log" | "noticeCard"> {
  readonly web: Web;
  readonly messages: Messages;
  readonly threads: Threads;
  readonly answers: Answers;
  readonly directory: Directory;
  readonly pace: DiscordPace;
  /** The bot's user id; null until Discord has said who Claw is. */
  readonly self: () => string | null;
}

/** Where a target is. */
export interface Place {
  readonly workspaceId: string;
  readonly guild: string;
  readonly channel: Channel;
  /** The thread, by the id of the message it begins under; null in the channel itself. */
  readonly thread: string | null;
  /** User id of the only reader; null when everybody there reads it. */
  readonly reader: string | null;
}

const NOT_YET_MS = 2_000;
const READ_MS = 1_500;

const refused = (message: string): PostOutcome => ({ kind: "refused", failure: { code: "platform_refused", message } });

export function createAdapter(deps: AdapterDeps): Talking {
  const { directory, threads, answers, messages } = deps;
  const lately = createLately<PostOutcome>(({ kind }) => kind === "posted");
  const looking = createLooking(deps);
  const named = createNamedChannels(directory);

  /** Where a target is, or what becomes of what was to go there. */
  function placed(target: PostTarget): Place | PostOutcome {
    if (deps.self() === null) {
      const message = "Discord has not said yet who Claw is.";
      return { kind: "retry", afterMs: NOT_YET_MS, failure: { code: "platform_unavailable", message } };
    }
    const { workspaceId } = target;
    const guild = guildOf(workspaceId);
    const channel = channelIn(workspaceId, target.channelId);
    if (guild === null || channel === null) return refused("Discord: there is no such channel in this server.");
    const thread = target.threadId === null ? null : threadIn(workspaceId, target.threadId);
    if (target.threadId !== null && thread === null) return refused(wordsFor(CODE.unknownChannel));
    const reader = target.privateTo === null ? null : userIn(workspaceId, target.privateTo);
    if (target.privateTo !== null && reader === null) return refused(wordsFor(CODE.unknownUser));
    // What goes to a person, or had to, begins a thread in the conversation with them.
    const at = thread?.channel ?? channel;
    const isTheirs = at.kind === "direct" && at.user === reader;
    return { workspaceId, guild, channel: at, thread: thread?.thread ?? null, reader: isTheirs ? null : reader };
  }

  /** Where a target is, also where its channel is named, as tools name it. */
  async function located(target: PostTarget): Promise<Place | PostOutcome> {
    const found = deps.self() === null ? target : await named.settle(target);
    return "kind" in found ? found : placed(found);
  }

  const showing =
    (workspaceId: string, notice: Notice, key: string): Show =>
    ({ files, form }) => {
      const card = deps.noticeCard(notice);
      return form === "v2"
        ? renderCard(card, { files, marker: markerOf(workspaceId, key) })
        : renderClassic(card, { files });
    };

  const channelName = (channel: Channel): string => (channel.kind === "direct" ? `@${channel.user}` : channel.id);

  const posted = ({ guild, channel, thread }: Place, { id, channel_id }: Posted): PostOutcome => ({
    kind: "posted",
    messageId: messageIdOf(channel_id, id),
    threadId: threadIdOf(guild, channelName(channel), thread ?? id),
  });

  const failed = (place: Place, failure: CallFailure): PostOutcome => {
    deps.log.warn({ ...failure, channel: channelName(place.channel) }, "Discord did not take a message");
    if (failure.kind === "refused") directory.forget(place.guild);
    const became = outcomeOf(failure);
    return became.kind === "refused" && isCode(failure, CODE.hasThread) ? { ...became, gone: "thread" } : became;
  };
  const outcome = (place: Place, called: Called<Posted>): PostOutcome =>
    called.ok ? posted(place, called.value) : failed(place, called.failure);

  async function toEverybody(
    place: Place,
    notice: Notice,
    show: Show,
    key: string,
    signal: AbortSignal,
  ): Promise<PostOutcome> {
    const name = nameOf(notice, deps.noticeCard(notice));
    const nonce = nonceOf(place.workspaceId, key);
    const sent = await threads.post({ ...place, show, nonce, name, signal });
    if (sent.ok && notice.kind === "workflowCreated" && place.channel.kind === "channel" && place.thread === null) {
      // So that people can answer there at once. Where it fails, the first report opens it.
      if (sent.value.channel_id === place.channel.id) await threads.open(place.channel.id, sent.value.id, name);
    }
    return outcome(place, sent);
  }

  /** Only the person who asked sees an answer to an interaction; whoever did not ask that way is told alone. */
  async function toOne(
    place: Place & { reader: string },
    target: PostTarget,
    show: Show,
    key: string,
    signal: AbortSignal,
  ): Promise<PostOutcome> {
    const token = usableToken(target.replyToken, deps.clock.now());
    const answered = token && (await answers.post(token, show, signal));
    if (answered) return outcome(place, answered);
    const direct: Channel = { kind: "direct", user: place.reader };
    const nonce = nonceOf(place.workspaceId, key);
    const sent = await threads.post({ ...place, channel: direct, thread: null, show, nonce, name: "Claw", signal });
    if (!sent.ok && isCode(sent.failure, CODE.noDirect)) await sayClosed(place, key, signal);
    return outcome(place, sent);
  }

  /** Says where it was asked, and to whom, that there is an answer that cannot be given: not which. */
  async function sayClosed(
    { workspaceId, channel, thread, reader }: Place,
    key: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (channel.kind === "direct" || reader === null) return;
    const body = {
      content: `<@${reader}> I have an answer for you alone, and you take no direct messages from me. Allow them for this server, or ask by /claw.`,
      allowed_mentions: { users: [reader] },
      nonce: nonceOf(workspaceId, `closed:${key}`),
      enforce_nonce: true,
    };
    await deps.web.call("post", Routes.channelMessages(thread ?? channel.id), { body, signal });
  }

  /** In the channel too, with the way to its thread. Doing it again within minutes does no harm. */
  async function broadcast(place: Place, show: Show, key: string, signal: AbortSignal): Promise<void> {
    if (place.thread === null || place.channel.kind === "direct") return;
    const also = { nonce: nonceOf(place.workspaceId, `channel:${key}`), enforce_nonce: true };
    const route = Routes.channelMessages(place.channel.id);
    const sent = await messages.send({ method: "post", route, show, also, signal });
    if (!sent.ok)
      deps.log.warn({ ...sent.failure }, "Discord did not take a report in the channel; it is in its thread");
  }

  async function editPrivate(
    place: Place & { reader: string },
    target: PostTarget,
    message: { readonly channel: string; readonly message: string },
    show: Show,
    key: string,
    signal: AbortSignal,
  ): Promise<PostOutcome> {
    const token = usableToken(target.replyToken, deps.clock.now());
    const answered = token && (await answers.edit(token, message.message, show, signal));
    if (answered) return outcome(place, answered);
    const direct = await directory.direct(place.reader);
    if (direct.kind === "known" && direct.value === message.channel) {
      const route = Routes.channelMessage(message.channel, message.message);
      return outcome(place, postedOf(await messages.send({ method: "patch", route, show, signal })));
    }
    // Nobody can change what an interaction left behind once its time is over: what it says now comes anew.
    const shown = show({ files: "none", form: "v2" });
    return toOne(place, target, show, `${key} ${JSON.stringify(shown.components)}`, signal);
  }

  return {
    ...createChannels(deps),
    async post(target, notice, key, signal) {
      const place = await located(target);
      if ("kind" in place) return place;
      const show = showing(place.workspaceId, notice, key);
      const { reader } = place;
      // The same again in another thread is another message: the one before was deleted with its thread.
      const at = target.threadId ?? (notice.kind === "workflowCreated" ? (notice.movedFrom ?? "") : "");
      const posting = lately.once(`${place.workspaceId} ${key} ${at}`, async () => {
        if (reader !== null) return toOne({ ...place, reader }, target, show, key, signal);
        const done = await toEverybody(place, notice, show, `${key} ${at}`, signal);
        if (done.kind === "posted" && target.broadcast) await broadcast(place, show, key, signal);
        return done;
      });
      return untilAborted(signal, posting);
    },

    async edit(target, messageId, notice, key, signal) {
      const place = await located(target);
      if ("kind" in place) return place;
      const message = placeOf(messageId);
      if (!message) return refused(wordsFor(CODE.unknownMessage));
      const show = showing(place.workspaceId, notice, key);
      const { reader } = place;
      if (reader !== null)
        return untilAborted(signal, editPrivate({ ...place, reader }, target, message, show, key, signal));
      if (notice.kind === "runProgress" && notice.state === "running") {
        const wait = deps.pace.progress(message.channel, messageId, deps.clock.now());
        if (wait > 0) return { kind: "later", afterMs: wait };
      }
      const route = Routes.channelMessage(message.channel, message.message);
      const change = async () => postedOf(await messages.send({ method: "patch", route, show, signal }));
      return untilAborted(
        signal,
        threads.inOpen(message.channel, change).then((sent) => outcome(place, sent)),
      );
    },

    async find(target, key, signal) {
      const place = await located(target);
      if ("kind" in place) {
        return place.kind === "retry" ? { kind: "unavailable", failure: place.failure } : { kind: "absent" };
      }
      if (place.reader !== null) return { kind: "cannot_tell" };
      const found = await looking.lookFor(place, markerOf(place.workspaceId, key), signal);
      if (found.kind !== "found") return found;
      const { message } = found;
      return {
        kind: "found",
        messageId: messageIdOf(message.channel_id, message.id),
        threadId: threadIdOf(place.guild, channelName(place.channel), place.thread ?? message.id),
      };
    },

    whyNotPost: (channelId, workspaceId) => directory.whyNotPost(channelId, workspaceId),
    introduce: (memberId, workspaceId) => directory.introduce(memberId, workspaceId),
    channelNamed: named.channelNamed,
    async readMessage(_channelId, messageId, workspaceId) {
      const [at, guild, self] = [placeOf(messageId), guildOf(workspaceId), deps.self()];
      if (at === null || guild === null || self === null) return null;
      const known = await directory.channel(guild, at.channel);
      if (known.kind !== "known") return null;
      const signal = AbortSignal.timeout(READ_MS);
      const found = await deps.web.call("get", Routes.channelMessage(at.channel, at.message), { signal });
      const said = found.ok ? Message.safeParse(found.value).data?.content : undefined;
      return said ? wordsOf(said, self, new Map()).words : null;
    },
    directChannel(memberId, workspaceId) {
      const [guild, user] = [guildOf(workspaceId), userIn(workspaceId, memberId)];
      return guild === null || user === null ? null : directIdOf(guild, user);
    },
  };
}

function postedOf(called: Called<unknown>): Called<Posted> {
  if (!called.ok) return called;
  const value = postedIn(called.value);
  return value ? { ok: true, value } : { ok: false, failure: { kind: "unclear", why: "Discord named no message" } };
}
