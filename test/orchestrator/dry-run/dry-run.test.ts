/** A dry run: reads are made, nothing else is, it is paid for like any run, and only its asker hears of it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dryRunDraft, dryRunWorkflow } from "../../../src/orchestrator/dry-run/service.ts";
import { readRuns, readStatus } from "../../../src/orchestrator/reading.ts";
import { replayRun } from "../../../src/orchestrator/replay/service.ts";
import { cancel } from "../../../src/orchestrator/runs/service.ts";
import { openRunsOf } from "../../../src/orchestrator/schedules/firings/store.ts";
import {
  activateDraft,
  createDraft,
  dropDraft,
  expireOldDrafts,
  reviseDraft,
} from "../../../src/orchestrator/workflows/drafts.ts";
import { deleteWorkflow, runNow } from "../../../src/orchestrator/workflows/service.ts";
import { workflowView } from "../../../src/orchestrator/workflows/views/store.ts";
import { fail } from "../../../src/tools/index.ts";
import { CHANNEL, type EngineCase, engineCase, memberId, WORKSPACE } from "../engine-case.ts";
import { calls, fails, reports } from "../scripted-model.ts";

let set: EngineCase;
beforeEach(async () => {
  set = await engineCase();
});
afterEach(() => set.close());

const wanted = { instruction: "look at the page", trigger: { kind: "person" } } as const;
const draft = () => set.act("sam", (caller) => createDraft(caller, wanted));
const dry = (id: string, who: "sam" | "ada" | "vic" = "sam") => set.act(who, (caller) => dryRunDraft(caller, id));
const told = async (runId?: string) => {
  const [notice, ...more] = await set.notice("dryRan", runId);
  expect(more).toEqual([]);
  if (!notice) throw new Error("nobody was told of the dry run");
  return notice;
};
const reader = () => ({
  db: set.db,
  workspaceId: WORKSPACE,
  now: new Date(set.clock.now()),
  zone: "UTC",
  dayCeilingMicros: 5_000_000,
});
const asking = () =>
  set.model.says(
    calls(["look", { what: "a" }]),
    calls(["note", { what: "b" }], ["pay", { what: "rent" }]),
    reports("12 left.\n\nAnd more.", "seen 12"),
  );

describe("a dry run of a draft", () => {
  it("reads for real, makes no other call, and tells its asker alone what it would have done", async () => {
    asking();
    const { workflowId } = await draft();
    const { runId, number } = await dry(workflowId);
    await set.work();
    expect(await set.run(runId)).toMatchObject({ status: "succeeded", dry: true, number });
    expect(set.called.map(({ tool, what }) => [tool, what])).toEqual([["look", "a"]]);
    expect(await set.count("approvals")).toBe(0);
    const messages = await set.sql`select private_to, channel_id, thread_id from deliveries`;
    expect([...messages]).toEqual([{ private_to: memberId("sam"), channel_id: CHANNEL, thread_id: null }]);
    expect(await told()).toMatchObject({
      run: { number },
      draft: true,
      status: "succeeded",
      verdict: { kind: "report", text: "12 left.\n\nAnd more." },
      reads: [{ tool: "look", exactly: '{"what":"a"}', failure: null }],
      would: [
        { tool: "note", action: "note b", reasons: ["it changes something"] },
        { tool: "pay", action: "pay rent", effect: "write" },
      ],
      moreReads: 0,
      moreWould: 0,
    });
    // The draft is one still.
    expect((await set.defined(workflowId)).workflow.status).toBe("draft");
    await set.act("sam", (caller) => activateDraft(caller, workflowId));
  });

  it("does not make a read either that a real run would ask about", async () => {
    set.model.says(calls(["browse", { what: "one.test" }]), calls(["browse", { what: "two.test" }]), reports("ok"));
    const { workflowId } = await draft();
    await dry(workflowId);
    await set.work();
    expect(set.called.map(({ what }) => what)).toEqual(["one.test"]);
    const notice = await told();
    expect(notice.reads).toMatchObject([{ tool: "browse", target: "one.test" }]);
    expect(notice.would).toMatchObject([
      {
        tool: "browse",
        target: "two.test",
        reasons: ["this run read text from outside (browse one.test) and now wants to send to two.test"],
      },
    ]);
  });

  it("goes on from its journal when its worker is lost, and tells once", async () => {
    asking();
    const { workflowId } = await draft();
    const { runId } = await dry(workflowId);
    const [held] = await set.claim("lost");
    if (!held) throw new Error("nothing to claim");
    const stops = [false, true];
    const { advance } = await import("../../../src/orchestrator/runs/engine.ts");
    await advance(set.deps, held, new AbortController().signal, () => stops.shift() ?? true);
    set.clock.pass(60_000);
    await set.work("heir");
    expect(await set.run(runId)).toMatchObject({ status: "succeeded" });
    expect(set.called).toHaveLength(1);
    expect((await told()).would).toHaveLength(2);
    expect(set.model.left()).toBe(0);
  });

  it("is refused once the draft is over, to others, and while one is under way", async () => {
    const { workflowId } = await draft();
    await expect(dry(workflowId, "ada")).rejects.toThrow("Only the person who asked");
    await dry(workflowId);
    await expect(dry(workflowId)).rejects.toThrow("A dry run of page is under way already, as run 1. /claw cancel 1");
    await set.act("sam", (caller) => reviseDraft(caller, workflowId, { instruction: "look at another page" }));
    set.clock.pass(25 * 3_600_000);
    await expect(dry(workflowId)).rejects.toThrow("This preview was kept for 24 h and is over");
    await expireOldDrafts(set.deps);
    await expect(dry(workflowId)).rejects.toThrow("no longer kept. Send the line again");
    const { workflowId: made } = await draft();
    await set.act("sam", (caller) => activateDraft(caller, made));
    await expect(dry(made)).rejects.toThrow("was created already");
  });

  it("ends when the draft is dropped", async () => {
    const { workflowId } = await draft();
    const { runId } = await dry(workflowId);
    await set.act("sam", (caller) => dropDraft(caller, workflowId));
    await set.work();
    expect(await set.run(runId)).toMatchObject({ status: "cancelled" });
    expect(await told()).toMatchObject({ status: "cancelled", draft: false, reads: [], would: [] });
  });
});

describe("a dry run of a workflow", () => {
  let workflowId: string;
  beforeEach(async () => {
    workflowId = await set.workflow({ name: "stock" });
  });
  const dryStock = (who: "sam" | "kim" | "vic" | "ada" = "sam") =>
    set.act(who, (caller) => dryRunWorkflow(caller, { name: "stock" }));

  it("knows what the last run said, and is nobody's last run itself", async () => {
    set.model.says(reports("10 left.", "seen 10"));
    await set.start(workflowId);
    await set.work();
    set.model.says(reports("12 left.", "seen 12"));
    const { runId } = await dryStock();
    await set.work();
    expect(JSON.stringify(set.model.requests[1]?.messages)).toContain("seen 10");
    set.model.says(reports("14 left.", "seen 14"));
    await set.start(workflowId);
    await set.work();
    const said = JSON.stringify(set.model.requests[2]?.messages);
    expect(said).toContain("seen 10");
    expect(said).not.toContain("12");
    expect((await set.notice("runReported")).map(({ text }) => text)).toEqual(["10 left.", "14 left."]);
    const at = new Date(set.clock.now());
    expect((await workflowView(set.db, WORKSPACE, { name: "stock" }, at))?.lastRun?.number).toBe(3);
    expect((await readRuns(reader(), "stock"))?.find((run) => run.runId === runId)).toMatchObject({ dry: true });
  });

  it("is in no run's way", async () => {
    await dryStock();
    expect((await set.inWork((work) => openRunsOf(work.tx, [workflowId]))).size).toBe(0);
    await set.act("sam", (caller) => runNow(caller, { name: "stock" }));
    set.model.says(reports("dry"), reports("real"));
    await set.work();
    expect(set.model.left()).toBe(0);
  });

  it("that fails tells its asker, opens no incident and counts as no failure", async () => {
    set.on("look", async () => fail("tool_bug", "it broke"));
    set.model.says(calls(["look", { what: "a" }]));
    const { runId } = await dryStock();
    await set.work();
    expect(await set.run(runId)).toMatchObject({ status: "failed" });
    expect(await told()).toMatchObject({ status: "failed", failure: { code: "tool_bug" } });
    expect(await set.notice("runFailed")).toEqual([]);
    expect((await set.sql`select count(*)::int as n from incidents`)[0]?.n).toBe(0);
    const [row] = await set.sql`select failures_in_a_row, open_incidents from workflows where id = ${workflowId}`;
    expect(row).toEqual({ failures_in_a_row: 0, open_incidents: 0 });
    expect((await readStatus(reader())).dead).toEqual([]);
  });

  it("waits through an outage of the model without a word to the thread", async () => {
    set.model.says(fails("service_unavailable"), reports("there again"));
    const { runId } = await dryStock();
    await set.work();
    set.clock.pass(10 * 60_000);
    await set.work();
    expect(await set.run(runId)).toMatchObject({ status: "succeeded" });
    expect(await set.count("deliveries")).toBe(1);
  });

  it("ends with its workflow", async () => {
    const { runId } = await dryStock();
    await set.act("sam", (caller) => deleteWorkflow(caller, { name: "stock" }));
    expect(await set.run(runId)).toMatchObject({ status: "cancelled" });
  });

  it("is its owner's or an admin's to ask for, can be cancelled, and is not replayed", async () => {
    await expect(dryStock("vic")).rejects.toThrow("Viewers cannot");
    await expect(dryStock("kim")).rejects.toThrow("Only the owner of stock or an admin");
    const { number } = await dryStock("ada");
    await set.act("ada", (caller) => cancel(caller, { number }));
    expect(await told()).toMatchObject({ status: "cancelled" });
    await expect(set.act("ada", (caller) => replayRun(caller, { number }, "pinned"))).rejects.toThrow("is a dry run");
  });
});

describe("its money", () => {
  const price = {
    inputMicrosPerMillion: 1_000_000,
    cachedInputMicrosPerMillion: 0,
    outputMicrosPerMillion: 0,
    source: "test",
  };

  it("is reserved and settled like any run's, and its ceiling ends it instead of asking", async () => {
    await set.close();
    const { scriptedModel } = await import("../scripted-model.ts");
    set = await engineCase({ model: scriptedModel({ price }), dayCeilingMicros: 3_000 });
    const id = await set.workflow({ name: "stock" });
    set.model.says(calls(["look", { what: "a" }]), reports("ok"));
    const first = await set.act("sam", (caller) => dryRunWorkflow(caller, { id }));
    await set.work();
    expect(await set.run(first.runId)).toMatchObject({ status: "succeeded", cost_micros: "200" });
    expect((await told(first.runId)).figures.costMicros).toBe(200);
    const [day] = await set.sql`select spent_micros from budgets where scope = 'workspace_day'`;
    expect(Number(day?.spent_micros)).toBe(200);
    await set.sql`update budgets set limit_micros = 210 where scope = 'workspace_day'`;
    const second = await set.act("sam", (caller) => dryRunWorkflow(caller, { id }));
    await set.work();
    expect(await told(second.runId)).toMatchObject({
      status: "failed",
      failure: { code: "over_budget", message: "The dry run reached the workspace's ceiling for the day." },
    });
    expect(await set.notice("budgetAsked")).toEqual([]);
  });
});
