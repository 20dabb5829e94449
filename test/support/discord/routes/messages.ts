/** Messages in channels, threads and DMs. */
import { isObject, type Json } from "../../slack/json.ts";
import { listOf, schemaOf } from "../description.ts";
import { messageEvent, reactionEvent } from "../events.ts";
import { may, type Permission } from "../permissions.ts";
import { deleteMessage, editByApp, postByApp, refuseLocked } from "../posting.ts";
import { invalidField, Refusal } from "../refusal.ts";
import { isSnowflake } from "../snowflakes.ts";
import { viewOf } from "../state.ts";
import { knownUser, messageOnWire } from "../wire.ts";
import { CHANNEL, type Channel, FLAGS, type Message } from "../world.ts";
import type { ApiRequest, Route } from "./route.ts";

const MESSAGES = "/channels/{channel_id}/messages";
const MESSAGE = `${MESSAGES}/{message_id}`;
const SETTABLE = FLAGS.suppressEmbeds | FLAGS.suppressNotifications | FLAGS.componentsV2;
/** What people and the app wrote, as against what Discord itself notes in a channel. */
const WRITTEN: readonly number[] = [0, 19, 20, 23];

export const MESSAGE_ROUTES: readonly Route[] = [
  { method: "GET", path: MESSAGES, answer: listOf("MessageResponse"), handle: list },
  { method: "POST", path: MESSAGES, answer: schemaOf("MessageResponse"), handle: create },
  {
    method: "GET",
    path: MESSAGE,
    answer: schemaOf("MessageResponse"),
    handle: (request) => {
      const channel = request.channel("READ_MESSAGE_HISTORY");
      return onWire(request, request.message(channel));
    },
  },
  { method: "PATCH", path: MESSAGE, answer: schemaOf("MessageResponse"), handle: edit },
  { method: "DELETE", path: MESSAGE, answer: null, handle: remove },
  { method: "PUT", path: `${MESSAGE}/reactions/{emoji_name}/@me`, answer: null, handle: react },
  { method: "DELETE", path: `${MESSAGE}/reactions/{emoji_name}/@me`, answer: null, handle: unreact },
  { method: "PUT", path: `${MESSAGES}/pins/{message_id}`, answer: null, handle: pin },
  {
    method: "POST",
    path: "/channels/{channel_id}/typing",
    answer: null,
    handle: (request) => void mayWrite(request, request.channel()),
  },
];

const onWire = ({ state }: ApiRequest, message: Message): Json => messageOnWire(viewOf(state), message);

function list(request: ApiRequest): Json[] {
  const channel = request.channel();
  const limit = request.limit("limit", 1, 100, 50);
  const [before, after, around] = ["before", "after", "around"].map((each) => request.snowflake(each));
  if (!textual(channel)) throw new Refusal("channelType");
  // Without the right to read the history there is none to read.
  if (!may(request.state.world, request.botId, channel, "READ_MESSAGE_HISTORY")) return [];
  const all = channel.messages.filter((each) => !each.deleted && each.onlyFor === null);
  const older = (id: string, than: string) => BigInt(id) < BigInt(than);
  let chosen: Message[];
  if (after != null) chosen = all.filter(({ id }) => older(after, id)).slice(0, limit);
  else if (around != null) {
    const at = all.findIndex(({ id }) => !older(id, around));
    chosen = all.slice(Math.max(0, at - Math.floor(limit / 2)), at + Math.ceil(limit / 2));
  } else chosen = all.filter(({ id }) => before == null || older(id, before)).slice(-limit);
  return chosen.toReversed().map((each) => onWire(request, each));
}

const textual = ({ type }: Channel): boolean => type !== CHANNEL.forum && type !== CHANNEL.category;

function mayWrite({ state, botId }: ApiRequest, channel: Channel, needed: readonly Permission[] = []): void {
  if (channel.type === CHANNEL.forum) throw new Refusal("notInForum");
  if (!textual(channel)) throw new Refusal("notInThisChannel");
  const write = channel.thread ? "SEND_MESSAGES_IN_THREADS" : "SEND_MESSAGES";
  const lacks = (each: Permission) => !may(state.world, botId, channel, each);
  if ([write, ...needed].some((each) => lacks(each as Permission))) throw new Refusal("missingPermissions");
  refuseLocked(state, channel);
  // Someone who wants none, or who shares no guild with the app.
  const guilds = [...state.world.guilds.values()].filter((each) => each.members.has(botId));
  const refuses = (id: string) =>
    id !== botId && !(knownUser(state.world, id).acceptsDms && guilds.some((each) => each.members.has(id)));
  if (channel.recipients.some(refuses)) throw new Refusal("cannotDm");
}

function create(request: ApiRequest): Json {
  const { state, files } = request;
  const channel = request.channel();
  mayWrite(request, channel);
  const body = request.body("MessageCreateRequest");
  const embeds = Array.isArray(body.embeds) && body.embeds.length > 0;
  mayWrite(request, channel, [
    ...(embeds ? ["EMBED_LINKS" as const] : []),
    ...(files.length > 0 ? ["ATTACH_FILES" as const] : []),
  ]);
  const nonce = body.nonce as string | number | null | undefined;
  if (body.enforce_nonce === true && nonce != null) {
    const first = withNonce(request, nonce);
    if (first) {
      // https://github.com/discord/discord-api-docs/pull/6647: what was deleted is not posted again.
      if (first.deleted) throw new Refusal("unknownMessage");
      if (first.channelId !== channel.id) state.complaints.push(`the nonce ${nonce} was used for two channels`);
      return { ...onWire(request, first), nonce };
    }
  }
  const reference = referenceOf(request, channel, body.message_reference);
  const parts = { nonce: nonce ?? null, ...(reference && { type: 19, reference }) };
  const message = postByApp(state, channel, { body, files, settable: SETTABLE, parts });
  return { ...onWire(request, message), ...(nonce != null && { nonce }) };
}

/** https://discord.com/developers/docs/resources/message#create-message: by the same author, in the past few minutes. */
function withNonce({ state, botId }: ApiRequest, nonce: string | number): Message | undefined {
  const since = state.now() - state.settings.nonceLifeMs;
  return [...state.world.channels.values()]
    .flatMap((each) => each.messages)
    .find((each) => each.authorId === botId && String(each.nonce) === String(nonce) && each.createdAt >= since);
}

function referenceOf(request: ApiRequest, channel: Channel, value: unknown): Message["reference"] {
  if (!isObject(value)) return null;
  if (!may(request.state.world, request.botId, channel, "READ_MESSAGE_HISTORY")) throw new Refusal("noReply");
  const messageId = String(value.message_id);
  const found = request.state.world.messageIn(channel, messageId);
  if (found) return { type: 0, channelId: channel.id, messageId };
  if (value.fail_if_not_exists === false) return null;
  throw invalidField(["message_reference"], "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
}

/** https://discord.com/developers/docs/topics/threads#active-archived-threads: in an archived one nothing is changed. */
function refuseArchived(channel: Channel): void {
  if (channel.thread?.archived === true) throw new Refusal("threadArchived");
}

function edit(request: ApiRequest): Json {
  const { state, files } = request;
  const channel = request.channel();
  const message = request.message(channel);
  if (message.authorId !== request.botId) throw new Refusal("notYours");
  if (!WRITTEN.includes(message.type)) throw new Refusal("systemMessage");
  refuseArchived(channel);
  refuseLocked(state, channel);
  const body = request.body("MessageEditRequestPartial");
  editByApp(state, channel, message, { body, files, settable: FLAGS.suppressEmbeds | FLAGS.componentsV2 });
  return onWire(request, message);
}

function remove(request: ApiRequest): void {
  const channel = request.channel();
  const message = request.message(channel);
  const own = message.authorId === request.botId;
  if (!own && channel.guildId === null) throw new Refusal("notInDm");
  if (!own && !may(request.state.world, request.botId, channel, "MANAGE_MESSAGES"))
    throw new Refusal("missingPermissions");
  if (message.type === 21) throw new Refusal("systemMessage");
  // The one thing that can be done in an archived thread, as long as it is not locked.
  if (channel.thread?.archived === true) refuseLocked(request.state, channel);
  deleteMessage(request.state, channel, message);
}

function react(request: ApiRequest): void {
  const { state, botId } = request;
  const channel = request.channel("READ_MESSAGE_HISTORY");
  const message = request.message(channel);
  const emoji = request.params.emoji_name ?? "";
  refuseArchived(channel);
  const custom = /^\w+:\d+$/.test(emoji);
  if (!custom && !/^\p{Extended_Pictographic}|^\p{Regional_Indicator}|^[\d#*]\ufe0f?\u20e3/u.test(emoji)) {
    throw new Refusal("unknownEmoji");
  }
  if (!message.reactions.has(emoji) && !may(state.world, botId, channel, "ADD_REACTIONS")) {
    throw new Refusal("missingPermissions");
  }
  if (!message.reactions.has(emoji) && message.reactions.size >= 20) throw new Refusal("maxReactions");
  const users = message.reactions.get(emoji) ?? new Set<string>();
  message.reactions.set(emoji, users.add(botId));
  reactionEvent(state, channel, message, knownUser(state.world, botId), emoji, true);
}

/** https://discord.com/developers/docs/resources/message#pin-message */
function pin(request: ApiRequest): void {
  const { state, botId } = request;
  const channel = request.channel("PIN_MESSAGES", "READ_MESSAGE_HISTORY");
  const message = request.message(channel);
  if (!WRITTEN.includes(message.type)) throw new Refusal("systemMessage");
  refuseArchived(channel);
  if (message.pinned) return;
  if (channel.messages.filter((each) => each.pinned && !each.deleted).length >= 250) throw new Refusal("maxPins");
  message.pinned = true;
  const reference = { type: 0, channelId: channel.id, messageId: message.id };
  const note = state.world.addMessage(channel, { type: 6, authorId: botId, reference });
  messageEvent(state, "MESSAGE_CREATE", channel, note);
}

function unreact(request: ApiRequest): void {
  const { state, botId } = request;
  const channel = request.channel();
  const message = request.message(channel);
  const emoji = request.params.emoji_name ?? "";
  refuseArchived(channel);
  if (message.reactions.get(emoji)?.delete(botId) !== true) throw new Refusal("unknownEmoji");
  if (message.reactions.get(emoji)?.size === 0) message.reactions.delete(emoji);
  reactionEvent(state, channel, message, knownUser(state.world, botId), emoji, false);
}

/** The message that a thread may be started from. @throws Refusal 10008 */
export function rootOf(request: ApiRequest, channel: Channel): Message {
  if (!isSnowflake(request.params.message_id)) throw new Refusal("unknownMessage");
  return request.message(channel);
}
