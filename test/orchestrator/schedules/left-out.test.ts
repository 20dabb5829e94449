/** Slots that a pause, an edit or a deletion leaves out: none is lost, none is run late, a long stretch is one row. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readWhy } from "../../../src/orchestrator/reading.ts";
import { slotsUpTo } from "../../../src/orchestrator/schedules/left-out.ts";
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import {
  deleteWorkflow,
  editWorkflow,
  pauseWorkflow,
  resumeWorkflow,
} from "../../../src/orchestrator/workflows/service.ts";
import { workflowViews } from "../../../src/orchestrator/workflows/views/store.ts";
import { type EngineCase, engineCase, START, WORKSPACE } from "../engine-case.ts";
import { reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const minutely: Schedule = {
  kind: "interval",
  everySeconds: 60,
  anchor: "2026-05-04T00:00:00Z",
  zone: "UTC",
  until: null,
};
const at = (time: string): string => `2026-05-04T${time}:00.000Z`;
const scheduled = (more = {}) => c.workflow({ name: "menu", nextSlotAt: new Date(START), ...more });
const slots = async (workflow: string) =>
  (
    await c.sql`select planned_at, outcome, reason, count, payload from firings where workflow_id = ${workflow} order by planned_at`
  ).map(({ planned_at, outcome, reason, count, payload }) => ({
    at: new Date(String(planned_at)).toISOString(),
    outcome,
    reason,
    count,
    payload,
  }));
const nextSlot = async (workflow: string) => (await c.defined(workflow)).workflow.nextSlotAt?.toISOString() ?? null;
const pause = (id: string, note: string | null = null) => c.act("sam", (caller) => pauseWorkflow(caller, { id }, note));
const resume = (id: string) => c.act("sam", (caller) => resumeWorkflow(caller, { id }));
const edit = (id: string, schedule: Schedule) =>
  c.act("sam", (caller) => editWorkflow(caller, { id }, { trigger: { kind: "schedule", schedule, words: "then" } }));
const why = () =>
  readWhy(
    { db: c.db, workspaceId: WORKSPACE, now: new Date(c.clock.now()), zone: "UTC", dayCeilingMicros: 1 },
    { workflow: "menu" },
  );

describe("a pause", () => {
  it("leaves out its slots in one row, and goes on at the next future one", async () => {
    const id = await scheduled();
    c.clock.pass(-30_000);
    await pause(id, "holiday");
    c.clock.set(START + 13 * MINUTE + 30_000);
    expect(await claimDueSlots(c.deps)).toBe(0);
    expect(await resume(id)).toEqual({ name: "menu", nextAt: at("10:14"), leftOut: 14 });
    expect(await slots(id)).toEqual([
      {
        at: at("10:13"),
        outcome: "skipped",
        reason: `paused by sam, ${at("10:00")} to ${at("10:13")}: holiday`,
        count: 14,
        payload: { from: at("10:00"), to: at("10:13") },
      },
    ]);
    expect(await claimDueSlots(c.deps)).toBe(0);
    c.clock.set(Date.parse(at("10:14")));
    expect(await claimDueSlots(c.deps)).toBe(1);
    expect((await slots(id)).map(({ at: slot, outcome }) => `${slot.slice(11, 16)} ${outcome}`)).toEqual([
      "10:13 skipped",
      "10:14 ran",
    ]);
  });

  it("says who, since when, why and how many, while it lasts and after", async () => {
    const id = await scheduled();
    c.clock.pass(-30_000);
    await pause(id, "holiday");
    expect(await why()).toBe(
      `menu does not run: paused by sam since ${new Date(START - 30_000).toISOString()}: holiday.`,
    );
    c.clock.set(START + 13 * MINUTE);
    expect(await why()).toMatch(/paused by sam since .*: holiday; 14 slots were left out\.$/);
    await resume(id);
    expect(await why()).toMatch(/It did not run at .*, nor 13 times before: paused by sam, .*: holiday\. Next: /);
    expect(await c.notice("workflowPaused")).toMatchObject([
      { by: "sam", note: "holiday", resumed: { by: "sam", at: at("10:13"), nextAt: at("10:14"), leftOut: 14 } },
    ]);
  });

  it("in which no slot falls leaves nothing out", async () => {
    const id = await scheduled();
    c.clock.pass(-30_000);
    await pause(id);
    c.clock.pass(10_000);
    expect(await resume(id)).toMatchObject({ leftOut: 0, nextAt: at("10:00") });
    expect(await slots(id)).toEqual([]);
    expect((await c.notice("workflowPaused"))[0]?.resumed?.leftOut).toBe(0);
  });

  it("also takes the slot that had come and that nobody had claimed yet", async () => {
    const id = await scheduled();
    c.clock.pass(5_000);
    await pause(id);
    c.clock.pass(10_000);
    expect(await resume(id)).toMatchObject({ leftOut: 1, nextAt: at("10:01") });
    expect(await slots(id)).toMatchObject([{ at: at("10:00"), outcome: "skipped", reason: "paused by sam", count: 1 }]);
  });

  it("of months is one row, and its count is right as far as it was counted", async () => {
    const id = await scheduled();
    await pause(id);
    c.clock.pass(100 * DAY);
    const { leftOut } = await resume(id);
    expect(Math.abs(leftOut - (100 * 24 * 60 + 1))).toBeLessThan(5);
    const rows = await slots(id);
    expect(rows).toMatchObject([{ count: leftOut, outcome: "skipped", reason: /the count is reckoned/ }]);
    expect(await c.count("firings")).toBe(1);
  });

  it("is counted as often as it happens, and not twice", async () => {
    const id = await scheduled();
    for (let n = 0; n < 2; n++) {
      await pause(id);
      c.clock.pass(2 * MINUTE);
      await resume(id);
      c.clock.pass(MINUTE);
      await claimDueSlots(c.deps);
    }
    expect(
      (await slots(id)).map(({ at: slot, outcome, count }) => `${slot.slice(11, 16)} ${outcome} ${count}`),
    ).toEqual(["10:02 skipped 3", "10:03 ran 1", "10:05 skipped 2", "10:06 skipped 1"]);
  });

  it("during which the schedule is changed leaves out the old times up to then and the new ones after", async () => {
    const id = await scheduled();
    c.clock.pass(-30_000);
    await pause(id);
    c.clock.set(START + 4 * MINUTE + 30_000);
    await edit(id, { kind: "cron", expression: "*/10 * * * *", zone: "UTC", from: null, until: null });
    expect((await c.defined(id)).workflow).toMatchObject({ status: "paused", nextSlotAt: null });
    c.clock.set(START + 35 * MINUTE);
    expect(await resume(id)).toMatchObject({ leftOut: 3, nextAt: at("10:40") });
    expect((await slots(id)).map(({ at: slot, count }) => `${slot.slice(11, 16)} ${count}`)).toEqual([
      "10:04 5",
      "10:30 3",
    ]);
  });

  it("that ends with the deletion of its workflow is accounted for too", async () => {
    const id = await scheduled();
    await pause(id);
    c.clock.pass(2 * MINUTE);
    await c.act("sam", (caller) => deleteWorkflow(caller, { id }));
    expect(await slots(id)).toMatchObject([{ count: 3, outcome: "skipped", reason: /^paused by sam/ }]);
  });

  it("begun before its first slot was kept counts from its own time", async () => {
    const id = await scheduled();
    await pause(id);
    await c.sql`update workflows set paused_slot_at = null`;
    c.clock.pass(3 * MINUTE);
    expect(await resume(id)).toMatchObject({ leftOut: 3 });
  });

  it("for a schedule that cannot be read keeps nobody from looking or editing", async () => {
    const id = await scheduled();
    await c.sql`update revisions set trigger = jsonb_set(trigger, '{schedule}',
      '{"kind":"calendar","rrule":"FREQ=NEVER","start":"2026-01-01T00:00:00","zone":"UTC"}')`;
    await claimDueSlots(c.deps);
    expect((await c.defined(id)).workflow.status).toBe("paused");
    expect(await why()).toMatch(/^menu does not run: paused by Claw since .*: Its schedule cannot be read/);
    await edit(id, minutely);
    c.clock.pass(MINUTE);
    expect(await resume(id)).toMatchObject({ leftOut: 1, nextAt: at("10:02") });
  });
});

describe("a schedule that is changed while its wake is on its way", () => {
  const later: Schedule = { kind: "once", at: at("12:30"), zone: "UTC" };

  it("does not fire at the old time", async () => {
    const id = await scheduled({ schedule: { kind: "once", at: at("10:00"), zone: "UTC" } });
    c.clock.pass(-1_000);
    await edit(id, later);
    c.clock.pass(1_000);
    expect(await claimDueSlots(c.deps)).toBe(0);
    c.clock.pass(10 * MINUTE);
    expect(await claimDueSlots(c.deps)).toBe(0);
    expect(await c.count("runs")).toBe(0);
    c.clock.set(Date.parse(at("12:30")));
    c.model.says(reports("Then"));
    expect(await claimDueSlots(c.deps)).toBe(1);
    await c.work();
    expect(await slots(id)).toMatchObject([{ at: at("12:30"), outcome: "ran" }]);
    expect(await c.count("runs")).toBe(1);
  });

  it("at the same moment as the slot is claimed fires once, at one of the two times, and says which", async () => {
    for (let n = 0; n < 5; n++) {
      const id = await scheduled({ name: `menu-${n}` });
      await Promise.all([claimDueSlots(c.deps), edit(id, later)]);
      const rows = await slots(id);
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ at: at("10:00"), outcome: /^(?:ran|skipped)$/ });
      expect(await nextSlot(id)).toBe(at("12:30"));
    }
  });

  it("says what became of a slot that had come", async () => {
    const id = await scheduled();
    c.clock.pass(5_000);
    await edit(id, later);
    expect(await claimDueSlots(c.deps)).toBe(0);
    expect(await slots(id)).toMatchObject([
      { at: at("10:00"), outcome: "skipped", reason: "its schedule was changed before it began", count: 1 },
    ]);
    const other = await scheduled({ name: "other" });
    await c.act("sam", (caller) => deleteWorkflow(caller, { id: other }));
    expect(await slots(other)).toMatchObject([{ at: at("10:00"), outcome: "skipped", reason: "deleted" }]);
  });
});

it("slots up to a moment include the one at it", () => {
  const now = START + 2 * MINUTE;
  expect(slotsUpTo(minutely, new Date(START), now)).toMatchObject({ count: 3, last: new Date(now) });
  expect(slotsUpTo(minutely, new Date(START), START - 1)).toBeNull();
});

describe("the list of workflows", () => {
  it("reads the last run of each in one statement, whatever their number", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const id = await c.workflow();
      ids.push(id);
      await c.start(id);
    }
    const last = await c.start(ids[2] ?? "");
    await c.sql`update runs set replay_of = id where number = 5`;
    const statements: string[] = [];
    const watched = new Proxy(c.db, {
      get(target, name, receiver) {
        if (name === "select" || name === "execute") statements.push(String(name));
        return Reflect.get(target, name, receiver);
      },
    });
    const views = await workflowViews(watched, WORKSPACE, new Date(c.clock.now()));
    expect(views.map(({ lastRun }) => lastRun?.number ?? null).sort()).toEqual([1, 2, 4, 6, null]);
    expect(views.find(({ workflowId }) => workflowId === ids[2])?.lastRun?.runId).toBe(last);
    const few = statements.length;
    for (let n = 0; n < 10; n++) await c.start(await c.workflow());
    statements.length = 0;
    await workflowViews(watched, WORKSPACE, new Date(c.clock.now()));
    expect(statements).toHaveLength(few);
  });
});
