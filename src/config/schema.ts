/** What `claw.config.yaml` may say. */
import { isIP } from "node:net";
import { z } from "zod";
import { LEAST_RETENTION, type RetentionPolicy } from "../orchestrator/retention/retention.ts";
import {
  CALENDAR_POLICIES,
  CATCH_UP_POLICIES,
  OVERLAP_POLICIES,
  REPORT_POLICIES,
} from "../orchestrator/workflows/workflow.ts";
import { EFFECTS, EGRESSES, RETRY_CLASSES } from "../tools/index.ts";
import { PartsOfDay } from "./parts-of-day.ts";
import { Permissions } from "./permissions.ts";
import { GithubSection, HttpSection } from "./secrets.ts";
import { dollars, duration, knownDate, knownZone, minuteOfDay, whole } from "./units.ts";

const SECTION = "must be a section of keys";
const section = <T extends z.core.$ZodLooseShape>(shape: T, error = SECTION) =>
  z.strictObject(shape, { error }).optional();
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(", ")}` });
const list = <T extends z.ZodType>(item: T, what: string) => z.array(item, { error: `must be a list of ${what}` });

const PLACE = "must be a host, host:port, an address, a range such as 10.0.0.0/8, or loopback";
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/** The forms that the guard of outgoing requests knows. */
function isPlace(entry: string): boolean {
  const [address = "", bits, ...more] = entry.split("/");
  if (bits !== undefined) {
    const widest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= widest;
  }
  if (isIP(entry) !== 0) return true;
  const [, host = "", port = "0"] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const isHost = host.startsWith("[") ? isIP(host.slice(1, -1)) === 6 && host.endsWith("]") : HOST.test(host);
  return isHost && Number(port) <= 65_535;
}
const place = z.string({ error: PLACE }).refine(isPlace, PLACE);

const NAME = "must be a name of 1 to 60 characters";
const name = z.string({ error: NAME }).trim().min(1, NAME).max(60, NAME);
const CHANNEL = "must be a channel's name: lower-case letters, digits, - and _";
const channel = z.string({ error: CHANNEL }).regex(/^[a-z0-9][a-z0-9_-]{0,59}$/, CHANNEL);

const GROUP = "must be a Slack user group: its handle such as @platform-leads, or its id such as S0614TZR7";
const groups = list(
  z.string({ error: GROUP }).regex(/^(@[\p{L}\p{N}._-]{1,80}|S[A-Z0-9]{2,20})$/u, GROUP),
  "user groups",
);

const SERVER_ROLE = "must be a role of the Discord server: its name such as @platform-leads, or its id";
const serverRoles = list(
  z.string({ error: SERVER_ROLE }).regex(/^(@.{1,100}|\d{15,20})$/u, SERVER_ROLE),
  "roles of the Discord server",
);

const person = z.strictObject(
  { name, role: oneOf(["viewer", "member", "approver", "admin"]) },
  { error: "must be a person: { name: Ada, role: admin }" },
);

const QUIET = "must be two different times of a day, such as 22:00-07:00";
const quietHours = z.string({ error: QUIET }).transform((text, context) => {
  const [from, until, ...more] = text.split(/\s*[-–]\s*/u).map(minuteOfDay);
  if (from != null && until != null && from !== until && more.length === 0) return { from, until };
  context.addIssue({ code: "custom", message: QUIET });
  return z.NEVER;
});
const HOLIDAY = 'must be a day such as 2026-12-25, or "2026-12-25 Christmas"';
const holiday = z.string({ error: HOLIDAY }).transform((text, context) => {
  const [, date = "", name = ""] = /^(\S+)(?:\s+(\S.{0,79}))?$/u.exec(text.trim()) ?? [];
  if (knownDate(date)) return { date, name: name.trim() };
  context.addIssue({ code: "custom", message: HOLIDAY });
  return z.NEVER;
});
const ZONE = "must be an IANA zone such as Europe/Berlin or UTC";
const zone = z.string({ error: ZONE }).transform((text, context) => {
  const known = knownZone(text);
  if (known !== null) return known;
  context.addIssue({ code: "custom", message: ZONE });
  return z.NEVER;
});
const FILE = "must be the path of an iCalendar file";

const SERVICE = "must be model, a host, host:port or tool:name";
const service = z
  .string()
  .refine((key) => /^tool:[a-z][a-z0-9_]{1,63}$/.test(key) || (isPlace(key) && !key.includes("/")));

const DATABASE = "must be a database's name: lower-case letters, digits and _";
const VARIABLE = "must name a variable of the environment, such as REPORTING_DATABASE_URL";

const REPOSITORY = "must be a repository's name: lower-case letters, digits and -";
const REMOTE = "must be a git URL without a user or password, such as https://github.com/acme/docs.git, or a folder";
const BRANCH = "must be a branch such as main";
const ON_GITHUB = "must be owner/name, where pull requests are opened";

const MCP_SERVER = "must be a server's name: lower-case letters, digits and -";

const LIMIT = "must be a duration such as 30s, 5 min or 72h";
const price = dollars;

const DAY_MS = 86_400_000;
/** Longer is for good, which is what audit is for. */
const KEPT_DAYS = 3_650;
const kept = (what: keyof RetentionPolicy) => {
  const least = LEAST_RETENTION[what];
  return duration(
    `must be a duration from ${least / DAY_MS}d to ${KEPT_DAYS}d, such as 90d`,
    least,
    KEPT_DAYS * DAY_MS,
  );
};

export const ConfigFile = z.strictObject(
  {
    http: HttpSection,
    github: GithubSection,
    egress: section({ allow: list(place, "hosts, addresses or ranges").optional() }),
    services: z
      .record(
        service,
        z.strictObject({ perMinute: whole(1, 1_000_000) }, { error: `${SECTION}, such as { perMinute: 60 }` }),
        {
          error: (issue) => (issue.code === "invalid_key" ? SERVICE : SECTION),
        },
      )
      .optional(),
    budget: section({ runCeiling: dollars.optional(), dayCeiling: dollars.optional() }),
    model: section({
      price: section({ input: price, cachedInput: price.optional(), output: price }),
      maxOutputTokens: whole(16, 1_000_000).optional(),
    }),
    policies: section({
      overlap: oneOf(OVERLAP_POLICIES).optional(),
      catchUp: section(
        {
          mode: oneOf(CATCH_UP_POLICIES).optional(),
          window: z
            .union([z.literal("auto").transform(() => null), duration(LIMIT)], { error: `${LIMIT}, or auto` })
            .optional(),
        },
        `${SECTION}, such as { mode: latest, window: auto }`,
      ),
      report: oneOf(REPORT_POLICIES).optional(),
      retryDelays: list(duration(LIMIT, 0), "durations").optional(),
      pauseAfterFailures: whole(1, 1_000).optional(),
      runTimeLimit: duration(LIMIT).optional(),
      idleLimit: duration(LIMIT).optional(),
      approvalExpiry: duration(LIMIT).optional(),
      maxSteps: whole(1, 10_000).optional(),
      calendar: oneOf(CALENDAR_POLICIES).optional(),
      concurrency: whole(1, 1_000).optional(),
    }),
    permissions: Permissions,
    calendar: section({
      quietHours: quietHours.optional(),
      zone: zone.optional(),
      holidays: list(holiday, "days").optional(),
      ics: z.string({ error: FILE }).min(1, FILE).optional(),
    }),
    schedules: section(PartsOfDay),
    runs: section({
      concurrency: whole(1, 1_000).optional(),
      perWorkspace: whole(1, 10_000).optional(),
      lease: duration("must be a duration from 1s to 10 min", 1_000, 600_000).optional(),
    }),
    retention: section({
      journals: kept("journals").optional(),
      firings: kept("firings").optional(),
      inbound: kept("inbound").optional(),
      deliveries: kept("deliveries").optional(),
      ledger: kept("ledger").optional(),
    }),
    sql: section({
      databases: z
        .record(
          z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
          z.strictObject(
            {
              urlFrom: z.string({ error: VARIABLE }).regex(/^[A-Z][A-Z0-9_]{0,99}$/, VARIABLE),
              description: z.string().trim().max(300).optional(),
            },
            { error: "must be { urlFrom: REPORTING_DATABASE_URL }" },
          ),
          { error: (issue) => (issue.code === "invalid_key" ? DATABASE : SECTION) },
        )
        .optional(),
    }),
    mcp: z
      .record(
        z.string().regex(/^[a-z][a-z0-9-]{0,29}$/),
        z.strictObject(
          {
            command: z.string().min(1).optional(),
            args: list(z.string(), "arguments").optional(),
            env: z
              .record(z.string(), z.string({ error: VARIABLE }).regex(/^[A-Z_][A-Z0-9_]{0,99}$/, VARIABLE))
              .optional(),
            url: z.url({ protocol: /^https?$/, error: "must be the address of an MCP server over HTTP" }).optional(),
            headers: z
              .record(z.string(), z.string({ error: VARIABLE }).regex(/^[A-Z_][A-Z0-9_]{0,99}$/, VARIABLE))
              .optional(),
            tools: z
              .record(
                z.string().min(1),
                z.strictObject(
                  {
                    effect: oneOf(EFFECTS).optional(),
                    egress: oneOf(EGRESSES).optional(),
                    retry: oneOf(RETRY_CLASSES).optional(),
                  },
                  { error: "must be such as { effect: read, egress: none }" },
                ),
              )
              .optional(),
          },
          { error: "must be { command: npx, args: [...] } or { url: https://… }" },
        ),
        { error: (issue) => (issue.code === "invalid_key" ? MCP_SERVER : SECTION) },
      )
      .optional(),
    repos: z
      .record(
        z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
        z.strictObject(
          {
            url: z.string({ error: REMOTE }).regex(/^(?:https?:\/\/|ssh:\/\/|[\w.-]+@[\w.-]+:|\/)[^\s@]+$/, REMOTE),
            branch: z
              .string({ error: BRANCH })
              .regex(/^[A-Za-z0-9][\w./-]{0,199}$/, BRANCH)
              .optional(),
            github: z
              .string({ error: ON_GITHUB })
              .regex(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, ON_GITHUB)
              .optional(),
          },
          { error: "must be { url: https://github.com/acme/docs.git }" },
        ),
        { error: (issue) => (issue.code === "invalid_key" ? REPOSITORY : SECTION) },
      )
      .optional(),
    slack: section({
      roles: section({
        viewer: groups.optional(),
        member: groups.optional(),
        approver: groups.optional(),
        admin: groups.optional(),
      }),
    }),
    discord: section({
      roles: section({
        viewer: serverRoles.optional(),
        member: serverRoles.optional(),
        approver: serverRoles.optional(),
        admin: serverRoles.optional(),
      }),
    }),
    console: section({
      people: list(person, "people")
        .min(1, "must name at least one person")
        .refine((people) => new Set(people.map(({ name }) => name.toLowerCase())).size === people.length, {
          error: "must not name a person twice",
        })
        .optional(),
      channels: list(channel, "channel names").min(1, "must name at least one channel").optional(),
    }),
  },
  { error: SECTION },
);
export type ConfigFile = z.infer<typeof ConfigFile>;

/** The keys of the section at a path, for suggestions. */
export function knownKeysAt(keys: readonly PropertyKey[]): string[] {
  let schema: unknown = ConfigFile;
  for (const key of [...keys, null]) {
    if (schema instanceof z.ZodOptional) schema = schema.unwrap();
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else if (schema instanceof z.ZodObject && key !== null) schema = schema.shape[String(key)];
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
