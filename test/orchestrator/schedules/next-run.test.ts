/** Next times as they are shown: those that will really run, past quiet hours, holidays and what is skipped. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listCard } from "../../../src/bot/cards/workflow.ts";
import { answerLine } from "../../../src/bot/commands/dispatch.ts";
import { readStatus, readWhy } from "../../../src/orchestrator/reading.ts";
import type { ClosedTimes } from "../../../src/orchestrator/schedules/closed-times.ts";
import { createHeartbeats } from "../../../src/orchestrator/schedules/heartbeat/service.ts";
import { nextRun, openSlots } from "../../../src/orchestrator/schedules/next-run.ts";
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";
import { skipNext } from "../../../src/orchestrator/schedules/skip.ts";
import { activateDraft, createDraft, type Wanted } from "../../../src/orchestrator/workflows/drafts.ts";
import { editWorkflow, pauseWorkflow, resumeWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { workflowViews } from "../../../src/orchestrator/workflows/views/store.ts";
import { DEFAULT_POLICIES } from "../../../src/orchestrator/workflows/workflow.ts";
import { type EngineCase, engineCase, START, WORKSPACE } from "../engine-case.ts";
import { calls } from "../scripted-model.ts";

const HOUR = 3_600_000;
/** START is 10:00 UTC on Monday 4 May 2026. */
const HOURLY: Schedule = { kind: "cron", expression: "0 * * * *", zone: "UTC", from: null, until: null };
const CLOSED: ClosedTimes = {
  quietHours: { from: 11 * 60, until: 14 * 60 },
  zone: "UTC",
  holidays: { "2026-05-05": "a holiday" },
};
const wanted = (schedule: Schedule = HOURLY): Wanted => ({
  instruction: "look at the page",
  trigger: { kind: "schedule", schedule, words: "every hour" },
});
const iso = (hours: number) => new Date(START + hours * HOUR).toISOString();

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase({ closedTimes: CLOSED });
});
afterEach(() => c.close());

const reader = () => ({
  db: c.db,
  workspaceId: WORKSPACE,
  now: new Date(c.clock.now()),
  zone: "UTC",
  dayCeilingMicros: 0,
  closedTimes: CLOSED,
});
const hourly = (more = {}) =>
  c.workflow({ name: "menu", schedule: HOURLY, nextSlotAt: new Date(START + HOUR), ...more });

describe("what will run next", () => {
  const closed = (slot: Date) => (slot.getUTCHours() < 14 ? "closed" : null);
  const open = { closedTimes: CLOSED, zone: "UTC" };
  const next = (nextSlotAt: Date | null, skipNext = 0, more = {}) => {
    const policies = { ...DEFAULT_POLICIES, ...more };
    const trigger = { kind: "schedule", schedule: HOURLY, words: "" } as const;
    return nextRun({ nextSlotAt, skipNext }, { trigger, policies }, open)?.toISOString() ?? null;
  };

  it("passes over what is closed, and what a person asked to skip", () => {
    expect(next(new Date(START + HOUR))).toBe(iso(4));
    expect(next(new Date(START + HOUR), 2)).toBe(iso(6));
    expect(next(new Date(START + HOUR), 0, { calendar: "ignore" })).toBe(iso(1));
    expect(next(null)).toBeNull();
    // The whole of the 5th is a holiday.
    expect(next(new Date(START + 14 * HOUR))).toBe("2026-05-06T00:00:00.000Z");
  });

  it("ends with its schedule, and is never at a time that is always closed", () => {
    const until = { ...HOURLY, until: iso(6) } as Schedule;
    expect(openSlots(until, START, 5, closed).map((slot) => slot.toISOString())).toEqual([iso(4), iso(5), iso(6)]);
    expect(openSlots(HOURLY, START, 5, () => "closed")).toEqual([]);
    expect(openSlots(HOURLY, START, 2, null).map((slot) => slot.toISOString())).toEqual([iso(1), iso(2)]);
  });
});

describe("next times that people are shown", () => {
  it("of a draft and of what becomes of it are those that will run", async () => {
    const draft = await c.act("sam", (caller) => createDraft(caller, wanted()));
    expect(draft.next).toEqual([iso(4), iso(5), iso(6), iso(7), iso(8)]);
    // 21 open hours a day, less a holiday.
    expect(draft.runsAMonth).toBeLessThan(30 * 22);
    const created = await c.act("sam", (caller) => activateDraft(caller, draft.workflowId));
    expect(created.nextAt).toBe(iso(4));
    expect(await c.notice("workflowCreated")).toMatchObject([{ nextAt: iso(4) }]);
    // What is claimed next is still the slot that is planned: it is skipped with its reason.
    expect((await c.defined(draft.workflowId)).workflow.nextSlotAt?.toISOString()).toBe(iso(1));
  });

  it("of a draft whose times are all closed are none, and why", async () => {
    const noon: Schedule = { kind: "cron", expression: "0 12 * * *", zone: "UTC", from: null, until: null };
    const draft = await c.act("sam", (caller) => createDraft(caller, wanted(noon)));
    expect(draft).toMatchObject({ next: [], allClosed: "quiet hours 11:00–14:00" });
    expect((await c.act("sam", (caller) => createDraft(caller, wanted()))).allClosed).toBeUndefined();
  });

  it("of an edit, a resumption, a list, a status and a why as well", async () => {
    const id = await hourly();
    expect(await c.act("sam", (caller) => editWorkflow(caller, { id }, { instruction: "x" }))).toMatchObject({
      nextAt: iso(4),
    });
    await c.act("sam", (caller) => pauseWorkflow(caller, { id }, null));
    expect(await c.act("sam", (caller) => resumeWorkflow(caller, { id }))).toMatchObject({ nextAt: iso(4) });
    await c.act("sam", (caller) => skipNext(caller, { id }, 1));
    await hourly({ name: "later", nextSlotAt: new Date(START + 4 * HOUR) });
    expect((await readStatus(reader())).next.map(({ name, at }) => [name, at])).toEqual([
      ["later", iso(4)],
      ["menu", iso(5)],
    ]);
    const views = await workflowViews(c.db, WORKSPACE, new Date(START), { closedTimes: CLOSED, zone: "UTC" });
    expect(JSON.stringify(listCard(views))).toContain(iso(5));
    const listed = await c.act("vic", (caller) => answerLine(caller, "list"));
    expect(JSON.stringify(listed.card)).toContain(iso(5));
    expect(await readWhy(reader(), { workflow: "menu" })).toContain(iso(5));
  });

  it("of a heartbeat too", async () => {
    const id = await hourly({ nextSlotAt: new Date(START + 25 * HOUR) });
    c.model.says(calls(["finish", { verdict: "nothing_to_report", text: "", notes: null }]));
    await c.start(id);
    await c.work();
    // The holiday is over before anybody is told.
    c.clock.pass(38 * HOUR);
    await createHeartbeats(c.deps).look();
    expect(await c.notice("heartbeat")).toMatchObject([{ nextAt: "2026-05-06T00:00:00.000Z" }]);
  });
});
