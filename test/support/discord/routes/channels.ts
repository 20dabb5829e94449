/** Channels, DMs and threads. */
import { isObject, type Json } from "../../slack/json.ts";
import { composed } from "../content.ts";
import { listOf, oneOf, schemaOf } from "../description.ts";
import { channelEvent, messageEvent, threadEvent } from "../events.ts";
import { may } from "../permissions.ts";
import { postByApp } from "../posting.ts";
import { invalidField, Refusal } from "../refusal.ts";
import { isSnowflake } from "../snowflakes.ts";
import { viewOf } from "../state.ts";
import { channelOnWire, messageOnWire, threadMember } from "../wire.ts";
import { CHANNEL, type Channel, FLAGS } from "../world.ts";
import { rootOf } from "./messages.ts";
import { type ApiRequest, objectOf, type Route } from "./route.ts";
import { addThread, addThreadOn, letIn } from "./threads.ts";

const ANY = oneOf("GuildChannelResponse", "PrivateChannelResponse", "ThreadResponse");
const CHANNEL_PATH = "/channels/{channel_id}";

export const CHANNEL_ROUTES: readonly Route[] = [
  { method: "GET", path: CHANNEL_PATH, answer: ANY, handle: (request) => onWire(request, request.channel()) },
  { method: "PATCH", path: CHANNEL_PATH, answer: ANY, handle: change },
  { method: "DELETE", path: CHANNEL_PATH, answer: ANY, handle: remove },
  { method: "POST", path: "/users/@me/channels", answer: schemaOf("PrivateChannelResponse"), handle: openDm },
  {
    method: "GET",
    path: "/guilds/{guild_id}/channels",
    answer: listOf("GuildChannelResponse"),
    handle: (request) => {
      const guild = request.guild();
      const all = [...request.state.world.channels.values()];
      return all.filter((each) => each.guildId === guild.id && !each.thread).map((each) => onWire(request, each));
    },
  },
  {
    method: "GET",
    path: "/guilds/{guild_id}/threads/active",
    answer: schemaOf("ThreadsResponse"),
    handle: (request) => {
      const guild = request.guild();
      const { world } = request.state;
      const active = [...world.channels.values()].filter(
        (each) =>
          each.guildId === guild.id &&
          each.thread?.archived === false &&
          may(world, request.botId, each, "VIEW_CHANNEL"),
      );
      return threadList(request, active);
    },
  },
  {
    method: "GET",
    path: `${CHANNEL_PATH}/threads/archived/public`,
    answer: schemaOf("ThreadsResponse"),
    handle: (request) => {
      const channel = request.channel("READ_MESSAGE_HISTORY");
      const archived = request.state.world
        .threadsOf(channel)
        .filter((each) => each.thread?.archived === true && each.type !== 12);
      return threadList(request, archived);
    },
  },
  {
    method: "POST",
    path: `${CHANNEL_PATH}/messages/{message_id}/threads`,
    answer: schemaOf("ThreadResponse"),
    status: 201,
    handle: startFromMessage,
  },
  {
    method: "POST",
    path: `${CHANNEL_PATH}/threads`,
    answer: schemaOf("CreatedThreadResponse"),
    status: 201,
    handle: start,
  },
  {
    method: "PUT",
    path: `${CHANNEL_PATH}/thread-members/@me`,
    answer: null,
    handle: (request) => join(request, request.botId),
  },
  {
    method: "PUT",
    path: `${CHANNEL_PATH}/thread-members/{user_id}`,
    answer: null,
    handle: (request) => join(request, request.id("user_id")),
  },
];

const onWire = ({ state, botId }: ApiRequest, channel: Channel): Json => channelOnWire(state.world, channel, botId);

function threadList(request: ApiRequest, threads: readonly Channel[]): Json {
  const members = threads.filter((each) => each.thread?.members.has(request.botId));
  return {
    threads: threads.map((each) => onWire(request, each)),
    members: members.map((each) => threadMember(each, request.botId)),
    has_more: false,
  };
}

/** Archives, locks, renames a thread; renames a channel. */
function change(request: ApiRequest): Json {
  const { state, botId } = request;
  const channel = request.channel();
  const { thread } = channel;
  const manages = may(state.world, botId, channel, thread ? "MANAGE_THREADS" : "MANAGE_CHANNELS");
  if (!thread) {
    if (!manages) throw new Refusal("missingPermissions");
    const { name, topic } = request.body("UpdateGuildChannelRequestPartial");
    if (typeof name === "string") channel.name = name;
    if (typeof topic === "string") channel.topic = topic;
    channelEvent(state, "UPDATE", channel);
    return onWire(request, channel);
  }
  const body = request.body("UpdateThreadRequestPartial");
  const opensOnly = Object.keys(body).every((key) => key === "archived") && body.archived === false;
  // Anyone who may write in a thread may wake it; a locked one only a moderator.
  const allowed = manages || (!thread.locked && (opensOnly || (thread.ownerId === botId && body.locked !== true)));
  const wakes = thread.archived && body.archived === false;
  if (!allowed || (wakes && !may(state.world, botId, channel, "SEND_MESSAGES_IN_THREADS"))) {
    throw new Refusal("missingPermissions");
  }
  if (thread.archived && body.archived !== false) throw new Refusal("threadArchived");
  if (typeof body.archived === "boolean" && body.archived !== thread.archived) {
    thread.archived = body.archived;
    thread.archivedAt = state.now();
  }
  if (typeof body.locked === "boolean") thread.locked = body.locked;
  if (typeof body.name === "string") channel.name = body.name;
  if (typeof body.auto_archive_duration === "number") thread.autoArchive = body.auto_archive_duration;
  if (Array.isArray(body.applied_tags)) thread.tags = body.applied_tags as string[];
  threadEvent(state, "UPDATE", channel);
  return onWire(request, channel);
}

function remove(request: ApiRequest): Json {
  const channel = request.channel(
    ...(request.state.world.channels.get(request.id("channel_id"))?.thread
      ? ["MANAGE_THREADS" as const]
      : ["MANAGE_CHANNELS" as const]),
  );
  const { world } = request.state;
  world.channels.delete(channel.id);
  for (const thread of world.threadsOf(channel)) world.channels.delete(thread.id);
  if (channel.thread) threadEvent(request.state, "DELETE", channel);
  else channelEvent(request.state, "DELETE", channel);
  return onWire(request, channel);
}

function openDm(request: ApiRequest): Json {
  const { state, botId } = request;
  const { recipient_id: id } = request.body("CreatePrivateChannelRequest");
  if (!isSnowflake(id) || !state.world.users.has(id)) {
    throw invalidField(["recipient_id"], "USER_INVALID", "Invalid recipient");
  }
  if (id === botId) throw new Refusal("cannotDm");
  return onWire(request, state.world.directBetween(botId, id));
}

function startFromMessage(request: ApiRequest): Json {
  const { state, botId } = request;
  const channel = request.channel("CREATE_PUBLIC_THREADS", "READ_MESSAGE_HISTORY");
  const root = rootOf(request, channel);
  if (channel.thread || (channel.type !== CHANNEL.text && channel.type !== CHANNEL.announcement))
    throw new Refusal("channelType");
  // The real client names a type here too, which Discord ignores.
  const { type: _, ...given } = objectOf(request.json);
  const body = request.bodyAs(schemaOf("CreateTextThreadWithMessageRequest"), [], given);
  if (state.world.channels.has(root.id)) throw new Refusal("threadExists");
  return onWire(request, addThreadOn(state, channel, root, botId, body));
}

function start(request: ApiRequest): Json {
  const { state, botId } = request;
  const channel = request.channel();
  if (channel.type === CHANNEL.forum) return startPost(request, channel);
  if (channel.thread || (channel.type !== CHANNEL.text && channel.type !== CHANNEL.announcement))
    throw new Refusal("channelType");
  const body = request.body("CreateTextThreadWithoutMessageRequest");
  // https://discord.com/developers/docs/resources/channel#start-thread-without-message: private unless it says otherwise.
  const type = typeof body.type === "number" ? body.type : 12;
  if (type === 12 && channel.type !== CHANNEL.text) throw new Refusal("channelType");
  const needed = type === 12 ? "CREATE_PRIVATE_THREADS" : "CREATE_PUBLIC_THREADS";
  if (!may(state.world, botId, channel, needed)) throw new Refusal("missingPermissions");
  const thread = addThread(state, channel, { type, ownerId: botId, body });
  threadEvent(state, "CREATE", thread);
  if (type !== 12) {
    const reference = { type: 0, channelId: thread.id, messageId: null };
    const note = state.world.addMessage(channel, { type: 18, authorId: botId, content: thread.name, reference });
    messageEvent(state, "MESSAGE_CREATE", channel, note);
  }
  return onWire(request, thread);
}

/** https://discord.com/developers/docs/resources/channel#start-thread-in-forum-or-media-channel */
function startPost(request: ApiRequest, forum: Channel): Json {
  const { state, botId, files } = request;
  if (!may(state.world, botId, forum, "SEND_MESSAGES")) throw new Refusal("missingPermissions");
  const body = request.body("CreateForumThreadRequest");
  const tags = Array.isArray(body.applied_tags) ? (body.applied_tags as string[]) : [];
  if (tags.some((id) => !forum.tags.some((each) => each.id === id))) {
    throw invalidField(["applied_tags"], "FORUM_TAG_INVALID", "Invalid tag");
  }
  if (forum.requiresTag && tags.length === 0) {
    throw new Refusal("tagRequired");
  }
  const moderated = forum.tags.some((each) => each.moderated && tags.includes(each.id));
  if (moderated && !may(state.world, botId, forum, "MANAGE_THREADS")) throw new Refusal("missingPermissions");
  const id = state.ids.next();
  const message = isObject(body.message) ? body.message : {};
  const settable = FLAGS.suppressEmbeds | FLAGS.suppressNotifications | FLAGS.componentsV2;
  // A post whose message is refused does not come to be.
  composed(state, { body: message, files, channelId: id, settable, before: null, at: ["message"] });
  const thread = addThread(state, forum, { id, type: 11, ownerId: botId, body });
  if (thread.thread) thread.thread.tags = tags;
  threadEvent(state, "CREATE", thread);
  const first = postByApp(state, thread, { body: message, files, settable, parts: { id }, at: ["message"] });
  return { ...onWire(request, thread), message: messageOnWire(viewOf(state), first) };
}

function join(request: ApiRequest, userId: string): void {
  const channel = request.channel();
  if (!channel.thread) throw new Refusal("channelType");
  if (channel.thread.archived) throw new Refusal("threadArchived");
  if (channel.guildId === null || !request.state.world.guilds.get(channel.guildId)?.members.has(userId)) {
    throw new Refusal("unknownMember");
  }
  letIn(request.state, channel, userId);
}
