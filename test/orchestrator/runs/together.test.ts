/** Runs whose ordinary moves are written together: each is written for itself all the same. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storable } from "../../../src/orchestrator/db/storable.ts";
import { advance } from "../../../src/orchestrator/runs/engine.ts";
import type { HeldRun } from "../../../src/orchestrator/runs/store.ts";
import { createRunWriter } from "../../../src/orchestrator/runs/writes/writer.ts";
import { ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, gate, LEASE_MS } from "../engine-case.ts";
import { calls, reports, scriptedModel } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase({
    model: scriptedModel({
      price: {
        inputMicrosPerMillion: 1_000_000,
        cachedInputMicrosPerMillion: 0,
        outputMicrosPerMillion: 0,
        source: "test",
      },
    }),
  });
});
afterEach(async () => {
  await c.close();
});

/** Runs of one workflow each, which all look at something and report; claimed, none begun. */
async function claimed(count: number): Promise<HeldRun[]> {
  const twice = Array.from({ length: count });
  c.model.says(...twice.map(() => calls(["look", { what: "a" }])), ...twice.map(() => reports("All is well")));
  for (const _ of twice) await c.start(await c.workflow());
  return c.claim();
}

/** All have asked what to look at before any of them is answered, so that they go on side by side. */
function sideBySide(count: number): void {
  const all = gate();
  const looking = new Set<string>();
  c.on("look", async ({ what }, { idempotencyKey }) => {
    looking.add(idempotencyKey);
    if (looking.size === count) all.open();
    await all.opened;
    return ok({ said: what });
  });
}

describe("runs side by side", () => {
  it("end with all that a run alone would leave, in a few transactions", async () => {
    const runs = await claimed(8);
    sideBySide(8);
    const state = { transactions: 0 };
    const counting = new Proxy(c.db, {
      get: (target, name) => {
        if (name === "transaction") state.transactions += 1;
        return Reflect.get(target, name, target);
      },
    });
    const writer = createRunWriter({ ...c.deps, db: counting });
    const never = new AbortController().signal;
    await Promise.all(runs.map((run) => advance({ ...c.deps, db: counting, writer }, run, never, () => false)));

    // Alone each has four: begin, answer, look and begin, answer and end.
    expect(state.transactions).toBeLessThan(8 * 2);
    for (const { id } of runs) {
      expect(await c.run(id)).toMatchObject({
        status: "succeeded",
        lease_owner: null,
        verdict: { text: "All is well" },
      });
      expect(await c.steps(id)).toEqual([
        "1.0 scripted succeeded",
        "1.1 look succeeded",
        "2.0 scripted succeeded",
        "2.1 finish succeeded",
      ]);
      expect((await c.notice("runReported", id)).map(({ text }) => text)).toEqual(["All is well"]);
    }
    const [money] = await c.sql`
      select (select count(*) from ledger where status = 'settled')::int as settled,
        (select sum(settled_micros) from ledger)::int as paid, (select sum(cost_micros) from runs)::int as runs,
        (select sum(cost_micros) from steps)::int as steps,
        (select spent_micros from budgets where scope = 'workspace_day')::int as day,
        (select sum(spent_micros) from budgets where scope = 'run')::int as budgets,
        (select sum(reserved_micros) from budgets)::int as reserved`;
    const paid = Number(money?.paid);
    expect(money).toEqual({ settled: 16, paid, runs: paid, steps: paid, day: paid, budgets: paid, reserved: 0 });
    const [rest] = await c.sql`
      select (select count(*) from attempts where outcome = 'succeeded')::int as attempts,
        (select count(distinct run_id) from audit_events where action = 'run.succeeded')::int as audited`;
    expect(rest).toEqual({ attempts: 8 * 3, audited: 8 });
  });

  it("are not held up by one that somebody else has locked, and that one ends after it", async () => {
    const runs = await claimed(4);
    const [locked, ...others] = runs;
    if (!locked) throw new Error("nothing claimed");
    const release = gate();
    const lock = gate();
    const somebody = c.sql.begin(async (sql) => {
      await sql`select 1 from runs where id = ${locked.id} for update`;
      lock.open();
      await release.opened;
    });
    await lock.opened;
    const all = runs.map((run) => c.advance(run));
    await Promise.all(all.slice(1));
    for (const { id } of others) expect(await c.run(id)).toMatchObject({ status: "succeeded" });
    expect(await c.run(locked.id)).toMatchObject({ status: "running" });
    release.open();
    await somebody;
    await Promise.all(all);
    expect(await c.run(locked.id)).toMatchObject({ status: "succeeded" });
  });

  it("are written also when one was taken over, and of that one nothing is", async () => {
    const runs = await claimed(4);
    const [lost, ...others] = runs;
    if (!lost) throw new Error("nothing claimed");
    c.clock.pass(LEASE_MS + 1);
    await c.sql`update runs set lease_until = now() + interval '100 years' where id <> ${lost.id}`;
    const [heir] = await c.claim("worker-2");
    expect(heir?.id).toBe(lost.id);
    await Promise.all(runs.map((run) => c.advance(run)));
    for (const { id } of others) expect(await c.run(id)).toMatchObject({ status: "succeeded" });
    expect(await c.run(lost.id)).toMatchObject({ status: "running", epoch: 2, lease_owner: "worker-2" });
    expect(await c.steps(lost.id)).toEqual([]);
  });

  it("end each in its own way when one is cancelled", async () => {
    const runs = await claimed(4);
    const [unwanted, ...others] = runs;
    if (!unwanted) throw new Error("nothing claimed");
    await c.sql`update runs set cancel_requested_by = 'ada' where id = ${unwanted.id}`;
    await Promise.all(runs.map((run) => c.advance(run)));
    expect(await c.run(unwanted.id)).toMatchObject({ status: "cancelled" });
    for (const { id } of others) expect(await c.run(id)).toMatchObject({ status: "succeeded" });
    expect((await c.notice("runCancelled")).map(({ run }) => run.runId)).toEqual([unwanted.id]);
  });

  it("do not suffer from one that cannot be written", async () => {
    const runs = await claimed(4);
    sideBySide(4);
    const [odd, ...others] = runs;
    if (!odd) throw new Error("nothing claimed");
    await c.sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$;
      create trigger refuse before insert on deliveries for each row
        when (new.run_id = '${odd.id}' and new.notice->>'kind' = 'runReported') execute function refuse()`);
    await Promise.all(runs.map((run) => c.advance(run)));
    for (const { id } of others) {
      expect(await c.run(id)).toMatchObject({ status: "succeeded" });
      expect(await c.notice("runReported", id)).toHaveLength(1);
    }
    expect(await c.run(odd.id)).toMatchObject({ status: "dead", failure: { code: "bug" } });
  });

  it("of one workflow end one after the other, each heard of", async () => {
    c.model.says(reports("One"), reports("Two"), reports("Three"));
    const workflow = await c.workflow({ policies: { overlap: "allow" } });
    for (const _ of [1, 2, 3]) await c.start(workflow);
    await Promise.all((await c.claim()).map((run) => c.advance(run)));
    expect((await c.notice("runReported")).map(({ text }) => text).sort()).toEqual(["One", "Three", "Two"]);
  });
});

it("what was just written is known as it would be read back", async () => {
  const odd = { bb: 1, a: [{ é: null, zz: 1, y: "\u0000\ud800" }], 10: 1, 9: 2, Z: undefined, "": 1.5e21 };
  const kept = storable(odd);
  const [row] = await c.sql<{ back: unknown }[]>`select ${JSON.stringify(kept)}::text::jsonb as back`;
  expect(JSON.stringify(row?.back)).toBe(JSON.stringify(kept));
});
