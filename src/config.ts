/**
 * The configuration: environment variables and `claw.config.yaml`, checked once, frozen.
 * Variables come from the caller (`process.env`) and, where it does not set them, not even to nothing, from a `.env` file.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { readCalendar } from "./config/calendar.ts";
import { type DatabaseConfig, readDatabases } from "./config/databases.ts";
import { type DiscordConfig, discordOf } from "./config/discord.ts";
import { type LogLevel, PROCESS_ROLES, type ProcessRole, readEnvironment } from "./config/environment.ts";
import { readConfigFile } from "./config/file.ts";
import { readMcp } from "./config/mcp.ts";
import { type ModelConfig, modelOf, modelProblems } from "./config/model.ts";
import { partsOfDayOf, type SetParts } from "./config/parts-of-day.ts";
import { filePolicyOf } from "./config/permissions.ts";
import { policiesOf } from "./config/policies.ts";
import { ConfigError, type Problem } from "./config/problem.ts";
import { retentionOf } from "./config/retention.ts";
import type { ConfigFile } from "./config/schema.ts";
import { type SecretsConfig, secretsOf } from "./config/secrets.ts";
import { knownZone } from "./config/units.ts";
import type { FilePolicy } from "./orchestrator/policy/policy.ts";
import type { Role } from "./orchestrator/ports.ts";
import type { RetentionPolicy } from "./orchestrator/retention/retention.ts";
import type { ClosedTimes } from "./orchestrator/schedules/closed-times.ts";
import type { Policies } from "./orchestrator/workflows/workflow.ts";
import type { ListedServer } from "./tools/index.ts";

export type { LogLevel, ProcessRole } from "./config/environment.ts";
export type { ModelConfig } from "./config/model.ts";
export { ConfigError } from "./config/problem.ts";
export { secretValues } from "./config/secret-values.ts";

export interface Config extends SecretsConfig {
  /** Null: the embedded server in `dataDir` is used. */
  readonly databaseUrl: string | null;
  /** Absolute; may not exist yet. */
  readonly dataDir: string;
  /** The embedded server's own folder in `dataDir`. */
  readonly postgresDir: string;
  readonly roles: readonly ProcessRole[];
  readonly timezone: string;
  readonly logLevel: LogLevel;
  readonly console: {
    readonly host: string;
    /** 0: any free port. */
    readonly port: number;
    readonly token: string | null;
    /** Who the demo workspace can act as; null: the built-in people. */
    readonly people: readonly { readonly name: string; readonly role: Role }[] | null;
    /** Null: the built-in channels. */
    readonly channels: readonly string[] | null;
  };
  /** Null: off. */
  readonly slack: {
    readonly botToken: string;
    /** Socket Mode; null: requests come over HTTP, signed. One of the two is there. */
    readonly appToken: string | null;
    readonly signingSecret: string | null;
    /** Where requests arrive without Socket Mode. */
    readonly host: string;
    readonly port: number;
    readonly apiUrl: string | null;
    /** User groups, by id or @handle, whose people have a role. */
    readonly roles: Partial<Readonly<Record<Role, readonly string[]>>>;
  } | null;
  /** Null: off. */
  readonly discord: DiscordConfig | null;
  /** Null: no webhooks are received, and none can be waited for. */
  readonly webhooks: {
    readonly host: string;
    /** 0: any free port. Null: another process listens. */
    readonly port: number | null;
    /** Without a slash at the end. Null: as the listener's own address. */
    readonly url: string | null;
  } | null;
  /** Those that tools may read. */
  readonly databases: readonly DatabaseConfig[];
  readonly mcp: {
    readonly servers: readonly ListedServer[];
    /** What servers are told and nobody else is. */
    readonly secrets: readonly string[];
  };
  /** Git repositories that tools may read, and propose changes to. */
  readonly repositories: readonly RepositoryConfig[];
  /** What git is given of this process's environment. */
  readonly gitEnvironment: Readonly<Record<string, string | undefined>>;
  readonly github: {
    readonly apiUrl: string;
    /** For workspaces that have no secret `github_token` and that `githubTokenFor` names. */
    readonly token: string | null;
  };
  readonly model: ModelConfig;
  readonly egress: {
    /** Hosts and ranges that tools may reach although they are private. */
    readonly allow: readonly string[];
  };
  readonly budget: {
    /** Millionths of a dollar a workspace and day. A run's ceiling is `policies.runCeilingMicros`. */
    readonly dayCeilingMicros: number;
  };
  readonly services: {
    /** Calls a minute that each outside service is sent, by `model`, a host or `tool:<name>`; of others, any number. */
    readonly limits: Readonly<Record<string, number>>;
  };
  /** What a new workflow starts with. */
  readonly policies: Policies;
  /** Which calls are allowed, asked for or forbidden. */
  readonly permissions: FilePolicy;
  /** Quiet hours and holidays; null: every time is an ordinary one. */
  readonly closedTimes: ClosedTimes | null;
  /** What phrases mean by `morning` and the like, in minutes since midnight; those that are not set are the usual ones. */
  readonly partsOfDay: SetParts;
  /** What is pinged while this process is well; null: nothing. A secret of sorts: whoever knows it can ping in its place. */
  readonly watchdogUrl: string | null;
  readonly runs: {
    /** Runs in flight in this process. */
    readonly concurrency: number;
    /** Runs of a workspace in flight, in all processes together. */
    readonly perWorkspace: number;
    readonly leaseMs: number;
  };
  /** How long what was written down is kept. */
  readonly retention: RetentionPolicy;
  /** The file that was read, or null. */
  readonly file: string | null;
}

export interface RepositoryConfig {
  readonly name: string;
  readonly url: string;
  readonly branch: string;
  /** `acme/docs`; null: no pull requests. */
  readonly github: string | null;
}

const DAY_CEILING_MICROS = 5_000_000;
const CONCURRENCY = 50;
/** More than one process has, so that a second one is worth something to a single workspace. */
const PER_WORKSPACE = 100;
const LEASE_MS = 9_000;

export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `.env`, `claw.config.yaml` and relative paths are looked for. */
  readonly cwd: string;
}

/**
 * Reads and checks everything. Reads files; a second call does no harm.
 * @throws {ConfigError} naming every bad key at once, and no value
 */
export function loadConfig({ env, cwd }: ConfigSource): Config {
  const dotEnv = readDotEnv(cwd);
  const read = readEnvironment({ ...dotEnv.variables, ...env });
  const file = readConfigFile(cwd, read.set.CLAW_CONFIG ?? null);
  const sql = readDatabases(file.content, { ...dotEnv.variables, ...env });
  const mcp = readMcp(file.content, { ...dotEnv.variables, ...env });
  const calendar = readCalendar(file.content, file.path === null ? cwd : path.dirname(file.path));
  const problems = [
    ...dotEnv.problems,
    ...read.problems,
    ...combinationProblems(read.set, read.values),
    ...modelProblems(read.set, read.values),
    ...file.problems,
    ...calendar.problems,
    ...sql.problems,
    ...mcp.problems,
  ];
  const values = read.complete;
  if (problems.length > 0 || values === null) throw new ConfigError(problems);

  const dataDir = path.resolve(cwd, values.CLAW_DATA_DIR);
  const botToken = values.SLACK_BOT_TOKEN;
  return deepFreeze({
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir,
    postgresDir: path.join(dataDir, "postgres"),
    roles: values.CLAW_ROLES,
    timezone: values.CLAW_TIMEZONE ?? machineZone(),
    ...secretsOf(values, file.content),
    logLevel: values.LOG_LEVEL,
    console: {
      host: values.CLAW_CONSOLE_HOST,
      port: values.CLAW_CONSOLE_PORT,
      token: values.CLAW_CONSOLE_TOKEN ?? null,
      people: file.content.console?.people ?? null,
      channels: file.content.console?.channels ?? null,
    },
    slack:
      botToken === undefined
        ? null
        : {
            botToken,
            appToken: values.SLACK_APP_TOKEN ?? null,
            signingSecret: values.SLACK_SIGNING_SECRET ?? null,
            host: values.CLAW_SLACK_HOST,
            port: values.CLAW_SLACK_PORT,
            apiUrl: values.SLACK_API_URL ?? null,
            roles: withoutUndefined(file.content.slack?.roles ?? {}),
          },
    discord: discordOf(values, file.content),
    webhooks:
      values.CLAW_WEBHOOKS_PORT === undefined && values.CLAW_WEBHOOKS_URL === undefined
        ? null
        : {
            host: values.CLAW_WEBHOOKS_HOST,
            port: values.CLAW_WEBHOOKS_PORT ?? null,
            url: values.CLAW_WEBHOOKS_URL ?? null,
          },
    databases: sql.databases,
    mcp: { servers: mcp.servers, secrets: mcp.secrets },
    repositories: Object.entries(file.content.repos ?? {}).map(([name, { url, branch, github }]) => ({
      name,
      url,
      branch: branch ?? "main",
      github: github ?? null,
    })),
    gitEnvironment: forGit({ ...dotEnv.variables, ...env }),
    github: { apiUrl: values.GITHUB_API_URL, token: values.GITHUB_TOKEN ?? null },
    model: modelOf(values, file.content),
    egress: { allow: file.content.egress?.allow ?? [] },
    budget: { dayCeilingMicros: file.content.budget?.dayCeiling ?? DAY_CEILING_MICROS },
    services: { limits: limitsOf(file.content) },
    policies: policiesOf(file.content),
    permissions: filePolicyOf(file.content.permissions),
    closedTimes: calendar.closedTimes,
    partsOfDay: partsOfDayOf(file.content),
    watchdogUrl: values.CLAW_WATCHDOG_URL ?? null,
    runs: {
      concurrency: file.content.runs?.concurrency ?? CONCURRENCY,
      perWorkspace: file.content.runs?.perWorkspace ?? Math.max(PER_WORKSPACE, file.content.runs?.concurrency ?? 0),
      leaseMs: file.content.runs?.lease ?? LEASE_MS,
    },
    retention: retentionOf(file.content),
    file: file.path,
  });
}

/** To be found and to find its keys; nothing else. */
const forGit = ({ PATH, HOME, SSH_AUTH_SOCK }: ConfigSource["env"]): ConfigSource["env"] => ({
  PATH,
  HOME,
  SSH_AUTH_SOCK,
});

/** Roles that are said; a key without a value says nothing. */
const withoutUndefined = <K extends string, V>(record: Partial<Record<K, V | undefined>>): Partial<Record<K, V>> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<Record<K, V>>;

const limitsOf = ({ services }: ConfigFile): Record<string, number> =>
  Object.fromEntries(Object.entries(services ?? {}).map(([name, { perMinute }]) => [name.toLowerCase(), perMinute]));

function combinationProblems(
  set: Readonly<Record<string, string>>,
  good: { readonly CLAW_ROLES?: readonly ProcessRole[] },
): Problem[] {
  const has = (key: string) => set[key] !== undefined;
  const problems: Problem[] = [];
  if (!has("DATABASE_URL") && good.CLAW_ROLES !== undefined && good.CLAW_ROLES.length < PROCESS_ROLES.length) {
    problems.push({
      key: "DATABASE_URL",
      problem: "is needed when CLAW_ROLES leaves a role to another process: they share one database",
    });
  }
  if (has("SLACK_BOT_TOKEN") && !has("SLACK_APP_TOKEN") && !has("SLACK_SIGNING_SECRET")) {
    problems.push({
      key: "SLACK_APP_TOKEN",
      problem: "or SLACK_SIGNING_SECRET is needed with SLACK_BOT_TOKEN (Socket Mode, or requests over HTTP)",
    });
  }
  if (!has("SLACK_BOT_TOKEN") && (has("SLACK_APP_TOKEN") || has("SLACK_SIGNING_SECRET"))) {
    problems.push({ key: "SLACK_BOT_TOKEN", problem: "is needed with SLACK_APP_TOKEN and SLACK_SIGNING_SECRET" });
  }
  return problems;
}

/** The machine's own zone; UTC where it has none that is known. */
const machineZone = () => knownZone(Intl.DateTimeFormat().resolvedOptions().timeZone) ?? "UTC";

function readDotEnv(cwd: string): { variables: Record<string, string | undefined>; problems: Problem[] } {
  try {
    return { variables: { ...parseEnv(readFileSync(path.join(cwd, ".env"), "utf8")) }, problems: [] };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { variables: {}, problems: [] };
    return { variables: {}, problems: [{ key: ".env", problem: "stands beside claw.config.yaml but cannot be read" }] };
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
