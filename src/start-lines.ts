/** What the terminal says at start-up: what is on, what is off, and which variable turns it on. Pure. */
import type { Config } from "./config.ts";
import type { Model } from "./orchestrator/ports.ts";
import { version } from "./package-root.ts";

export interface StartFacts {
  readonly config: Config;
  readonly model: Model;
  /** Signs in once; null without a console. */
  readonly url: string | null;
  readonly database: string;
  /** As each was when Claw asked it what it offers. */
  readonly mcp?: readonly { readonly name: string; readonly ready: boolean; readonly tools: number }[];
  /** Milliseconds the start took. */
  readonly ms: number;
}

/** What is on, and what to do about it; null: nothing to do. */
type Line = readonly [name: string, what: string, how: string | null];

export function startLines({ config, model, url, database, mcp = [], ms }: StartFacts): string[] {
  const all = config.roles.length === 3;
  const lines: readonly Line[] = [
    config.databaseUrl === null
      ? ["database", `${database}, data in ${config.dataDir}`, "(set DATABASE_URL for your own)"]
      : ["database", database, null],
    url === null ? ["console", "off", "(CLAW_ROLES)"] : ["console", url, "open it and type /claw help"],
    slackLine(config),
    discordLine(config),
    ...webhookLines(config),
    model.name === "rules"
      ? [
          "model",
          "rules: fetches, compares, reminds, no reasoning",
          "(OPENAI_API_KEY, or OPENAI_BASE_URL for a local one)",
        ]
      : ["model", `${model.name}, ${model.trust.replace("_", " ")}`, `(price: ${model.price.source})`],
    ...mcp.map(mcpLine),
  ];
  const widest = Math.max(...lines.map(([, what, how]) => (how === null ? 0 : what.length)));
  return [
    `claw ${version()} · ready in ${(ms / 1_000).toFixed(1)} s${all ? "" : ` · ${config.roles.join(", ")}`}`,
    ...lines.map(
      ([name, what, how]) => `${name.padEnd(10)}${how === null ? what : `${what.padEnd(widest + 2)}${how}`}`,
    ),
  ];
}

function discordLine({ discord, roles }: Config): Line {
  if (discord === null) return ["discord", "off", '(DISCORD_BOT_TOKEN; README "Discord")'];
  if (!roles.includes("bot")) return ["discord", "left to processes with the role bot", null];
  return ["discord", "gateway", "type /claw help there; claw doctor has the invite link"];
}

function mcpLine({ name, ready, tools }: NonNullable<StartFacts["mcp"]>[number]): Line {
  const known = `${tools} ${tools === 1 ? "tool" : "tools"}`;
  return ready
    ? ["mcp", `${name}: ready, ${known}`, null]
    : ["mcp", `${name}: does not answer, ${known}`, "they fail until it does (claw doctor)"];
}

/** Nothing while they are off: most people need none. */
function webhookLines({ webhooks, roles, secretKey }: Config): Line[] {
  if (webhooks === null) return [];
  if (secretKey === null) return [["webhooks", "off", "(CLAW_SECRET_KEY is needed to seal their secrets)"]];
  if (webhooks.port === null || !roles.includes("bot")) return [["webhooks", "left to another process", null]];
  const at = `http://${webhooks.host}:${webhooks.port}`;
  return [
    ["webhooks", `listening at ${at}`, webhooks.url === null ? "(CLAW_WEBHOOKS_URL)" : `known as ${webhooks.url}`],
  ];
}

function slackLine({ slack, roles }: Config): Line {
  if (slack === null) return ["slack", "off", '(SLACK_BOT_TOKEN, SLACK_APP_TOKEN; README "Slack")'];
  if (!roles.includes("bot")) return ["slack", "left to processes with the role bot", null];
  if (slack.appToken !== null) return ["slack", "Socket Mode", "type /claw help there"];
  return ["slack", `requests at http://${slack.host}:${slack.port}/slack/events`, "Slack must reach it over https"];
}
