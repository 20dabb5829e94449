/**
 * Ids of the console: a channel is `console:demo:general`, a thread `console:demo:general:<id of its first message>`.
 * Pure.
 */

export const channelIdOf = (workspaceId: string, channel: string): string => `${workspaceId}:${channel}`;

export const threadIdOf = (channelId: string, messageId: string): string => `${channelId}:${messageId}`;

/** `general` of `console:demo:general`, or null when it is no channel of the workspace. */
export function channelOf(workspaceId: string, channelId: string, channels: readonly string[]): string | null {
  const prefix = `${workspaceId}:`;
  if (!channelId.startsWith(prefix)) return null;
  const channel = channelId.slice(prefix.length);
  return channels.includes(channel) ? channel : null;
}

/** The id of a thread's first message, or null when it is no thread of the channel. */
export function rootOf(channelId: string, threadId: string): string | null {
  const prefix = `${channelId}:`;
  const root = threadId.startsWith(prefix) ? threadId.slice(prefix.length) : "";
  return /^[\w-]{1,64}$/.test(root) ? root : null;
}

/** A channel's path on the page. */
export const channelPath = (channel: string): string => `/channels/${encodeURIComponent(channel)}`;

/** A thread's path on the page. */
export const threadPath = (channel: string, rootId: string): string => `${channelPath(channel)}/${rootId}`;
