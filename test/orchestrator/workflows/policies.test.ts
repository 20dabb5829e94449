/** Policies as people set them: in their words, shown before they change, by revision. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cardText } from "../../../src/bot/cards/text.ts";
import { answerLine } from "../../../src/bot/commands/dispatch.ts";
import { answerPress } from "../../../src/bot/commands/press.ts";
import {
  dollarWords,
  durationWords,
  parseDollars,
  parseDuration,
} from "../../../src/orchestrator/workflows/amounts.ts";
import { POLICY_NAMES, policyDiff, readPolicy, sayPolicy } from "../../../src/orchestrator/workflows/policy-terms.ts";
import { editWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { DEFAULT_POLICIES, type Policies } from "../../../src/orchestrator/workflows/workflow.ts";
import { type EngineCase, engineCase, type PEOPLE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

const MINUTE = 60_000;
const changed = (text: string, defaults: Policies = DEFAULT_POLICIES) => readPolicy(text, defaults).change;

describe("amounts", () => {
  it.each([0, 1, 999, 1_000, 30_000, 90_000, 3_600_000, 5_400_000, 26 * 3_600_000, 90_061_001])(
    "%i ms is read as it is said",
    (ms) => {
      expect(parseDuration(durationWords(ms))).toBe(ms);
    },
  );

  it.each([
    [500_000, "$0.50"],
    [2_000_000, "$2"],
    [0, "$0"],
    [1_234_567, "$1.234567"],
    [125_000, "$0.125"],
    [1_000_000_000, "$1000"],
  ])("%i is %s, and back", (micros, words) => {
    expect(dollarWords(micros)).toBe(words);
    expect(parseDollars(words)).toBe(micros);
  });

  it.each(["", "$", "free", "-1", "1e3", "1.2.3", "99999999"])("%j is no amount of dollars", (text) => {
    expect(parseDollars(text)).toBeNull();
  });
});

describe("a policy in words", () => {
  it.each([
    ["overlap skip", { overlap: "skip" }],
    ["Overlap  Queue One", { overlap: "queue_one" }],
    ["overlap: cancel running", { overlap: "cancel_running" }],
    ["overlap = allow", { overlap: "allow" }],
    ["catch-up none", { catchUp: { mode: "none", windowMs: null } }],
    ["catch up latest", { catchUp: { mode: "latest", windowMs: null } }],
    ["catchup all within 2h", { catchUp: { mode: "all", windowMs: 120 * MINUTE } }],
    ["report on change", { report: "on_change" }],
    ["report only when wrong", { report: "when_wrong" }],
    ["retries off", { retryDelaysMs: [] }],
    ["retries 30s, 1m, 1 h", { retryDelaysMs: [30_000, MINUTE, 60 * MINUTE] }],
    ["pause after 3 failures", { pauseAfterFailures: 3 }],
    ["pause after 1", { pauseAfterFailures: 1 }],
    ["time limit 2h", { runTimeLimitMs: 120 * MINUTE }],
    ["time limit to 45 min", { runTimeLimitMs: 45 * MINUTE }],
    ["idle limit 90s", { idleLimitMs: 90_000 }],
    ["approval expiry 3 days", { approvalExpiryMs: 3 * 24 * 60 * MINUTE }],
    ["steps 60", { maxSteps: 60 }],
    ["cost a run $2", { runCeilingMicros: 2_000_000 }],
    ["cost per run: 0.05", { runCeilingMicros: 50_000 }],
    ["concurrency 3", { concurrency: 3 }],
    ["quiet hours ignore", { calendar: "ignore" }],
    ["holidays respect", { calendar: "respect" }],
  ] as const)("%s", (text, change) => expect(changed(text)).toEqual(change));

  it.each(POLICY_NAMES)("%s is read as it is said, and goes back to its default", (name) => {
    const own: Policies = {
      overlap: "queue_one",
      catchUp: { mode: "all", windowMs: 90 * MINUTE },
      report: "when_wrong",
      retryDelaysMs: [],
      pauseAfterFailures: 1,
      runTimeLimitMs: 90_000,
      idleLimitMs: 61_000,
      approvalExpiryMs: 26 * 60 * MINUTE,
      maxSteps: 7,
      runCeilingMicros: 125_000,
      concurrency: 4,
      calendar: "ignore",
    };
    for (const policies of [DEFAULT_POLICIES, own]) {
      const again = { ...policies, ...changed(`${name} ${sayPolicy(name, policies)}`) };
      expect(policyDiff(policies, again)).toEqual([]);
    }
    const back = { ...own, ...changed(`${name} default`) };
    expect(policyDiff(own, back)).toEqual([
      `- ${name}: ${sayPolicy(name, own)}`,
      `+ ${name}: ${sayPolicy(name, back)}`,
    ]);
    expect(sayPolicy(name, { ...DEFAULT_POLICIES, overlap: back.overlap })).toBe(sayPolicy(name, back));
  });

  it.each([
    ["overlap sometimes", /^Overlap is skip, queue one, cancel running or allow\. Or type default\.$/],
    ["overlap", /^Overlap is skip, queue one/],
    ["time limit 45", /^Time limit is a duration from 10 s to 7 d, such as 30 min/],
    ["time limit 8d", /^Time limit is a duration/],
    ["idle limit 1s", /^Idle limit is a duration from 10 s/],
    ["catch-up none within 2h", /^Catch-up is none, latest or all/],
    ["retries 1,2,3", /^Retries are the delays/],
    ["retries 30s, 1m, 2m, 3m, 4m, 5m, 6m", /at most 6/],
    ["pause after 0", /^Pause after is a number of failed runs in a row from 1/],
    ["steps 1.5", /^Steps is a number from 1 to 10000/],
    ["cost a run lots", /^Cost a run is an amount of dollars, such as \$0\.50/],
    ["concurrency 0", /^Concurrency is a number of runs at once from 1 to 1000/],
    ["quiet hours maybe", /^Quiet hours is respect or ignore/],
    [
      "ovrlap skip",
      /^There is no policy "ovrlap skip"\. Did you mean overlap\? Policies are overlap, catch-up, report/,
    ],
    ["timeout limit 5m", /^Time limit is a duration/],
    ["colour red", /^There is no policy "colour red"\. Policies are overlap/],
  ])("%s is refused with what to type", (text, message) => expect(() => changed(text)).toThrow(message));
});

describe("setting one", () => {
  let c: EngineCase;
  beforeEach(async () => {
    c = await engineCase();
  });
  afterEach(() => c.close());

  const say = async (member: keyof typeof PEOPLE, line: string) => c.act(member, (caller) => answerLine(caller, line));
  const press = async (member: keyof typeof PEOPLE, action: string, value: string, text: string | null = null) =>
    c.act(member, (caller) => answerPress(caller, { action, value, text }));
  const asked = async (line: string) => {
    const { card, key } = await say("sam", line);
    const token = card.buttons.find(({ action }) => action === "policy.save")?.value ?? "";
    return { text: cardText(card), token, key, longest: Math.max(...card.buttons.map(({ value }) => value.length)) };
  };

  it("shows before and after, changes nothing until it is saved, and then by a revision", async () => {
    const id = await c.workflow({ name: "menu" });
    const { text, token, key, longest } = await asked("set menu overlap queue one");
    expect(text).toContain("Change this policy of menu?");
    expect(text).toContain("- overlap: skip");
    expect(text).toContain("+ overlap: queue one");
    expect(text).toContain("[Save] [Cancel]");
    expect(longest).toBeLessThanOrEqual(80);
    expect((await c.defined(id)).revision).toMatchObject({ number: 1, policies: { overlap: "skip" } });
    const saved = await press("sam", "policy.save", token);
    expect(saved.key).toBe(key);
    expect(cardText(saved.card)).toContain("menu is changed, revision 2");
    const { revision, workflow } = await c.defined(id);
    expect(revision).toMatchObject({ number: 2, policies: { ...DEFAULT_POLICIES, overlap: "queue_one" } });
    expect(workflow.nextSlotAt).toBeNull();
    const audited = await c.sql`select detail from audit_events where action = 'workflow.edited'`;
    expect(audited.map((row) => row.detail.diff)).toEqual([["- overlap: skip", "+ overlap: queue one"]]);
    await expect(press("sam", "policy.save", token)).rejects.toThrow(/menu was changed since/);
  });

  it("is only asked, and cancelled without a trace", async () => {
    const id = await c.workflow({ name: "menu" });
    const { token } = await asked("set menu time limit 2h");
    expect(cardText((await press("sam", "policy.cancel", token)).card)).toContain("menu stays as it is");
    expect((await c.defined(id)).revision.number).toBe(1);
  });

  it.each([
    [
      "retries 30s, 1m, 5m, 15m, 1h, 2h",
      { retryDelaysMs: [30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 120 * MINUTE] },
    ],
    ["catch-up latest within 1h 30m", { catchUp: { mode: "latest", windowMs: 90 * MINUTE } }],
    ["approval expiry 1 day 2 hours 3 min 4 s", { approvalExpiryMs: 93_784_000 }],
    ["cost a run $0.123456", { runCeilingMicros: 123_456 }],
  ] as const)("carries %s through its button", async (text, policies) => {
    const id = await c.workflow({ name: "menu" });
    const { token, longest } = await asked(`set menu ${text}`);
    expect(longest).toBeLessThanOrEqual(80);
    await press("sam", "policy.save", token);
    expect((await c.defined(id)).revision.policies).toMatchObject(policies);
  });

  it("refuses what no button can carry, what it is already, and what it cannot be", async () => {
    await c.workflow({ name: "menu" });
    const fine = "retries 1h 1m 1s, 2h 2m 2s, 3h 3m 3s, 4h 4m 4s, 5h 5m 5s, 6h 6m 6s";
    await expect(say("sam", `set menu ${fine}`)).rejects.toThrow(/Use round amounts/);
    await expect(say("sam", "set menu overlap skip")).rejects.toThrow("overlap of menu is skip already.");
    await expect(say("sam", "set menu overlap never")).rejects.toThrow(
      /^Overlap is skip, queue one, cancel running or allow/,
    );
    expect(cardText((await say("sam", "set nothing-like-it overlap allow")).card)).toMatch(/There is no workflow/);
  });

  it("is for its owner and admins", async () => {
    await c.workflow({ name: "menu" });
    await expect(say("lin", "set menu overlap allow")).rejects.toMatchObject({ code: "forbidden" });
    const { token } = await asked("set menu overlap allow");
    await expect(press("vic", "policy.save", token)).rejects.toMatchObject({ code: "forbidden" });
    expect(cardText((await press("ada", "policy.save", token)).card)).toContain("menu is changed");
  });

  it("is refused when the workflow was edited since it was shown, and when its button is forged", async () => {
    const id = await c.workflow({ name: "menu" });
    const { token } = await asked("set menu steps 60");
    await c.act("sam", (caller) => editWorkflow(caller, { id }, { instruction: "look twice" }));
    await expect(press("sam", "policy.save", token)).rejects.toThrow(/was changed since/);
    for (const forged of ["", "x", `${id}|0`, token.replace("|8|", "|99|"), token.replace("|60|", "|sixty|")]) {
      await expect(press("sam", "policy.save", forged)).rejects.toMatchObject({
        code: expect.stringMatching(/^unknown_subject|conflict$/),
      });
    }
  });

  it("leaves runs under way on what they began with, and says how many these are", async () => {
    const id = await c.workflow({ name: "menu", policies: { maxSteps: 3 } });
    c.model.says(calls(["note", { what: "a" }]));
    const run = await c.start(id);
    await c.work();
    const { text, token } = await asked("set menu steps 60");
    expect(text).toContain("1 run under way or waiting: kept to what they began with");
    await press("sam", "policy.save", token);
    expect(await c.run(run)).toMatchObject({ status: "waiting", revision: 1 });
    expect(await c.waits(run)).toHaveLength(1);
    await c.sql`update runs set status = 'cancelled' where id = ${run}`;
    c.model.says(reports("ok"));
    const next = await c.start(id);
    await c.work();
    expect(await c.run(next)).toMatchObject({ status: "succeeded", revision: 2 });
  });

  it("shows them all, which are defaults, and lets each be changed from there", async () => {
    const id = await c.workflow({ name: "menu", policies: { report: "on_change" } });
    const { card } = await say("vic", "policies menu");
    const text = cardText(card);
    expect(text).toContain("Policies of menu: 1 of its own");
    expect(text).toContain("report: on change  set here · report is always, on change or only when wrong  [Change…]");
    expect(text).toContain("overlap: skip  default");
    expect(card.rows).toHaveLength(POLICY_NAMES.length);
    const change = card.rows[0]?.buttons[0];
    expect(change).toMatchObject({ action: "policy.change", input: { initial: "skip" } });
    const shown = await press("sam", "policy.change", change?.value ?? "", "allow");
    expect(cardText(shown.card)).toContain("+ overlap: allow");
    expect(cardText(shown.card)).toContain("+ concurrency: 5");
    await expect(press("sam", "policy.change", `${id}|99`, "allow")).rejects.toMatchObject({ code: "unknown_subject" });
    expect(cardText((await say("sam", "set menu")).card)).toContain("Policies of menu");
    expect(cardText((await say("sam", "policies nothing-like-it")).card)).toMatch(/There is no workflow/);
  });

  it("is offered where a policy decided what became of a time", async () => {
    const id = await c.workflow({ name: "menu" });
    await c.sql`insert into firings (id, workspace_id, workflow_id, kind, key, planned_at, outcome, reason, created_at)
      select gen_random_uuid(), workspace_id, id, 'slot', 'x', created_at, 'skipped', 'overlap: run 1 was still waiting', created_at
      from workflows where id = ${id}`;
    const { card } = await say("sam", "why menu");
    expect(card.buttons).toMatchObject([{ label: "Change policy", action: "command", value: "policies menu" }]);
  });
});
