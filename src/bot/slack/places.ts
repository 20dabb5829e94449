/**
 * Ids of Slack, opaque to everybody else: a workspace is `slack:T1`, a member `slack:T1:U1`, a channel `slack:T1:C1`, a
 * thread `slack:T1:C1:1712.0001` and a message `C1:1712.0001`. Pure.
 */

export const workspaceIdOf = (team: string): string => `slack:${team}`;
export const memberIdOf = (team: string, user: string): string => `slack:${team}:${user}`;
export const channelIdOf = (team: string, channel: string): string => `slack:${team}:${channel}`;
export const threadIdOf = (team: string, channel: string, ts: string): string => `slack:${team}:${channel}:${ts}`;
export const messageIdOf = (channel: string, ts: string): string => `${channel}:${ts}`;

/** `T1` of `slack:T1`; null when it is no workspace of Slack. */
export const teamOf = (workspaceId: string): string | null => /^slack:([A-Z0-9]+)$/.exec(workspaceId)?.[1] ?? null;

/** `U1` or `C1` of an id of that workspace; null when it is of another, or of another form. */
export function nameIn(workspaceId: string, id: string): string | null {
  const prefix = `${workspaceId}:`;
  const name = id.startsWith(prefix) ? id.slice(prefix.length) : "";
  return /^[A-Z0-9]+$/.test(name) ? name : null;
}

/** Where a thread is, which may be a conversation with one person; null when it is none of that workspace. */
export function threadIn(
  workspaceId: string,
  threadId: string,
): { readonly channel: string; readonly ts: string } | null {
  const prefix = `${workspaceId}:`;
  return threadId.startsWith(prefix) ? placeOf(threadId.slice(prefix.length)) : null;
}

/** Where a message is; null when its id is none of Slack's. */
export function placeOf(messageId: string): { readonly channel: string; readonly ts: string } | null {
  const [, channel, ts] = /^([A-Z0-9]+):(\d+\.\d+)$/.exec(messageId) ?? [];
  return channel === undefined || ts === undefined ? null : { channel, ts };
}

/** A conversation between two: what is said there is private already. */
export const isDirect = (channel: string): boolean => /^[DUW]/.test(channel);
