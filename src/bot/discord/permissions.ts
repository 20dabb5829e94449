/** What somebody may do in a server and a channel, reckoned as Discord does. Source: docs.discord.com/developers/topics/permissions. Pure. */
import type { DiscordChannel, DiscordGuild } from "./payloads.ts";

export const PERMISSIONS = {
  administrator: 1n << 3n,
  manageGuild: 1n << 5n,
  addReactions: 1n << 6n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  attachFiles: 1n << 15n,
  readHistory: 1n << 16n,
  connect: 1n << 20n,
  createThreads: 1n << 35n,
  sendInThreads: 1n << 38n,
  /** Apart from Manage Messages since 2026. */
  pinMessages: 1n << 51n,
} as const;
export type Permission = keyof typeof PERMISSIONS;

const ALL = (1n << 64n) - 1n;

const NAMES: Readonly<Record<Permission, string>> = {
  administrator: "Administrator",
  manageGuild: "Manage Server",
  addReactions: "Add Reactions",
  viewChannel: "View Channel",
  sendMessages: "Send Messages",
  attachFiles: "Attach Files",
  readHistory: "Read Message History",
  connect: "Connect",
  createThreads: "Create Public Threads",
  sendInThreads: "Send Messages in Threads",
  pinMessages: "Pin Messages",
};

/** What Claw cannot do its work without in a channel. */
const NEEDED: readonly Permission[] = ["viewChannel", "sendMessages", "createThreads", "sendInThreads", "readHistory"];

/** What it does more with: files of what is too long, and what a workflow may be told to do. */
const USEFUL: readonly Permission[] = ["attachFiles", "addReactions", "pinMessages"];

/** The least that an invitation has to ask for. */
export const INVITED = [...NEEDED, ...USEFUL].reduce((bits, name) => bits | PERMISSIONS[name], 0n);

/** Permissions in the whole server. */
export function inGuild(guild: DiscordGuild, user: string, roles: readonly string[]): bigint {
  if (guild.owner_id === user) return ALL;
  const held = guild.roles.filter(({ id }) => id === guild.id || roles.includes(id));
  const bits = held.reduce((all, { permissions }) => all | BigInt(permissions), 0n);
  return (bits & PERMISSIONS.administrator) === 0n ? bits : ALL;
}

/** Permissions in a channel. A thread has those of the channel it is in: give that. */
export function inChannel(
  guild: DiscordGuild,
  channel: DiscordChannel,
  user: string,
  roles: readonly string[],
): bigint {
  const base = inGuild(guild, user, roles);
  if (base === ALL) return ALL;
  const overwrites = channel.permission_overwrites ?? [];
  const apply = (bits: bigint, chosen: typeof overwrites): bigint => {
    const denied = chosen.reduce((all, { deny }) => all | BigInt(deny), 0n);
    const allowed = chosen.reduce((all, { allow }) => all | BigInt(allow), 0n);
    return (bits & ~denied) | allowed;
  };
  const everybody = apply(
    base,
    overwrites.filter(({ id }) => id === guild.id),
  );
  const byRole = apply(
    everybody,
    overwrites.filter(({ id, type }) => type === 0 && id !== guild.id && roles.includes(id)),
  );
  return apply(
    byRole,
    overwrites.filter(({ id, type }) => type === 1 && id === user),
  );
}

export const has = (bits: bigint, permission: Permission): boolean => (bits & PERMISSIONS[permission]) !== 0n;

/** Names of what is missing in a channel, as Discord's settings call them. */
export const missingIn = (bits: bigint): readonly string[] =>
  NEEDED.filter((name) => !has(bits, name)).map((name) => NAMES[name]);

/** Adds Claw to a server, with the least that it needs. */
export const inviteUrl = (applicationId: string): string =>
  `https://discord.com/oauth2/authorize?client_id=${applicationId}&scope=bot+applications.commands&permissions=${INVITED}`;
