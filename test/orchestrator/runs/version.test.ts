/** A run that was begun under one version of Claw and goes on under another. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { answerPress } from "../../../src/bot/commands/press.ts";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import type { UseCaseDeps } from "../../../src/orchestrator/caller.ts";
import { PROMPT } from "../../../src/orchestrator/context/context.ts";
import { advance } from "../../../src/orchestrator/runs/engine.ts";
import { pinChanges } from "../../../src/orchestrator/runs/pins.ts";
import type { RunPins } from "../../../src/orchestrator/runs/run.ts";
import { retry } from "../../../src/orchestrator/runs/service.ts";
import { answerVersion } from "../../../src/orchestrator/runs/version.ts";
import { editWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { createRegistry, type ToolContract } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, type PEOPLE } from "../engine-case.ts";
import { calls, fails, reports, scriptedModel } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(() => c.close());

/** A later Claw, on the same database. */
const newer = (change: (tools: ToolContract[]) => ToolContract[], more: Partial<UseCaseDeps> = {}): UseCaseDeps => ({
  ...c.deps,
  version: "test-2",
  registry: createRegistry(change([...c.deps.registry.list()])),
  ...more,
});
const reworded = (name: string) => (tools: ToolContract[]) =>
  tools.map((tool) => (tool.name === name ? { ...tool, description: "does it another way" } : tool));
const without = (name: string) => (tools: ToolContract[]) => tools.filter((tool) => tool.name !== name);
const added = (tools: ToolContract[]) => {
  const [first] = tools;
  return first ? [...tools, { ...first, name: "shiny" }] : tools;
};

const workUnder = async (deps: UseCaseDeps): Promise<void> => {
  for (let claimed = await c.claim(); claimed.length > 0; claimed = await c.claim()) {
    for (const run of claimed)
      await advance(
        { ...deps, writer: c.deps.writer, holding: c.deps.holding },
        run,
        new AbortController().signal,
        () => false,
      );
  }
};
const answer = (deps: UseCaseDeps, kind: "go_on" | "again" | "stopped", by: keyof typeof PEOPLE = "sam") =>
  c.act(by, async (caller) => answerVersion({ ...caller, deps }, (await card()).waitId, kind));
const card = async () => {
  const cards = await c.notice("versionChanged");
  const last = cards.at(-1);
  if (!last) throw new Error("nobody was asked");
  return last;
};
const approve = (number: number) =>
  c.act("lin", (caller) => vote(caller, { which: { number }, choice: "approve", reason: null }));
const pinsOf = async (run: string) => (await c.run(run)).pins as RunPins;

/** Suspended on an approval, after it has read and noted something. */
async function suspended(): Promise<{ run: string; workflow: string }> {
  c.model.says(calls(["note", { what: "first" }]), calls(["note", { what: "second" }]));
  const workflow = await c.workflow({ name: "menu" });
  const run = await c.start(workflow);
  await c.work();
  await approve(1);
  await c.work();
  expect(await c.run(run)).toMatchObject({ status: "waiting" });
  return { run, workflow };
}

describe("a run that is suspended while Claw is replaced", () => {
  it("goes on as it began when nothing it stands on has changed, on its revision, prompt and prices", async () => {
    const { run, workflow } = await suspended();
    const began = await pinsOf(run);
    await c.act("sam", (caller) => editWorkflow(caller, { id: workflow }, { instruction: "do something else" }));
    // It was told another prompt when it began.
    await c.sql`update pieces set body = 'An older prompt.' where body = ${PROMPT}`;
    await c.sql`update runs set pins = jsonb_set(jsonb_set(pins, '{promptVersion}', '0'), '{price,input}', '7000000') where id = ${run}`;
    const deps = newer(added, { maxOutputTokens: 9 });
    await c.sql`update approvals set status = 'approved', decided_at = now() where status = 'pending'`;
    await c.sql`update waits set status = 'closed', outcome = 'yes' where status = 'open'`;
    await c.sql`update steps set status = 'ready' where status = 'waiting'`;
    await c.sql`update runs set status = 'queued' where id = ${run}`;
    c.model.says(reports("Done"));
    await workUnder(deps);
    expect(await c.run(run)).toMatchObject({ status: "succeeded", revision: 1 });
    const request = c.model.requests.at(-1);
    expect(request?.messages[0]).toEqual({ role: "system", content: "An older prompt." });
    expect(JSON.stringify(request?.messages)).not.toContain("do something else");
    expect(request?.maxOutputTokens).toBe(began.maxOutputTokens);
    expect(request?.tools.map(({ name }) => name)).toEqual(c.model.requests[0]?.tools.map(({ name }) => name));
    expect(await pinsOf(run)).toMatchObject({ clawVersion: "test", promptVersion: 0, price: { input: 7_000_000 } });
    expect((await c.journal(run)).at(-2)?.costMicros).toBe(700);
    expect(await c.notice("versionChanged")).toEqual([]);
  });

  it.each([
    ["changed", reworded("browse"), "the tool browse has changed"],
    ["gone", without("browse"), "the tool browse is gone"],
  ] as const)(
    "waits and asks when a tool it began with is %s, and calls neither model nor tool meanwhile",
    async (_, change, says) => {
      const { run } = await suspended();
      const asked = c.model.requests.length;
      await approve(2);
      await workUnder(newer(change));
      expect(await c.run(run)).toMatchObject({ status: "waiting", lease_owner: null });
      expect(c.model.requests).toHaveLength(asked);
      expect(c.called.map(({ what }) => what)).toEqual(["first"]);
      expect(await c.waits(run)).toMatchObject([
        { kind: "stopped", step: null, detail: { why: "version", changes: [says] } },
      ]);
      const text = cardText(noticeCard(await card()));
      expect(text).toContain("menu, run 1 cannot go on as it began");
      expect(text).toContain(`T${says.slice(1)}. It began under Claw test, and this is test-2`);
      expect(text).toContain("changed  note first");
      expect(text).toContain("[Go on with the new version] [Start again] [Stop]");
      // Asked once, however often somebody looks.
      await c.sql`update runs set status = 'queued' where id = ${run}`;
      await workUnder(newer(change));
      expect(await c.waits(run)).toHaveLength(1);
      expect(await c.notice("versionChanged")).toHaveLength(1);
    },
  );

  it("asks when the model is another one", async () => {
    const { run } = await suspended();
    const model = { ...scriptedModel(), name: "other-model" };
    await approve(2);
    await workUnder(newer((tools) => tools, { model }));
    expect((await card()).changes).toEqual(["the model is other-model and was scripted"]);
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
  });

  it("goes on under the old version again without a word, should that be back", async () => {
    const { run } = await suspended();
    await approve(2);
    await workUnder(newer(reworded("browse")));
    c.model.says(reports("Done"));
    await c.sql`update runs set status = 'queued' where id = ${run}`;
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });
});

describe("the answer", () => {
  it("*Go on* takes the new version; a call that was approved under the old one stands when its tool does", async () => {
    const { run } = await suspended();
    await approve(2);
    const deps = newer(reworded("browse"));
    await workUnder(deps);
    expect(await answer(deps, "go_on")).toBe(1);
    c.model.says(reports("Done"));
    await workUnder(deps);
    expect(await c.run(run)).toMatchObject({ status: "succeeded", pins: { clawVersion: "test-2" } });
    expect(c.called.map(({ what }) => what)).toEqual(["first", "second"]);
    expect(await card()).toMatchObject({ decision: { kind: "go_on", by: "sam" } });
    const audited = await c.sql`select actor, detail from audit_events where action = 'run.repinned'`;
    expect(audited).toMatchObject([
      { actor: "console:test:sam", detail: { from: "test", to: "test-2", changes: ["the tool browse has changed"] } },
    ]);
    await expect(answer(deps, "stopped")).rejects.toMatchObject({ code: "conflict" });
  });

  it("*Go on* does not make a call that was approved under another contract", async () => {
    const { run } = await suspended();
    await approve(2);
    const deps = newer(reworded("note"));
    await workUnder(deps);
    await answer(deps, "go_on");
    c.model.says(reports("Then not"));
    await workUnder(deps);
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called.map(({ what }) => what)).toEqual(["first"]);
    expect((await c.steps(run)).at(-2)).toMatch(/refused|succeeded/);
    expect(await c.steps(run)).toContain("2.1 note refused");
  });

  it("*Start again* leaves the run, and another begins with what there is now", async () => {
    const { run } = await suspended();
    const deps = newer(without("browse"));
    await approve(2);
    await workUnder(deps);
    expect(await answer(deps, "again", "ada")).toBe(2);
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
    c.model.says(reports("Anew"));
    await workUnder(deps);
    const [again] = await c.sql`select status, pins, revision from runs where number = 2`;
    expect(again).toMatchObject({ status: "succeeded", pins: { clawVersion: "test-2" } });
    expect(c.called.map(({ what }) => what)).toEqual(["first"]);
  });

  it("*Stop* ends it, and what it had changed is told", async () => {
    const { run } = await suspended();
    const deps = newer(without("browse"));
    await approve(2);
    await workUnder(deps);
    await answer(deps, "stopped");
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
    expect(await c.notice("runCancelled", run)).toMatchObject([{ by: "sam", happened: ["note first"] }]);
    expect(await c.waits(run)).toEqual([]);
  });

  it("is the owner's or an admin's, once, and only to the question that was asked", async () => {
    await suspended();
    const deps = newer(without("browse"));
    await approve(2);
    await workUnder(deps);
    await expect(answer(deps, "go_on", "lin")).rejects.toMatchObject({ code: "forbidden" });
    const press = (action: string, value: string) =>
      c.act("sam", (caller) => answerPress({ ...caller, deps }, { action, value, text: null }));
    await expect(press("version.go_on", "019f0000-0000-7000-8000-000000000000")).rejects.toMatchObject({
      code: "unknown_subject",
    });
    expect(cardText((await press("version.stop", (await card()).waitId)).card)).toContain("Run 1 is stopped.");
  });
});

it("a run that has begun nothing yet simply begins with the new version", async () => {
  const run = await c.start(await c.workflow());
  const deps = newer(reworded("browse"));
  c.model.says(reports("Done"));
  await workUnder(deps);
  expect(await c.run(run)).toMatchObject({ status: "succeeded", pins: { clawVersion: "test-2" } });
  expect(await c.notice("versionChanged")).toEqual([]);
});

it("a dead run that is retried under a new version asks as well", async () => {
  c.model.says(calls(["look", { what: "a" }]), fails("bug"));
  const run = await c.start(await c.workflow());
  await c.work();
  expect(await c.run(run)).toMatchObject({ status: "dead" });
  await c.act("sam", (caller) => retry(caller, { id: run }));
  await workUnder(newer(without("pay")));
  expect((await card()).changes).toEqual(["the tool pay is gone"]);
});

it("what a run stands on is compared, not what is new", () => {
  const pins: RunPins = {
    clawVersion: "1",
    promptVersion: 1,
    model: "m",
    maxOutputTokens: 1,
    tools: { a: "1", b: "2" },
    price: { input: 1, cachedInput: 1, output: 1, source: "x" },
  };
  const later = { ...pins, clawVersion: "2", promptVersion: 2, maxOutputTokens: 2, tools: { ...pins.tools, c: "3" } };
  expect(pinChanges(pins, later)).toEqual([]);
  expect(pinChanges(pins, { ...later, tools: { b: "x" }, model: "n" })).toEqual([
    "the tool a is gone",
    "the tool b has changed",
    "the model is n and was m",
  ]);
});
