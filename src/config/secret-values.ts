/** What of a configuration must not be told. Pure. */
import type { Config } from "../config.ts";
import { parseUrl } from "./units.ts";

/** Every secret value of a configuration, so that a log can leave them out. */
export function secretValues(config: Config): string[] {
  const password = config.databaseUrl === null ? "" : (parseUrl(config.databaseUrl)?.password ?? "");
  const { slack, discord, github, databases, model } = config;
  return [
    // A short password is likely a common word; in a URL it is recognised by its place.
    password.length >= 12 ? password : null,
    config.secretKey,
    config.secretKeyOld,
    config.console.token,
    config.watchdogUrl,
    slack?.botToken,
    slack?.appToken,
    slack?.signingSecret,
    discord?.botToken,
    github.token,
    ...config.mcp.secrets,
    ...databases.map(({ url }) => parseUrl(url)?.password ?? ""),
    model.kind === "openai" ? model.apiKey : null,
  ].filter((value): value is string => typeof value === "string" && value !== "");
}
