/**
 * Ids of Discord, opaque to everybody else: a workspace is `discord:G`, a member `discord:G:U`, a channel `discord:G:C`, a
 * conversation with one member `discord:G:@U`, a thread `discord:G:C:T` and a message `C:M`. A thread that begins under a
 * message has that message's id, so it can be named before it is opened. Pure.
 */

const SNOWFLAKE = /^\d{15,20}$/;
const DISCORD_EPOCH_MS = 1_420_070_400_000;

export const workspaceIdOf = (guild: string): string => `discord:${guild}`;
export const memberIdOf = (guild: string, user: string): string => `discord:${guild}:${user}`;
export const channelIdOf = (guild: string, channel: string): string => `discord:${guild}:${channel}`;
/** Where Claw talks with one member alone. */
export const directIdOf = (guild: string, user: string): string => `discord:${guild}:@${user}`;
export const messageIdOf = (channel: string, message: string): string => `${channel}:${message}`;

/** @param channel a channel's id, or `@U` for the conversation with a member */
export const threadIdOf = (guild: string, channel: string, thread: string): string =>
  `discord:${guild}:${channel}:${thread}`;

/** `G` of `discord:G`; null when it is no workspace of Discord. */
export function guildOf(workspaceId: string): string | null {
  const guild = workspaceId.startsWith("discord:") ? workspaceId.slice("discord:".length) : "";
  return SNOWFLAKE.test(guild) ? guild : null;
}

/** `U` of a member's id in that workspace; null when it is of another, or of another form. */
export function userIn(workspaceId: string, memberId: string): string | null {
  const prefix = `${workspaceId}:`;
  const user = memberId.startsWith(prefix) ? memberId.slice(prefix.length) : "";
  return SNOWFLAKE.test(user) ? user : null;
}

export type Channel =
  | { readonly kind: "channel"; readonly id: string }
  /** The conversation with a member, which Discord gives an id of its own when it is opened. */
  | { readonly kind: "direct"; readonly user: string };

/** What a channel's id means in that workspace; null when it is of another, or of another form. */
export function channelIn(workspaceId: string, channelId: string): Channel | null {
  const prefix = `${workspaceId}:`;
  const name = channelId.startsWith(prefix) ? channelId.slice(prefix.length) : "";
  if (SNOWFLAKE.test(name)) return { kind: "channel", id: name };
  return name.startsWith("@") && SNOWFLAKE.test(name.slice(1)) ? { kind: "direct", user: name.slice(1) } : null;
}

/** Where a thread is; null when it is none of that workspace. */
export function threadIn(
  workspaceId: string,
  threadId: string,
): { readonly channel: Channel; readonly thread: string } | null {
  const at = threadId.lastIndexOf(":");
  const channel = channelIn(workspaceId, threadId.slice(0, Math.max(0, at)));
  const thread = threadId.slice(at + 1);
  return channel !== null && SNOWFLAKE.test(thread) ? { channel, thread } : null;
}

/** Where a message is; null when its id is none of Discord's. */
export function placeOf(messageId: string): { readonly channel: string; readonly message: string } | null {
  const [, channel, message] = /^(\d{15,20}):(\d{15,20})$/.exec(messageId) ?? [];
  return channel === undefined || message === undefined ? null : { channel, message };
}

/** When Discord made that id; milliseconds since the epoch. */
export const madeAt = (snowflake: string): number => Number(BigInt(snowflake) >> 22n) + DISCORD_EPOCH_MS;
