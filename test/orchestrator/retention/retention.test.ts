/** What is pruned, what is kept, and that it is done a little at a time. */
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listApprovals, vote } from "../../../src/orchestrator/approvals/service.ts";
import { readAudit, readInspect } from "../../../src/orchestrator/reading.ts";
import { replayRun } from "../../../src/orchestrator/replay/service.ts";
import { DEFAULT_RETENTION, type RetentionPolicy } from "../../../src/orchestrator/retention/retention.ts";
import { createRetention, prune, type Walk, WHOLE } from "../../../src/orchestrator/retention/service.ts";
import { createAlarmClock } from "../../../src/orchestrator/schedules/agenda.ts";
import { quietLog } from "../../support/database.ts";
import { CHANNEL, type EngineCase, engineCase, WORKSPACE } from "../engine-case.ts";
import { calls, fails, reports } from "../scripted-model.ts";

const DAY = 86_400_000;
const PATIENT = { approvalExpiryMs: 900 * DAY };

let set: EngineCase;
beforeEach(async () => {
  set = await engineCase();
});
afterEach(() => set.close());

/** A walk over everything, however many calls it takes. */
async function pruneAll(policy: RetentionPolicy = DEFAULT_RETENTION): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  let walk: Walk = WHOLE;
  while (walk.at !== null) {
    const pruned = await prune(set.db, policy, set.clock, walk);
    for (const [kind, count] of Object.entries(pruned.removed)) removed[kind] = (removed[kind] ?? 0) + count;
    walk = pruned.walk;
  }
  return removed;
}

const rows = async (table: string): Promise<number> => {
  const [row] = await set.sql`select count(*)::int as n from ${set.sql(table)}`;
  return Number(row?.n);
};
const stepsOf = async (runId: string): Promise<number> => (await set.journal(runId)).length;
const reader = () => ({
  db: set.db,
  workspaceId: WORKSPACE,
  now: new Date(set.clock.now()),
  zone: "UTC",
  dayCeilingMicros: 5_000_000,
});

describe("journals", () => {
  it("go 90 days after the end of their run, with approvals, votes, waits and attempts; the run itself stays", async () => {
    const workflowId = await set.workflow({ name: "stock", policies: PATIENT });
    set.model.says(calls(["note", { what: "a" }]), reports("Old news.", "kept for the next"));
    const old = await set.start(workflowId);
    await set.work();
    await set.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    await set.work();
    set.clock.pass(60 * DAY);
    set.model.says(calls(["look", { what: "b" }]), reports("Fresh news."));
    const fresh = await set.start(await set.workflow({ name: "other" }));
    await set.work();

    set.clock.pass(29 * DAY);
    expect((await pruneAll()).journals).toBeUndefined();
    set.clock.pass(2 * DAY);
    expect(await pruneAll()).toMatchObject({ journals: 4 });

    expect(await stepsOf(old)).toBe(0);
    expect(await stepsOf(fresh)).toBe(4);
    for (const table of ["approvals", "votes", "waits"]) expect([table, await rows(table)]).toEqual([table, 0]);
    expect(await set.run(old)).toMatchObject({ status: "succeeded", verdict: { text: "Old news." } });
    expect(await set.sql`select key from budgets where key = ${old}`).toEqual([]);

    const inspected = await readInspect(reader(), { number: 1 });
    expect(inspected).toMatchObject({ prunedAt: new Date(set.clock.now()).toISOString(), steps: [] });
    expect(await readInspect(reader(), { number: 2 })).toMatchObject({ prunedAt: null });
    const audited = await readAudit(reader(), null);
    expect(audited?.find(({ action }) => action === "journals.pruned")?.detail.runs).toEqual([1]);
    await expect(set.act("sam", (caller) => replayRun(caller, { number: 1 }, "pinned"))).rejects.toThrow(/not kept/);

    set.model.says(reports("Newer news."));
    await set.start(workflowId);
    await set.work();
    expect(set.model.requests.at(-1)?.messages[1]?.content).toContain("kept for the next");
  });

  it("of a run that has waited for months stay, with all that its model was told, and it goes on from there", async () => {
    const workflowId = await set.workflow({ instruction: "pay the rent of the moon base", policies: PATIENT });
    set.model.says(calls(["pay", { what: "rent" }]));
    const waiting = await set.start(workflowId);
    await set.work();
    set.model.says(fails("model_rejected"), fails("bug"));
    const failed = await set.start(await set.workflow({ name: "fails" }));
    await set.work();
    const dead = await set.start(await set.workflow({ name: "dies" }));
    await set.work();
    expect((await set.run(dead)).status).toBe("dead");

    for (let month = 0; month < 14; month++) {
      set.clock.pass(31 * DAY);
      await pruneAll();
    }
    expect([await stepsOf(waiting), await stepsOf(dead), await stepsOf(failed)]).toEqual([2, 1, 0]);
    const [asked] = await set.act("lin", ({ work, actor }) => listApprovals(work.tx, actor.workspaceId));
    expect(asked?.action).toBe("pay rent");
    await set.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    set.model.says(reports("Paid."));
    await set.work();
    expect(await set.run(waiting)).toMatchObject({ status: "succeeded" });
    const told = set.model.requests.at(-1)?.messages ?? [];
    expect(told[0]?.content).toMatch(/unattended/);
    expect(told[1]?.content).toContain("pay the rent of the moon base");
    const [notice] = await set.notice("approvalRequested");
    expect(notice?.decision?.kind).toBe("approved");
  });

  it("that a replay reads stay until it has ended", async () => {
    const workflowId = await set.workflow();
    set.model.says(calls(["look", { what: "a" }]), reports("Good."));
    const original = await set.start(workflowId);
    await set.work();
    set.clock.pass(200 * DAY);
    await set.act("sam", (caller) => replayRun(caller, { number: 1 }, "pinned"));
    await pruneAll();
    set.model.says(calls(["look", { what: "a" }]), reports("Good."));
    await set.work();
    const [notice] = await set.notice("replayed");
    expect(notice).toMatchObject({ calls: { same: 1, unanswered: 0, differences: [] }, report: [] });
    await pruneAll();
    expect(await stepsOf(original)).toBe(0);
  });

  it("take the texts with them that no younger run used", async () => {
    const workflowId = await set.workflow({ instruction: "an old instruction" });
    set.model.says(reports("Good."));
    await set.start(workflowId);
    await set.work();
    const bodies = async () => (await set.sql<{ body: string }[]>`select body from pieces`).map(({ body }) => body);
    set.clock.pass(80 * DAY);
    set.model.says(reports("Good."));
    await set.start(await set.workflow({ instruction: "a young instruction" }));
    await set.work();
    set.clock.pass(20 * DAY);
    await pruneAll();
    const left = await bodies();
    expect(left).not.toContain("an old instruction");
    expect(left).toContain("a young instruction");
    // The prompt is as old as the old one, and was used by the young one.
    expect(left.some((body) => body.includes("unattended"))).toBe(true);
  });
});

describe("everything else", () => {
  it("goes by its own age; what is not over, and audit, stays", async () => {
    const workflowId = await set.workflow({ policies: PATIENT });
    set.model.says(calls(["pay", { what: "rent" }]));
    const waiting = await set.start(workflowId);
    await set.work();
    set.model.says(reports("Good."));
    await set.start(await set.workflow());
    await set.work();
    await set.sql`update deliveries set status = 'sent', sent_at = created_at`;
    const at = new Date(set.clock.now()).toISOString();
    const delivery = (key: string, more: Record<string, unknown>) => ({
      id: v7(),
      workspace_id: WORKSPACE,
      platform: "console",
      key,
      channel_id: CHANNEL,
      notice: '{"kind":"reply","card":null}',
      status: "sent",
      opens_home: false,
      due_at: at,
      created_at: at,
      sent_at: at,
      ...more,
    });
    await set.sql`insert into deliveries ${set.sql([
      delivery("root", { opens_home: true }),
      delivery("pending", { status: "pending", sent_at: null }),
      delivery("unknown", { status: "unknown", sent_at: null }),
      delivery(`tool:${waiting}-1-1`, {}),
      delivery("plain", {}),
    ] as never)}`;
    const event = (key: string, status: string) => ({
      id: v7(),
      workspace_id: WORKSPACE,
      platform: "console",
      key,
      status,
      event: "{}",
      received_at: at,
    });
    await set.sql`insert into inbound_events ${set.sql([
      event("a", "handled"),
      event("b", "failed"),
      event("c", "received"),
    ] as never)}`;
    const firing = (key: string, outcome: string | null) => ({
      id: v7(),
      workspace_id: WORKSPACE,
      workflow_id: workflowId,
      kind: "slot",
      key,
      planned_at: at,
      outcome,
      created_at: at,
    });
    await set.sql`insert into firings ${set.sql([firing("skipped", "skipped"), firing("undecided", null)] as never)}`;
    const audit = await rows("audit_events");

    set.clock.pass(29 * DAY);
    expect(await pruneAll()).toEqual({});
    set.clock.pass(2 * DAY);
    expect(await pruneAll()).toEqual({ inbound: 2 });
    set.clock.pass(60 * DAY);
    await pruneAll();
    const keys = (await set.sql<{ key: string }[]>`select key from deliveries order by seq`).map(({ key }) => key);
    expect(keys).toEqual([expect.stringMatching(/^approval:/), "root", "pending", "unknown", `tool:${waiting}-1-1`]);
    expect(await rows("firings")).toBe(4);
    expect(await rows("ledger")).toBe(2);
    set.clock.pass(310 * DAY);
    await pruneAll();
    expect(await set.sql`select key from firings where kind = 'slot'`).toEqual([{ key: "undecided" }]);
    // Those of runs stay with them.
    expect(await rows("firings")).toBe(3);
    expect((await set.sql`select run_id from ledger`).map((row) => row.run_id)).toEqual([waiting]);
    expect(await set.sql`select key from budgets where scope = 'workspace_day'`).toEqual([]);
    expect(await set.sql`select key from inbound_events`).toEqual([{ key: "c" }]);
    expect(await rows("runs")).toBe(2);
    expect(await set.sql`select action from audit_events where action <> 'journals.pruned'`).toHaveLength(audit);
    expect(await pruneAll()).toEqual({});
  });

  it("wakes that are over or lost go, those to come stay", async () => {
    const wakes = createAlarmClock({
      url: set.url,
      owner: "test",
      clock: set.clock,
      log: quietLog,
      kinds: [],
      onAlarm: () => {},
      onSweep: async () => {},
    });
    const before = new Date(set.clock.now() - DAY);
    const older = new Date(before.getTime() - 1_000).toISOString();
    const now = new Date(set.clock.now()).toISOString();
    const wake = (name: string, more: Record<string, unknown>) => ({
      name,
      next_run_at: null,
      locked_at: null,
      created_at: older,
      updated_at: older,
      ...more,
    });
    await set.sql`insert into agenda_jobs ${set.sql([
      wake("over", {}),
      wake("lost", { locked_at: older }),
      wake("overdue", { next_run_at: older }),
      wake("to come", { next_run_at: new Date(set.clock.now() + DAY).toISOString() }),
      wake("under way", { locked_at: now }),
      wake("just over", { updated_at: now }),
    ] as never)}`;
    expect(await wakes.prune(before)).toBe(3);
    expect(await wakes.prune(before)).toBe(0);
    await wakes.stop();
    const left = await set.sql<{ name: string }[]>`select name from agenda_jobs order by name`;
    expect(left.map(({ name }) => name)).toEqual(["just over", "to come", "under way"]);
  });
});

describe("a little at a time", () => {
  const EVENTS = 2_300;
  beforeEach(async () => {
    const at = new Date(set.clock.now()).toISOString();
    const events = Array.from({ length: EVENTS }, (_, n) => ({
      id: v7(),
      workspace_id: WORKSPACE,
      platform: "console",
      key: `e${n}`,
      status: "handled",
      event: "{}",
      received_at: at,
    }));
    await set.sql`insert into inbound_events ${set.sql(events as never)}`;
    set.clock.pass(100 * DAY);
  });

  it("it stops when its time is up and goes on from there", async () => {
    const slow = { now: () => set.clock.now() };
    const ticking = {
      now: () => {
        set.clock.pass(120);
        return slow.now();
      },
    };
    const first = await prune(set.db, DEFAULT_RETENTION, ticking);
    expect(first.removed.inbound).toBe(500);
    expect(first.walk.at?.kind).toBe("inbound");
    let { walk } = first;
    let removed = 500;
    while (walk.at !== null) {
      const next = await prune(set.db, DEFAULT_RETENTION, set.clock, walk);
      removed += next.removed.inbound ?? 0;
      walk = next.walk;
    }
    expect(removed).toBe(EVENTS);
    expect(await rows("inbound_events")).toBe(0);
  });

  it("many at once remove each row once and do no harm", async () => {
    const counts = await Promise.all([pruneAll(), pruneAll(), pruneAll(), pruneAll()]);
    expect(counts.reduce((sum, { inbound = 0 }) => sum + inbound, 0)).toBe(EVENTS);
    expect(await rows("inbound_events")).toBe(0);
  });

  it("the sweep begins a walk a minute after the start, then every hour", async () => {
    const asked: Date[] = [];
    const retention = createRetention({
      db: set.db,
      clock: set.clock,
      log: quietLog,
      policy: DEFAULT_RETENTION,
      pruneWakes: async (before) => asked.push(before),
    });
    await retention.look();
    expect(await rows("inbound_events")).toBe(EVENTS);
    set.clock.pass(61_000);
    await retention.look();
    expect(await rows("inbound_events")).toBe(0);
    expect(asked).toEqual([new Date(set.clock.now() - DAY)]);
    set.clock.pass(1_000);
    await retention.look();
    expect(asked).toHaveLength(1);
    set.clock.pass(3_600_000);
    await retention.look();
    expect(asked).toHaveLength(2);
  });
});
