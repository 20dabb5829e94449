/** What happens in the world, as the gateway tells it to those who may know. */
import type { Json } from "../slack/json.ts";
import { flawOf, schemaOf } from "./description.ts";
import type { Dispatched } from "./gateway.ts";
import { INTENTS } from "./intents.ts";
import { may } from "./permissions.ts";
import { type State, viewOf } from "./state.ts";
import {
  channelOnWire,
  memberOnWire,
  memberPart,
  messageOnWire,
  roleOnWire,
  threadMember,
  userOnWire,
} from "./wire.ts";
import type { Channel, Guild, Member, Message, Role, User } from "./world.ts";

const MESSAGE = schemaOf("MessageResponse");

type MessageEvent = "MESSAGE_CREATE" | "MESSAGE_UPDATE";

export function messageEvent(state: State, type: MessageEvent, channel: Channel, message: Message): Dispatched[] {
  // Nobody but its reader hears of an ephemeral message.
  if (message.onlyFor !== null || !visible(state, channel)) return [];
  const guild = channel.guildId === null ? undefined : state.world.guilds.get(channel.guildId);
  const member = guild?.members.get(message.authorId);
  const flaw = flawOf(MESSAGE, messageOnWire(viewOf(state, true), message));
  if (flaw !== null) state.complaints.push(`the fake's own ${type} is not as described: ${flaw}`);
  return state.gateway.dispatch(type, messageIntent(channel), (session) => ({
    ...messageOnWire(viewOf(state, (session.intents & INTENTS.MESSAGE_CONTENT) !== 0), message),
    channel_type: channel.type,
    ...(guild && { guild_id: guild.id }),
    ...(member && { member: memberPart(member) }),
    ...(message.nonce !== null && type === "MESSAGE_CREATE" && { nonce: message.nonce }),
  }));
}

export function messageDeleted(state: State, channel: Channel, message: Message): void {
  if (message.onlyFor !== null || !visible(state, channel)) return;
  const where = {
    id: message.id,
    channel_id: channel.id,
    ...(channel.guildId !== null && { guild_id: channel.guildId }),
  };
  state.gateway.dispatch("MESSAGE_DELETE", messageIntent(channel), where);
}

export function reactionEvent(
  state: State,
  channel: Channel,
  message: Message,
  user: User,
  emoji: string,
  added: boolean,
): void {
  if (!visible(state, channel)) return;
  const guild = channel.guildId === null ? undefined : state.world.guilds.get(channel.guildId);
  const member = guild?.members.get(user.id);
  const intent = channel.guildId === null ? INTENTS.DIRECT_MESSAGE_REACTIONS : INTENTS.GUILD_MESSAGE_REACTIONS;
  state.gateway.dispatch(added ? "MESSAGE_REACTION_ADD" : "MESSAGE_REACTION_REMOVE", intent, {
    user_id: user.id,
    channel_id: channel.id,
    message_id: message.id,
    emoji: { id: null, name: emoji },
    burst: false,
    type: 0,
    ...(guild && { guild_id: guild.id }),
    ...(added && { message_author_id: message.authorId }),
    ...(added && member && { member: memberOnWire(state.world, member) }),
  });
}

export function channelEvent(state: State, what: "CREATE" | "UPDATE" | "DELETE", channel: Channel): void {
  state.gateway.dispatch(`CHANNEL_${what}`, INTENTS.GUILDS, channelOnWire(state.world, channel));
}

/** @param fresh false: the thread was there, and the app comes to it */
export function threadEvent(state: State, what: "CREATE" | "UPDATE" | "DELETE", channel: Channel, fresh = true): void {
  if (!visible(state, channel)) return;
  const { id, type, guildId, thread } = channel;
  const brief: Json = { id, type, guild_id: guildId, parent_id: thread?.parentId };
  state.gateway.dispatch(`THREAD_${what}`, INTENTS.GUILDS, {
    ...(what === "DELETE" ? brief : channelOnWire(state.world, channel, state.app.botId)),
    ...(what === "CREATE" && fresh && { newly_created: true }),
  });
}

/** https://discord.com/developers/docs/topics/threads#channel-access: the app can see a channel that it could not. */
export function threadsShown(state: State, channel: Channel): void {
  const { world, app } = state;
  const threads = world.threadsOf(channel).filter((each) => each.thread?.archived === false && visible(state, each));
  state.gateway.dispatch("THREAD_LIST_SYNC", INTENTS.GUILDS, {
    guild_id: channel.guildId,
    channel_ids: [channel.id],
    threads: threads.map((each) => channelOnWire(world, each, app.botId)),
    members: threads.filter((each) => each.thread?.members.has(app.botId)).map((each) => threadMember(each, app.botId)),
  });
}

export function guildMemberEvent(state: State, what: "ADD" | "UPDATE" | "REMOVE", guild: Guild, member: Member): void {
  const user = state.world.users.get(member.userId);
  // About itself an app hears without the intent.
  const intent =
    member.userId === state.app.botId && what === "UPDATE"
      ? INTENTS.GUILDS | INTENTS.GUILD_MEMBERS
      : INTENTS.GUILD_MEMBERS;
  state.gateway.dispatch(`GUILD_MEMBER_${what}`, intent, {
    guild_id: guild.id,
    ...(what === "REMOVE" ? { user: user && userOnWire(user) } : memberOnWire(state.world, member)),
  });
}

export function roleEvent(state: State, what: "CREATE" | "UPDATE" | "DELETE", guild: Guild, role: Role): void {
  const about = what === "DELETE" ? { role_id: role.id } : { role: roleOnWire(role) };
  state.gateway.dispatch(`GUILD_ROLE_${what}`, INTENTS.GUILDS, { guild_id: guild.id, ...about });
}

const visible = (state: State, channel: Channel): boolean => may(state.world, state.app.botId, channel, "VIEW_CHANNEL");

const messageIntent = (channel: Channel): number =>
  channel.guildId === null ? INTENTS.DIRECT_MESSAGES : INTENTS.GUILD_MESSAGES;
