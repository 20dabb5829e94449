/** What a call comes to under a policy: the strictest rule wins, and what is missing or broken means no. */
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { mayDecide, strictest } from "../../../src/orchestrator/policy/decider.ts";
import { DEFAULT_FILE_POLICY, decideCall, type Policy } from "../../../src/orchestrator/policy/policy.ts";
import type { Rule } from "../../../src/orchestrator/policy/rule.ts";
import { defineTool, type Effect, ok, type ToolContract } from "../../../src/tools/index.ts";

const tool = (name: string, effect: Effect): ToolContract =>
  defineTool({
    name,
    description: "does something",
    input: z.strictObject({ where: z.string(), text: z.string().optional() }),
    output: z.object({}),
    effect,
    egress: "by_argument",
    retry: "never",
    timeoutMs: 1,
    outputTrust: "trusted",
    destination: ({ where }) => where,
    preview: () => ({ action: "do it", diff: [], target: null }),
    execute: async () => ok({}),
  }) as ToolContract;
const READ = tool("http_get", "read");
const WRITE = tool("http_post", "write");

const rule = (said: Partial<Rule> & Pick<Rule, "effect">): Rule => ({
  name: "rule 1",
  level: "chat",
  workflow: null,
  workflowId: null,
  tool: "*",
  to: null,
  with: {},
  terms: {},
  ...said,
});

const policy = (chat: Policy["chat"], file: Partial<Policy["file"]> = {}): Policy => ({
  file: { ...DEFAULT_FILE_POLICY, ...file },
  chat,
});
const decide = (
  held: Policy,
  contract: ToolContract,
  where = "a.example",
  more: { taint?: string[]; callsBefore?: number } = {},
) =>
  decideCall(held, {
    contract,
    input: { where },
    workflow: { id: "w1", name: "nightly-sync" },
    taint: more.taint ?? [],
    places: new Set(["named.example"]),
    callsBefore: more.callsBefore ?? 0,
  });

describe("without rules", () => {
  it("what reads runs, what changes something asks an approver, and after outside text sending elsewhere asks", () => {
    expect(decide(policy([]), READ)).toMatchObject({ kind: "run" });
    const write = decide(policy([]), WRITE);
    expect(write).toMatchObject({ kind: "ask", grantable: true, reasons: ["it changes something"] });
    expect(write.kind === "ask" && write.terms).toEqual(strictest([{ by: ["approver"] }]));
    expect(decide(policy([]), READ, "a.example", { taint: ["http_get x.example"] })).toMatchObject({
      kind: "ask",
      reasons: ["this run read text from outside (http_get x.example) and now wants to send to a.example"],
    });
    expect(decide(policy([]), READ, "named.example", { taint: ["x"] })).toMatchObject({ kind: "run" });
  });

  it("a tool that is called too often in a run asks, and no grant helps", () => {
    const held = policy([], { limits: { callsPerTool: 3, writesPerHour: 1 } });
    expect(decide(held, READ, "a.example", { callsBefore: 2 })).toMatchObject({ kind: "run" });
    expect(decide(held, READ, "a.example", { callsBefore: 3 })).toMatchObject({ kind: "ask", grantable: false });
  });
});

describe("rules", () => {
  it("forbid whatever else allows it, in capitals and on every port", () => {
    const held = policy([
      rule({ effect: "allow", tool: "http_get" }),
      rule({ effect: "deny", name: "rule 2", to: ["*.evil.example"] }),
    ]);
    expect(decide(held, READ, "x.EVIL.example:99")).toMatchObject({ kind: "refuse", rules: ["rule 2"] });
    expect(decide(held, READ, "good.example")).toMatchObject({ kind: "run", rules: ["rule 1"] });
  });

  it("that allow a tool somewhere allow it nowhere else, and say where", () => {
    const held = policy([rule({ effect: "allow", tool: "http_get", to: ["*.good.example"] })]);
    expect(decide(held, READ, "a.good.example")).toMatchObject({ kind: "run" });
    expect(decide(held, READ, "b.example")).toMatchObject({
      kind: "refuse",
      why: expect.stringContaining("*.good.example"),
    });
    // Another tool is not spoken of.
    expect(decide(held, WRITE, "b.example")).toMatchObject({ kind: "ask" });
  });

  it("of the chat cannot widen what the file allows, and one for a workflow cannot widen what holds everywhere", () => {
    const file = {
      rules: [rule({ effect: "allow", tool: "http_get", to: ["a.example"], level: "file", name: "file" })],
    };
    const wider = rule({ effect: "allow", tool: "http_get", to: ["b.example"], workflowId: "w1" });
    expect(decide(policy([wider], file), READ, "b.example")).toMatchObject({ kind: "refuse", rules: ["file"] });
    expect(decide(policy([wider], file), READ, "a.example")).toMatchObject({ kind: "refuse", rules: ["rule 1"] });
  });

  it("that ask hold also for what reads; conditions add up", () => {
    const held = policy(
      [
        rule({ effect: "ask", tool: "http_*", terms: { by: ["@leads"], quorum: 2 } }),
        rule({ effect: "ask", tool: "http_get", terms: { authorMayApprove: false, waitMs: 5, expiryMs: 100 } }),
      ],
      { approvals: { by: ["admin"], expiryMs: 900, escalateTo: "#oncall" } },
    );
    expect(decide(held, READ)).toMatchObject({
      kind: "ask",
      grantable: false,
      terms: {
        by: [["admin"], ["@leads"]],
        quorum: 2,
        authorMayApprove: false,
        waitMs: 5,
        expiryMs: 100,
        escalateTo: ["#oncall"],
      },
    });
  });

  it("are for the workflows they name", () => {
    const other = rule({ effect: "deny", workflowId: "w2" });
    const named = rule({ effect: "deny", workflow: "nightly-*", level: "file" });
    expect(decide(policy([other]), READ)).toMatchObject({ kind: "run" });
    expect(decide(policy([], { rules: [named] }), READ)).toMatchObject({ kind: "refuse" });
  });

  it("open places for sending after outside text, and open nothing else", () => {
    const held = policy([rule({ effect: "send", to: ["*.hooks.example"] })]);
    const taint = ["x"];
    expect(decide(held, READ, "a.hooks.example", { taint })).toMatchObject({ kind: "run" });
    expect(decide(held, READ, "b.example", { taint })).toMatchObject({ kind: "ask" });
    expect(decide(held, WRITE, "a.hooks.example", { taint })).toMatchObject({ kind: "ask" });
  });
});

describe("no", () => {
  it("is what a rule that cannot be read means, for the workflow it is for", () => {
    const broken = { name: "rule 4", unreadable: true, workflowId: null } as const;
    expect(decide(policy([broken]), READ)).toMatchObject({
      kind: "refuse",
      why: expect.stringContaining("policy remove 4"),
    });
    expect(decide(policy([{ ...broken, workflowId: "w2" }]), READ)).toMatchObject({ kind: "run" });
  });

  it("is what an unnamed tool gets where the default is deny", () => {
    const held = policy([], { fallback: "deny", rules: [rule({ effect: "allow", tool: "http_get", level: "file" })] });
    expect(decide(held, READ)).toMatchObject({ kind: "run" });
    expect(decide(held, WRITE)).toMatchObject({ kind: "refuse", rules: ["permissions.default"] });
    // What the chat allows does not make up for it.
    const chat = policy([rule({ effect: "allow", tool: "http_post" })], held.file);
    expect(decide(chat, WRITE)).toMatchObject({ kind: "refuse" });
  });
});

describe("who may decide", () => {
  const lin = { memberId: "console:demo:lin", role: "approver", groups: ["@leads", "S123"] } as const;
  test.each([
    [[["approver"]], true],
    [[["admin"]], false],
    [[["admin", "@leads"]], true],
    [[["@leads"], ["admin"]], false],
    [[["@S123"]], true],
    [[["@lin"]], true],
    [[["@li"]], false],
    [[], false],
  ] as const)("%j", (by, expected) => {
    const terms = { ...strictest([]), by: by.map((list) => [...list]) };
    expect(mayDecide(terms, lin, [])).toBe(expected);
  });

  it("is never a viewer, nor the author where the terms keep them out", () => {
    const anyone = { ...strictest([]), by: [["viewer" as const, "@leads"]] };
    expect(mayDecide(anyone, { ...lin, role: "viewer" }, [])).toBe(false);
    expect(mayDecide({ ...anyone, authorMayApprove: false }, lin, [lin.memberId])).toBe(false);
    expect(mayDecide(anyone, lin, [lin.memberId])).toBe(true);
  });
});
