/** A dry run's tools: what is not a read can do nothing, and a read that would be asked about is not made. */
import { expect, it } from "vitest";
import { z } from "zod";
import { dryRegistry, isNotMade } from "../../../src/orchestrator/dry-run/registry.ts";
import { createRegistry, defineTool, type Effect, finish, ok, type ToolContract } from "../../../src/tools/index.ts";
import { toolContext } from "../../support/tool-context.ts";

const touched: string[] = [];
const tool = (name: string, effect: Effect, egress: "none" | "by_argument"): ToolContract =>
  defineTool({
    name,
    description: `${name} it`,
    input: z.object({ what: z.string() }),
    output: z.object({ said: z.string() }),
    effect,
    egress,
    retry: effect === "read" ? "safe" : "never",
    timeoutMs: 1_000,
    outputTrust: "untrusted",
    destination: ({ what }) => what,
    preview: () => ({ action: name, diff: [], target: null }),
    execute: async () => {
      touched.push(name);
      return ok({ said: name });
    },
  }) as ToolContract;
const real = createRegistry([
  tool("peek", "read", "none"),
  tool("fetch", "read", "by_argument"),
  tool("send", "write", "by_argument"),
  tool("drop", "destructive", "none"),
  finish,
]);
const dry = dryRegistry(
  real,
  ({ egress }, input) => egress === "by_argument" && (input as { what: string }).what === "elsewhere",
);
const call = async (name: string, what: string) => {
  const result = await dry.get(name)?.execute({ what }, toolContext());
  return result?.ok ? result.value : result;
};

it("looks to a model like the real ones", () => {
  const names = real.list().map(({ name }) => name);
  expect(dry.specs(names)).toEqual(real.specs(names));
  expect(dry.list().map(({ name }) => name)).toEqual(names);
  expect(names.map((name) => dry.contractHash(name))).toEqual(names.map((name) => real.contractHash(name)));
});

it("makes no call that changes something, wherever it goes", async () => {
  for (const name of ["send", "drop"]) {
    const stub = dry.get(name);
    expect(stub?.execute).not.toBe(real.get(name)?.execute);
    expect([stub?.effect, stub?.egress]).toEqual(["read", "none"]);
    expect(isNotMade(await call(name, "here"))).toBe(true);
  }
  expect(touched).toEqual([]);
});

it("makes reads, but for those that would be asked about", async () => {
  expect(await call("peek", "elsewhere")).toEqual({ said: "peek" });
  expect(await call("fetch", "here")).toEqual({ said: "fetch" });
  const notMade = await call("fetch", "elsewhere");
  expect(isNotMade(notMade)).toBe(true);
  expect(touched).toEqual(["peek", "fetch"]);
  // Both answers fit the contract that the call is checked with.
  const output = dry.get("fetch")?.output;
  expect(output?.safeParse(notMade).success).toBe(true);
  expect(output?.safeParse({ said: "fetch" }).success).toBe(true);
  expect(output?.safeParse({ shouted: "fetch" }).success).toBe(false);
});
