import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dayKey } from "../../../src/orchestrator/budget/budget.ts";
import { costOf, dayUse } from "../../../src/orchestrator/budget/service.ts";
import { openDayBudget, release, reserve, settle, settleLost } from "../../../src/orchestrator/budget/store.ts";
import { AT, addWorkflow, type LedgerCase, ledgerCase, WORKSPACE } from "./ledger-case.ts";

const ZONE = "America/New_York";
const dearId = v7();
let money: LedgerCase;

beforeAll(async () => {
  money = await ledgerCase();
  await addWorkflow(money.sql, dearId, "dear-workflow");
});
afterAll(() => money.close());

/** A call in a run of its own, at an instant; its day is the one of the workspace's zone. */
async function call(iso: string, amount: number, end: "settle" | "lost" | "release" | "open", workflowId?: string) {
  const day = dayKey(Date.parse(iso), ZONE);
  const runId = await money.open({ run: 10_000, day: 50_000 }, day);
  const reservation = money.reservation(runId, amount + 7, {
    day,
    ...(workflowId === undefined ? {} : { workflowId }),
  });
  expect(await reserve(money.db, reservation)).toMatchObject({ ok: true });
  if (end === "settle") await settle(money.db, { reservationId: reservation.id, actualMicros: amount, at: AT });
  if (end === "lost") await settleLost(money.db, { runId, at: AT });
  if (end === "release") await release(money.db, { reservationId: reservation.id, at: AT });
}

describe("what it costs", () => {
  beforeAll(async () => {
    await call("2026-05-01T12:00:00Z", 1, "settle");
    await call("2026-05-02T12:00:00Z", 20, "settle");
    // Before and after midnight in New York (UTC-4), the same day in UTC.
    await call("2026-05-04T03:59:59Z", 300, "settle");
    await call("2026-05-04T04:00:00Z", 4000, "settle", dearId);
    await call("2026-05-04T15:00:00Z", 93, "lost");
    await call("2026-05-04T15:00:00Z", 500, "release");
    await call("2026-05-04T15:00:00Z", 500, "open");
  });

  const now = Date.parse("2026-05-04T16:00:00Z");
  const query = { workspaceId: WORKSPACE, now, zone: ZONE };

  it("is summed by day of the workspace's zone, days without costs included", async () => {
    const view = await costOf(money.db, { ...query, days: 3 });
    expect(view.byDay).toEqual([
      { day: "2026-05-02", micros: 20 },
      { day: "2026-05-03", micros: 300 },
      { day: "2026-05-04", micros: 4100 },
    ]);
    expect(view).toMatchObject({ days: 3, totalMicros: 4420, todayMicros: 4100, todayLimitMicros: 50_000 });
  });

  it("is summed by workflow, dearest first, with the runs that called a model", async () => {
    const view = await costOf(money.db, { ...query, days: 7 });
    expect(view.byWorkflow).toEqual([
      { workflowId: dearId, name: "dear-workflow", micros: 4000, runs: 1 },
      { workflowId: money.workflowId, name: "check-status", micros: 421, runs: 6 },
    ]);
    expect(view.totalMicros).toBe(4421);
  });

  it("is nothing on a new day, whose ceiling is the configured one until it is opened", async () => {
    const tomorrow = { ...query, now: Date.parse("2026-05-05T04:00:00Z"), dayLimitMicros: 77 };
    expect(await costOf(money.db, { ...tomorrow, days: 1 })).toEqual({
      days: 1,
      totalMicros: 0,
      todayMicros: 0,
      todayLimitMicros: 77,
      byDay: [{ day: "2026-05-05", micros: 0 }],
      byWorkflow: [],
    });
    await openDayBudget(money.db, { workspaceId: WORKSPACE, day: "2026-05-05", limitMicros: 99, at: AT });
    expect(await dayUse(money.db, tomorrow)).toEqual({
      day: "2026-05-05",
      limitMicros: 99,
      spentMicros: 0,
      reservedMicros: 0,
    });
  });

  it("tells what is reserved for calls under way apart from what is spent", async () => {
    expect(await dayUse(money.db, query)).toEqual({
      day: "2026-05-04",
      limitMicros: 50_000,
      spentMicros: 4100,
      reservedMicros: 507,
    });
  });

  it("is not shown to another workspace", async () => {
    const view = await costOf(money.db, { ...query, workspaceId: "slack:T1", days: 7 });
    expect(view).toMatchObject({ totalMicros: 0, todayLimitMicros: 0, byWorkflow: [] });
  });
});
