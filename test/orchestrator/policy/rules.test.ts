/** Rules in a workspace: who may add and take back, and that they hold for runs under way. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { readRuleLine } from "../../../src/orchestrator/policy/line.ts";
import { checkCall, readPermissions } from "../../../src/orchestrator/policy/reading.ts";
import { proposeRule, removeRuleNumber, saveProposedRule } from "../../../src/orchestrator/policy/service.ts";
import { type EngineCase, engineCase, type PEOPLE, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const propose = (who: keyof typeof PEOPLE, verb: "allow" | "deny", text: string) =>
  c.act(who, (caller) => {
    const line = readRuleLine(verb, text);
    if (!line) throw new Error(`no rule: ${text}`);
    return proposeRule(caller, line);
  });
const add = async (who: keyof typeof PEOPLE, verb: "allow" | "deny", text: string) => {
  const { ruleId } = await propose(who, verb, text);
  return c.act(who, (caller) => saveProposedRule(caller, ruleId));
};
const audited = async () =>
  (await c.sql`select action, detail from audit_events where subject_kind = 'rule' order by id`).map(
    ({ action, detail }) => `${action} ${detail.words}`,
  );

describe("a rule", () => {
  it("holds when it was saved, not when it was shown, and both its ends are in the record", async () => {
    await c.workflow({ name: "prs" });
    const shown = await propose("ada", "deny", "browse to evil.example");
    expect(shown).toMatchObject({ number: null, words: "must not call browse to evil.example", workflow: null });
    const check = (name: string | null) =>
      c.act("vic", (caller) => checkCall(caller, { tool: "browse", input: '{"what":"evil.example"}', workflow: name }));
    expect((await check("prs")).outcomes[0]).toMatchObject({ kind: "run" });
    await c.act("ada", (caller) => saveProposedRule(caller, shown.ruleId));
    expect((await check("prs")).outcomes[0]).toMatchObject({ kind: "refuse", rules: ["rule 1"] });
    await expect(c.act("ada", (caller) => saveProposedRule(caller, shown.ruleId))).rejects.toMatchObject({
      code: "conflict",
    });
    await c.act("ada", (caller) => removeRuleNumber(caller, 1));
    expect((await check(null)).outcomes[0]).toMatchObject({ kind: "run" });
    expect(await audited()).toEqual([
      "rule.added must not call browse to evil.example",
      "rule.removed must not call browse to evil.example",
    ]);
  });

  it("for everything is an admin's, for a workflow also its owner's, who cannot say who approves", async () => {
    await c.workflow({ name: "prs", owner: "sam" });
    for (const who of ["sam", "lin", "vic"] as const) {
      await expect(propose(who, "deny", "browse")).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(propose("lin", "deny", "browse for prs")).rejects.toMatchObject({ code: "forbidden" });
    await expect(propose("sam", "allow", "note for prs asking @sam")).rejects.toMatchObject({ code: "forbidden" });
    expect(await add("sam", "deny", "browse for prs")).toMatchObject({ number: 1, workflow: "prs" });
    const { ruleId } = await propose("ada", "deny", "note for prs");
    await expect(c.act("sam", (caller) => saveProposedRule(caller, ruleId))).rejects.toMatchObject({
      code: "forbidden",
    });
    await c.act("ada", (caller) => saveProposedRule(caller, ruleId));
    // What an admin wrote, the owner cannot take back.
    await expect(c.act("sam", (caller) => removeRuleNumber(caller, 2))).rejects.toMatchObject({ code: "forbidden" });
    await c.act("sam", (caller) => removeRuleNumber(caller, 1));
    const view = await c.act("vic", (caller) => readPermissions(caller, "prs"));
    expect(view.rules).toEqual([{ name: "rule 2", words: "must not call note" }]);
    expect(view.tools).toContain("look");
  });

  it("about a tool there is not is not taken: it would forbid nothing", async () => {
    await expect(propose("ada", "deny", "browze")).rejects.toMatchObject({ code: "unknown_subject" });
  });

  it("that cannot be read forbids everything until an admin removes it", async () => {
    await add("ada", "deny", "pay");
    await c.sql`update policy_rules set body = '{"effect":"shrug"}'`;
    c.model.says(calls(["look", { what: "x" }]), reports("Over"));
    const run = await c.start(await c.workflow());
    await c.work();
    expect(c.called).toEqual([]);
    expect((await c.journal(run))[1]?.failure).toMatchObject({
      code: "not_permitted",
      message: expect.stringContaining("rule 1"),
    });
    await c.act("ada", (caller) => removeRuleNumber(caller, 1));
    c.clock.pass(2_000);
    c.model.says(calls(["look", { what: "x" }]), reports("Over"));
    await c.start(await c.workflow());
    await c.work();
    expect(c.called.map(({ tool }) => tool)).toEqual(["look"]);
  });

  it("is not seen, taken back or saved from another workspace", async () => {
    await add("ada", "deny", "pay");
    await c.sql`insert into workspaces (id, platform, team, name, timezone, created_at) values ('console:else', 'console', 'else', 'Else', 'UTC', now())`;
    const elsewhere = <T>(use: (caller: Parameters<Parameters<EngineCase["act"]>[1]>[0]) => Promise<T>) =>
      c.act("ada", (caller) => use({ ...caller, actor: { ...caller.actor, workspaceId: "console:else" } }));
    await expect(elsewhere((caller) => removeRuleNumber(caller, 1))).rejects.toMatchObject({ code: "unknown_subject" });
    expect((await elsewhere((caller) => readPermissions(caller, null))).rules).toEqual([]);
    const { ruleId } = await propose("ada", "deny", "note");
    await expect(elsewhere((caller) => saveProposedRule(caller, ruleId))).rejects.toMatchObject({
      code: "unknown_subject",
    });
  });
});

describe("a run", () => {
  it("is told what a rule forbids, with the rule, and goes on", async () => {
    await add("ada", "allow", "browse to *.good.example");
    c.model.says(
      calls(["browse", { what: "b.example" }]),
      calls(["browse", { what: "a.good.example" }]),
      reports("Done"),
    );
    const run = await c.start(await c.workflow());
    await c.work();
    expect(await c.steps(run)).toEqual([
      "1.0 scripted succeeded",
      "1.1 browse failed",
      "2.0 scripted succeeded",
      "2.1 browse succeeded",
      "3.0 scripted succeeded",
      "3.1 finish succeeded",
    ]);
    expect(JSON.stringify(c.model.requests[1]?.messages)).toContain("rule 1");
  });

  it("does not make an approved call that was forbidden meanwhile, and its approval is void", async () => {
    c.model.says(calls(["note", { what: "x" }]), reports("Over"));
    const run = await c.start(await c.workflow());
    await c.work();
    await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    await add("ada", "deny", "note");
    await c.work();
    expect(c.called).toEqual([]);
    expect((await c.steps(run))[1]).toBe("1.1 note refused");
    expect((await c.sql`select status from approvals`)[0]?.status).toBe("void");
    expect((await c.notice("approvalRequested"))[0]?.decision).toMatchObject({
      kind: "void",
      reason: expect.stringContaining("rule 1"),
    });
  });

  it("asks before reading where a rule wants that, and names the rule on the card", async () => {
    await add("ada", "allow", "look asking 2 of approver");
    c.model.says(calls(["look", { what: "x" }]), reports("Over"));
    await c.start(await c.workflow());
    await c.work();
    const [asked] = await c.notice("approvalRequested");
    expect(asked?.approval).toMatchObject({
      reasons: ["the policy wants to be asked before look (rule 1)"],
      who: "2 people, each an approver or an admin",
      quorum: 2,
      grantable: false,
    });
  });

  it("that asks again and again for what was denied is stopped, and says so once", async () => {
    const ask = () => calls(["note", { what: "x" }]);
    c.model.says(ask(), ask(), ask());
    const run = await c.start(await c.workflow());
    await c.work();
    await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "deny", reason: "no" }));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "failed", failure: { code: "approval_denied" } });
    expect(c.called).toEqual([]);
    expect(c.model.left()).toBe(0);
    expect(await c.notice("runFailed", run)).toHaveLength(1);
    expect(await c.count("approvals")).toBe(1);
    expect((await c.sql`select count(*)::int as n from runs where workspace_id = ${WORKSPACE}`)[0]?.n).toBe(1);
  });
});
