/** Who may do what, by Discord's own arithmetic of roles and overwrites. */
import { Refusal } from "./refusal.ts";
import type { Channel, Guild, World } from "./world.ts";

/** https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags */
export const PERMISSIONS = {
  KICK_MEMBERS: 1n << 1n,
  ADMINISTRATOR: 1n << 3n,
  MANAGE_CHANNELS: 1n << 4n,
  MANAGE_GUILD: 1n << 5n,
  ADD_REACTIONS: 1n << 6n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n,
  EMBED_LINKS: 1n << 14n,
  ATTACH_FILES: 1n << 15n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  MENTION_EVERYONE: 1n << 17n,
  CONNECT: 1n << 20n,
  MANAGE_ROLES: 1n << 28n,
  MANAGE_WEBHOOKS: 1n << 29n,
  USE_APPLICATION_COMMANDS: 1n << 31n,
  MANAGE_THREADS: 1n << 34n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  CREATE_PRIVATE_THREADS: 1n << 36n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
  /** Its own since 12 January 2026: MANAGE_MESSAGES no longer lets anybody pin. */
  PIN_MESSAGES: 1n << 51n,
} as const;

export type Permission = keyof typeof PERMISSIONS;

const ALL = Object.values(PERMISSIONS).reduce((sum, bit) => sum | bit, 0n);

export const bitsOf = (names: readonly Permission[]): bigint =>
  names.reduce((sum, name) => sum | PERMISSIONS[name], 0n);

/** What everyone may do in a new guild. */
export const EVERYONE: readonly Permission[] = [
  "VIEW_CHANNEL",
  "SEND_MESSAGES",
  "SEND_MESSAGES_IN_THREADS",
  "CREATE_PUBLIC_THREADS",
  "READ_MESSAGE_HISTORY",
  "ADD_REACTIONS",
  "USE_APPLICATION_COMMANDS",
];

/** What the app's own role has unless a test says otherwise. */
export const APP: readonly Permission[] = [
  ...EVERYONE,
  "CREATE_PRIVATE_THREADS",
  "MANAGE_THREADS",
  "EMBED_LINKS",
  "ATTACH_FILES",
  "PIN_MESSAGES",
];

/** In a DM there is nothing that could be forbidden. */
const IN_DM = bitsOf([...APP, "MENTION_EVERYONE"]);

/** https://discord.com/developers/docs/topics/permissions#permission-overwrites */
export function permissionsOf(world: World, userId: string, guild: Guild, channel: Channel | null): bigint {
  const member = guild.members.get(userId);
  if (!member) return 0n;
  if (guild.ownerId === userId) return ALL;
  const roleIds = [guild.id, ...member.roles];
  const base = roleIds.reduce((sum, id) => sum | (guild.roles.get(id)?.permissions ?? 0n), 0n);
  if ((base & PERMISSIONS.ADMINISTRATOR) !== 0n) return ALL;
  const place = channel?.thread ? world.channels.get(channel.thread.parentId) : channel;
  if (!place) return base;
  const everyone = place.overwrites.get(guild.id);
  let allowed = (base & ~(everyone?.deny ?? 0n)) | (everyone?.allow ?? 0n);
  const ofRoles = [...member.roles].flatMap((id) => place.overwrites.get(id) ?? []);
  allowed &= ~ofRoles.reduce((sum, each) => sum | each.deny, 0n);
  allowed |= ofRoles.reduce((sum, each) => sum | each.allow, 0n);
  const own = place.overwrites.get(userId);
  allowed = (allowed & ~(own?.deny ?? 0n)) | (own?.allow ?? 0n);
  // Without sight of a channel no other permission counts in it.
  return (allowed & PERMISSIONS.VIEW_CHANNEL) === 0n ? 0n : allowed;
}

/** In a thread, a channel or a DM. */
export function permissionsIn(world: World, userId: string, channel: Channel): bigint {
  if (channel.guildId === null) return channel.recipients.includes(userId) ? IN_DM : 0n;
  const guild = world.guilds.get(channel.guildId);
  if (!guild) return 0n;
  const permissions = permissionsOf(world, userId, guild, channel);
  const { thread } = channel;
  const outsider = channel.type === 12 && thread !== null && !thread.members.has(userId);
  return outsider && (permissions & PERMISSIONS.MANAGE_THREADS) === 0n ? 0n : permissions;
}

export const may = (world: World, userId: string, channel: Channel, permission: Permission): boolean =>
  (permissionsIn(world, userId, channel) & PERMISSIONS[permission]) !== 0n;

/** @throws Refusal 50001 without sight of the channel, 50013 without the permissions */
export function demand(world: World, userId: string, channel: Channel, ...permissions: readonly Permission[]): void {
  if (!may(world, userId, channel, "VIEW_CHANNEL")) throw new Refusal("missingAccess");
  if (permissions.some((each) => !may(world, userId, channel, each))) throw new Refusal("missingPermissions");
}
