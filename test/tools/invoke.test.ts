import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineTool,
  fail,
  invokeTool,
  ok,
  type ToolContext,
  type ToolContract,
  type ToolResult,
  validateInput,
} from "../../src/tools/index.ts";
import { toolContext } from "../support/tool-context.ts";

type Execute = (input: unknown, ctx: ToolContext) => Promise<ToolResult<unknown>>;

const tool = (effect: "read" | "write", execute: Execute, timeoutMs = 5_000): ToolContract =>
  defineTool<unknown, unknown>({
    name: "probe",
    description: "Probes.",
    input: z.strictObject({
      url: z.string(),
      count: z.int().optional(),
      tags: z.array(z.strictObject({ name: z.string() })).optional(),
    }),
    output: z.object({ text: z.string() }),
    effect,
    egress: "none",
    retry: effect === "read" ? "safe" : "never",
    timeoutMs,
    outputTrust: "trusted",
    preview: () => ({ action: "probe", diff: [], target: null }),
    execute,
  });
const idle = tool("read", async () => ok({ text: "" }));

describe("arguments as a model wrote them", () => {
  test("become an input", () => {
    expect(validateInput(idle, ' {"url":"x","tags":[{"name":"a"}]} ')).toEqual(ok({ url: "x", tags: [{ name: "a" }] }));
  });

  test.each([
    ['{"url": x}', 'at position 8 expected a value, found "x"'],
    ['{"url":"x"', 'at position 10 expected "," or "}", found the end'],
    ['{"url" "x"}', 'at position 7 expected ":", found "\\""'],
    ["{'url':'x'}", 'at position 1 expected a key in "quotes", found "\'"'],
    ['{"url":"x",}', 'at position 11 expected a key in "quotes", found "}"'],
    ['{"url":"x"} {}', 'at position 12 expected nothing after the value, found "{"'],
    ['{"url":"a\nb"}', 'at position 9 expected an escaped character in a text, found "\\n"'],
    ['{"url":"x', 'at position 9 expected the closing " of a text, found the end'],
    ['{"count":01}', 'at position 9 expected a value, found "0"'],
    ["[1,]", 'at position 3 expected a value, found "]"'],
    ["🦀", 'at position 0 expected a value, found "🦀"'],
  ])("that are not JSON are placed: %j", (raw, where) => {
    expect(validateInput(idle, raw)).toEqual(
      fail("malformed_arguments", `the arguments of probe are not JSON: ${where}. Send one JSON object.`),
    );
  });

  test("nested without end are malformed, not a crash", () => {
    expect(validateInput(idle, "[".repeat(200_000))).toMatchObject({ error: { code: "malformed_arguments" } });
  });

  test.each([
    ["", "url: missing; expected string"],
    ["[]", "arguments: expected object"],
    ["null", "arguments: expected object"],
    ['{"url":7}', "url: expected string"],
    ['{"url":"x","ulr":"y"}', 'arguments: unknown "ulr"'],
    ['{"url":"x","__proto__":{}}', 'arguments: unknown "__proto__"'],
    ['{"url":"x","tags":[{"name":"a"},{"name":1}]}', "tags.1.name: expected string"],
    ['{"url":"x","tags":[{"name":"a","color":"b"}]}', 'tags.0: unknown "color"'],
    ['{"count":1.5}', "url: missing; expected string; count: expected int"],
    ['{"url":"a\\u0000b"}', "url: a text without NUL and broken characters"],
    ['{"url":"\\ud83d"}', "url: a text without NUL and broken characters"],
  ])("that break the contract are named: %j", (raw, faults) => {
    expect(validateInput(idle, raw)).toEqual(fail("invalid_input", `probe cannot be called so. ${faults}`));
  });

  test("beyond any sense are refused unread", () => {
    expect(validateInput(idle, `{"url":"${"x".repeat(300_000)}"}`)).toMatchObject({ error: { code: "too_large" } });
  });
});

describe("a call", () => {
  test("never repeats in its output a secret it was given, as it stands, in JSON or in a URL", async () => {
    const secret = 'p"ss wörd/=';
    const probe = tool("read", async (_input, ctx) => {
      const value = await ctx.secret("TOKEN");
      return ok({ text: `${value} ${JSON.stringify(value)} ?k=${encodeURIComponent(value ?? "")}` });
    });
    expect(await invokeTool(probe, {}, toolContext({ secret: async () => secret }))).toEqual(
      ok({ text: '[secret] "[secret]" ?k=[secret]' }),
    );
  });

  test("whose secret cannot be opened says so, and is no bug", async () => {
    const unreadable = Object.assign(new Error("The secret TOKEN cannot be opened. Set it again."), {
      code: "bad_credentials",
    });
    const probe = tool("read", async (_input, ctx) => ok({ text: (await ctx.secret("TOKEN")) ?? "none" }));
    const ctx = toolContext({
      secret: async () => {
        throw unreadable;
      },
    });
    expect(await invokeTool(probe, {}, ctx)).toMatchObject({
      error: { code: "bad_credentials", message: unreadable.message },
    });
    expect(ctx.bugs).toEqual([]);
  });

  test("gives its output, without what the contract does not name or the journal cannot keep", async () => {
    const probe = tool("read", async () => ok({ text: "a\u0000b\ud800c 🦀", extra: 1 }));
    expect(await invokeTool(probe, {}, toolContext())).toEqual(ok({ text: "ab\uFFFDc 🦀" }));
  });

  test("is told its key, its home and its secrets, and nothing of who watches it", async () => {
    let seen: ToolContext | undefined;
    let token: string | null = null;
    const probe = tool("read", async (_input, ctx) => {
      seen = ctx;
      token = await ctx.secret("TOKEN");
      return ok({ text: (await ctx.secret("OTHER")) ?? "none" });
    });
    const ctx = toolContext({ secret: async (name) => (name === "TOKEN" ? "s3cret" : null) });
    expect(await invokeTool(probe, {}, ctx)).toEqual(ok({ text: "none" }));
    expect(token).toBe("s3cret");
    expect(seen).toMatchObject({ idempotencyKey: ctx.idempotencyKey, home: ctx.home });
    expect(seen).not.toHaveProperty("onBug");
  });

  test("that ignores its signal ends at its time limit all the same", async () => {
    const deaf: Execute = () => new Promise(() => undefined);
    expect(await invokeTool(tool("read", deaf, 20), {}, toolContext())).toEqual(
      fail("timeout", "probe gave no answer within 0.02 s"),
    );
    expect(await invokeTool(tool("write", deaf, 20), {}, toolContext())).toMatchObject({
      error: { code: "timeout", mayHaveHappened: true },
    });
  });

  test("may say itself, at its time limit, that it had sent nothing yet", async () => {
    const careful: Execute = (_input, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () =>
          resolve({ ok: false, error: { code: "connection_lost", message: "still queued", mayHaveHappened: false } }),
        );
      });
    expect(await invokeTool(tool("write", careful, 20), {}, toolContext())).toEqual({
      ok: false,
      error: { code: "timeout", message: "probe gave no answer within 0.02 s", mayHaveHappened: false },
    });
  });

  test("that succeeds just as its time runs out has succeeded", async () => {
    const late: Execute = (_input, { signal }) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve(ok({ text: "done" }))));
    expect(await invokeTool(tool("write", late, 20), {}, toolContext())).toEqual(ok({ text: "done" }));
  });

  test("is cancelled from outside, and then it is not called a time-out", async () => {
    const stop = new AbortController();
    const throwing: Execute = (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        stop.abort();
      });
    const ctx = toolContext({ signal: stop.signal });
    expect(await invokeTool(tool("write", throwing), {}, ctx)).toMatchObject({
      error: { code: "cancelled", mayHaveHappened: true },
    });
    expect(ctx.bugs).toEqual([]);
  });

  test("that is cancelled before it begins never begins", async () => {
    let calls = 0;
    const probe = tool("write", async () => {
      calls += 1;
      return ok({ text: "" });
    });
    expect(await invokeTool(probe, {}, toolContext({ signal: AbortSignal.abort() }))).toMatchObject({
      error: { code: "cancelled", mayHaveHappened: false },
    });
    expect(calls).toBe(0);
  });

  test.each<[string, Execute]>([
    ["throws", async () => Promise.reject(new Error("password=hunter2 at /srv/app.js:7"))],
    [
      "throws before it returns a promise",
      () => {
        throw new Error("password=hunter2 at /srv/app.js:7");
      },
    ],
  ])("that %s is a bug: the cause goes to the log and nowhere else", async (_how, execute) => {
    const ctx = toolContext();
    const result = await invokeTool(tool("write", execute), {}, ctx);
    expect(result).toEqual({
      ok: false,
      error: {
        code: "tool_bug",
        message: "probe failed in a way it should not; the log says how",
        mayHaveHappened: true,
      },
    });
    expect(ctx.bugs).toEqual([expect.objectContaining({ message: "password=hunter2 at /srv/app.js:7" })]);
  });

  test.each([undefined, null, "done", { ok: true }, { ok: false, error: { code: "no_such_code", message: "" } }])(
    "that returns %j instead of a result is a bug",
    async (returned) => {
      const ctx = toolContext();
      const result = await invokeTool(
        tool("read", async () => returned as ToolResult<unknown>),
        {},
        ctx,
      );
      expect(result).toMatchObject({ error: { code: "tool_bug" } });
      expect(ctx.bugs).toHaveLength(1);
    },
  );

  test("whose output breaks its contract has failed, and for a write may have happened", async () => {
    const wrong: Execute = async () => ok({ text: 7 });
    expect(await invokeTool(tool("read", wrong), {}, toolContext())).toEqual(
      fail("invalid_output", "probe answered in an unexpected form. text: expected string"),
    );
    expect(await invokeTool(tool("write", wrong), {}, toolContext())).toMatchObject({
      error: { code: "invalid_output", mayHaveHappened: true },
    });
  });

  test.each([
    ["connection_lost", true],
    ["service_unavailable", true],
    ["not_permitted", false],
    ["rate_limited", false],
  ] as const)("of a write that ends in %s: may it have happened? %s", async (code, mayHaveHappened) => {
    const probe = tool("write", async () => fail(code, "no", 1_000));
    expect(await invokeTool(probe, {}, toolContext())).toEqual({
      ok: false,
      error: { code, message: "no", retryAfterMs: 1_000, mayHaveHappened },
    });
  });

  test("never repeats in its message a secret it was given", async () => {
    const probe = tool("read", async (_input, ctx) => fail("bad_credentials", `refused ${await ctx.secret("TOKEN")}`));
    expect(await invokeTool(probe, {}, toolContext({ secret: async () => "s3cret" }))).toEqual(
      fail("bad_credentials", "refused [secret]"),
    );
  });

  test("that throws after its time is heard in the log", async () => {
    const heard = new Promise<unknown>((resolve) => {
      const slow: Execute = () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error("late")), 400));
      void invokeTool(tool("read", slow, 20), {}, toolContext({ onBug: (_tool, cause) => resolve(cause) }));
    });
    expect(await heard).toMatchObject({ message: "late" });
  });
});
