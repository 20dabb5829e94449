import { describe, expect, test } from "vitest";
import { createLogger, type Log } from "../src/logger.ts";

interface Sample {
  readonly log: Log;
  readonly lines: () => Record<string, unknown>[];
  readonly text: () => string;
}

function sample(options: { level?: "debug" | "info" | "silent"; pretty?: boolean; secrets?: string[] } = {}): Sample {
  const written: string[] = [];
  const log = createLogger({
    level: options.level ?? "info",
    pretty: options.pretty ?? false,
    secrets: options.secrets ?? [],
    destination: { write: (line) => written.push(line) },
  });
  return {
    log,
    text: () => written.join(""),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe("lines", () => {
  test("are JSON, one a fact, with what the child carries", () => {
    const { log, lines } = sample();
    log.child({ runId: "r1", workflowId: "w1" }).warn({ code: "timeout" }, "run suspended");
    expect(lines()).toEqual([
      { level: "warn", time: expect.any(String), runId: "r1", workflowId: "w1", code: "timeout", msg: "run suspended" },
    ]);
  });

  test("below the level are not written", () => {
    const { log, lines } = sample();
    log.debug({}, "quiet");
    log.error({}, "loud");
    expect(lines().map((line) => line.msg)).toEqual(["loud"]);
    const silent = sample({ level: "silent" });
    silent.log.error({}, "nothing");
    expect(silent.text()).toBe("");
  });

  test("hold an error's stack and cause, under err and under error", () => {
    const { log, lines } = sample();
    const error = new Error("outer", { cause: new Error("inner") });
    log.error({ err: error }, "a");
    log.error({ error }, "b");
    for (const [index, key] of ["err", "error"].entries()) {
      const written = lines()[index]?.[key] as { message: string; stack: string; cause: { message: string } };
      expect(written.message).toContain("outer");
      expect(written.stack).toContain("logger.test.ts");
      expect(written.cause.message).toContain("inner");
    }
  });

  test("tell of a failed statement what it was, never what it was given", () => {
    const { log, lines, text } = sample();
    const cause = Object.assign(new Error("duplicate key"), { code: "23505" });
    const error = Object.assign(new Error("Failed query: insert into x\nparams: a private word", { cause }), {
      query: "insert into x values ($1)",
      params: ["a private word"],
    });
    log.error({ err: error }, "a");
    expect(text()).not.toContain("private");
    expect(lines()[0]?.err).toMatchObject({ query: "insert into x values ($1)", cause: { code: "23505" } });
  });

  test("that point at themselves are written all the same", () => {
    const { log, lines } = sample();
    const loop: Record<string, unknown> = { name: "loop" };
    loop.self = loop;
    log.info({ loop, big: 10n }, "round");
    expect(lines()).toHaveLength(1);
  });

  test("are for people in a terminal", () => {
    const { log, text } = sample({ pretty: true, secrets: ["configured-secret"] });
    log.info({ runId: "r1", note: "configured-secret" }, "run started");
    expect(text()).toContain("run started");
    expect(text()).toContain("r1");
    expect(text()).not.toContain("configured-secret");
    expect(() => JSON.parse(text())).toThrow();
  });
});

describe("secrets", () => {
  const slack = ["xoxb", "1234567890", "abcdefABCDEF"].join("-");
  const github = `ghp_${"a1".repeat(18)}`;
  const openai = `sk-proj-${"x".repeat(24)}`;
  const discord = ["M".padEnd(26, "a"), "Gabcde", "b".repeat(30)].join(".");

  test.each([
    ["in the message", (log: Log, secret: string) => log.info({}, `with ${secret}.`)],
    ["in a field", (log: Log, secret: string) => log.info({ a: { b: { c: { d: [secret] } } } }, "m")],
    ["in a key", (log: Log, secret: string) => log.info({ [secret]: 1 }, "m")],
    ["in an error's stack", (log: Log, secret: string) => log.error({ err: new Error(`no ${secret}`) }, "m")],
    ["in a child", (log: Log, secret: string) => log.child({ via: secret }).info({}, "m")],
    ["in a URL", (log: Log, secret: string) => log.info({ url: `https://x/?q=${encodeURIComponent(secret)}` }, "m")],
  ] as const)("are removed %s", (_where, write) => {
    const configured = 'a"configured\\secret of+ours';
    for (const secret of [slack, github, openai, discord, configured]) {
      const { log, text, lines } = sample({ secrets: [configured] });
      write(log, secret);
      expect(text()).toContain("[redacted]");
      expect(text()).not.toContain(secret);
      expect(text()).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(text()).not.toContain(encodeURIComponent(secret));
      expect(lines()).toHaveLength(1);
    }
  });

  test.each([
    [
      { headers: { authorization: "Basic dXNlcjpwdw==", cookie: ["sid=12345", "b=2"] } },
      ["dXNlcjpwdw", "12345", "b=2"],
    ],
    [{ botToken: "opaque1", api_key: "opaque2", clientSecret: "opaque3", Password: 'opa\\"que4' }, ["opaque", "que4"]],
    [{ url: "postgres://claw:hunter2@db.example:5432/claw" }, ["hunter2"]],
    [{ header: "Bearer opaque-token-5" }, ["opaque-token-5"]],
  ])("are recognised by their place: %j", (fields, hidden) => {
    const { log, text, lines } = sample();
    log.info(fields, "m");
    for (const part of hidden) expect(text()).not.toContain(part);
    expect(lines()[0]?.msg).toBe("m");
  });

  test("are told from what only looks like them", () => {
    const { log, lines } = sample({ secrets: ["", "ollama"] });
    const fields = {
      inputTokens: 12,
      maxOutputTokens: 900,
      url: "http://127.0.0.1:3141/status@home",
      at: "2026-01-01T09:00:00Z",
      model: "ollama",
    };
    log.info(fields, "used 12 tokens; Bot connected. Basic functionality");
    expect(lines()[0]).toMatchObject({ ...fields, msg: "used 12 tokens; Bot connected. Basic functionality" });
  });

  test("are looked for in a long line without end", () => {
    const { log, lines } = sample();
    const long = `${'"a'.repeat(50_000)}${"x://".repeat(50_000)}`;
    log.info({ long }, "m");
    expect(lines()[0]?.msg).toBe("m");
  });
});
