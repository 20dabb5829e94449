/** The database is away while a run is under way: nothing that was done is done again, and nothing counts as tried. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { connect, type DatabaseClient } from "../../../src/orchestrator/db/client.ts";
import { advance } from "../../../src/orchestrator/runs/engine.ts";
import type { HeldRun } from "../../../src/orchestrator/runs/store.ts";
import { createWorker, type Worker } from "../../../src/orchestrator/runs/worker.ts";
import { createRunWriter } from "../../../src/orchestrator/runs/writes/writer.ts";
import { ok } from "../../../src/tools/index.ts";
import type { CommitPhase, PgProxy } from "../../support/pg-proxy.ts";
import { startPgProxy } from "../../support/pg-proxy.ts";
import { type EngineCase, engineCase, gate, LEASE_MS } from "../engine-case.ts";
import { calls, does, reports, scriptedModel } from "../scripted-model.ts";

const HOUR = 3_600_000;
const PRICE = {
  inputMicrosPerMillion: 1e6,
  cachedInputMicrosPerMillion: 1e6,
  outputMicrosPerMillion: 1e6,
  source: "t",
};
/** Waits that depend on a machine that may be busy. */
const SOON = { timeout: 60_000 } as const;

let c: EngineCase;
let proxy: PgProxy;
let through: DatabaseClient;
const cut = { at: 0, phase: "before" as CommitPhase, seen: 0, before: 0 };
beforeEach(async () => {
  c = await engineCase({ model: scriptedModel({ price: PRICE }) });
  const { hostname, port } = new URL(c.url);
  Object.assign(cut, { at: 0, phase: "before", seen: 0, before: 0 });
  proxy = await startPgProxy({
    target: { host: hostname, port: Number(port) },
    onCommit: ({ n }, phase) => {
      if (phase === "before") cut.seen = n;
      if (n - cut.before !== cut.at || phase !== cut.phase) return "go";
      setImmediate(() => proxy.cut());
      return "hold";
    },
  });
  through = connect(proxy.through(c.url), { max: 4, applicationName: "outage-test" });
});
afterEach(async () => {
  await through.close();
  await proxy.close();
  await c.close();
});

const depsThrough = () => ({ ...c.deps, db: through.db, writer: createRunWriter({ ...c.deps, db: through.db }) });
const approve = (number: number) =>
  c.act("lin", (caller) => vote(caller, { which: { number }, choice: "approve", reason: null }));
async function claimOne(): Promise<HeldRun> {
  const [run] = await c.claim();
  if (!run) throw new Error("nothing to claim");
  return run;
}
const attemptsOf = async (run: string) => {
  const rows =
    await c.sql`select turn, call_index, number, outcome from attempts where run_id = ${run} order by 1, 2, 3`;
  return rows.map(({ turn, call_index, number, outcome }) => `${turn}.${call_index} ${number} ${outcome}`);
};

describe("a connection that is lost at a commit, made or not", () => {
  /** A read, a payment that people allowed, a report: from the claim after the yes, or from the first one. */
  async function playAt(
    at: number,
    phase: CommitPhase,
    number: number,
  ): Promise<{ commits: number; wrong: unknown[] }> {
    c.called.length = 0;
    c.model.requests.length = 0;
    c.model.says(
      calls(["look", { what: "a" }], ["look", { what: "b" }]),
      calls(["pay", { what: "x" }]),
      reports("Paid"),
    );
    const run = await c.start(await c.workflow());
    cut.before = cut.seen;
    Object.assign(cut, { at, phase });
    const go = async () => advance(depsThrough(), await claimOne(), new AbortController().signal, () => false);
    await go();
    if ((await c.run(run)).status === "waiting") await approve(number);
    await go();
    const commits = cut.seen - cut.before;
    cut.at = 0;
    const seen = {
      status: (await c.run(run)).status,
      steps: await c.steps(run),
      called: c.called.map(({ tool, what }) => `${tool} ${what}`).toSorted(),
      asked: c.model.requests.length,
      attempts: await attemptsOf(run),
      ledger: (await c.sql`select status from ledger where run_id = ${run} and status not in ('settled', 'released')`)
        .length,
      reports: (await c.notice("runReported", run)).length,
    };
    const right = {
      status: "succeeded",
      steps: [
        "1.0 scripted succeeded",
        "1.1 look succeeded",
        "1.2 look succeeded",
        "2.0 scripted succeeded",
        "2.1 pay succeeded",
        "3.0 scripted succeeded",
        "3.1 finish succeeded",
      ],
      called: ["look a", "look b", "pay x"],
      asked: 3,
      attempts: [
        "1.0 1 succeeded",
        "1.1 1 succeeded",
        "1.2 1 succeeded",
        "2.0 1 succeeded",
        "2.1 1 succeeded",
        "3.0 1 succeeded",
      ],
      ledger: 0,
      reports: 1,
    };
    return { commits, wrong: JSON.stringify(seen) === JSON.stringify(right) ? [] : [{ at, phase, ...seen }] };
  }

  it("costs no attempt, no answer and no question, wherever it happens", { timeout: 240_000 }, async () => {
    const { commits, wrong } = await playAt(0, "before", 1);
    expect(wrong).toEqual([]);
    expect(commits).toBeGreaterThan(5);
    let number = 1;
    for (let at = 1; at <= commits; at++) {
      for (const phase of ["before", "after"] as const) wrong.push(...(await playAt(at, phase, ++number)).wrong);
    }
    expect(wrong).toEqual([]);
  });
});

describe("a database that is away for longer than a lease", () => {
  const away = { ms: 0 };
  const open: Worker[] = [];
  const troubles: string[] = [];
  beforeEach(() => {
    away.ms = 0;
    troubles.length = 0;
  });
  afterEach(async () => {
    await proxy.accept().catch(() => {});
    for (const worker of open.splice(0)) await worker.stop(0);
  });

  function worker(): Worker {
    const log = { ...c.deps.log, warn: (_: object, said: string) => void troubles.push(said) };
    const made = createWorker({
      ...depsThrough(),
      log,
      urgent: through.db,
      journal: through.db,
      queue: through.db,
      uptime: () => performance.now() + away.ms,
      owner: "worker-1",
      concurrency: 4,
      leaseMs: 400,
    });
    open.push(made);
    return made;
  }

  /** Longer than any limit, too. */
  async function goAway(): Promise<void> {
    await proxy.refuse();
    proxy.cut();
    away.ms += 2 * HOUR;
    c.clock.pass(2 * HOUR);
    await expect.poll(() => troubles.includes("leases not kept"), SOON).toBe(true);
  }

  it("loses no answer that comes meanwhile, and its time is not the run's", { timeout: 120_000 }, async () => {
    const answer = gate();
    const asked = gate();
    const last = reports("All well");
    c.model.says(
      does(async () => {
        asked.open();
        await answer.opened;
        if (last.kind !== "reply") throw new Error("no reply");
        return { ok: true, reply: last.reply };
      }),
    );
    const run = await c.start(await c.workflow());
    const draining = worker().drain();
    await asked.opened;
    await goAway();
    answer.open();
    await expect.poll(() => troubles.includes("run waits for its database"), SOON).toBe(true);
    await proxy.accept();
    await draining;
    expect(await c.run(run)).toMatchObject({ status: "succeeded", epoch: 1 });
    expect(Number((await c.run(run)).active_ms)).toBeLessThan(HOUR);
    expect(c.model.requests).toHaveLength(1);
    expect(await attemptsOf(run)).toEqual(["1.0 1 succeeded"]);
  });

  it("asks nobody about a payment whose result is known", { timeout: 120_000 }, async () => {
    const paid = gate();
    c.on("pay", async () => {
      await paid.opened;
      return ok({ said: "paid" });
    });
    c.model.says(calls(["pay", { what: "x" }]), reports("Paid"));
    const run = await c.start(await c.workflow());
    await c.work();
    await approve(1);
    const draining = worker().drain();
    await expect.poll(() => c.called.length, SOON).toBe(1);
    await goAway();
    paid.open();
    await expect.poll(() => troubles.includes("run waits for its database"), SOON).toBe(true);
    await proxy.accept();
    await draining;
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called).toHaveLength(1);
    expect(await c.notice("unknownEffectAsked")).toEqual([]);
  });

  it("ends a call that others would make again, and makes it again with its key as the same attempt", {
    timeout: 120_000,
  }, async () => {
    const interrupted: string[] = [];
    c.on("note", ({ what }, { signal }) =>
      interrupted.length > 0
        ? Promise.resolve(ok({ said: "noted" }))
        : new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => {
              interrupted.push(what);
              reject(signal.reason);
            }),
          ),
    );
    c.model.says(calls(["note", { what: "x" }]), reports("Noted"));
    const run = await c.start(await c.workflow());
    await c.work();
    await approve(1);
    const draining = worker().drain();
    await expect.poll(() => c.called.length, SOON).toBe(1);
    await goAway();
    await expect.poll(() => interrupted, SOON).toEqual(["x"]);
    await proxy.accept();
    await draining;
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called.map(({ key }) => key)).toEqual(Array(2).fill(`${run}-1-1`));
    expect((await attemptsOf(run)).filter((each) => each.startsWith("1.1"))).toEqual(["1.1 1 succeeded"]);
  });

  it("takes no run from itself whose lease only ran out by the clock", { timeout: 120_000 }, async () => {
    const looked = gate();
    c.on("look", async () => {
      await looked.opened;
      return ok({ said: "a" });
    });
    c.model.says(calls(["look", { what: "a" }]), reports("Done"));
    const run = await c.start(await c.workflow());
    const held = worker();
    const draining = held.drain();
    await expect.poll(() => c.called.length, SOON).toBe(1);
    c.clock.pass(5 * 60_000);
    await held.drain();
    await c.start(await c.workflow()).then(() => c.model.says(reports("Other")));
    await held.drain();
    const keptUntil = async () => new Date(String((await c.run(run)).lease_until)).getTime();
    await expect.poll(keptUntil, SOON).toBe(c.clock.now() + 400);
    looked.open();
    await draining;
    expect(await c.run(run)).toMatchObject({ status: "succeeded", epoch: 1 });
    expect(c.called).toHaveLength(1);
  });
});

it("keeps a lease by every write, also when nothing else does", async () => {
  c.on("look", async ({ what }) => {
    c.clock.pass(LEASE_MS * 0.6);
    return ok({ said: what });
  });
  const others: number[] = [];
  const look = (what: string) =>
    does(async () => {
      others.push((await c.claim("worker-2")).length);
      const line = calls(["look", { what }]);
      if (line.kind !== "reply") throw new Error("no reply");
      return { ok: true, reply: line.reply };
    });
  c.model.says(look("a"), look("b"), look("c"), reports("Done"));
  const run = await c.start(await c.workflow());
  await c.advance(await claimOne());
  expect(await c.run(run)).toMatchObject({ status: "succeeded", epoch: 1 });
  expect(others).toEqual([0, 0, 0]);
  expect(c.called).toHaveLength(3);
});
