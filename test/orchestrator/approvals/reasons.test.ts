/** Whether a call is asked for, and why. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { placesIn, reasonsToAsk } from "../../../src/orchestrator/approvals/reasons.ts";
import { defineTool, type Effect, type Egress, ok, type ToolContract } from "../../../src/tools/index.ts";

const tool = (effect: Effect, egress: Egress, place: string | null = "evil.example"): ToolContract =>
  defineTool({
    name: "some_tool",
    description: "does something",
    input: z.strictObject({}),
    output: z.object({}),
    effect,
    egress,
    retry: "never",
    timeoutMs: 1,
    outputTrust: "trusted",
    ...(egress === "by_argument" ? { destination: () => place } : {}),
    preview: () => ({ action: "do it", diff: [], target: null }),
    execute: async () => ok({}),
  }) as ToolContract;
const reasons = (contract: ToolContract, tainted: boolean, allowed: readonly string[] = []) =>
  reasonsToAsk({
    contract,
    input: {},
    taint: tainted ? ["browse a.example"] : [],
    isOpen: (place) => allowed.includes(place),
  });

describe("a call", () => {
  it("that changes something always asks, tainted or not", () => {
    for (const tainted of [false, true]) {
      const read = tainted ? ["this run read text from outside (browse a.example)"] : [];
      expect(reasons(tool("write", "none"), tainted)).toEqual(["it changes something", ...read]);
      expect(reasons(tool("destructive", "fixed"), tainted)).toEqual(["it is destructive", ...read]);
    }
  });

  it("that reads does not ask while the run has read nothing from outside", () => {
    for (const egress of ["none", "fixed", "by_argument"] as const)
      expect(reasons(tool("read", egress), false)).toEqual([]);
  });

  it("that sends by argument after outside text asks, unless the instruction names the place", () => {
    expect(reasons(tool("read", "by_argument"), true)).toEqual([
      "this run read text from outside (browse a.example) and now wants to send to evil.example",
    ]);
    expect(reasons(tool("read", "by_argument"), true, ["good.example"])).toHaveLength(1);
    expect(reasons(tool("read", "by_argument"), true, ["evil.example"])).toEqual([]);
    expect(reasons(tool("read", "fixed"), true)).toEqual([]);
    expect(reasons(tool("write", "by_argument"), true)).toHaveLength(2);
  });

  it("that does not say where it sends to asks", () => {
    expect(reasons(tool("read", "by_argument", null), true)[0]).toMatch(/somewhere unknown/);
  });
});

describe("the places an instruction names", () => {
  it("are the hosts of its URLs, with their ports, and nothing that only looks like one", () => {
    expect([
      ...placesIn("see https://Acme.example/a, (http://b.example:8080/x?y=1). and c.example or mailto:d@e.example"),
    ]).toEqual(["acme.example", "b.example:8080"]);
    expect([...placesIn("https://user:pw@evil.example@good.example/ https://")]).toEqual(["good.example"]);
    expect(placesIn("nothing").size).toBe(0);
  });
});
