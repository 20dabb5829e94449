import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Config, ConfigError, loadConfig, secretValues } from "../src/config.ts";
import { DEFAULT_POLICIES } from "../src/orchestrator/workflows/workflow.ts";
import { createEgressGuard } from "../src/tools/index.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "claw-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const load = (env: Record<string, string> = {}, yaml?: string): Config => {
  if (yaml !== undefined) writeFileSync(path.join(cwd, "claw.config.yaml"), yaml);
  return loadConfig({ env, cwd });
};

function errorOf(env: Record<string, string>, yaml?: string): ConfigError {
  try {
    load(env, yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the configuration was accepted");
}

const problemsOf = (env: Record<string, string>, yaml?: string): Record<string, string> =>
  Object.fromEntries(errorOf(env, yaml).problems.map(({ key, problem }) => [key, problem]));

describe("without any variable", () => {
  test("everything has a default that works on a fresh machine", () => {
    const config = load();
    expect(config).toMatchObject({
      databaseUrl: null,
      dataDir: path.join(cwd, ".claw"),
      postgresDir: path.join(cwd, ".claw", "postgres"),
      roles: ["bot", "worker", "console"],
      secretKey: null,
      logLevel: "info",
      console: { host: "127.0.0.1", port: 3141, token: null, people: null, channels: null },
      slack: null,
      discord: null,
      model: { kind: "rules" },
      egress: { allow: [] },
      budget: { dayCeilingMicros: 5_000_000 },
      runs: { concurrency: 50, perWorkspace: 100, leaseMs: 9_000 },
      file: null,
    });
    expect(config.policies).toEqual(DEFAULT_POLICIES);
    expect(() => new Intl.DateTimeFormat("en", { timeZone: config.timezone })).not.toThrow();
  });

  test("nothing of it can be changed afterwards", () => {
    const config = load({}, "egress: { allow: [10.0.0.0/8] }\nconsole: { people: [{ name: Ada, role: admin }] }");
    const parts = [config, config.console, config.policies, config.policies.catchUp, config.egress.allow, config.roles];
    expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
    expect(Object.isFrozen(config.console.people?.[0])).toBe(true);
  });

  test("loading twice gives the same, and leaves the built-in policies alone", () => {
    expect(load()).toEqual(load());
    expect(Object.isFrozen(DEFAULT_POLICIES)).toBe(false);
  });
});

describe("environment", () => {
  test("every variable arrives where it is read", () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    expect(
      load({
        DATABASE_URL: "postgres://claw:pw@db.example:5432/claw",
        CLAW_DATA_DIR: "state",
        CLAW_ROLES: "worker, bot,worker",
        CLAW_CONSOLE_HOST: "::1",
        CLAW_CONSOLE_PORT: "0",
        CLAW_CONSOLE_TOKEN: "0123456789abcdef",
        CLAW_TIMEZONE: "europe/berlin",
        CLAW_SECRET_KEY: key,
        SLACK_BOT_TOKEN: "xoxb-1",
        SLACK_APP_TOKEN: "xapp-1",
        SLACK_SIGNING_SECRET: "0123456789",
        SLACK_API_URL: "http://127.0.0.1:9/api/",
        DISCORD_BOT_TOKEN: "abc.def.ghi",
        DISCORD_API_URL: "http://127.0.0.1:9/api",
        OPENAI_API_KEY: "sk-1",
        OPENAI_BASE_URL: "https://models.example/v1/",
        CLAW_MODEL: "some/model:latest",
        CLAW_MODEL_TRUST: "third_party",
        LOG_LEVEL: "debug",
      }),
    ).toMatchObject({
      databaseUrl: "postgres://claw:pw@db.example:5432/claw",
      dataDir: path.join(cwd, "state"),
      roles: ["bot", "worker"],
      console: { host: "::1", port: 0, token: "0123456789abcdef" },
      timezone: "Europe/Berlin",
      secretKey: key,
      slack: { botToken: "xoxb-1", appToken: "xapp-1", signingSecret: "0123456789", apiUrl: "http://127.0.0.1:9/api" },
      discord: { botToken: "abc.def.ghi", apiUrl: "http://127.0.0.1:9/api", roles: {} },
      model: {
        kind: "openai",
        apiKey: "sk-1",
        baseUrl: "https://models.example/v1",
        name: "some/model:latest",
        trust: "third_party",
      },
      logLevel: "debug",
    });
  });

  test("an empty or blank variable counts as unset", () => {
    const unset = { CLAW_CONSOLE_PORT: "", SLACK_APP_TOKEN: " ", CLAW_MODEL: "", LOG_LEVEL: "", CLAW_CONFIG: "" };
    expect(load(unset)).toEqual(load());
  });

  test("roles of a Discord server are named or numbered, and nothing else", () => {
    const roles = (text: string) => {
      writeFileSync(path.join(cwd, "claw.config.yaml"), `discord: { roles: { approver: ["${text}"] } }\n`);
      return load({ DISCORD_BOT_TOKEN: "abc.def" }).discord?.roles;
    };
    expect(roles("@platform leads")).toEqual({ approver: ["@platform leads"] });
    expect(roles("1187654321098765432")).toEqual({ approver: ["1187654321098765432"] });
    expect(() => roles("leads")).toThrow(/discord.roles.approver/);
  });

  test("a token with the line break of the file that it came from is taken without it", () => {
    expect(load({ DISCORD_BOT_TOKEN: "abc.def\n" }).discord?.botToken).toBe("abc.def");
  });

  const bad: [string, string, RegExp][] = [
    ["DATABASE_URL", "mysql://h/d", /PostgreSQL URL/],
    ["DATABASE_URL", "no url at all", /PostgreSQL URL/],
    ["CLAW_ROLES", "bot,wroker", /bot, worker, console/],
    ["CLAW_ROLES", ",", /bot, worker, console/],
    ["CLAW_CONSOLE_HOST", "http://localhost", /host name/],
    ["CLAW_CONSOLE_HOST", "localhost:3141", /without a port/],
    ["CLAW_CONSOLE_PORT", "65536", /0 to 65535/],
    ["CLAW_CONSOLE_PORT", "-1", /0 to 65535/],
    ["CLAW_CONSOLE_PORT", "80.5", /0 to 65535/],
    ["CLAW_CONSOLE_PORT", "0x50", /0 to 65535/],
    ["CLAW_CONSOLE_TOKEN", "short-token", /16 characters/],
    ["CLAW_TIMEZONE", "Mars/Olympus", /IANA/],
    ["CLAW_TIMEZONE", "+02:00", /IANA/],
    ["CLAW_SECRET_KEY", Buffer.alloc(31, 1).toString("base64"), /32 bytes/],
    ["CLAW_SECRET_KEY", "not-base64-not-base64-not-base64-not-base64!", /32 bytes/],
    ["SLACK_BOT_TOKEN", "xapp-swapped", /xoxb-/],
    ["SLACK_APP_TOKEN", "xoxb-swapped", /xapp-/],
    ["SLACK_API_URL", "slack.com", /http/],
    ["DISCORD_BOT_TOKEN", "Bot abc.def", /without the word Bot/],
    ["DISCORD_API_URL", "ftp://discord", /http/],
    ["OPENAI_API_KEY", "sk one two", /without spaces/],
    ["OPENAI_BASE_URL", "javascript:alert(1)", /http/],
    ["CLAW_MODEL_TRUST", "approved", /local, third_party/],
    ["LOG_LEVEL", "verbose", /debug, info, warn/],
  ];
  test.each(bad)("%s=%s is refused by name, and its value is not repeated", (key, value, expected) => {
    const error = errorOf({ [key]: value });
    expect(problemsOf({ [key]: value })[key]).toMatch(expected);
    if (value.length > 3) expect(error.message).not.toContain(value);
  });

  test("all bad keys are listed at once", () => {
    const error = errorOf(
      { CLAW_CONSOLE_PORT: "x", LOG_LEVEL: "x", CLAW_ROLSE: "bot" },
      "buget: {}\nruns: { lease: 9 }",
    );
    expect(error.problems.map(({ key }) => key).sort()).toEqual([
      "CLAW_CONSOLE_PORT",
      "CLAW_ROLSE",
      "LOG_LEVEL",
      "buget",
      "runs.lease",
    ]);
    for (const { key } of error.problems) expect(error.message).toMatch(new RegExp(`^  ${key}\\s`, "m"));
    expect(error.message).toContain("5 problems");
  });

  test("an unknown CLAW_ variable is an error that names the one that was meant; others are none of ours", () => {
    expect(problemsOf({ CLAW_ROLSE: "bot", HOME: "/root", SLACK_CLIENT_ID: "1" })).toEqual({
      CLAW_ROLSE: "is not known; did you mean CLAW_ROLES?",
    });
    expect(problemsOf({ CLAW_WHATEVER_ELSE_THERE_IS: "1" }).CLAW_WHATEVER_ELSE_THERE_IS).toContain("CLAW_DATA_DIR");
  });
});

describe("combinations", () => {
  test("a Slack bot token needs a way to hear requests", () => {
    expect(problemsOf({ SLACK_BOT_TOKEN: "xoxb-1" }).SLACK_APP_TOKEN).toContain("SLACK_SIGNING_SECRET");
    expect(load({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "12345678" }).slack?.appToken).toBeNull();
    expect(problemsOf({ SLACK_APP_TOKEN: "xapp-1" })).toHaveProperty("SLACK_BOT_TOKEN");
  });

  test("many processes need a shared database", () => {
    expect(problemsOf({ CLAW_ROLES: "worker" })).toHaveProperty("DATABASE_URL");
    expect(load({ CLAW_ROLES: "console,worker,bot" }).databaseUrl).toBeNull();
    expect(load({ CLAW_ROLES: "worker", DATABASE_URL: "postgres://h/d" }).roles).toEqual(["worker"]);
  });

  test("one bad value is not called missing as well", () => {
    expect(Object.keys(problemsOf({ SLACK_BOT_TOKEN: "wrong", SLACK_APP_TOKEN: "xapp-1" }))).toEqual([
      "SLACK_BOT_TOKEN",
    ]);
    expect(Object.keys(problemsOf({ CLAW_ROLES: "worker", DATABASE_URL: "wrong" }))).toEqual(["DATABASE_URL"]);
    expect(Object.keys(problemsOf({ OPENAI_BASE_URL: "wrong", CLAW_MODEL: "m" }))).toEqual(["OPENAI_BASE_URL"]);
  });
});

describe("model", () => {
  const modelOf = (env: Record<string, string>) => {
    const { model } = load(env);
    return model.kind === "rules" ? "rules" : `${model.name} ${model.trust}`;
  };

  test.each([
    [{}, "rules"],
    [{ OPENAI_API_KEY: "sk-1" }, "gpt-5-mini third_party"],
    [{ OPENAI_API_KEY: "sk-1", CLAW_MODEL: "rules" }, "rules"],
    [{ OPENAI_BASE_URL: "http://localhost:11434/v1", CLAW_MODEL: "m" }, "m local"],
    [{ OPENAI_BASE_URL: "http://127.8.9.1/v1", CLAW_MODEL: "m" }, "m local"],
    [{ OPENAI_BASE_URL: "http://[::1]:8000/v1", CLAW_MODEL: "m" }, "m local"],
    [
      { OPENAI_BASE_URL: "http://localhost/v1", CLAW_MODEL: "m", CLAW_MODEL_TRUST: "third_party", OPENAI_API_KEY: "k" },
      "m third_party",
    ],
    [{ OPENAI_BASE_URL: "https://127.0.0.1.example.org/v1", CLAW_MODEL: "m", OPENAI_API_KEY: "k" }, "m third_party"],
    [{ OPENAI_BASE_URL: "http://10.0.0.5/v1", CLAW_MODEL: "m", CLAW_MODEL_TRUST: "local" }, "m local"],
  ] as [Record<string, string>, string][])("%j means %s", (env, expected) => expect(modelOf(env)).toBe(expected));

  test("what is missing is asked for", () => {
    expect(problemsOf({ OPENAI_BASE_URL: "http://localhost/v1" })).toHaveProperty("CLAW_MODEL");
    expect(problemsOf({ CLAW_MODEL: "gpt-5" }).CLAW_MODEL).toContain("OPENAI_API_KEY");
    expect(problemsOf({ OPENAI_BASE_URL: "https://x.example/v1", CLAW_MODEL: "m" })).toHaveProperty("OPENAI_API_KEY");
    expect(problemsOf({ OPENAI_API_KEY: "k", CLAW_MODEL_TRUST: "local" })).toHaveProperty("CLAW_MODEL_TRUST");
  });

  test("prices are dollars per million tokens; cached input costs as much as other input unless said", () => {
    const env = { OPENAI_API_KEY: "sk-1" };
    const { model } = load(env, "model: { price: { input: 0.25, output: 2 }, maxOutputTokens: 900 }");
    expect(model).toMatchObject({
      price: {
        inputMicrosPerMillion: 250_000,
        cachedInputMicrosPerMillion: 250_000,
        outputMicrosPerMillion: 2_000_000,
        source: "configured",
      },
      maxOutputTokens: 900,
    });
    const cached = load(env, "model: { price: { input: 1, cachedInput: 0.1, output: 2 } }").model;
    expect(cached).toMatchObject({ price: { cachedInputMicrosPerMillion: 100_000 } });
  });
});

describe("claw.config.yaml", () => {
  test("every section arrives where it is read", () => {
    const yaml = `
egress: { allow: [intranet.example, "db:5432", 10.0.0.0/8, "::1", "[::1]:80", "fd00::/8", "127.0.0.1:8080", loopback] }
budget: { runCeiling: 0.75, dayCeiling: 12.5 }
policies:
  overlap: queue_one
  catchUp: { mode: all, window: 90 min }
  report: on_change
  retryDelays: [0s, 1.5s, 1h 30m]
  pauseAfterFailures: 3
  runTimeLimit: 5 min
  idleLimit: 30s
  approvalExpiry: 72h
  maxSteps: 12
runs: { concurrency: 4, perWorkspace: 3, lease: 3s }
console:
  people:
    - { name: Ada Lovelace, role: admin }
  channels: [general, build-log]
`;
    expect(load({}, yaml)).toMatchObject({
      egress: {
        allow: [
          "intranet.example",
          "db:5432",
          "10.0.0.0/8",
          "::1",
          "[::1]:80",
          "fd00::/8",
          "127.0.0.1:8080",
          "loopback",
        ],
      },
      budget: { dayCeilingMicros: 12_500_000 },
      policies: {
        overlap: "queue_one",
        catchUp: { mode: "all", windowMs: 5_400_000 },
        report: "on_change",
        retryDelaysMs: [0, 1_500, 5_400_000],
        pauseAfterFailures: 3,
        runTimeLimitMs: 300_000,
        idleLimitMs: 30_000,
        approvalExpiryMs: 259_200_000,
        maxSteps: 12,
        runCeilingMicros: 750_000,
      },
      runs: { concurrency: 4, perWorkspace: 3, leaseMs: 3_000 },
      console: { people: [{ name: "Ada Lovelace", role: "admin" }], channels: ["general", "build-log"] },
      file: path.join(cwd, "claw.config.yaml"),
    });
  });

  test.each(["", "# only a comment\n", "policies:\n  # overlap: skip\nbudget:\n"])(
    "an empty file or section changes nothing: %j",
    (yaml) => {
      const before = load();
      expect({ ...load({}, yaml), file: null }).toEqual(before);
    },
  );

  test("catchUp.window: auto is the default", () => {
    expect(load({}, "policies: { catchUp: { window: auto } }").policies.catchUp).toEqual({
      mode: "latest",
      windowMs: null,
    });
  });

  const bad: [string, string, RegExp][] = [
    ["egres: {}", "egres", /did you mean egress\?/],
    ["budget: { dayCieling: 3 }", "budget.dayCieling", /did you mean dayCeiling\?.*line 1, column/],
    ["console: { people: [{ name: A, roel: admin, role: admin }] }", "console.people[0].roel", /did you mean role\?/],
    ["budget:\n  dayCeiling: -3", "budget.dayCeiling", /dollars.*line 2, column 15/],
    ["budget: { dayCeiling: '$5' }", "budget.dayCeiling", /dollars/],
    ["policies: { runTimeLimit: 30 }", "policies.runTimeLimit", /duration such as/],
    ["policies: { runTimeLimit: 5 parsecs }", "policies.runTimeLimit", /duration such as/],
    ["policies: { runTimeLimit: 5 constructor }", "policies.runTimeLimit", /duration such as/],
    ["policies: { approvalExpiry: 4000 days }", "policies.approvalExpiry", /duration such as/],
    ["policies: { runTimeLimit: 0s }", "policies.runTimeLimit", /duration such as/],
    ["policies: { overlap: maybe }", "policies.overlap", /skip, queue_one/],
    ["policies: { catchUp: { window: soon } }", "policies.catchUp.window", /or auto/],
    ["policies: { maxSteps: 1.5 }", "policies.maxSteps", /whole number/],
    ["runs: { lease: 1ms }", "runs.lease", /1s to 10 min/],
    ["runs: { concurrency: 0 }", "runs.concurrency", /1 to 1000/],
    ["runs: { perWorkspace: 0 }", "runs.perWorkspace", /1 to 10000/],
    ["policies: { concurrency: many }", "policies.concurrency", /1 to 1000/],
    ["egress: { allow: http://x/ }", "egress.allow", /list/],
    ["egress: { allow: [http://x/] }", "egress.allow[0]", /host, host:port, an address/],
    ...["*.example.org", "10.0.0.0/33", "::/129", "host:70000", "a b", "host/8", "[1.2.3.4]", "-x", "1.2.3.4/8/8"].map(
      (entry): [string, string, RegExp] => [`egress: { allow: ['${entry}'] }`, "egress.allow[0]", /host:port/],
    ),
    ["console: { people: [] }", "console.people", /at least one person/],
    ["console: { people: [{ name: Ada, role: boss }] }", "console.people[0].role", /viewer, member/],
    ["console: { people: [{ name: Ada, role: admin }, { name: ADA, role: viewer }] }", "console.people", /twice/],
    ["console: { channels: ['Not A Channel'] }", "console.channels[0]", /channel's name/],
    ["model: { price: { input: 1 } }", "model.price.output", /dollars/],
    ["policies: { catchUp: latest }", "policies.catchUp", /such as \{ mode: latest/],
    ["just words", "claw.config.yaml", /section of keys/],
    ["- a\n- b", "claw.config.yaml", /section of keys/],
  ];
  test.each(bad)("%j is refused at %s", (yaml, key, expected) => expect(problemsOf({}, yaml)[key]).toMatch(expected));

  test("databases that may be read are named there, and their URLs in the environment", () => {
    const file = "sql: { databases: { shop: { urlFrom: SHOP_URL, description: orders } } }";
    expect(load({ SHOP_URL: "postgres://reader:pw@db.example/shop" }, file).databases).toEqual([
      { name: "shop", url: "postgres://reader:pw@db.example/shop", description: "orders" },
    ]);
    expect(problemsOf({}, file).SHOP_URL).toMatch(/is not set: sql\.databases\.shop needs postgres:/);
    expect(problemsOf({ SHOP_URL: "mysql://secret@x" }, file).SHOP_URL).toMatch(/^is not a PostgreSQL URL(?!.*secret)/);
    const all = (yaml: string) => JSON.stringify(problemsOf({}, yaml));
    expect(all("sql: { databases: { Shop: { urlFrom: SHOP_URL } } }")).toContain("lower-case");
    expect(all("sql: { databases: { shop: postgres://x } }")).toContain("urlFrom");
  });

  test("what is no YAML is told with file, line and column and without what stands there", () => {
    const error = errorOf({}, "budget:\n  dayCeiling: 5\n hunter2: [unclosed\n");
    expect(error.problems[0]).toMatchObject({ key: "claw.config.yaml" });
    expect(error.problems[0]?.problem).toMatch(/not valid YAML at line 3, column \d+/);
    expect(error.message).not.toContain("hunter2");
    expect(errorOf({}, "a: *nowhere").message).not.toContain("nowhere");
    for (const open of ["egress: [", "egress: [\nbudget: {}\n", "egress:\n  allow: [a, b\nbudget: {}\n"]) {
      expect(problemsOf({}, open)["claw.config.yaml"]).toMatch(/line \d, .*a \[ before it is not closed by a \]/);
    }
    expect(problemsOf({}, "egress: {")["claw.config.yaml"]).toMatch(/a \{ before it is not closed by a \}/);
    expect(problemsOf({}, "a:\n  b: 1\n c: 2\n")["claw.config.yaml"]).toMatch(/the indentation is wrong$/);
    expect(problemsOf({}, "runs: {}\nruns: {}")["claw.config.yaml"]).toMatch(/line 2.*twice/);
  });

  test("CLAW_CONFIG names another file, which then has to be there", () => {
    writeFileSync(path.join(cwd, "other.yaml"), "runs: { concurrency: 2 }");
    expect(load({ CLAW_CONFIG: "other.yaml" }).runs.concurrency).toBe(2);
    expect(problemsOf({ CLAW_CONFIG: "missing.yaml" }).CLAW_CONFIG).toContain("does not exist");
  });

  test("a file that cannot be read is an error, not an empty file", () => {
    mkdirSync(path.join(cwd, "claw.config.yaml"));
    expect(problemsOf({})["claw.config.yaml"]).toContain("is a directory");
    rmSync(path.join(cwd, "claw.config.yaml"), { recursive: true });
    writeFileSync(path.join(cwd, "claw.config.yaml"), "runs: { concurrency: 2 }");
    chmodSync(path.join(cwd, "claw.config.yaml"), 0o000);
    // Root reads everything; for all others it is an error.
    if (process.getuid?.() === 0) expect(load().runs.concurrency).toBe(2);
    else expect(problemsOf({})["claw.config.yaml"]).toContain("permission denied");
  });
});

test("the guard of outgoing requests knows every form of egress.allow", () => {
  const entries = [
    "intranet.example",
    "db:5432",
    "10.0.0.0/8",
    "::1",
    "[::1]:80",
    "fd00::/8",
    "127.0.0.1:80",
    "loopback",
  ];
  const config = load({}, `egress: { allow: [${entries.map((entry) => `"${entry}"`).join(", ")}] }`);
  expect(() => createEgressGuard({ allow: config.egress.allow })).not.toThrow();
});

describe(".env", () => {
  test("gives what the environment does not set, not even to nothing", () => {
    writeFileSync(path.join(cwd, ".env"), "LOG_LEVEL=warn\nCLAW_CONSOLE_PORT=4000 # comment\nDISCORD_BOT_TOKEN=abc\n");
    const config = load({ CLAW_CONSOLE_PORT: "5000", DISCORD_BOT_TOKEN: "" });
    expect(config).toMatchObject({ logLevel: "warn", console: { port: 5_000 }, discord: null });
  });

  test("is checked like the environment", () => {
    writeFileSync(path.join(cwd, ".env"), "CLAW_PORT=1\n");
    expect(problemsOf({})).toHaveProperty("CLAW_PORT");
  });
});

test("every secret of a configuration is known to be one", () => {
  const secrets = {
    CLAW_SECRET_KEY: Buffer.alloc(32, 9).toString("base64"),
    CLAW_CONSOLE_TOKEN: "console-token-of-mine",
    SLACK_BOT_TOKEN: "xoxb-bot",
    SLACK_APP_TOKEN: "xapp-app",
    SLACK_SIGNING_SECRET: "signing-secret",
    DISCORD_BOT_TOKEN: "discord-token",
    OPENAI_API_KEY: "sk-key",
  };
  const config = load({ ...secrets, DATABASE_URL: "postgres://claw:a-long-password@h/d" });
  expect(secretValues(config).sort()).toEqual([...Object.values(secrets), "a-long-password"].sort());
});
