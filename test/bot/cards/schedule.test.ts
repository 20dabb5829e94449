import { describe, expect, test } from "vitest";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { backfillCard, skipCard } from "../../../src/bot/cards/schedule.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { workflowCard } from "../../../src/bot/cards/workflow.ts";
import { NINE, TEN, workflow } from "./views.ts";

describe("skip", () => {
  test("says which times are left out, which is next, and how to take it back", () => {
    expect(cardText(skipCard({ name: "menu", count: 1, skipped: [NINE], nextAt: TEN }))).toBe(
      "✓ menu skips the next time\nskipped   Mon 23 Nov 09:00 UTC\nnext run  Mon 23 Nov 10:00 UTC\n[Undo]",
    );
    expect(skipCard({ name: "menu", count: 1, skipped: [NINE], nextAt: TEN }).buttons).toMatchObject([
      { action: "command", value: "unskip menu" },
    ]);
  });
  test("of many shows the first, of none says so, of the last that nothing is left", () => {
    expect(cardText(skipCard({ name: "menu", count: 12, skipped: Array(12).fill(NINE), nextAt: TEN }))).toMatch(
      /and 7 more/,
    );
    const none = cardText(skipCard({ name: "menu", count: 0, skipped: [], nextAt: TEN }));
    expect(none).toMatch(/menu skips nothing/);
    expect(none).not.toMatch(/skipped|Undo/);
    expect(cardText(skipCard({ name: "menu", count: 1, skipped: [NINE], nextAt: null }))).toMatch(/next run +none/);
  });
  test("stands on the workflow's own card", () => {
    expect(cardText(workflowCard(workflow({ skipNext: 2 })))).toMatch(
      /skips +the next 2 times, because a person asked/,
    );
    expect(cardText(workflowCard(workflow()))).not.toMatch(/skips/);
  });
});

describe("a backfill's question", () => {
  const view = {
    workflowId: "w1",
    name: "menu",
    slots: 24,
    first: NINE,
    last: TEN,
    ran: 3,
    beforeCreation: 0,
    createdAt: "2026-01-01T00:00:00.000Z",
    queued: 1,
    costMicros: 960_000,
    model: "gpt-test",
    token: "t",
  };
  test("says how many, from when to when, what is left out and what it costs", () => {
    expect(cardText(backfillCard(view))).toBe(
      [
        "? Run menu for 24 past times?",
        "times     24 times, 23 Nov 2026 09:00 UTC to 23 Nov 2026 10:00 UTC",
        "left out  3 that ran · 1 that wait for their turn already",
        "cost      about $0.96 (24 runs × $0.04)",
        "order     one after the other, the oldest first",
        "[Run 24] [Cancel]",
        "(nothing runs before you say so)",
      ].join("\n"),
    );
  });
  test("of one time with the rules model is short", () => {
    const text = cardText(backfillCard({ ...view, slots: 1, last: NINE, ran: 0, queued: 0, model: "rules" }));
    expect(text).toMatch(/times +23 Nov 2026 09:00 UTC\n/);
    expect(text).toMatch(/nothing: the rules model is free/);
    expect(text).not.toMatch(/left out|order/);
  });
});

describe("something late", () => {
  const late = {
    kind: "startLate",
    workflow: { workflowId: "w1", name: "menu" },
    plannedAt: NINE,
    runNumber: null,
    why: "no worker is connected to the database",
    overAt: null,
  } as const;
  test("says since when and why, and later that it is over", () => {
    expect(cardText(noticeCard(late))).toBe(
      "‖ menu has not started: it was due Mon 23 Nov 09:00 UTC\nwhy  no worker is connected to the database\n[Inspect]",
    );
    expect(cardText(noticeCard({ ...late, runNumber: 41 }))).toMatch(/menu, run 41 has not started/);
    expect(cardText(noticeCard({ ...late, overAt: TEN }))).toMatch(/^✓ menu, due Mon 23 Nov 09:00 UTC, waits no more/);
  });
});
