/** How long a run may be under way and how long silent: ended by its holder, or by the sweep when the holder hangs. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { LimitReached } from "../../../src/orchestrator/runs/interruption.ts";
import { overdueRuns } from "../../../src/orchestrator/runs/overdue/store.ts";
import { endOverdueRuns } from "../../../src/orchestrator/runs/overdue.ts";
import { retry } from "../../../src/orchestrator/runs/service.ts";
import { createWorker, type Worker } from "../../../src/orchestrator/runs/worker.ts";
import type { Policies } from "../../../src/orchestrator/workflows/workflow.ts";
import { ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, gate, LEASE_MS } from "../engine-case.ts";
import { calls, does, fails, reports } from "../scripted-model.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let c: EngineCase;
let worker: Worker;
beforeEach(async () => {
  c = await engineCase();
  worker = createWorker({
    ...c.deps,
    urgent: c.deps.db,
    journal: c.deps.db,
    uptime: () => performance.now(),
    owner: "worker-1",
    concurrency: 4,
    leaseMs: 2_000,
  });
});
afterEach(async () => {
  await worker.stop(0);
  await c.close();
});

const begin = async (policies: Partial<Policies> = {}) => c.start(await c.workflow({ name: "menu", policies }));
const approve = (number: number) =>
  c.act("ada", (caller) => vote(caller, { which: { number }, choice: "approve", reason: null }));
const failureOf = async (run: string) => (await c.run(run)).failure as { code: string; message: string } | null;
/** Takes that long, by the clock. */
const takes = (ms: number) =>
  c.on("look", async ({ what }) => {
    c.clock.pass(ms);
    return ok({ said: what });
  });
const untilAborted = () =>
  does(
    (signal) =>
      new Promise((resolve) => {
        const stop = () => resolve({ ok: false, failure: { code: "cancelled", message: "cancelled" }, usage: null });
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop);
      }),
  );

describe("the time limit", () => {
  it("counts what all claims of the run took together, and no wait", async () => {
    takes(31 * MINUTE);
    c.model.says(calls(["look", { what: "a" }]), calls(["note", { what: "b" }]));
    const run = await begin();
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "waiting", active_ms: String(31 * MINUTE) });
    c.clock.pass(10 * HOUR);
    await approve(1);
    await worker.drain();
    expect(await c.run(run)).toMatchObject({ status: "failed" });
    expect(await failureOf(run)).toEqual({
      code: "time_limit",
      message:
        "Stopped after 30 min of work, its time limit (waits do not count). It had changed nothing. " +
        "/claw set menu time limit 1 h allows more.",
    });
    expect(c.called.map(({ tool }) => tool)).toEqual(["look"]);
  });

  it("lets a run go on that has waited for hours and worked for minutes", async () => {
    takes(20 * MINUTE);
    c.model.says(calls(["look", { what: "a" }]), calls(["note", { what: "b" }]), reports("Done"));
    const run = await begin();
    await c.work();
    c.clock.pass(10 * HOUR);
    await approve(1);
    await worker.drain();
    expect(await c.run(run)).toMatchObject({ status: "succeeded", active_ms: String(20 * MINUTE) });
  });

  it("counts a claim whose worker was lost up to where its lease ran out, not the outage", async () => {
    const run = await begin();
    await c.claim();
    c.clock.pass(10 * HOUR);
    c.model.says(reports("Later"));
    await worker.drain();
    expect(await c.run(run)).toMatchObject({ status: "succeeded", active_ms: String(LEASE_MS) });
  });

  it("is whole again for a run that a person retries", async () => {
    takes(29 * MINUTE);
    c.model.says(calls(["look", { what: "a" }]), fails("bug"), reports("Better"));
    const run = await begin();
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "dead" });
    await c.act("sam", (caller) => retry(caller, { id: run }));
    takes(29 * MINUTE);
    await worker.drain();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("says what the run had changed, and what perhaps; that call is unknown, and nothing is tried again", async () => {
    c.model.says(calls(["note", { what: "b" }]), calls(["pay", { what: "5" }]));
    const run = await begin({ runTimeLimitMs: 3_000 });
    await c.work();
    await approve(1);
    await c.work();
    const paying = gate();
    c.on("pay", async (_input, { signal }) => {
      paying.open();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    });
    await approve(2);
    const draining = worker.drain();
    await paying.opened;
    await draining;
    expect((await failureOf(run))?.code).toBe("time_limit");
    expect((await failureOf(run))?.message).toContain("What it had changed by then: note b; perhaps: pay 5.");
    expect((await c.steps(run)).at(-1)).toBe("2.1 pay unknown");
    expect((await c.journal(run)).at(-1)?.failure?.code).toBe("unknown_effect");
    const [card] = await c.notice("runFailed", run);
    expect(card).toMatchObject({ state: "failed", failure: { code: "time_limit" } });
    expect(await c.waits(run)).toEqual([]);
  });
});

describe("the idle limit", () => {
  it("ends a run that has written nothing for that long, and interrupts what it waits for", async () => {
    const ticking = setInterval(() => c.clock.pass(50), 50);
    try {
      c.model.says(calls(["look", { what: "a" }]), untilAborted());
      const run = await begin({ idleLimitMs: 1_000 });
      await worker.drain();
      expect(await c.run(run)).toMatchObject({ status: "failed" });
      expect(await failureOf(run)).toEqual({
        code: "idle_limit",
        message:
          "Stopped because nothing of it came to an end for 1 s, its idle limit. It had changed nothing. " +
          "/claw set menu idle limit 2 s allows more.",
      });
    } finally {
      clearInterval(ticking);
    }
  });

  it("counts from the last thing that was written", async () => {
    takes(9 * MINUTE);
    c.model.says(calls(["look", { what: "a" }]), untilAborted());
    const run = await begin();
    const [held] = await c.claim();
    if (!held) throw new Error("not claimed");
    const stop = new AbortController();
    const advancing = c.advance(held, stop.signal);
    await expect.poll(() => c.model.requests.length).toBe(2);
    const over = async () => {
      await c.sql`update runs set lease_until = ${new Date(c.clock.now() + 1).toISOString()}`;
      return overdueRuns(c.db, { now: new Date(c.clock.now()), owner: "worker-1", graceMs: 0 });
    };
    c.clock.pass(9 * MINUTE);
    expect(await over()).toEqual([]);
    c.clock.pass(MINUTE);
    expect(await over()).toMatchObject([{ id: run, limit: "idle" }]);
    stop.abort(new LimitReached("idle"));
    await advancing;
    expect((await failureOf(run))?.code).toBe("idle_limit");
  });
});

describe("a holder that hangs but keeps its lease", () => {
  /** The run is asked for something that neither ends nor hears of anything. */
  async function hang(policies: Partial<Policies> = {}) {
    const forever = gate();
    c.model.says(
      does(async () => {
        await forever.opened;
        return { ok: false, failure: { code: "model_timeout", message: "late" }, usage: null };
      }),
    );
    const run = await begin(policies);
    const [held] = await c.claim("stuck");
    if (!held) throw new Error("not claimed");
    const advancing = c.advance(held);
    await expect.poll(() => c.model.requests.length).toBe(1);
    const wake = (): Promise<void> => {
      forever.open();
      return advancing;
    };
    return { run, wake };
  }
  const keptFor = async (ms: number) => {
    c.clock.pass(ms);
    await c.sql`update runs set lease_until = ${new Date(c.clock.now() + LEASE_MS).toISOString()}`;
    await endOverdueRuns(c.deps);
  };

  it.each([
    ["idle_limit", {}, 10 * MINUTE],
    ["time_limit", { runTimeLimitMs: 5 * MINUTE }, 5 * MINUTE],
  ] as const)("is relieved of the run by the sweep: %s", async (code, policies, limit) => {
    const { run, wake } = await hang(policies);
    await keptFor(limit + 10_000);
    expect(await c.run(run)).toMatchObject({ status: "running" });
    await keptFor(25_000);
    expect(await c.run(run)).toMatchObject({ status: "failed" });
    expect((await failureOf(run))?.code).toBe(code);
    const steps = await c.steps(run);
    await wake();
    expect(await c.steps(run)).toEqual(steps);
    expect(await c.notice("runFailed", run)).toHaveLength(1);
  });

  it("is not what a run has whose lease ran out: that goes on elsewhere", async () => {
    const run = await begin();
    await c.claim("lost");
    c.clock.pass(10 * HOUR);
    await endOverdueRuns(c.deps);
    expect(await c.run(run)).toMatchObject({ status: "running" });
  });
});
