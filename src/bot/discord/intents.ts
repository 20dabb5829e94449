/** What Claw asks Discord to be told of. Pure. */

/** Source: docs.discord.com/developers/events/gateway. */
const INTENTS = {
  Guilds: 1 << 0,
  "Guild Members": 1 << 1,
  "Guild Messages": 1 << 9,
  "Guild Message Reactions": 1 << 10,
  "Direct Messages": 1 << 12,
  "Message Content": 1 << 15,
} as const;

/** Flags of an application; which of the two depends on how many servers it is in. */
const MAY_READ = (1 << 18) | (1 << 19);
const MAY_SEE_MEMBERS = (1 << 14) | (1 << 15);

export const mayRead = (flags: number): boolean => (flags & MAY_READ) !== 0;
export const maySeeMembers = (flags: number): boolean => (flags & MAY_SEE_MEMBERS) !== 0;

/**
 * What is asked for is what the application may hear: more would end the connection.
 * @param flags of the application
 */
export const intentsFor = (flags: number): number =>
  INTENTS.Guilds |
  INTENTS["Guild Messages"] |
  INTENTS["Guild Message Reactions"] |
  INTENTS["Direct Messages"] |
  (mayRead(flags) ? INTENTS["Message Content"] : 0) |
  (maySeeMembers(flags) ? INTENTS["Guild Members"] : 0);

export const intentNames = (intents: number): readonly string[] =>
  Object.entries(INTENTS).flatMap(([name, bit]) => ((intents & bit) === 0 ? [] : [name]));
