/** What a lost worker leaves behind, and how another goes on from it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { ShuttingDown } from "../../../src/orchestrator/runs/interruption.ts";
import { releaseLeases } from "../../../src/orchestrator/runs/leases/store.ts";
import { answerUnknown } from "../../../src/orchestrator/runs/service.ts";
import type { HeldRun } from "../../../src/orchestrator/runs/store.ts";
import { createWorker } from "../../../src/orchestrator/runs/worker.ts";
import { ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, gate, LEASE_MS } from "../engine-case.ts";
import { calls, does, reports, scriptedModel } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

/** A worker that was killed: it never comes back from what it was doing. */
function die(run: HeldRun): void {
  void c.advance(run);
}

async function claimOne(owner = "worker-1"): Promise<HeldRun> {
  const [run] = await c.claim(owner);
  if (!run) throw new Error("nothing to claim");
  return run;
}

const hangs = () => new Promise<never>(() => {});
const yes = (number: number) =>
  c.act("lin", (caller) => vote(caller, { which: { number }, choice: "approve", reason: null }));

/** Waits for a yes to one call of a tool, is claimed, and its worker is lost in the call. */
async function lostIn(tool: "note" | "pay"): Promise<string> {
  c.on(tool, hangs);
  c.model.says(calls([tool, { what: "x" }]), reports("Done"));
  const run = await c.start(await c.workflow());
  await c.work();
  await yes(1);
  die(await claimOne());
  await expect.poll(() => c.called.length).toBe(1);
  c.on(tool, async () => ok({ said: "done" }));
  c.clock.pass(LEASE_MS + 1);
  return run;
}

describe("a worker lost in a tool call", () => {
  it("that may be repeated with its key: it is, with the same key and the same approval", async () => {
    const run = await lostIn("note");
    await c.work("worker-2");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(new Set(c.called.map(({ key }) => key)).size).toBe(1);
    expect(c.called).toHaveLength(2);
    expect(await c.count("approvals")).toBe(1);
  });

  it("that must not be repeated: a person is asked", async () => {
    const run = await lostIn("pay");
    await c.work("worker-2");
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
    expect(c.called).toHaveLength(1);
    const [asked] = await c.notice("unknownEffectAsked");
    expect(asked).toMatchObject({ tool: "pay", action: "pay x", decision: null });
    await c.act("lin", (caller) => answerUnknown(caller, asked?.waitId ?? "", "happened"));
    await c.work("worker-2");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called).toHaveLength(1);
  });

  it("that kills its worker every time does not go on for ever, also when its start is not journalled", async () => {
    c.on("look", hangs);
    c.model.says(calls(["look", { what: "poison" }]));
    const run = await c.start(await c.workflow({ policies: { retryDelaysMs: [1, 1] } }));
    for (let lost = 1; lost <= 3; lost++) {
      die(await claimOne(`worker-${lost}`));
      await expect.poll(() => c.called.length).toBe(lost);
      c.clock.pass(LEASE_MS + 1);
    }
    await c.work("worker-4");
    expect(await c.run(run)).toMatchObject({ status: "dead", failure: { code: "bug" } });
    expect(c.called).toHaveLength(3);
    const attempts = await c.sql`select outcome from attempts where call_index = 1 order by number`;
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["abandoned", "abandoned", "abandoned"]);
  });
});

describe("a worker lost in a model call", () => {
  it("costs what was reserved, in the ledger, on the step and on the run; the call is made again", async () => {
    await c.close();
    c = await engineCase({
      model: scriptedModel({
        price: {
          inputMicrosPerMillion: 1e6,
          cachedInputMicrosPerMillion: 1e6,
          outputMicrosPerMillion: 1e6,
          source: "test",
        },
      }),
    });
    c.model.says(does(hangs), reports("Again"));
    const run = await c.start(await c.workflow());
    die(await claimOne());
    await expect.poll(() => c.model.requests.length).toBe(1);
    c.clock.pass(LEASE_MS + 1);
    await c.work("worker-2");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    const ledger = await c.sql`select status, settled_micros from ledger order by created_at`;
    expect(ledger.map(({ status }) => status)).toEqual(["lost", "settled"]);
    const spent = ledger.reduce((sum, row) => sum + Number(row.settled_micros), 0);
    expect(Number((await c.run(run)).cost_micros)).toBe(spent);
    expect((await c.notice("runReported"))[0]?.figures.costMicros).toBe(spent);
    expect(c.model.requests[1]?.messages).toEqual(c.model.requests[0]?.messages);
  });
});

describe("a process that stops", () => {
  it("gives its runs back at once, and nothing that was done is done again", async () => {
    const slow = gate();
    const state = { heard: false };
    c.model.says(
      calls(["look", { what: "a" }]),
      does(
        (signal) =>
          new Promise((resolve) => {
            state.heard = true;
            signal.addEventListener("abort", () =>
              resolve({ ok: false, failure: { code: "cancelled", message: "cancelled" }, usage: null }),
            );
            void slow.opened;
          }),
      ),
      reports("Later"),
    );
    const run = await c.start(await c.workflow());
    const worker = createWorker({
      ...c.deps,
      urgent: c.deps.db,
      journal: c.deps.db,
      uptime: () => performance.now(),
      owner: "worker-1",
      concurrency: 4,
      leaseMs: LEASE_MS,
    });
    const draining = worker.drain();
    await expect.poll(() => state.heard).toBe(true);
    await worker.stop(20);
    await draining;
    expect(await c.run(run)).toMatchObject({ status: "queued", lease_owner: null });
    await c.work("worker-2");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called).toHaveLength(1);
  });

  it("leaves the journal as it is when it is told to stop between two steps", async () => {
    c.model.says(calls(["look", { what: "a" }]), reports("Later"));
    const run = await c.start(await c.workflow());
    const stop = new AbortController();
    c.on("look", async () => {
      stop.abort(new ShuttingDown());
      return ok({ said: "a" });
    });
    await c.advance(await claimOne(), stop.signal);
    expect(await c.steps(run)).toEqual(["1.0 scripted succeeded", "1.1 look succeeded"]);
    expect(await releaseLeases(c.db, "worker-1", new Date(c.clock.now()))).toBe(1);
    await c.work("worker-2");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });
});

it("stops a run that takes longer than its workflow allows", async () => {
  c.model.says(
    does(
      (signal) =>
        new Promise((resolve) => {
          const stop = () => resolve({ ok: false, failure: { code: "cancelled", message: "cancelled" }, usage: null });
          if (signal.aborted) stop();
          else signal.addEventListener("abort", stop);
        }),
    ),
  );
  const run = await c.start(await c.workflow({ policies: { runTimeLimitMs: 2_000 } }));
  const worker = createWorker({
    ...c.deps,
    urgent: c.deps.db,
    journal: c.deps.db,
    uptime: () => performance.now(),
    owner: "worker-1",
    concurrency: 1,
    leaseMs: LEASE_MS,
  });
  await worker.drain();
  expect(await c.run(run)).toMatchObject({ status: "failed", failure: { code: "time_limit" } });
  expect(await c.steps(run)).toEqual(["1.0 scripted failed"]);
  await worker.stop(0);
});
