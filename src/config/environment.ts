/** The environment variables that Claw reads, and what each must look like. */
import { z } from "zod";
import { type Problem, unknownKey } from "./problem.ts";
import { knownZone, parseUrl } from "./units.ts";

export const PROCESS_ROLES = ["bot", "worker", "console"] as const;
/** What a process does: talks to chat platforms, executes runs, serves the console page. */
export type ProcessRole = (typeof PROCESS_ROLES)[number];

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A text that must pass a test; the message never holds the text. */
const checked = (what: string, test: (text: string) => boolean) => z.string().refine(test, what);

const httpUrl = (what: string) =>
  checked(`must be ${what}, beginning with http:// or https://`, (text) => {
    const url = parseUrl(text);
    return url !== null && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "";
  }).transform((text) => text.replace(/\/+$/, ""));

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(", ")}` });

const ROLES = `must be a comma list of ${PROCESS_ROLES.join(", ")}`;
const roles = z.string().transform((text, context) => {
  const named = text.split(",").map((part) => part.trim());
  const known = PROCESS_ROLES.filter((role) => named.includes(role));
  if (named.every((name) => PROCESS_ROLES.some((role) => role === name))) return known;
  context.addIssue({ code: "custom", message: ROLES });
  return z.NEVER;
});

const ZONE = "must be an IANA zone such as Europe/Berlin or UTC";
const zone = z.string().transform((text, context) => {
  const known = knownZone(text);
  if (known !== null) return known;
  context.addIssue({ code: "custom", message: ZONE });
  return z.NEVER;
});

const host = checked(
  "must be a host name or an address without a port, such as 127.0.0.1",
  (text) => /^[A-Za-z0-9._:-]+$/.test(text) && !/^[^:]+:\d+$/.test(text),
).default("127.0.0.1");
const anyPort = checked(
  "must be a port from 0 to 65535 (0 takes any free one)",
  (text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535,
).transform(Number);
const port = (usual: number) => anyPort.default(usual);

const secretKey = checked(
  "must be 32 bytes in base64 (openssl rand -base64 32 makes one)",
  (text) => /^[A-Za-z0-9+/]{43}=$/.test(text) && Buffer.from(text, "base64").length === 32,
);

const Environment = z.object({
  DATABASE_URL: checked("must be a PostgreSQL URL: postgres://user:password@host:5432/database", (text) => {
    const url = parseUrl(text);
    return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== "";
  }).optional(),
  CLAW_CONFIG: z.string().optional(),
  CLAW_DATA_DIR: checked("must be a path", (text) => !text.includes("\0")).default(".claw"),
  CLAW_ROLES: roles.default([...PROCESS_ROLES]),
  CLAW_CONSOLE_HOST: host,
  CLAW_CONSOLE_PORT: port(3141),
  CLAW_CONSOLE_TOKEN: z.string().min(16, "must have at least 16 characters").optional(),
  CLAW_TIMEZONE: zone.optional(),
  CLAW_SECRET_KEY: secretKey.optional(),
  CLAW_SECRET_KEY_OLD: secretKey.optional(),
  SLACK_BOT_TOKEN: checked("must be a bot token, which begins with xoxb-", (text) =>
    /^xoxb-\S+$/.test(text),
  ).optional(),
  SLACK_APP_TOKEN: checked("must be an app-level token, which begins with xapp-", (text) =>
    /^xapp-\S+$/.test(text),
  ).optional(),
  SLACK_SIGNING_SECRET: checked("must be the app's signing secret, without spaces", (text) =>
    /^\S{8,}$/.test(text),
  ).optional(),
  CLAW_SLACK_HOST: host,
  CLAW_SLACK_PORT: port(3142),
  CLAW_WEBHOOKS_HOST: host,
  CLAW_WEBHOOKS_PORT: anyPort.optional(),
  CLAW_WEBHOOKS_URL: httpUrl("the public address under which the webhook listener is reached").optional(),
  SLACK_API_URL: httpUrl("the base URL of Slack's Web API").optional(),
  DISCORD_BOT_TOKEN: checked("must be the bot's token, without the word Bot and without spaces", (text) =>
    /^\S+$/.test(text),
  ).optional(),
  DISCORD_API_URL: httpUrl("the base URL of Discord's API, without /v10").optional(),
  OPENAI_API_KEY: checked("must be a key without spaces", (text) => /^\S+$/.test(text)).optional(),
  OPENAI_BASE_URL: httpUrl("the base URL of a Chat Completions API").optional(),
  CLAW_MODEL: checked("must be a model's name, or rules", (text) => /^[\x21-\x7e]{1,200}$/.test(text)).optional(),
  CLAW_MODEL_TRUST: oneOf(["local", "third_party"]).optional(),
  GITHUB_TOKEN: checked("must be a token without spaces", (text) => /^\S+$/.test(text)).optional(),
  GITHUB_API_URL: httpUrl("the base URL of GitHub's API: https://api.github.com, or https://<host>/api/v3").default(
    "https://api.github.com",
  ),
  CLAW_WATCHDOG_URL: httpUrl("the address of a check that expects a ping every minute").optional(),
  LOG_LEVEL: oneOf(LOG_LEVELS).default("info"),
});
export type Environment = z.infer<typeof Environment>;

export const ENVIRONMENT_KEYS = Object.keys(Environment.shape);

/** The variables that are set: an empty or blank one counts as unset, and blanks around a value do not count. */
function setVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [key, value] of Object.entries(env)) {
    const trimmed = value?.trim() ?? "";
    if (trimmed !== "") set[key] = trimmed;
  }
  return set;
}

export interface ReadEnvironment {
  /** The values that are good; a bad one is absent here and named in `problems`. */
  readonly values: Partial<Environment>;
  /** Null when something is wrong. */
  readonly complete: Environment | null;
  readonly set: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/** Reads every variable; what is wrong with one does not hide what is wrong with another. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): ReadEnvironment {
  const set = setVariables(env);
  const problems: Problem[] = Object.keys(set)
    .filter((key) => key.startsWith("CLAW_") && !ENVIRONMENT_KEYS.includes(key))
    .map((key) => ({ key, problem: unknownKey(key, ENVIRONMENT_KEYS) }));

  const parsed = Environment.safeParse(set);
  if (parsed.success) return { values: parsed.data, complete: parsed.data, set, problems };
  const bad = new Map<string, string>();
  for (const issue of parsed.error.issues) {
    const key = String(issue.path[0]);
    if (!bad.has(key)) bad.set(key, issue.message);
  }
  for (const [key, problem] of bad) problems.push({ key, problem });
  const good = Object.fromEntries(Object.entries(set).filter(([key]) => !bad.has(key)));
  return { values: Environment.safeParse(good).data ?? {}, complete: null, set, problems };
}
