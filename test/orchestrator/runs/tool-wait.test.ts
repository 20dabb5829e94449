/** A run that waits until a time, because its workflow wants it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dryRunWorkflow } from "../../../src/orchestrator/dry-run/service.ts";
import { readInspect, readStatus, readWhy } from "../../../src/orchestrator/reading.ts";
import { replayRun } from "../../../src/orchestrator/replay/service.ts";
import { advance } from "../../../src/orchestrator/runs/engine.ts";
import { closeDueWaits } from "../../../src/orchestrator/runs/resume.ts";
import { cancel } from "../../../src/orchestrator/runs/service.ts";
import { momentWords, readMoment } from "../../../src/orchestrator/schedules/moment.ts";
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { resumeEverything, stopEverything } from "../../../src/orchestrator/stops/service.ts";
import { bringForward, whatIsDue } from "../../../src/orchestrator/sweep/store.ts";
import { waitTool } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, gate, LEASE_MS, START, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase({ zone: "Europe/Paris", tools: () => [waitTool({ moment: readMoment, words: momentWords })] });
});
afterEach(async () => {
  await c.close();
});

const HOUR = 3_600_000;
const PARIS: Schedule = {
  kind: "interval",
  everySeconds: 60,
  anchor: "2026-05-04T00:00:00Z",
  zone: "Europe/Paris",
  until: null,
};
const reader = () => ({
  db: c.db,
  workspaceId: WORKSPACE,
  now: new Date(c.clock.now()),
  zone: "Europe/Paris",
  dayCeilingMicros: 5_000_000,
});
/** A run that waits for two hours, then reports. */
async function waiting(input: object = { minutes: 120 }, workflow?: string): Promise<string> {
  c.model.says(calls(["wait", input]), reports("Done"));
  const run = await c.start(workflow ?? (await c.workflow({ schedule: PARIS })));
  await c.work();
  return run;
}
const told = (turn: number) => JSON.stringify(c.model.requests[turn]?.messages.at(-1));

describe("a run that waits for a time", () => {
  it("holds no lease, goes on by itself when it has come, and hears what time it is", async () => {
    const run = await waiting({ until: "14:00" });
    expect(await c.run(run)).toMatchObject({ status: "waiting", lease_owner: null });
    const due = START + 2 * HOUR;
    expect((await c.waits(run)).map(({ kind, dueAt }) => [kind, dueAt?.getTime()])).toEqual([["timer", due]]);
    expect(c.wakes).toContainEqual({ kind: "runs.due", at: due });
    c.clock.set(due - 1_000);
    await c.work();
    expect((await c.run(run)).status).toBe("waiting");
    c.clock.set(due + 5_000);
    await c.work("another-process");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(told(1)).toContain("Mon 4 May 2026 at 14:00:05, Europe/Paris");
    const audited = await c.sql`select action from audit_events where run_id = ${run} order by id`;
    expect(audited.map(({ action }) => action)).toEqual(["run.queued", "run.waits", "run.succeeded"]);
  });

  it("says so in the thread, in status, why and inspect", async () => {
    const run = await waiting();
    const at = new Date(START + 2 * HOUR).toISOString();
    const [progress] = await c.notice("runProgress", run);
    expect(progress).toMatchObject({ state: "waiting", note: `waits until ${at} because the workflow asked to` });
    expect(await readWhy(reader(), { number: 1 })).toMatch(
      new RegExp(`It waits until ${at.replaceAll(".", "\\.")}, because the workflow asked to\\.$`),
    );
    const [seen] = (await readStatus(reader())).waiting;
    expect(seen?.waits).toMatchObject([{ kind: "timer", asked: true, dueAt: at }]);
    expect((await readInspect(reader(), { number: 1 }))?.run.waits[0]?.forWhat).toBe(
      "its time, because the workflow asked to",
    );
    c.clock.pass(3 * HOUR);
    await c.work();
    expect((await c.notice("runProgress", run))[0]).toMatchObject({ state: "done" });
  });

  it("does not use up its time limit while it waits", async () => {
    const run = await waiting({ minutes: 600 }, await c.workflow({ policies: { runTimeLimitMs: 60_000 } }));
    c.clock.pass(10 * HOUR);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(Number((await c.run(run)).active_ms)).toBeLessThan(60_000);
  });

  it("lets calls of the same turn run meanwhile, and waits once however many wake it", async () => {
    c.model.says(calls(["wait", { minutes: 5 }], ["look", { what: "a" }]), reports("Done"));
    const run = await c.start(await c.workflow());
    await c.work();
    expect(await c.steps(run)).toEqual(["1.0 scripted succeeded", "1.1 wait waiting", "1.2 look succeeded"]);
    c.clock.pass(5 * 60_000);
    expect(
      await Promise.all([closeDueWaits(c.deps), closeDueWaits(c.deps)]).then((n) => n.reduce((a, b) => a + b)),
    ).toBe(1);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called).toHaveLength(1);
    expect(await c.sql`select 1 from waits`).toHaveLength(1);
  });

  it("is told at once of a time that is over or too far, and may correct it", async () => {
    c.model.says(
      calls(["wait", { until: "2026-05-04 09:00" }]),
      calls(["wait", { minutes: 60 * 24 * 40 }]),
      reports("I did not wait"),
    );
    const run = await c.start(await c.workflow());
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(told(1)).toMatch(/until is over.*Write a later time/);
    expect(told(2)).toMatch(/at most 30 days/);
    expect(await c.sql`select 1 from waits`).toHaveLength(0);
  });
});

describe("a crash", () => {
  it("right after the wait began changes nothing", async () => {
    c.model.says(calls(["wait", { minutes: 60 }]), reports("Done"));
    const run = await c.start(await c.workflow());
    const [held] = await c.claim("lost");
    if (!held) throw new Error("nothing claimed");
    // The process dies when the wait is written and the run is about to be put to wait.
    const state = { works: 0 };
    const db = new Proxy(c.db, {
      get: (target, name) =>
        name === "transaction"
          ? (body: Parameters<typeof target.transaction>[0]) => {
              state.works += 1;
              return state.works > 1 ? new Promise(() => {}) : target.transaction(body);
            }
          : Reflect.get(target, name, target),
    });
    void advance({ ...c.deps, db }, held, new AbortController().signal, () => false);
    await expect.poll(async () => (await c.waits(run)).length).toBe(1);
    c.clock.pass(LEASE_MS + 1_000);
    await c.work("next");
    expect(await c.run(run)).toMatchObject({ status: "waiting", lease_owner: null });
    expect(await c.waits(run)).toHaveLength(1);
    c.clock.pass(HOUR);
    await c.work("next");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(await c.sql`select 1 from waits`).toHaveLength(1);
  });

  it("right after the time has come does not wait again", async () => {
    const run = await waiting();
    c.clock.pass(2 * HOUR);
    await closeDueWaits(c.deps);
    expect(await c.claim("lost")).toHaveLength(1);
    c.clock.pass(LEASE_MS + 1_000);
    await c.work("next");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(await c.sql`select 1 from waits`).toHaveLength(1);
  });
});

describe("while it waits", () => {
  it("the next slot is left out, and says until when and why it waited", async () => {
    const workflow = await c.workflow({ name: "slow", nextSlotAt: new Date(START + 60_000) });
    await waiting({ minutes: 120 }, workflow);
    c.clock.pass(61_000);
    await claimDueSlots(c.deps);
    const [slot] = await c.sql`select outcome, reason from firings where kind = 'slot'`;
    expect(slot).toEqual({
      outcome: "skipped",
      reason: `overlap: run 1 was still waiting until ${new Date(START + 2 * HOUR).toISOString()}, because the workflow asked to`,
    });
  });

  it("the next slot cancels it where the workflow wants that, and never overtakes it as a retry", async () => {
    const workflow = await c.workflow({
      policies: { overlap: "cancel_running" },
      nextSlotAt: new Date(START + 60_000),
    });
    const run = await waiting({ minutes: 120 }, workflow);
    c.clock.pass(61_000);
    await claimDueSlots(c.deps);
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
    expect(await c.waits(run)).toEqual([]);
  });

  it("it can be cancelled, and its time does nothing any more", async () => {
    const run = await waiting();
    expect(await c.act("sam", (caller) => cancel(caller, { number: 1 }))).toMatchObject({ how: "cancelled" });
    c.clock.pass(3 * HOUR);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
    expect(c.model.left()).toBe(1);
  });

  it("everything can be stopped: what is due meanwhile goes on when it is resumed, late and whole", async () => {
    const run = await waiting();
    await c.act("ada", (caller) => stopEverything(caller));
    c.clock.pass(3 * HOUR);
    await c.work();
    expect((await c.run(run)).status).toBe("queued");
    expect(c.model.left()).toBe(1);
    await c.act("ada", (caller) => resumeEverything(caller));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(told(1)).toContain("15:00");
  });

  it("is not begun while everything is stopped", async () => {
    const slow = gate();
    c.on("look", async ({ what }) => {
      await slow.opened;
      return { ok: true, value: { said: what } };
    });
    c.model.says(calls(["look", { what: "a" }]), calls(["wait", { minutes: 5 }]), reports("Done"));
    const run = await c.start(await c.workflow());
    const working = c.work();
    await expect.poll(() => c.called.length).toBe(1);
    await c.act("ada", (caller) => stopEverything(caller));
    slow.open();
    await working;
    expect((await c.run(run)).status).toBe("queued");
    expect(await c.waits(run)).toEqual([]);
  });

  it("a lost wake is repaired: the sweep sees that it is due", async () => {
    await waiting();
    expect(await whatIsDue(c.db, new Date(START + 2 * HOUR - 1), 0)).not.toContain("runs.due");
    expect(await whatIsDue(c.db, new Date(START + 2 * HOUR + 3_000), 2_000)).toContain("runs.due");
  });
});

describe("when the machine's clock is set", () => {
  it("a time stays that time, a while stays as long", async () => {
    // It was an hour ahead, and is set back.
    c.clock.set(START + HOUR);
    const workflow = await c.workflow({ schedule: PARIS });
    c.model.says(calls(["wait", { until: "2026-05-04 14:00" }]), calls(["wait", { minutes: 30 }]));
    const time = await c.start(workflow);
    await c.work();
    const while_ = await c.start(workflow);
    await c.work();
    c.clock.set(START);
    await bringForward(c.db, new Date(START));
    const due = async (run: string) => (await c.waits(run))[0]?.dueAt?.getTime();
    expect(await due(time)).toBe(START + 2 * HOUR);
    expect(await due(while_)).toBe(START + HOUR / 2);
    c.model.says(reports("After a while"), reports("At the time"));
    c.clock.pass(HOUR / 2);
    await c.work();
    expect(await c.run(while_)).toMatchObject({ status: "succeeded" });
    expect(await c.run(time)).toMatchObject({ status: "waiting" });
    c.clock.set(START + 2 * HOUR);
    await c.work();
    expect(await c.run(time)).toMatchObject({ status: "succeeded" });
  });

  it("forwards, it goes on at once", async () => {
    const run = await waiting();
    c.clock.set(START + 48 * HOUR);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });
});

describe("a rehearsal does not wait", () => {
  it("a dry run goes on at once and says what it would have waited for", async () => {
    await c.workflow({ name: "slow" });
    c.model.says(calls(["wait", { minutes: 120 }]), reports("Done"));
    const { runId } = await c.act("sam", (caller) => dryRunWorkflow(caller, { name: "slow" }));
    await c.work();
    expect(await c.run(runId)).toMatchObject({ status: "succeeded", dry: true });
    expect(told(1)).toContain("Not waited: this is a dry run");
    expect((await c.notice("dryRan", runId))[0]).toMatchObject({
      reads: [],
      would: [{ tool: "wait", action: "wait for 120 minutes", waits: true }],
    });
    expect(await c.sql`select 1 from waits`).toHaveLength(0);
  });

  it("a replay is answered from the journal", async () => {
    const run = await waiting();
    c.clock.pass(2 * HOUR);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    c.clock.pass(24 * HOUR);
    c.model.says(calls(["wait", { minutes: 120 }]), reports("Done"));
    await c.act("sam", (caller) => replayRun(caller, { number: 1 }, "pinned"));
    await c.work();
    const [replay] = await c.sql`select status from runs where replay_of = ${run}`;
    expect(replay?.status).toBe("succeeded");
    expect(told(3)).toContain("Mon 4 May 2026 at 14:00");
    expect(await c.sql`select 1 from waits`).toHaveLength(1);
  });
});
