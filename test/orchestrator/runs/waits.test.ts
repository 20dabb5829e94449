/** What a run waits for: approvals, retries, money, a word about an unknown effect. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { readBudget } from "../../../src/orchestrator/budget/store.ts";
import { advance } from "../../../src/orchestrator/runs/engine.ts";
import { closeDueWaits } from "../../../src/orchestrator/runs/resume.ts";
import { answerBudget, answerUnknown, cancel, discard, retry } from "../../../src/orchestrator/runs/service.ts";
import { editWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { fail, ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, gate, WORKSPACE } from "../engine-case.ts";
import { calls, fails, reports, scriptedModel } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const first = async (): Promise<string> => c.start(await c.workflow());
const HOUR = 3_600_000;
const yes = (number: number, who: "lin" | "kim" | "ada" = "lin") =>
  c.act(who, (caller) => vote(caller, { which: { number }, choice: "approve", reason: null }));
const no = (number: number, who: "lin" | "kim" = "lin") =>
  c.act(who, (caller) => vote(caller, { which: { number }, choice: "deny", reason: "not now" }));

describe("an approval", () => {
  it("waits without worker or lease, then the exact call runs and the card says what came of it", async () => {
    c.model.says(calls(["note", { what: "x" }]), reports("Noted"));
    const run = await first();
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "waiting", lease_owner: null, lease_until: null });
    expect(c.called).toEqual([]);
    expect((await yes(1)).decidedNow).toBe(true);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called.map(({ what }) => what)).toEqual(["x"]);
    const [card] = await c.notice("approvalRequested");
    expect(card).toMatchObject({ decision: { kind: "approved", by: "lin" }, outcome: expect.stringMatching(/^done/) });
    expect((await c.sql`select status from approvals`)[0]?.status).toBe("consumed");
  });

  it("that comes while a call beside it still executes is used without another claim", async () => {
    const slow = gate();
    c.on("look", async ({ what }) => {
      await slow.opened;
      return ok({ said: what });
    });
    c.model.says(calls(["look", { what: "a" }], ["note", { what: "b" }]), reports("Both"));
    const run = await first();
    const working = c.work();
    await expect.poll(() => c.called.length).toBe(1);
    await yes(1);
    slow.open();
    await working;
    expect(await c.run(run)).toMatchObject({ status: "succeeded", epoch: 1 });
    expect(c.called.map(({ tool }) => tool)).toEqual(["look", "note"]);
  });

  it("that is denied between the look at the journal and the suspension does not kill the run", async () => {
    c.model.says(calls(["note", { what: "x" }]), reports("Not noted"));
    const run = await first();
    const [held] = await c.claim();
    if (!held) throw new Error("not claimed");
    // The writer journals the start; a work journals the answer, and one suspends: the denial comes just before that.
    const state = { works: 0 };
    const db = new Proxy(c.db, {
      get: (target, name) =>
        name === "transaction"
          ? async (body: Parameters<typeof target.transaction>[0]) => {
              state.works += 1;
              if (state.works === 2) await no(1);
              return target.transaction(body);
            }
          : Reflect.get(target, name, target),
    });
    await advance({ ...c.deps, db }, held, new AbortController().signal, () => false);
    expect((await c.steps(run))[1]).toBe("1.1 note refused");
    expect(await c.run(run)).toMatchObject({ status: "succeeded", epoch: 1 });
  });

  it("that is denied ends only the call; the model is told and may not ask for the same again", async () => {
    c.model.says(calls(["note", { what: "x" }]), calls(["note", { what: "x" }]), reports("I could not"));
    const run = await first();
    await c.work();
    await no(1);
    await c.work();
    expect(await c.steps(run)).toEqual([
      "1.0 scripted succeeded",
      "1.1 note refused",
      "2.0 scripted succeeded",
      "2.1 note failed",
      "3.0 scripted succeeded",
      "3.1 finish succeeded",
    ]);
    expect(JSON.stringify(c.model.requests[1]?.messages.at(-1))).toMatch(/lin denied this call.*not now/);
    expect(await c.count("approvals")).toBe(1);
  });

  it("of several parallel calls lets each go its own way", async () => {
    c.model.says(
      calls(["note", { what: "1" }], ["note", { what: "2" }], ["note", { what: "3" }]),
      reports("One of three"),
    );
    const run = await first();
    await c.work();
    await yes(1);
    await no(2);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
    expect(c.called.map(({ what }) => what)).toEqual(["1"]);
    c.clock.pass(73 * HOUR);
    await c.work();
    expect((await c.steps(run)).slice(1, 4)).toEqual(["1.1 note succeeded", "1.2 note refused", "1.3 note refused"]);
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect((await c.notice("approvalRequested")).map(({ decision }) => decision?.kind)).toEqual([
      "approved",
      "denied",
      "expired",
    ]);
    await expect(yes(3)).resolves.toMatchObject({ decidedNow: false, status: "expired" });
  });

  it("is void once the instruction changed, and may be asked for again", async () => {
    c.model.says(calls(["note", { what: "x" }]), calls(["note", { what: "x" }]), reports("Noted"));
    const workflow = await c.workflow();
    const run = await c.start(workflow);
    await c.work();
    await c.act("sam", (caller) => editWorkflow(caller, { id: workflow }, { instruction: "note the page" }));
    await c.work();
    expect((await c.sql`select number, status from approvals order by number`).map(({ status }) => status)).toEqual([
      "void",
      "pending",
    ]);
    await yes(2);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("says the same to the model after a wait as without one", async () => {
    c.model.says(
      calls(["look", { what: "a" }], ["note", { what: "b" }]),
      calls(["look", { what: "c" }]),
      reports("End"),
    );
    const workflow = await c.workflow();
    await c.start(workflow);
    await c.work("worker-1");
    await yes(1);
    await c.work("worker-2");
    const waited = c.model.requests.splice(0);

    const other = await engineCase({ model: scriptedModel() });
    try {
      // The same calls with a tool that asks nobody: an uninterrupted run.
      other.model.says(
        calls(["look", { what: "a" }], ["look", { what: "b" }]),
        calls(["look", { what: "c" }]),
        reports("End"),
      );
      await other.start(await other.workflow());
      await other.work();
      const words = (requests: typeof waited) =>
        requests.map(({ messages }) =>
          JSON.stringify(messages)
            .replace(/call-\d+/g, "call")
            .replaceAll("note", "look"),
        );
      expect(words(waited)).toEqual(words(other.model.requests));
    } finally {
      await other.close();
    }
  });
});

describe("a retry", () => {
  it("comes after the delays of the policy, each attempt journalled, then the run is dead; a person retries it", async () => {
    c.on("look", async () => fail("service_unavailable", "503"));
    c.model.says(calls(["look", { what: "a" }]), reports("At last"));
    const run = await c.start(await c.workflow({ policies: { retryDelaysMs: [30_000, 60_000] } }));
    await c.work();
    for (const delay of [30_000, 60_000]) {
      const [wait] = await c.waits(run);
      expect(wait).toMatchObject({ kind: "retry" });
      expect(wait?.dueAt?.getTime()).toBe(c.clock.now() + delay);
      c.clock.pass(delay - 1);
      await c.work();
      const before = c.called.length;
      c.clock.pass(1);
      await c.work();
      expect(c.called).toHaveLength(before + 1);
    }
    expect(await c.run(run)).toMatchObject({ status: "dead", failure: { code: "service_unavailable" } });
    const attempts = await c.sql`select outcome from attempts where call_index = 1 order by number`;
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "failed"]);
    expect((await c.notice("runFailed")).map(({ state, attempts: tried }) => [state, tried])).toEqual([["dead", 3]]);
    c.on("look", async ({ what }) => ok({ said: what }));
    await c.act("sam", (caller) => retry(caller, { id: run }));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("keeps the key of an idempotent call over its attempts", async () => {
    const state = { tries: 0 };
    c.on("note", async () => (++state.tries < 3 ? fail("connection_lost", "reset") : ok({ said: "done" })));
    c.model.says(calls(["note", { what: "x" }]), reports("Noted"));
    const run = await first();
    await c.work();
    await yes(1);
    await c.work();
    for (let n = 0; n < 2; n++) {
      c.clock.pass(HOUR);
      await c.work();
    }
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called).toHaveLength(3);
    expect(new Set(c.called.map(({ key }) => key)).size).toBe(1);
    expect(await c.count("approvals")).toBe(1);
  });

  it("waits as long as a service asks, up to an hour", async () => {
    c.model.says(
      fails("model_rate_limited", { retryAfterMs: 20 * 60_000 }),
      fails("model_rate_limited", { retryAfterMs: 9 * HOUR }),
      reports("Ok"),
    );
    const run = await first();
    await c.work();
    expect((await c.waits(run))[0]?.dueAt?.getTime()).toBe(c.clock.now() + 20 * 60_000);
    c.clock.pass(20 * 60_000);
    await c.work();
    expect((await c.waits(run))[0]?.dueAt?.getTime()).toBe(c.clock.now() + HOUR);
    c.clock.pass(HOUR);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect((await c.notice("runFailed"))[0]?.state).toBe("recovered");
  });

  it("of a call that waited for its retry when the run died beside it is made, not refused", async () => {
    c.on("look", async ({ what }) => (what === "bad" ? Promise.reject(new Error("bug")) : fail("timeout", "slow")));
    c.model.says(calls(["look", { what: "slow" }], ["look", { what: "bad" }]), reports("Both"));
    const run = await first();
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "dead" });
    c.on("look", async ({ what }) => ok({ said: what }));
    await c.act("sam", (caller) => retry(caller, { id: run }));
    await c.work();
    expect((await c.steps(run)).slice(1, 3)).toEqual(["1.1 look succeeded", "1.2 look succeeded"]);
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("does not carry an old wish to cancel into the run that a person retries", async () => {
    const run = await first();
    c.model.says(reports("Here"));
    await c.sql`update runs set status = 'dead', cancel_requested_by = 'sam' where id = ${run}`;
    await c.act("sam", (caller) => retry(caller, { id: run }));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("of a dead run is refused once it is discarded", async () => {
    const run = await first();
    await c.sql`update runs set status = 'dead' where id = ${run}`;
    await c.act("sam", (caller) => discard(caller, { id: run }, "old"));
    await expect(c.act("sam", (caller) => retry(caller, { id: run }))).rejects.toMatchObject({ code: "conflict" });
    await expect(c.act("sam", (caller) => cancel(caller, { id: run }))).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("an unknown effect", () => {
  const interrupted = async (): Promise<{ run: string; waitId: string }> => {
    c.on("pay", async () => fail("connection_lost", "reset"));
    c.model.says(calls(["pay", { what: "10" }]), reports("Paid, it seems"));
    const run = await first();
    await c.work();
    await yes(1);
    await c.work();
    const [wait] = await c.waits(run);
    expect(wait).toMatchObject({ kind: "unknown_effect" });
    expect((await c.steps(run))[1]).toBe("1.1 pay unknown");
    return { run, waitId: wait?.id ?? "" };
  };

  it("is asked about, and goes on as it happened", async () => {
    const { run, waitId } = await interrupted();
    await expect(c.act("sam", (caller) => answerUnknown(caller, waitId, "happened"))).rejects.toMatchObject({
      code: "forbidden",
    });
    await c.act("lin", (caller) => answerUnknown(caller, waitId, "happened"));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called).toHaveLength(1);
    await expect(c.act("kim", (caller) => answerUnknown(caller, waitId, "again"))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("is tried again only after the call's time limit, without a second approval", async () => {
    const { run, waitId } = await interrupted();
    await expect(c.act("lin", (caller) => answerUnknown(caller, waitId, "again"))).rejects.toMatchObject({
      code: "conflict",
    });
    c.clock.pass(20_000);
    c.on("pay", async () => ok({ said: "paid" }));
    await c.act("lin", (caller) => answerUnknown(caller, waitId, "again"));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called).toHaveLength(2);
  });

  it("ends the run when a person stops it", async () => {
    const { run, waitId } = await interrupted();
    await c.act("lin", (caller) => answerUnknown(caller, waitId, "stopped"));
    expect(await c.run(run)).toMatchObject({ status: "failed" });
    expect((await c.steps(run))[1]).toBe("1.1 pay failed");
  });

  it("is asked about whatever the retry class, when the tool itself cannot tell", async () => {
    c.on("note", async () => fail("unknown_effect", "no proof either way"));
    c.model.says(calls(["note", { what: "x" }]));
    const run = await first();
    await c.work();
    await yes(1);
    await c.work();
    expect((await c.waits(run)).map(({ kind }) => kind)).toEqual(["unknown_effect"]);
  });

  it("is asked for ever: silence decides nothing", async () => {
    const { run } = await interrupted();
    c.clock.pass(1_000 * HOUR);
    await closeDueWaits(c.deps);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
    expect((await c.waits(run)).map(({ kind }) => kind)).toEqual(["unknown_effect"]);
  });
});

describe("money", () => {
  const price = {
    inputMicrosPerMillion: 1_000_000,
    cachedInputMicrosPerMillion: 1_000_000,
    outputMicrosPerMillion: 1_000_000,
    source: "test",
  };

  it("that is not there makes the run wait and ask; allowed, it goes on; silence ends it", async () => {
    await c.close();
    c = await engineCase({ model: scriptedModel({ price }) });
    c.model.says(reports("Worth it"));
    const workflow = await c.workflow({ policies: { runCeilingMicros: 10 } });
    const run = await c.start(workflow);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
    const [ask] = await c.notice("budgetAsked");
    expect(ask).toMatchObject({ scope: "run", decision: null });
    await c.act("sam", (caller) => answerBudget(caller, ask?.waitId ?? "", true));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    await expect(c.act("sam", (caller) => answerBudget(caller, ask?.waitId ?? "", true))).rejects.toMatchObject({
      code: "conflict",
    });

    const other = await c.start(workflow);
    await c.work();
    c.clock.pass(73 * HOUR);
    await c.work();
    expect(await c.run(other)).toMatchObject({ status: "failed", failure: { code: "over_budget" } });
  });

  it("of a workspace's day is an admin's to lift", async () => {
    await c.close();
    c = await engineCase({ model: scriptedModel({ price }), dayCeilingMicros: 10 });
    c.model.says(reports("Late"));
    const run = await first();
    await c.work();
    const [ask] = await c.notice("budgetAsked");
    expect(ask?.scope).toBe("workspace_day");
    await expect(c.act("sam", (caller) => answerBudget(caller, ask?.waitId ?? "", true))).rejects.toMatchObject({
      code: "forbidden",
    });
    await c.act("ada", (caller) => answerBudget(caller, ask?.waitId ?? "", true));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("is never spent beyond the day's ceiling by runs that go on at once, and each attempt is in the run's cost", async () => {
    await c.close();
    c = await engineCase({ model: scriptedModel({ price }), dayCeilingMicros: 4_000 });
    const workflow = await c.workflow({ policies: { concurrency: 6 } });
    const lost = { calls: 0 };
    for (let n = 0; n < 12; n++) c.model.says(fails("model_timeout", {}, null));
    const runs: string[] = [];
    for (let n = 0; n < 6; n++) runs.push(await c.start(workflow));
    const held = await c.claim();
    await Promise.all(held.map((run) => c.advance(run)));
    lost.calls = c.model.requests.length;
    const day = await readBudget(c.db, { workspaceId: WORKSPACE, scope: "workspace_day", key: "2026-05-04" });
    expect(day?.reservedMicros).toBe(0);
    expect(day?.spentMicros).toBeLessThanOrEqual(4_000);
    expect(lost.calls).toBeGreaterThan(0);
    expect(lost.calls).toBeLessThan(6);
    const kinds = (await Promise.all(runs.map((run) => c.waits(run)))).flat().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "retry")).toHaveLength(lost.calls);
    expect(kinds.filter((kind) => kind === "budget")).toHaveLength(6 - lost.calls);
    const [sums] =
      await c.sql`select (select sum(cost_micros)::int from runs) as runs, (select sum(cost_micros)::int from steps) as steps`;
    expect(sums).toEqual({ runs: day?.spentMicros, steps: day?.spentMicros });
  });
});
