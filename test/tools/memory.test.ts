/** The tools of memory: what they promise, what they hand on, and that they are given only where they are spoken of. */
import { describe, expect, test } from "vitest";
import { reasonsToAsk } from "../../src/orchestrator/approvals/reasons.ts";
import {
  invokeTool,
  isTainted,
  type MemoryDeps,
  memoryTools,
  newMemoryIn,
  ok,
  type ToolContract,
  validateInput,
  wantedTools,
} from "../../src/tools/index.ts";
import { toolContext } from "../support/tool-context.ts";

const asked: unknown[] = [];
const memories = [{ memory: 1, text: "Deploys are on Tuesdays", of: "workflow" as const, outside: false }];
const deps: MemoryDeps = {
  remember: async (call) => {
    asked.push(call);
    return ok({ memory: 7, isNew: true, until: null });
  },
  recall: async (call) => {
    asked.push(call);
    return ok({ memories, more: 0, withheld: 0 });
  },
  forget: async (call) => {
    asked.push(call);
    return ok({ gone: true });
  },
};
const tools = memoryTools(deps);
const tool = (name: string): ToolContract => {
  const found = tools.find((each) => each.name === name);
  if (!found) throw new Error(`no tool ${name}`);
  return found;
};
const actsFor = { memberId: "m", workflowId: "w", workflow: "deploys", runId: "r", tainted: true };

describe("the tools of memory", () => {
  test.each([
    ["remember", { text: " Deploys are on Tuesdays ", days: 3 }, { text: "Deploys are on Tuesdays", days: 3 }],
    ["remember", { text: "x" }, { text: "x", days: null }],
    ["recall", {}, { about: "" }],
    ["forget", { memory: 3 }, { memory: 3 }],
  ])("%s hands on whose call it is (%j)", async (name, input, said) => {
    asked.length = 0;
    const valid = validateInput(tool(name), JSON.stringify(input));
    if (!valid.ok) throw new Error(valid.error.message);
    expect(await invokeTool(tool(name), valid.value, toolContext({ actsFor, now: () => 5 }))).toMatchObject({
      ok: true,
    });
    expect(asked).toMatchObject([{ workspaceId: "W1", runId: "r", tainted: true, now: 5, ...said }]);
  });

  test.each([
    ["remember", { text: "" }],
    ["remember", { text: "x".repeat(501) }],
    ["remember", { text: "x", scope: "workspace" }],
    ["remember", { text: "x", days: 0 }],
    ["forget", { memory: "all" }],
    ["recall", { about: "x".repeat(301) }],
  ])("%s refuses %j", (name, input) => {
    expect(validateInput(tool(name), JSON.stringify(input))).toMatchObject({ ok: false });
  });

  test("are nobody's outside a run", async () => {
    expect(
      await invokeTool(tool("remember"), { text: "x" }, toolContext({ actsFor: { ...actsFor, runId: null } })),
    ).toMatchObject({
      ok: false,
      error: { code: "not_permitted" },
    });
  });

  test("ask after text from outside and not before; the approver sees what is kept", () => {
    const call = { contract: tool("remember"), input: { text: "Deploys are on Tuesdays" }, isOpen: () => true };
    expect(reasonsToAsk({ ...call, taint: [] })).toEqual([]);
    expect(reasonsToAsk({ ...call, taint: ["http_get evil.example"] })).toEqual([
      "this run read text from outside (http_get evil.example)",
    ]);
    expect(tool("remember").preview?.({ text: "Deploys are on Tuesdays" }).diff).toEqual(["+ Deploys are on Tuesdays"]);
  });

  test("taint with what is from outside, and with nothing else", () => {
    expect(isTainted(tool("recall"), { memories, more: 0, withheld: 0 })).toBe(false);
    expect(isTainted(tool("recall"), { memories: [{ ...memories[0], outside: true }], more: 0, withheld: 0 })).toBe(
      true,
    );
  });

  test("are given where the instruction speaks of memory, and cost a greeting nothing", () => {
    const given = (instruction: string) => wantedTools(instruction, tools);
    for (const said of [
      "remember which PRs you told",
      "keep track of the failures",
      "don't forget what @ada said",
      "use your memory",
      "learn who reviews what",
    ])
      expect(given(said)).toEqual(["remember", "recall", "forget"]);
    for (const said of ["say hi", "remind us of the retro", "summarise open PRs in acme/api"])
      expect(given(said)).toEqual([]);
  });

  test("say what is new in a report only when it is", () => {
    expect(newMemoryIn({ memory: 7, isNew: true, until: null })).toBe(7);
    expect(newMemoryIn({ memory: 7, isNew: false, until: null })).toBeNull();
    expect(newMemoryIn({ dryRun: "not made" })).toBeNull();
  });
});
