/** A replay's tools can do nothing, and its comparison says what is so. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { changedLines } from "../../../src/orchestrator/replay/lines.ts";
import { replayRegistry } from "../../../src/orchestrator/replay/registry.ts";
import { createRegistry, defineTool, finish, ok, type ToolContract } from "../../../src/tools/index.ts";
import { toolContext } from "../../support/tool-context.ts";

const touched: string[] = [];
const dangerous = (name: string, effect: "read" | "write" | "destructive"): ToolContract =>
  defineTool({
    name,
    description: `${name} it`,
    input: z.object({ what: z.string() }),
    output: z.object({ said: z.string() }),
    effect,
    egress: "by_argument",
    retry: effect === "read" ? "safe" : "never",
    timeoutMs: 1_000,
    outputTrust: "untrusted",
    destination: () => "example.com",
    preview: () => ({ action: name, diff: [], target: null }),
    execute: async () => {
      touched.push(name);
      return ok({ said: "" });
    },
  }) as ToolContract;
const real = createRegistry([
  dangerous("peek", "read"),
  dangerous("send", "write"),
  dangerous("drop", "destructive"),
  finish,
]);

describe("the tools of a replay", () => {
  const registry = replayRegistry(real, new Map([["run-1-1", ok({ said: "as it was" })]]));
  const names = real.list().map(({ name }) => name);

  it("look to a model like the real ones", () => {
    expect(registry.specs(names)).toEqual(real.specs(names));
    expect(registry.list().map(({ name }) => name)).toEqual(names);
  });

  it("none is a real one, sends anywhere, changes anything, or needs asking", async () => {
    for (const tool of registry.list()) {
      const original = real.get(tool.name);
      expect(tool.execute).not.toBe(original?.execute);
      expect([tool.effect, tool.egress, tool.retry]).toEqual(["read", "none", "safe"]);
      expect(tool.preview).toBeUndefined();
      expect(tool.destination).toBeUndefined();
      if (tool.name !== "finish") await tool.execute({ what: "x" }, toolContext());
    }
    expect(touched).toEqual([]);
  });

  it("answer from what is recorded, by the key of the call, and say so when there is nothing", async () => {
    const send = registry.get("send");
    expect(await send?.execute({ what: "x" }, { ...toolContext(), idempotencyKey: "run-1-1" })).toEqual(
      ok({ said: "as it was" }),
    );
    expect(await send?.execute({ what: "x" }, { ...toolContext(), idempotencyKey: "run-1-2" })).toEqual({
      ok: false,
      error: { code: "not_found", message: "not in the journal" },
    });
  });

  it("finish says what it was told", async () => {
    const said = await registry.get("finish")?.execute({ verdict: "report", text: " Good. " }, toolContext());
    expect(said).toEqual(ok({ verdict: "report", text: "Good.", notes: null }));
  });
});

describe("what differs between two texts", () => {
  it.each([
    ["same", "same", []],
    ["", "new", ["+ new"]],
    ["old", "", ["- old"]],
    ["a\nb\nc", "a\nc", ["- b"]],
    ["a\nc", "a\nb\nc", ["+ b"]],
    ["a\nb\nc", "a\nx\nc", ["- b", "+ x"]],
    ["b\na", "a\nb", ["- b", "+ b"]],
  ])("%j and %j", (from, to, expected) => expect(changedLines(from, to)).toEqual(expected));

  it("long ones too", () => {
    const many = (word: string) => Array.from({ length: 1_000 }, (_, n) => `${word} ${n}`).join("\n");
    expect(changedLines(many("a"), many("b"))).toHaveLength(2_000);
  });
});
