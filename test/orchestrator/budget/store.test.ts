import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openDayBudget,
  openRunBudgets,
  raiseLimit,
  release,
  reserve,
  settle,
  settleLost,
} from "../../../src/orchestrator/budget/store.ts";
import { AT, DAY, type LedgerCase, ledgerCase, WORKSPACE } from "./ledger-case.ts";

let money: LedgerCase;
beforeAll(async () => {
  money = await ledgerCase();
});
afterAll(() => money.close());

/** A day of its own for each test: they share the workspace. */
let days = 0;
const newDay = () => `2027-01-${String(++days).padStart(2, "0")}`;
const later = new Date(AT.getTime() + 60_000);

describe("a reservation", () => {
  it("is taken from the run's ceiling and from the day's, and noted", async () => {
    const day = newDay();
    const runId = await money.open({ run: 1000, day: 5000 }, day);
    const call = money.reservation(runId, 400, { day });
    expect(await money.db.transaction((tx) => reserve(tx, call))).toEqual({ ok: true, reservationId: call.id });
    expect(await money.budget("run", runId)).toEqual({ limitMicros: 1000, spentMicros: 0, reservedMicros: 400 });
    expect(await money.budget("workspace_day", day)).toEqual({
      limitMicros: 5000,
      spentMicros: 0,
      reservedMicros: 400,
    });
    expect(await money.ledgerOf(runId)).toEqual([{ status: "reserved", reserved: 400, settled: null }]);
  });

  it("may use a ceiling up to its last millionth, and not one more", async () => {
    const day = newDay();
    const runId = await money.open({ run: 1000, day: 1000 }, day);
    expect(await reserve(money.db, money.reservation(runId, 1001, { day }))).toMatchObject({ ok: false, scope: "run" });
    expect(await reserve(money.db, money.reservation(runId, 1000, { day }))).toMatchObject({ ok: true });
    expect(await reserve(money.db, money.reservation(runId, 1, { day }))).toMatchObject({ ok: false });
  });

  it("is taken from neither when one of the two refuses", async () => {
    const day = newDay();
    const runId = await money.open({ run: 1000, day: 300 }, day);
    expect(await reserve(money.db, money.reservation(runId, 400, { day }))).toEqual({
      ok: false,
      scope: "workspace_day",
      limitMicros: 300,
      spentMicros: 0,
      reservedMicros: 0,
      neededMicros: 400,
      dayMicros: 0,
      dayLimitMicros: 300,
    });
    expect(await money.budget("run", runId)).toMatchObject({ reservedMicros: 0 });
    expect(await money.budget("workspace_day", day)).toMatchObject({ reservedMicros: 0 });
    expect(await money.ledgerOf(runId)).toEqual([]);
  });

  it("is refused where nobody opened a budget, also when it costs nothing", async () => {
    const day = newDay();
    const noDay = await money.open({ run: 1000 }, day);
    expect(await reserve(money.db, money.reservation(noDay, 1, { day }))).toMatchObject({
      ok: false,
      scope: "workspace_day",
      limitMicros: 0,
    });
    expect(await reserve(money.db, money.reservation(noDay, 0, { day }))).toMatchObject({ ok: false });
    const noRun = await money.open({ day: 1000 }, day);
    expect(await reserve(money.db, money.reservation(noRun, 1, { day }))).toMatchObject({ ok: false, scope: "run" });
    expect(await reserve(money.db, money.reservation(noRun, 0, { day }))).toMatchObject({ ok: false, scope: "run" });
    expect(await money.ledgerOf(noRun)).toEqual([]);
  });

  it("of nothing is only noted, and goes on at a ceiling that is used up", async () => {
    const day = newDay();
    const runId = await money.open({ run: 0, day: 0 }, day);
    expect(await reserve(money.db, money.reservation(runId, 0, { day }))).toMatchObject({ ok: true });
    expect(await money.ledgerOf(runId)).toEqual([{ status: "reserved", reserved: 0, settled: null }]);
    expect(await settleLost(money.db, { runId, at: later })).toEqual({ reservations: 1, micros: 0 });
  });

  it("goes away with the transaction that made it", async () => {
    const day = newDay();
    const runId = await money.open({ run: 1000, day: 1000 }, day);
    const undone = money.db.transaction(async (tx) => {
      await reserve(tx, money.reservation(runId, 900, { day }));
      throw new Error("the step was not journalled");
    });
    await expect(undone).rejects.toThrow("not journalled");
    expect(await reserve(money.db, money.reservation(runId, 1000, { day }))).toMatchObject({ ok: true });
  });

  it("never opens a ceiling by a broken amount", async () => {
    const runId = await money.open({ run: 1000, day: 1000 }, newDay());
    for (const amount of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(reserve(money.db, money.reservation(runId, amount))).rejects.toMatchObject({ code: "bug" });
    }
    await expect(settle(money.db, { reservationId: runId, actualMicros: -1, at: AT })).rejects.toMatchObject({
      code: "bug",
    });
  });

  it("never exceeds a ceiling, whoever asks at once", async () => {
    for (let round = 0; round < 5; round++) {
      const day = newDay();
      const runIds = await Promise.all(Array.from({ length: 5 }, () => money.open({ run: 300, day: 1000 }, day)));
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          money.db.transaction((tx) => reserve(tx, money.reservation(runIds[i % 5] ?? "", 70, { day, turn: i }))),
        ),
      );
      // 14 × 70 is the most below 1000; below 300 it is 4 × 70 for each run.
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(14);
      expect(await money.budget("workspace_day", day)).toMatchObject({ reservedMicros: 980 });
      const perRun = await Promise.all(runIds.map((runId) => money.budget("run", runId)));
      for (const run of perRun) expect(run?.reservedMicros).toBeLessThanOrEqual(280);
      expect(perRun.reduce((sum, run) => sum + (run?.reservedMicros ?? 0), 0)).toBe(980);
      const refused = outcomes.filter((outcome) => !outcome.ok);
      for (const outcome of refused)
        expect(outcome.limitMicros - outcome.spentMicros - outcome.reservedMicros).toBeLessThan(70);
    }
  });

  it("loses and doubles nothing while others settle and release, and nobody waits in a circle", async () => {
    const day = newDay();
    const runIds = await Promise.all(Array.from({ length: 4 }, () => money.open({ run: 100_000, day: 400_000 }, day)));
    let spent = 0;
    await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const runId = runIds[i % 4] ?? "";
        await money.db.transaction(async (tx) => {
          const first = money.reservation(runId, 100, { day });
          const second = money.reservation(runIds[(i + 1) % 4] ?? "", 50, { day });
          expect(await reserve(tx, first)).toMatchObject({ ok: true });
          expect(await reserve(tx, second)).toMatchObject({ ok: true });
          await settle(tx, { reservationId: first.id, actualMicros: i, at: later });
          await release(tx, { reservationId: second.id, at: later });
        });
        spent += i;
      }),
    );
    expect(await money.budget("workspace_day", day)).toEqual({
      limitMicros: 400_000,
      spentMicros: spent,
      reservedMicros: 0,
    });
  });
});

describe("the end of a reservation", () => {
  const reserved = async (limit: number, amount: number) => {
    const day = newDay();
    const runId = await money.open({ run: limit, day: limit }, day);
    const call = money.reservation(runId, amount, { day });
    expect(await reserve(money.db, call)).toMatchObject({ ok: true });
    return { day, runId, reservationId: call.id };
  };

  it("books what the call cost and gives the rest back", async () => {
    const { day, runId, reservationId } = await reserved(1000, 800);
    expect(await settle(money.db, { reservationId, actualMicros: 250, at: later })).toBe(true);
    const after = { limitMicros: 1000, spentMicros: 250, reservedMicros: 0 };
    expect(await money.budget("run", runId)).toEqual(after);
    expect(await money.budget("workspace_day", day)).toEqual(after);
    expect(await money.ledgerOf(runId)).toEqual([{ status: "settled", reserved: 800, settled: 250 }]);
  });

  it("happens once, however it is repeated", async () => {
    const { runId, reservationId } = await reserved(1000, 800);
    const settled = await Promise.all(
      Array.from({ length: 8 }, () => settle(money.db, { reservationId, actualMicros: 250, at: later })),
    );
    expect(settled.filter(Boolean)).toHaveLength(1);
    expect(await release(money.db, { reservationId, at: later })).toBe(false);
    expect(await settleLost(money.db, { runId, at: later })).toEqual({ reservations: 0, micros: 0 });
    expect(await money.budget("run", runId)).toEqual({ limitMicros: 1000, spentMicros: 250, reservedMicros: 0 });
  });

  it("records a cost above the reservation as it is, and the ceiling holds from then on", async () => {
    const { day, runId, reservationId } = await reserved(1000, 900);
    await settle(money.db, { reservationId, actualMicros: 1200, at: later });
    expect(await money.budget("run", runId)).toEqual({ limitMicros: 1000, spentMicros: 1200, reservedMicros: 0 });
    expect(await reserve(money.db, money.reservation(runId, 1, { day }))).toMatchObject({
      ok: false,
      spentMicros: 1200,
    });
  });

  it("gives everything back when the call was certainly not billed", async () => {
    const { day, runId, reservationId } = await reserved(1000, 900);
    expect(await release(money.db, { reservationId, at: later })).toBe(true);
    expect(await money.budget("run", runId)).toEqual({ limitMicros: 1000, spentMicros: 0, reservedMicros: 0 });
    expect(await money.budget("workspace_day", day)).toMatchObject({ spentMicros: 0, reservedMicros: 0 });
    expect(await money.ledgerOf(runId)).toEqual([{ status: "released", reserved: 900, settled: 0 }]);
  });

  it("after a crash books every open one of the run in full, to the day that reserved it", async () => {
    const [yesterday, today] = [newDay(), newDay()];
    const runId = await money.open({ run: 1000, day: 1000 }, yesterday);
    await openDayBudget(money.db, { workspaceId: WORKSPACE, day: today, limitMicros: 1000, at: AT });
    const done = money.reservation(runId, 100, { day: yesterday });
    await reserve(money.db, done);
    await settle(money.db, { reservationId: done.id, actualMicros: 60, at: AT });
    await reserve(money.db, money.reservation(runId, 200, { day: yesterday, turn: 2 }));
    await reserve(money.db, money.reservation(runId, 300, { day: today, turn: 3 }));
    const other = await money.open({ run: 1000 });
    await reserve(money.db, money.reservation(other, 50, { day: today }));

    expect(await settleLost(money.db, { runId, at: later })).toEqual({ reservations: 2, micros: 500 });
    expect(await settleLost(money.db, { runId, at: later })).toEqual({ reservations: 0, micros: 0 });
    expect(await money.budget("run", runId)).toEqual({ limitMicros: 1000, spentMicros: 560, reservedMicros: 0 });
    expect(await money.budget("workspace_day", yesterday)).toMatchObject({ spentMicros: 260, reservedMicros: 0 });
    expect(await money.budget("workspace_day", today)).toMatchObject({ spentMicros: 300, reservedMicros: 50 });
    expect((await money.ledgerOf(runId)).map((row) => row.status)).toEqual(["settled", "lost", "lost"]);
  });
});

describe("a ceiling", () => {
  it("lets the refused call through once a person raised it", async () => {
    const day = newDay();
    const runId = await money.open({ run: 100, day: 1000 }, day);
    const call = money.reservation(runId, 150, { day });
    expect(await reserve(money.db, call)).toMatchObject({ ok: false, scope: "run" });
    expect(await raiseLimit(money.db, { workspaceId: WORKSPACE, scope: "run", key: runId, byMicros: 50 })).toBe(150);
    expect(await reserve(money.db, call)).toMatchObject({ ok: true });
  });

  it("cannot be raised where there is none", async () => {
    const raise = { workspaceId: WORKSPACE, scope: "workspace_day", key: "2031-01-01", byMicros: 50 } as const;
    expect(await raiseLimit(money.db, raise)).toBeNull();
    expect(await money.budget("workspace_day", "2031-01-01")).toBeNull();
  });

  it("is opened once: opening it again neither raises it nor forgets what is used", async () => {
    const day = newDay();
    const runId = await money.open({ run: 100, day: 100 }, day);
    await reserve(money.db, money.reservation(runId, 90, { day }));
    await openRunBudgets(money.db, [{ workspaceId: WORKSPACE, runId, limitMicros: 900, at: later }]);
    await Promise.all(
      Array.from({ length: 5 }, () =>
        openDayBudget(money.db, { workspaceId: WORKSPACE, day, limitMicros: 900, at: later }),
      ),
    );
    const unchanged = { limitMicros: 100, spentMicros: 0, reservedMicros: 90 };
    expect(await money.budget("run", runId)).toEqual(unchanged);
    expect(await money.budget("workspace_day", day)).toEqual(unchanged);
  });

  it("of another workspace is another one", async () => {
    await money.sql`insert into workspaces (id, platform, team, name, timezone, created_at)
      values ('slack:T9', 'slack', 'T9', 'Other', 'UTC', now())`;
    const runId = await money.open({ run: 100, day: 100 }, DAY);
    const call = money.reservation(runId, 50, { workspaceId: "slack:T9" });
    expect(await reserve(money.db, call)).toMatchObject({ ok: false, limitMicros: 0 });
  });
});
