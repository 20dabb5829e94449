/** Slots on a real database: each is accounted for, one run a firing, whoever looks and how often. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { editWorkflow, pauseWorkflow, resumeWorkflow, runNow } from "../../../src/orchestrator/workflows/service.ts";
import { DEFAULT_POLICIES, type Policies } from "../../../src/orchestrator/workflows/workflow.ts";
import { fail, ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, gate, START } from "../engine-case.ts";
import { calls, does, fails, reports, scriptedModel } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const MINUTE = 60_000;
const due = new Date(START);
const scheduled = (policies: Partial<Policies> = {}, more = {}) => c.workflow({ nextSlotAt: due, policies, ...more });
const firings = async (workflow: string) =>
  (
    await c.sql`select kind, planned_at, outcome, reason, count from firings where workflow_id = ${workflow} order by planned_at, created_at`
  ).map(({ planned_at, outcome, reason, count }) => ({
    at: new Date(String(planned_at)).toISOString().slice(11, 16),
    outcome: outcome as string | null,
    reason: reason as string | null,
    count: Number(count),
  }));
const outcomes = async (workflow: string) => (await firings(workflow)).map(({ at, outcome }) => `${at} ${outcome}`);
const statuses = async (workflow: string) =>
  (await c.sql`select status from runs where workflow_id = ${workflow} order by number`).map(({ status }) => status);
const nextSlot = async (workflow: string) =>
  (await c.defined(workflow)).workflow.nextSlotAt?.toISOString().slice(11, 19);

describe("a slot on time", () => {
  it("is one firing, one queued run and the next slot, with a wake for each", async () => {
    const workflow = await scheduled();
    expect(await claimDueSlots(c.deps)).toBe(1);
    expect(await outcomes(workflow)).toEqual(["10:00 ran"]);
    expect(await statuses(workflow)).toEqual(["queued"]);
    expect(await nextSlot(workflow)).toBe("10:01:00");
    expect(c.wakes).toContainEqual({ kind: "runs.due", at: START });
    expect(c.wakes).toContainEqual({ kind: "slots.due", at: START + MINUTE });
    expect(await claimDueSlots(c.deps)).toBe(0);
  });

  it("claimed by two processes at once is one firing and one run", async () => {
    const made: string[] = [];
    for (let n = 0; n < 12; n++) made.push(await scheduled());
    const claimed = await Promise.all([1, 2, 3, 4].map(() => claimDueSlots(c.deps)));
    expect(claimed.reduce((sum, each) => sum + each, 0)).toBe(12);
    expect(await c.count("firings")).toBe(12);
    expect(await c.count("runs")).toBe(12);
  });

  it("of a thousand workflows at once is claimed by two processes in a few transactions, each once", async () => {
    const like = await scheduled();
    await c.sql`
      with made as (
        insert into workflows (id, workspace_id, name, owner_id, status, revision, channel_id, next_slot_at, created_from, created_at, updated_at)
        select gen_random_uuid(), workspace_id, name || n, owner_id, status, revision, channel_id, next_slot_at, created_from || n, created_at, updated_at
        from workflows, generate_series(1, 999) n where id = ${like} returning id)
      insert into revisions (workspace_id, workflow_id, number, instruction, trigger, destination, policies, tools, author_id, created_at)
      select r.workspace_id, made.id, number, instruction, trigger, destination, policies, tools, author_id, created_at
      from revisions r, made where r.workflow_id = ${like}`;
    const claimed = await Promise.all([claimDueSlots(c.deps), claimDueSlots(c.deps)]);
    expect(claimed[0] + claimed[1]).toBe(1_000);
    expect(await c.count("firings")).toBe(1_000);
    expect(await c.count("runs")).toBe(1_000);
    const [numbers] = await c.sql`select count(distinct number)::int as n, max(number) as last from runs`;
    expect(numbers).toEqual({ n: 1_000, last: 1_000 });
    const [works] = await c.sql`select count(distinct xmin::text)::int as n from runs`;
    expect(works?.n).toBeLessThan(12);
    const [next] =
      await c.sql`select count(*)::int as n from workflows where next_slot_at = ${new Date(START + MINUTE).toISOString()}`;
    expect(next?.n).toBe(1_000);
  });

  it("asks for one look at the soonest slot to come, however many workflows there are", async () => {
    await scheduled();
    await c.workflow({ nextSlotAt: new Date(START + 5 * MINUTE) });
    await c.workflow({ nextSlotAt: new Date(START + 30_000) });
    await claimDueSlots(c.deps);
    expect(c.wakes.filter(({ kind }) => kind === "slots.due")).toEqual([{ kind: "slots.due", at: START + 30_000 }]);
  });

  it("that cannot be written holds up no other", async () => {
    const wrong = await scheduled();
    const right = [await scheduled(), await scheduled()];
    await c.sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ begin
        if new.workflow_id = '${wrong}' then raise exception 'no'; end if; return new; end $$;
      create trigger refuse before insert on firings for each row execute function refuse()`);
    await claimDueSlots(c.deps);
    for (const workflow of right) expect(await statuses(workflow)).toEqual(["queued"]);
    expect(await nextSlot(wrong)).toBe("10:00:00");
    await c.sql.unsafe("drop trigger refuse on firings");
    await claimDueSlots(c.deps);
    expect(await statuses(wrong)).toEqual(["queued"]);
  });

  it("of a workflow that somebody is changing is left for a moment, and the others are claimed", async () => {
    const [changing, free] = [await scheduled(), await scheduled()];
    await c.sql.begin(async (held) => {
      await held`select id from workflows where id = ${changing} for update`;
      expect(await claimDueSlots(c.deps)).toBe(1);
    });
    expect(await statuses(free)).toEqual(["queued"]);
    const again = c.wakes.filter(({ kind }) => kind === "slots.due").map(({ at }) => at - START);
    expect(again).toHaveLength(1);
    expect(again[0]).toBeLessThanOrEqual(1_000);
    expect(await claimDueSlots(c.deps)).toBe(1);
    expect(await statuses(changing)).toEqual(["queued"]);
  });

  it("that was claimed before is not run again, whatever the next slot says", async () => {
    const workflow = await scheduled();
    await claimDueSlots(c.deps);
    await c.sql`update runs set status = 'succeeded'`;
    await c.sql`update workflows set next_slot_at = ${due.toISOString()} where id = ${workflow}`;
    await claimDueSlots(c.deps);
    expect(await statuses(workflow)).toEqual(["succeeded"]);
    expect(await nextSlot(workflow)).toBe("10:01:00");
  });

  it("that is the last ends the workflow", async () => {
    const workflow = await scheduled({}, { schedule: { kind: "once", at: due.toISOString(), zone: "UTC" } });
    await claimDueSlots(c.deps);
    expect((await c.defined(workflow)).workflow).toMatchObject({ status: "ended", nextSlotAt: null });
    expect(await statuses(workflow)).toEqual(["queued"]);
  });

  it("of a schedule that cannot be read pauses that workflow and holds up no other", async () => {
    const broken = await scheduled();
    await c.sql`update revisions set trigger = jsonb_set(trigger, '{schedule}',
      '{"kind":"calendar","rrule":"FREQ=NEVER","start":"2026-01-01T00:00:00","zone":"UTC"}') where workflow_id = ${broken}`;
    const sound = await scheduled();
    await claimDueSlots(c.deps);
    expect(await statuses(sound)).toEqual(["queued"]);
    expect((await c.defined(broken)).workflow).toMatchObject({ status: "paused", paused: { by: "Claw" } });
    expect((await c.notice("workflowPaused"))[0]?.note).toMatch(/schedule cannot be read/);
  });
});

describe("after an outage of a day", () => {
  const DAY = 24 * 60 * MINUTE;
  const late = async (catchUp: Policies["catchUp"]) => {
    const workflow = await scheduled({ catchUp });
    c.clock.pass(DAY + 30_000);
    await claimDueSlots(c.deps);
    return workflow;
  };

  it("the latest slot in the window runs; the rest is one missed row and one collapsed, and the thread is told", async () => {
    const workflow = await late({ mode: "latest", windowMs: null });
    expect(await firings(workflow)).toEqual([
      { at: "09:58", outcome: "missed", reason: expect.stringMatching(/not running/), count: 1_439 },
      { at: "09:59", outcome: "collapsed", reason: "into 2026-05-05T10:00:00.000Z", count: 1 },
      { at: "10:00", outcome: "ran", reason: null, count: 1 },
    ]);
    expect(await statuses(workflow)).toEqual(["queued"]);
    expect(await nextSlot(workflow)).toBe("10:01:00");
    expect(await c.notice("slotsMissed")).toMatchObject([
      { count: 1_439, first: "2026-05-04T10:00:00.000Z", last: "2026-05-05T09:58:00.000Z", ranLatest: true },
    ]);
  });

  it("nothing but a slot on time runs when nothing is to be caught up", async () => {
    const workflow = await c.workflow({
      nextSlotAt: due,
      policies: { catchUp: { mode: "none", windowMs: null } },
      schedule: { kind: "interval", everySeconds: 3_600, anchor: due.toISOString(), zone: "UTC", until: null },
    });
    c.clock.pass(5 * 60 * MINUTE + 90_000);
    await claimDueSlots(c.deps);
    expect(await firings(workflow)).toMatchObject([{ outcome: "missed", count: 6 }]);
    expect(await statuses(workflow)).toEqual([]);
    expect((await c.notice("slotsMissed"))[0]).toMatchObject({ count: 6, ranLatest: false });
    expect(await nextSlot(workflow)).toBe("16:00:00");
  });

  it("all slots in the window run, one after another", async () => {
    c.model.says(reports("1"), reports("2"), reports("3"), reports("4"));
    const workflow = await late({ mode: "all", windowMs: 3 * MINUTE });
    expect(await outcomes(workflow)).toEqual(["09:57 missed", "09:58 ran", "09:59 null", "10:00 null"]);
    expect(await statuses(workflow)).toEqual(["queued"]);
    await c.work();
    expect(await outcomes(workflow)).toEqual(["09:57 missed", "09:58 ran", "09:59 ran", "10:00 ran"]);
    expect(await statuses(workflow)).toEqual(["succeeded", "succeeded", "succeeded"]);
  });

  it("very many firings at once are stored all the same", async () => {
    const made: string[] = [];
    for (let n = 0; n < 14; n++) made.push(await scheduled({ catchUp: { mode: "all", windowMs: DAY } }));
    c.clock.pass(DAY);
    await claimDueSlots(c.deps);
    expect(await c.count("firings")).toBe(14 * 501);
    expect(await c.count("runs")).toBe(14);
  });
});

describe("while a run is open", () => {
  /** A run of the first slot that waits for an approval. */
  const waiting = async (policies: Partial<Policies> = {}) => {
    const workflow = await scheduled(policies);
    c.model.says(calls(["note", { what: "x" }]));
    await claimDueSlots(c.deps);
    await c.work();
    c.clock.pass(MINUTE);
    return workflow;
  };

  it("the next slot is skipped, with the reason", async () => {
    const workflow = await waiting();
    await claimDueSlots(c.deps);
    expect(await firings(workflow)).toMatchObject([
      { outcome: "ran" },
      { outcome: "skipped", reason: "overlap: run 1 was still waiting" },
    ]);
  });

  it("one slot is queued and runs when the open run has ended; later ones are skipped", async () => {
    const workflow = await waiting({ overlap: "queue_one" });
    await claimDueSlots(c.deps);
    c.clock.pass(MINUTE);
    await claimDueSlots(c.deps);
    expect(await outcomes(workflow)).toEqual(["10:00 ran", "10:01 null", "10:02 skipped"]);
    c.model.says(reports("First"), reports("Second"));
    await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    await c.work();
    expect(await outcomes(workflow)).toEqual(["10:00 ran", "10:01 ran", "10:02 skipped"]);
    expect(await statuses(workflow)).toEqual(["succeeded", "succeeded"]);
  });

  it("it gives way to the next slot, its approval with it", async () => {
    const workflow = await waiting({ overlap: "cancel_running" });
    await claimDueSlots(c.deps);
    expect(await statuses(workflow)).toEqual(["cancelled", "queued"]);
    expect((await c.notice("approvalRequested"))[0]?.decision).toMatchObject({ kind: "cancelled" });
    expect((await c.notice("runCancelled"))[0]?.by).toBe("its next slot");
  });

  it("a running one is asked to stop, and the next begins only when it has stopped", async () => {
    const workflow = await scheduled({ overlap: "cancel_running" });
    await claimDueSlots(c.deps);
    const [held] = await c.claim();
    c.clock.pass(MINUTE);
    await claimDueSlots(c.deps);
    expect((await c.sql`select cancel_requested_by from runs where number = 1`)[0]?.cancel_requested_by).toBe(
      "its next slot",
    );
    expect(await statuses(workflow)).toEqual(["running"]);
    expect(await outcomes(workflow)).toEqual(["10:00 ran", "10:01 null"]);
    if (!held) throw new Error("no run");
    await c.advance(held);
    expect(await statuses(workflow)).toEqual(["cancelled", "queued"]);
    expect(await outcomes(workflow)).toEqual(["10:00 ran", "10:01 ran"]);
  });

  it("a running one whose worker is lost keeps the next from beginning until its lease is gone", async () => {
    const workflow = await scheduled({ overlap: "cancel_running" });
    await claimDueSlots(c.deps);
    await c.claim("worker-1");
    // Its lease is kept; that it does nothing nobody can tell.
    c.clock.pass(MINUTE);
    await c.sql`update runs set lease_until = ${new Date(c.clock.now() + 9_000).toISOString()}`;
    await claimDueSlots(c.deps);
    await c.work("worker-2");
    expect(await statuses(workflow)).toEqual(["running"]);
    c.clock.pass(10_000);
    c.model.says(reports("Second"));
    await c.work("worker-2");
    expect(await statuses(workflow)).toEqual(["cancelled", "succeeded"]);
    expect(c.model.requests).toHaveLength(1);
  });

  it("of several slots that wait for a running one to stop, the last runs", async () => {
    const workflow = await scheduled({ overlap: "cancel_running" });
    await claimDueSlots(c.deps);
    const [held] = await c.claim();
    for (let n = 0; n < 2; n++) {
      c.clock.pass(MINUTE);
      await claimDueSlots(c.deps);
    }
    expect(await outcomes(workflow)).toEqual(["10:00 ran", "10:01 collapsed", "10:02 null"]);
    expect((await firings(workflow))[1]?.reason).toBe("into 2026-05-04T10:02:00.000Z");
    if (!held) throw new Error("no run");
    await c.advance(held);
    expect(await outcomes(workflow)).toEqual(["10:00 ran", "10:01 collapsed", "10:02 ran"]);
    expect(await statuses(workflow)).toEqual(["cancelled", "queued"]);
  });

  it("a slot that comes while a run waits for money is skipped for that reason", async () => {
    await c.close();
    const micros = 1_000_000;
    const price = {
      inputMicrosPerMillion: micros,
      cachedInputMicrosPerMillion: micros,
      outputMicrosPerMillion: micros,
      source: "test",
    };
    c = await engineCase({ model: scriptedModel({ price }) });
    const workflow = await scheduled({ runCeilingMicros: 10 });
    await claimDueSlots(c.deps);
    await c.work();
    expect(await statuses(workflow)).toEqual(["waiting"]);
    c.clock.pass(MINUTE);
    await claimDueSlots(c.deps);
    expect((await firings(workflow)).at(-1)).toMatchObject({
      outcome: "skipped",
      reason: "budget: run 1 was still waiting for more money",
    });
  });

  it("both run where that is allowed", async () => {
    const workflow = await waiting({ overlap: "allow" });
    await claimDueSlots(c.deps);
    expect(await statuses(workflow)).toEqual(["waiting", "queued"]);
  });

  it("and only waits for its retry, the next slot supersedes it; that does not count as a failure", async () => {
    const workflow = await scheduled({ pauseAfterFailures: 2 });
    for (let n = 0; n < 4; n++) {
      c.model.says(fails("model_unavailable"));
      await claimDueSlots(c.deps);
      await c.work();
      c.clock.pass(MINUTE - 45_000);
      c.clock.set(START + (n + 1) * MINUTE - 31_000);
      c.clock.set(START + (n + 1) * MINUTE);
    }
    c.model.says(reports("Back"));
    await claimDueSlots(c.deps);
    await c.work();
    expect(await statuses(workflow)).toEqual(["failed", "failed", "failed", "failed", "succeeded"]);
    expect((await c.run((await c.sql`select id from runs where number = 1`)[0]?.id as string)).failure).toMatchObject({
      code: "superseded",
    });
    expect((await c.defined(workflow)).workflow).toMatchObject({ status: "active", failuresInARow: 0 });
  });

  it("does not start a queued slot beside the run that superseded it", async () => {
    c.model.says(fails("model_unavailable"));
    const workflow = await scheduled({ catchUp: { mode: "all", windowMs: 10 * MINUTE } });
    await claimDueSlots(c.deps);
    await c.work();
    c.clock.pass(3 * MINUTE);
    await claimDueSlots(c.deps);
    expect(await statuses(workflow)).toEqual(["failed", "queued"]);
    expect(await outcomes(workflow)).toEqual(["10:00 ran", "10:01 ran", "10:02 null", "10:03 null"]);
  });
});

describe("failures in a row", () => {
  it("pause the workflow once, with one alert; success counts from zero", async () => {
    const workflow = await scheduled({ pauseAfterFailures: 2 });
    for (let n = 0; n < 2; n++) {
      c.model.says(calls(["finish", { verdict: "blocked", text: "no access" }]));
      await claimDueSlots(c.deps);
      await c.work();
      c.clock.pass(MINUTE);
    }
    expect((await c.defined(workflow)).workflow).toMatchObject({ status: "paused", nextSlotAt: null });
    expect((await c.notice("workflowPaused")).map(({ note }) => note)).toEqual(["2 runs in a row failed"]);
    expect(await claimDueSlots(c.deps)).toBe(0);
    await c.act("sam", (caller) => resumeWorkflow(caller, { id: workflow }));
    expect((await c.defined(workflow)).workflow).toMatchObject({ status: "active", failuresInARow: 0 });
    expect(await nextSlot(workflow)).toBe("10:03:00");
  });
});

describe("people change a workflow", () => {
  it("paused while a slot is queued: the slot is skipped and says why; nothing runs until it is resumed", async () => {
    const workflow = await scheduled({ overlap: "queue_one" });
    c.model.says(calls(["note", { what: "x" }]));
    await claimDueSlots(c.deps);
    await c.work();
    c.clock.pass(MINUTE);
    await claimDueSlots(c.deps);
    await c.act("sam", (caller) => pauseWorkflow(caller, { id: workflow }, "holiday"));
    expect((await firings(workflow)).at(-1)).toMatchObject({ outcome: "skipped", reason: "paused" });
    await expect(c.act("sam", (caller) => pauseWorkflow(caller, { id: workflow }, null))).rejects.toMatchObject({
      code: "conflict",
    });
    c.clock.pass(10 * MINUTE);
    expect(await claimDueSlots(c.deps)).toBe(0);
  });

  it("a changed instruction leaves a slot that has come due; a changed time moves it", async () => {
    const workflow = await scheduled();
    c.clock.pass(10_000);
    await c.act("sam", (caller) => editWorkflow(caller, { id: workflow }, { instruction: "look elsewhere" }));
    expect(await nextSlot(workflow)).toBe("10:00:00");
    await claimDueSlots(c.deps);
    expect((await c.sql`select revision from runs`)[0]?.revision).toBe(2);
    const schedule = { kind: "cron", expression: "30 12 * * *", zone: "UTC", from: null, until: null } as const;
    await c.act("sam", (caller) =>
      editWorkflow(caller, { id: workflow }, { trigger: { kind: "schedule", schedule, words: "at 12:30" } }),
    );
    expect(await nextSlot(workflow)).toBe("12:30:00");
    const past = { kind: "once", at: "2026-01-01T00:00:00Z", zone: "UTC" } as const;
    await expect(
      c.act("sam", (caller) =>
        editWorkflow(caller, { id: workflow }, { trigger: { kind: "schedule", schedule: past, words: "then" } }),
      ),
    ).rejects.toMatchObject({ code: "invalid_input" });
    expect((await c.defined(workflow)).revision.number).toBe(3);
  });

  it("a run asked for by two people at once is one run", async () => {
    const workflow = await scheduled();
    const asked = await Promise.allSettled([
      c.act("sam", (caller) => runNow(caller, { id: workflow })),
      c.act("ada", (caller) => runNow(caller, { id: workflow })),
    ]);
    expect(asked.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await statuses(workflow)).toEqual(["queued"]);
  });

  it("slots, endings and edits at once never leave one undone", async () => {
    const made: string[] = [];
    for (let n = 0; n < 6; n++) made.push(await scheduled({ overlap: "cancel_running" }));
    c.model.says(...made.map(() => calls(["note", { what: "x" }])));
    await claimDueSlots(c.deps);
    await c.work();
    const slow = gate();
    c.on("note", async () => {
      await slow.opened;
      return fail("not_found", "gone");
    });
    for (let n = 1; n <= made.length; n++) {
      await c.act("lin", (caller) => vote(caller, { which: { number: n }, choice: "approve", reason: null }));
    }
    c.model.says(
      ...made.flatMap(() => [reports("Over")]),
      ...made.map(() =>
        does(async () => ({
          ok: false,
          failure: { code: "refused", message: "no" },
          usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 },
        })),
      ),
    );
    const working = c.work();
    c.clock.pass(MINUTE);
    slow.open();
    await Promise.all([
      working,
      claimDueSlots(c.deps),
      ...made.map((id) => c.act("sam", (caller) => editWorkflow(caller, { id }, { instruction: "look again" }))),
    ]);
    c.on("note", async () => ok({ said: "" }));
    // What somebody had locked is looked at again in a moment.
    await claimDueSlots(c.deps);
    await c.work();
    const left = await c.sql`select status from runs where status in ('queued', 'running', 'waiting')`;
    expect(left).toHaveLength(0);
    expect(await c.count("runs")).toBe(12);
  });
});

it("a new workflow's policies are the documented defaults", () => {
  expect(DEFAULT_POLICIES).toMatchObject({
    overlap: "skip",
    catchUp: { mode: "latest", windowMs: null },
    retryDelaysMs: [30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE],
    pauseAfterFailures: 5,
    approvalExpiryMs: 72 * 60 * MINUTE,
    maxSteps: 30,
    runCeilingMicros: 500_000,
  });
});
