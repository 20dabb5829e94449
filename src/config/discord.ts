/** Discord: the bot's token, and which roles of a server are roles of Claw's. Pure. */
import type { Role } from "../orchestrator/ports.ts";
import type { Environment } from "./environment.ts";
import type { ConfigFile } from "./schema.ts";

export interface DiscordConfig {
  readonly botToken: string;
  /** Null: Discord's own. */
  readonly apiUrl: string | null;
  /** Roles of the server, by id or @name, whose people have a role of Claw's. */
  readonly roles: Partial<Readonly<Record<Role, readonly string[]>>>;
}

/** Null: off. */
export function discordOf(values: Environment, { discord }: ConfigFile): DiscordConfig | null {
  const botToken = values.DISCORD_BOT_TOKEN;
  if (botToken === undefined) return null;
  const said = Object.entries(discord?.roles ?? {}).filter(([, names]) => names !== undefined);
  return { botToken, apiUrl: values.DISCORD_API_URL ?? null, roles: Object.fromEntries(said) };
}
