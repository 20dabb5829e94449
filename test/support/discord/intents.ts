/** Which events a session asked for. Pure. */
import type { PrivilegedIntent } from "./state.ts";

/** https://discord.com/developers/docs/events/gateway#list-of-intents */
export const INTENTS = {
  GUILDS: 1 << 0,
  GUILD_MEMBERS: 1 << 1,
  GUILD_PRESENCES: 1 << 8,
  GUILD_MESSAGES: 1 << 9,
  GUILD_MESSAGE_REACTIONS: 1 << 10,
  GUILD_MESSAGE_TYPING: 1 << 11,
  DIRECT_MESSAGES: 1 << 12,
  DIRECT_MESSAGE_REACTIONS: 1 << 13,
  MESSAGE_CONTENT: 1 << 15,
} as const;

/** Bits 0 to 16, 20, 21, 24 and 25. */
export const KNOWN_INTENTS = ((1 << 17) - 1) | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25);

const PRIVILEGED: readonly PrivilegedIntent[] = ["GUILD_MEMBERS", "GUILD_PRESENCES", "MESSAGE_CONTENT"];

/** What is asked for and not switched on in the portal. */
export const disallowed = (intents: number, privileged: ReadonlySet<PrivilegedIntent>): PrivilegedIntent[] =>
  PRIVILEGED.filter((name) => (intents & INTENTS[name]) !== 0 && !privileged.has(name));
