import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  channelTools,
  createEgressGuard,
  createRegistry,
  defineTool,
  fail,
  finish,
  httpTools,
  ok,
  type ToolContract,
  wantedTools,
} from "../../src/tools/index.ts";

const no = async () => fail("not_permitted", "no");
const builtIn = [
  ...httpTools({ guard: createEgressGuard({ allow: [] }), userAgent: "Claw/test" }),
  ...channelTools({ post: no, read: no, pin: no, react: no }),
  finish,
];

const lookup: ToolContract<{ key: string; limit?: number | undefined }, { value: string }> = {
  name: "lookup",
  description: "Looks up a key.",
  input: z.strictObject({ key: z.string(), limit: z.int().min(1).optional() }),
  output: z.object({ value: z.string() }),
  effect: "read",
  egress: "none",
  retry: "safe",
  timeoutMs: 1_000,
  outputTrust: "trusted",
  execute: async () => ok({ value: "" }),
};
const hashOf = (change: Partial<ToolContract>): string =>
  createRegistry([defineTool({ ...(lookup as ToolContract), ...change })]).contractHash("lookup");

describe("the registry", () => {
  test("finds tools by name and keeps their order", () => {
    const registry = createRegistry(builtIn);
    expect(registry.list().map(({ name }) => name)).toEqual([
      "http_get",
      "http_request",
      "channel_post",
      "channel_history",
      "channel_pin",
      "channel_react",
      "finish",
    ]);
    expect(registry.get("finish")).toBe(finish);
    expect(registry.get("rm_rf")).toBeNull();
    expect(registry.get("toString")).toBeNull();
  });

  test("refuses two tools of one name", () => {
    expect(() => createRegistry([finish, finish])).toThrow("two tools are named finish");
  });

  test("refuses a contract that was never checked", () => {
    expect(() => createRegistry([{ ...(lookup as ToolContract), name: "Look Up" }])).toThrow(/must match/);
  });

  test("shows a model the tools asked for, closed against unknown arguments, and no others", () => {
    const specs = createRegistry(builtIn).specs(["finish", "http_get"]);
    expect(specs.map(({ name }) => name)).toEqual(["finish", "http_get"]);
    expect(specs.map(({ parameters }) => parameters.additionalProperties)).toEqual([false, false]);
    expect(() => createRegistry(builtIn).specs(["no_such_tool"])).toThrow("there is no tool no_such_tool");
  });

  test("keeps what every prompt carries of the built-in tools small", () => {
    const registry = createRegistry(builtIn);
    const given = wantedTools("remind us to drink water", registry.list());
    const specs = registry.specs([...given, "finish"]);
    expect(JSON.stringify(specs).length).toBeLessThan(2_000);
  });
});

describe("a contract's hash", () => {
  test("is the same in every process", () => {
    expect(hashOf({})).toBe("d6b7082099e4dc6b9c71f08684aca2f46f58331560b5df66b9bbcc6be4fa73a3");
  });

  test("does not change with the code, the time limit or the order in which clauses are written", () => {
    expect(hashOf({ execute: async () => fail("not_found", "other code"), timeoutMs: 5 })).toBe(hashOf({}));
    expect(hashOf({ input: z.strictObject({ limit: z.int().min(1).optional(), key: z.string() }) })).toBe(hashOf({}));
  });

  test.each<[string, Partial<ToolContract>]>([
    ["description", { description: "Looks up any key." }],
    ["input", { input: z.strictObject({ key: z.string().max(5), limit: z.int().min(1).optional() }) }],
    ["output", { output: z.object({ value: z.string().nullable() }) }],
    ["egress", { egress: "fixed" }],
    ["retry", { retry: "never" }],
    ["effect", { effect: "write", retry: "idempotent", preview: () => ({ action: "write", diff: [], target: null }) }],
  ])("changes with the %s", (_clause, change) => {
    expect(hashOf(change)).not.toBe(hashOf({}));
  });

  test("differs between all built-in tools", () => {
    const registry = createRegistry(builtIn);
    const hashes = new Set(builtIn.map(({ name }) => registry.contractHash(name)));
    expect(hashes.size).toBe(builtIn.length);
    expect(() => registry.contractHash("no_such_tool")).toThrow("there is no tool no_such_tool");
  });
});
