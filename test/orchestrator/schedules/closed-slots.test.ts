/** Quiet hours, holidays and skipped slots on a real database: left out, accounted for, and said so. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readWhy } from "../../../src/orchestrator/reading.ts";
import type { ClosedTimes } from "../../../src/orchestrator/schedules/closed-times.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { skipNext } from "../../../src/orchestrator/schedules/skip.ts";
import { editWorkflow, pauseWorkflow, resumeWorkflow, runNow } from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, engineCase, START, WORKSPACE } from "../engine-case.ts";

const HOUR = 3_600_000;
/** START is 10:00 UTC on Monday 4 May 2026, 12:00 in Paris. */
const CLOSED: ClosedTimes = {
  quietHours: { from: 12 * 60, until: 14 * 60 },
  zone: null,
  holidays: { "2026-05-05": "Liberation Day" },
};
const HOURLY = { kind: "cron", expression: "0 * * * *", zone: "UTC", from: null, until: null } as const;

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase({ zone: "Europe/Paris", closedTimes: CLOSED });
});
afterEach(async () => {
  await c.close();
});

const hourly = (more = {}) => c.workflow({ name: "menu", schedule: HOURLY, nextSlotAt: new Date(START), ...more });
const firings = async (workflow: string) =>
  (
    await c.sql`select planned_at, outcome, reason, count from firings where workflow_id = ${workflow} order by planned_at`
  ).map(
    (row) =>
      `${new Date(String(row.planned_at)).toISOString().slice(8, 13)} ${row.outcome}${row.count > 1 ? ` ×${row.count}` : ""}${row.reason ? `: ${row.reason}` : ""}`,
  );
const why = (at = c.clock.now()) =>
  readWhy(
    { db: c.db, workspaceId: WORKSPACE, now: new Date(at), zone: "UTC", dayCeilingMicros: 0 },
    { workflow: "menu" },
  );
const skips = async (workflow: string) => (await c.defined(workflow)).workflow.skipNext;
const iso = (hours: number) => new Date(START + hours * HOUR).toISOString();

describe("a slot in quiet hours of the workspace's zone", () => {
  it("is skipped with the reason, which `why` says, and the first slot after them runs", async () => {
    const workflow = await hourly();
    await claimDueSlots(c.deps);
    expect(await firings(workflow)).toEqual(["04T10 skipped: quiet hours 12:00–14:00"]);
    expect(await c.count("runs")).toBe(0);
    expect(await why()).toMatch(/did not run at .*2026-05-04T10:00:00.*: quiet hours 12:00–14:00\. Next: .*T11:00/);
    for (const hours of [1, 2]) {
      c.clock.set(START + hours * HOUR);
      await claimDueSlots(c.deps);
    }
    expect((await firings(workflow)).slice(1)).toEqual(["04T11 skipped: quiet hours 12:00–14:00", "04T12 ran"]);
  });

  it("does not keep a person from running it", async () => {
    const workflow = await hourly();
    await c.act("sam", (caller) => runNow(caller, { id: workflow }));
    expect(await c.count("runs")).toBe(1);
  });

  it("runs when the workflow's policy says so, and when the calendar's zone is another", async () => {
    const workflow = await hourly({ policies: { calendar: "ignore" } });
    await claimDueSlots(c.deps);
    expect(await firings(workflow)).toEqual(["04T10 ran"]);
    const other = await hourly({ name: "other" });
    await claimDueSlots({ ...c.deps, closedTimes: { ...CLOSED, zone: "UTC" } });
    expect(await firings(other)).toEqual(["04T10 ran"]);
  });

  it("is respected by a workflow that was stored before there was a choice", async () => {
    const workflow = await hourly();
    await c.sql`update revisions set policies = policies - 'calendar'`;
    await claimDueSlots(c.deps);
    expect(await firings(workflow)).toEqual(["04T10 skipped: quiet hours 12:00–14:00"]);
  });
});

describe("after an outage", () => {
  it("closed slots are not among the missed ones, whose message does not count them", async () => {
    // Down from 10:00 to 15:50 UTC; the window of an hourly schedule is half an hour.
    const workflow = await hourly();
    c.clock.set(START + 5 * HOUR + 3_000_000);
    await claimDueSlots(c.deps);
    expect(await firings(workflow)).toEqual([
      "04T11 skipped ×2: quiet hours 12:00–14:00",
      "04T15 missed ×4: Claw was not running, and it is outside the catch-up window",
    ]);
    expect(await c.notice("slotsMissed")).toMatchObject([{ count: 4, first: iso(2), last: iso(5) }]);
  });

  it("of a holiday nobody is told of missed slots", async () => {
    const workflow = await hourly({ nextSlotAt: new Date("2026-05-05T06:00:00Z") });
    c.clock.set(Date.parse("2026-05-05T20:45:00Z"));
    await claimDueSlots(c.deps);
    expect(await firings(workflow)).toEqual(["05T20 skipped ×15: holiday: Liberation Day"]);
    expect(await c.notice("slotsMissed")).toEqual([]);
  });
});

describe("skip next", () => {
  it("names the times that are left out and the next one that is not, counts down, and says why", async () => {
    const workflow = await hourly({ nextSlotAt: new Date(START + HOUR) });
    // 11:00 UTC is quiet, so the next two that would run are 12:00 and 13:00.
    expect(await c.act("sam", (caller) => skipNext(caller, { name: "menu" }, 2))).toEqual({
      name: "menu",
      count: 2,
      skipped: [iso(2), iso(3)],
      nextAt: iso(4),
    });
    for (const hours of [1, 2, 3, 4]) {
      c.clock.set(START + hours * HOUR);
      await claimDueSlots(c.deps);
      if (hours === 2) expect(await skips(workflow)).toBe(1);
      if (hours === 3) expect(await why()).toMatch(/did not run at .*T13:00.*: a person asked to skip it\./);
    }
    expect(await firings(workflow)).toEqual([
      "04T11 skipped: quiet hours 12:00–14:00",
      "04T12 skipped: a person asked to skip it",
      "04T13 skipped: a person asked to skip it",
      "04T14 ran",
    ]);
    expect(await skips(workflow)).toBe(0);
    const [audited] = await c.sql`select actor, detail from audit_events where action = 'workflow.skip_set'`;
    expect(audited).toMatchObject({ actor: "console:test:sam", detail: { from: 0, to: 2 } });
  });

  it("sets and does not add, and 0 takes it back", async () => {
    const workflow = await hourly({ nextSlotAt: new Date(START + 2 * HOUR) });
    const skip = (count: number) => c.act("sam", (caller) => skipNext(caller, { id: workflow }, count));
    await skip(1);
    await skip(1);
    expect(await skips(workflow)).toBe(1);
    expect(await skip(0)).toEqual({ name: "menu", count: 0, skipped: [], nextAt: iso(2) });
    c.clock.set(START + 2 * HOUR);
    await claimDueSlots(c.deps);
    expect(await firings(workflow)).toEqual(["04T12 ran"]);
  });

  it("does not outlive a pause or a new schedule", async () => {
    const workflow = await hourly({ nextSlotAt: new Date(START + 2 * HOUR) });
    await c.act("sam", (caller) => skipNext(caller, { id: workflow }, 3));
    await c.act("sam", (caller) => pauseWorkflow(caller, { id: workflow }, null));
    await expect(c.act("sam", (caller) => skipNext(caller, { id: workflow }, 1))).rejects.toThrow(/is paused/);
    await c.act("sam", (caller) => resumeWorkflow(caller, { id: workflow }));
    expect(await skips(workflow)).toBe(0);
    await c.act("sam", (caller) => skipNext(caller, { id: workflow }, 3));
    const trigger = { kind: "schedule", words: "", schedule: { ...HOURLY, expression: "30 * * * *" } } as const;
    await c.act("sam", (caller) => editWorkflow(caller, { id: workflow }, { trigger }));
    expect(await skips(workflow)).toBe(0);
  });

  it("is the owner's or an admin's to ask, within reason", async () => {
    const workflow = await hourly();
    await expect(c.act("kim", (caller) => skipNext(caller, { id: workflow }, 1))).rejects.toThrow(/Only the owner/);
    await expect(c.act("ada", (caller) => skipNext(caller, { id: workflow }, 101))).rejects.toThrow(/pause menu/);
    expect(await skips(workflow)).toBe(0);
  });
});
