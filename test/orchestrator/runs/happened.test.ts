/** Who cancels a run is told what it had changed already; who begins a dead one anew is told before. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { readDead } from "../../../src/orchestrator/reading.ts";
import { restart } from "../../../src/orchestrator/runs/restart.ts";
import { cancel, discard, retry } from "../../../src/orchestrator/runs/service.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { editWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { fail, ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, gate, START, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const MINUTE = 60_000;
const yes = (number: number) =>
  c.act("lin", (caller) => vote(caller, { which: { number }, choice: "approve", reason: null }));
const cancelled = async () => (await c.notice("runCancelled")).map(({ happened }) => happened);

describe("cancelling says what had happened", () => {
  it("nothing, when nothing was changed", async () => {
    c.model.says(calls(["look", { what: "x" }]), calls(["note", { what: "y" }]));
    const run = await c.start(await c.workflow());
    await c.work();
    await c.act("sam", (caller) => cancel(caller, { id: run }));
    expect(await cancelled()).toEqual([[]]);
  });

  it("what was done, and what was refused was not", async () => {
    c.model.says(calls(["note", { what: "one" }], ["note", { what: "two" }]), calls(["pay", { what: "10" }]));
    const run = await c.start(await c.workflow());
    await c.work();
    await yes(1);
    await c.act("lin", (caller) => vote(caller, { which: { number: 2 }, choice: "deny", reason: null }));
    await c.work();
    await c.act("sam", (caller) => cancel(caller, { id: run }));
    expect(await cancelled()).toEqual([["note one"]]);
  });

  it("what may have been done: it failed so that nobody knows, and waits for its next try", async () => {
    c.on("note", async () => fail("timeout", "no answer"));
    c.model.says(calls(["note", { what: "one" }]));
    const run = await c.start(await c.workflow());
    await c.work();
    await yes(1);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
    await c.act("sam", (caller) => cancel(caller, { id: run }));
    expect(await cancelled()).toEqual([["perhaps: note one"]]);
  });

  it("but not what certainly did not happen", async () => {
    c.on("note", async () => ({
      ok: false,
      error: { code: "service_unavailable", message: "refused", mayHaveHappened: false },
    }));
    c.model.says(calls(["note", { what: "one" }]));
    const run = await c.start(await c.workflow());
    await c.work();
    await yes(1);
    await c.work();
    await c.act("sam", (caller) => cancel(caller, { id: run }));
    expect(await cancelled()).toEqual([[]]);
  });

  it("a call in flight that is interrupted", async () => {
    const begun = gate();
    c.on("pay", async (_, { signal }) => {
      begun.open();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return fail("cancelled", "interrupted");
    });
    c.model.says(calls(["pay", { what: "10" }]));
    const run = await c.start(await c.workflow());
    await c.work();
    await yes(1);
    const [held] = await c.claim();
    if (!held) throw new Error("no run");
    const { RunCancelled } = await import("../../../src/orchestrator/runs/interruption.ts");
    const controller = new AbortController();
    const going = c.advance(held, controller.signal);
    await begun.opened;
    expect(await c.act("sam", (caller) => cancel(caller, { id: run }))).toMatchObject({ how: "cancelling" });
    controller.abort(new RunCancelled("sam"));
    await going;
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
    expect(await cancelled()).toEqual([["perhaps: pay 10"]]);
  });

  it("of the run that its next slot takes the place of, before that one begins", async () => {
    const id = await c.workflow({ nextSlotAt: new Date(START), policies: { overlap: "cancel_running" } });
    c.model.says(calls(["note", { what: "one" }]), calls(["pay", { what: "10" }]));
    await claimDueSlots(c.deps);
    await c.work();
    await yes(1);
    await c.work();
    c.clock.pass(MINUTE);
    await claimDueSlots(c.deps);
    expect(await c.notice("runCancelled")).toMatchObject([{ by: "its next slot", happened: ["note one"] }]);
    expect(
      (await c.sql`select status from runs where workflow_id = ${id} order by number`).map(({ status }) => status),
    ).toEqual(["cancelled", "queued"]);
  });
});

describe("a dead run", () => {
  const policies = { retryDelaysMs: [] };
  /** It noted something, then died looking. */
  async function dead(): Promise<{ workflow: string; run: string }> {
    const workflow = await c.workflow({ name: "menu", policies });
    c.on("look", async () => fail("service_unavailable", "it answers 503"));
    c.model.says(calls(["note", { what: "one" }]), calls(["look", { what: "x" }]));
    const run = await c.start(workflow);
    await c.sql`update firings set payload = '{"issue":77}'`;
    await c.work();
    await yes(1);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "dead" });
    return { workflow, run };
  }

  it("is listed with its cause, its tries and the exact step", async () => {
    await dead();
    const reader = { db: c.db, workspaceId: WORKSPACE, now: new Date(START), zone: "UTC", dayCeilingMicros: 1 };
    expect(await readDead(reader)).toMatchObject([
      {
        number: 1,
        failure: { code: "service_unavailable", message: "it answers 503" },
        letter: {
          since: new Date(START).toISOString(),
          step: { turn: 2, callIndex: 1, name: "look", attempts: 1 },
        },
      },
    ]);
    expect(await c.notice("runFailed")).toMatchObject([{ happened: ["note one"] }]);
  });

  it("goes on from its journal: what it did is not done again", async () => {
    const { run } = await dead();
    c.on("look", async () => ok({ said: "here" }));
    c.model.says(reports("Fine"));
    await c.act("sam", (caller) => retry(caller, { id: run }));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called.filter(({ tool }) => tool === "note")).toHaveLength(1);
  });

  it("is begun anew only by who knows what it had changed", async () => {
    const { run } = await dead();
    const asked = await c.act("sam", (caller) => restart(caller, { number: 1 }, false));
    expect(asked).toEqual({ kind: "asks", runId: run, number: 1, happened: ["note one"] });
    expect(await c.count("runs")).toBe(1);
    expect(await c.run(run)).toMatchObject({ status: "dead" });
  });

  it("begun anew is a run of its own: same input and revision, and it asks again before it changes anything", async () => {
    const { workflow, run } = await dead();
    await c.act("sam", (caller) => editWorkflow(caller, { id: workflow }, { instruction: "look elsewhere" }));
    c.clock.pass(MINUTE);
    expect(await c.act("sam", (caller) => restart(caller, { id: run }, true))).toEqual({
      kind: "started",
      number: 2,
      of: 1,
      revision: 1,
    });
    expect(await c.run(run)).toMatchObject({ status: "discarded" });
    const [anew] = await c.sql`select r.*, f.kind, f.payload, f.planned_at, f.outcome from runs r
      join firings f on f.id = r.firing_id where r.number = 2`;
    expect(anew).toMatchObject({
      status: "queued",
      revision: 1,
      restart_of: run,
      kind: "person",
      payload: { issue: 77 },
      outcome: "ran",
    });
    expect(new Date(String(anew?.planned_at)).getTime()).toBe(START);
    expect(await c.notice("runFailed")).toMatchObject([{ decision: { kind: "restarted", by: "sam", run: 2 } }]);

    c.model.says(calls(["note", { what: "one" }], ["note", { what: "two" }]));
    await c.work();
    expect(
      c.called.filter(({ tool }) => tool === "note"),
      "nobody has said yes to the second",
    ).toHaveLength(1);
    const reasons = (await c.notice("approvalRequested", String(anew?.id))).map(({ approval }) =>
      approval.reasons.at(-1),
    );
    expect(reasons).toEqual([
      "run 1, which this one began anew, did exactly this already",
      "run 1, which this one began anew, did this already: note one",
    ]);
  });

  it("that had changed nothing begins anew at once, and once", async () => {
    const workflow = await c.workflow({ policies });
    c.on("look", async () => fail("service_unavailable", "it answers 503"));
    c.model.says(calls(["look", { what: "x" }]));
    const run = await c.start(workflow);
    await c.work();
    const both = await Promise.allSettled(
      [1, 2].map(() => c.act("sam", (caller) => restart(caller, { id: run }, false))),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find((each) => each.status === "rejected")).toMatchObject({
      reason: { code: "conflict", message: expect.stringContaining("discarded") },
    });
    expect(await c.count("runs")).toBe(2);
  });

  it("is not begun beside another run, nor by anybody", async () => {
    const { workflow, run } = await dead();
    await c.start(workflow);
    await expect(c.act("sam", (caller) => restart(caller, { id: run }, true))).rejects.toMatchObject({
      code: "conflict",
      message: /Run 2 of menu is still queued/,
    });
    await expect(c.act("lin", (caller) => restart(caller, { id: run }, true))).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("is given up with a reason, which stands on its card and in the record", async () => {
    const { run } = await dead();
    await c.act("sam", (caller) => discard(caller, { id: run }, "no longer needed"));
    expect(await c.notice("runFailed")).toMatchObject([
      { decision: { kind: "discarded", by: "sam", reason: "no longer needed" } },
    ]);
    const [row] = await c.sql`select detail from audit_events where action = 'run.discarded'`;
    expect(row?.detail).toMatchObject({ reason: "no longer needed" });
  });
});
