/** Backfills on a real database, from the line a person types to the last run. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Card } from "../../../src/bot/cards/card.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { createHandler } from "../../../src/bot/handler.ts";
import type { InboundBody } from "../../../src/orchestrator/ports.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { editWorkflow, pauseWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, engineCase, type PEOPLE, START } from "../engine-case.ts";
import { reports } from "../scripted-model.ts";

const HOUR = 3_600_000;
const HOURLY = { kind: "cron", expression: "0 * * * *", zone: "UTC", from: null, until: null } as const;
/** START is 10:00 UTC on Monday 4 May 2026. */
const LINE = "backfill menu 2026-05-04T06:00 2026-05-04T08:00";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const hourly = (more = {}) =>
  c.workflow({ name: "menu", schedule: HOURLY, nextSlotAt: new Date(START + HOUR), ...more });
const does = (who: keyof typeof PEOPLE, body: InboundBody): Promise<{ card: Card; key: string | null }> =>
  c.act(who, async (caller) => {
    const [said] = await createHandler().handle({ ...caller, event: { ...caller.event, body } });
    if (!said) throw new Error("no answer");
    return said as { card: Card; key: string | null };
  });
const say = (text: string, who: keyof typeof PEOPLE = "sam") => does(who, { kind: "command", text });
const press = async (card: Card, label: RegExp, who: keyof typeof PEOPLE = "sam") => {
  const button = card.buttons.find((each) => label.test(each.label));
  if (!button) throw new Error(`no such button on ${cardText(card)}`);
  return does(who, { kind: "action", action: button.action, value: button.value, text: null, messageId: null });
};
const firings = async () =>
  (await c.sql`select kind, planned_at, outcome from firings order by planned_at, created_at`).map(
    (row) => `${row.kind} ${new Date(String(row.planned_at)).toISOString().slice(11, 16)} ${row.outcome}`,
  );
const slotWas = (workflow: string, hour: number, outcome: string) =>
  c.sql`insert into firings (id, workspace_id, workflow_id, kind, key, planned_at, outcome, created_at)
    values (gen_random_uuid(), 'console:test', ${workflow}, 'slot', ${`2026-05-04T0${hour}:00:00.000Z`},
      ${`2026-05-04T0${hour}:00:00.000Z`}, ${outcome}, now())`;

describe("a backfill", () => {
  it("first says what would run and what not, and changes nothing", async () => {
    const workflow = await hourly();
    await slotWas(workflow, 6, "ran");
    await slotWas(workflow, 7, "missed");
    const { card } = await say(LINE);
    expect(cardText(card)).toMatch(/Run menu for 2 past times\?/);
    expect(cardText(card)).toMatch(/times +2 times, 4 May 2026 07:00 UTC to 4 May 2026 08:00 UTC/);
    expect(cardText(card)).toMatch(/left out +1 that ran/);
    expect(cardText(card)).toMatch(/\[Run 2\] \[Cancel\]/);
    expect(card.buttons.every(({ value }) => value.length <= 80)).toBe(true);
    expect(await firings()).toEqual(["slot 06:00 ran", "slot 07:00 missed"]);
  });

  it("runs one after the other, each for its own slot, once it is confirmed", async () => {
    await hourly();
    const asked = await say(LINE);
    const begun = await press(asked.card, /^Run 3$/);
    expect(begun.key).toBe(asked.key);
    expect(cardText(begun.card)).toMatch(/menu runs for 3 past times, one after the other\. Run 1 is the first\./);
    expect(await firings()).toEqual(["backfill 06:00 ran", "backfill 07:00 null", "backfill 08:00 null"]);
    expect(await c.count("runs")).toBe(1);
    c.model.says(reports("one"), reports("two"), reports("three"));
    for (const run of await c.claim()) await c.advance(run);
    expect(await firings()).toEqual(["backfill 06:00 ran", "backfill 07:00 ran", "backfill 08:00 null"]);
    await c.work();
    expect(await firings()).toEqual(["backfill 06:00 ran", "backfill 07:00 ran", "backfill 08:00 ran"]);
    expect(c.model.requests.map(({ messages }) => /at (2026-05-04T\d\d)/.exec(JSON.stringify(messages))?.[1])).toEqual([
      "2026-05-04T06",
      "2026-05-04T07",
      "2026-05-04T08",
    ]);
    expect((await c.notice("runReported")).map(({ text }) => text)).toEqual(["one", "two", "three"]);
    // What outsiders can write is not what started them.
    expect((await c.notice("runReported")).some(({ tainted }) => tainted)).toBe(false);
  });

  it("pressed twice runs once", async () => {
    await hourly();
    const { card } = await say(LINE);
    await press(card, /^Run/);
    await expect(press(card, /^Run/)).rejects.toThrow(/Nothing is left to run: all 3 times .* ran or wait/);
    expect(await c.count("firings")).toBe(3);
  });

  it("can be cancelled, and the same line asks anew", async () => {
    await hourly();
    const asked = await say(LINE);
    const dropped = await press(asked.card, /^Cancel$/);
    expect(cardText(dropped.card)).toMatch(/Nothing of menu was run/);
    expect(dropped.key).toBe(asked.key);
    c.clock.pass(1_000);
    expect((await say(LINE)).key).not.toBe(asked.key);
    expect(await c.count("firings")).toBe(0);
  });

  it("waits for an open run, lets slots go first, and does not take their place", async () => {
    const workflow = await hourly({ policies: { overlap: "queue_one" } });
    await c.start(workflow);
    const { card } = await say(LINE);
    expect(cardText((await press(card, /^Run/)).card)).toMatch(/They begin when the open run has ended/);
    c.clock.set(START + HOUR);
    await claimDueSlots(c.deps);
    c.model.says(...[1, 2, 3, 4, 5].map((each) => reports(`report ${each}`)));
    for (const run of await c.claim()) await c.advance(run);
    expect((await firings()).filter((firing) => !firing.endsWith("null"))).toEqual([
      "person 10:00 ran",
      "slot 11:00 ran",
    ]);
    await c.work();
    expect((await firings()).every((firing) => firing.endsWith("ran"))).toBe(true);
    expect(c.model.left()).toBe(0);
  });

  it("is dropped with a pause, and what was dropped can be asked for again", async () => {
    const workflow = await hourly();
    await press((await say(LINE)).card, /^Run/);
    await c.act("sam", (caller) => pauseWorkflow(caller, { id: workflow }, null));
    expect(await firings()).toEqual(["backfill 06:00 ran", "backfill 07:00 skipped", "backfill 08:00 skipped"]);
    await expect(say(LINE)).rejects.toThrow(/is paused.*resume menu/);
    await say("resume menu");
    await press((await say(LINE)).card, /^Run 2$/);
    expect(await firings()).toEqual([
      "backfill 06:00 ran",
      "backfill 07:00 skipped",
      "backfill 07:00 null",
      "backfill 08:00 skipped",
      "backfill 08:00 null",
    ]);
  });

  it("is refused for what the question was not about", async () => {
    const workflow = await hourly();
    const { card } = await say(LINE);
    await expect(press(card, /^Run/, "kim")).rejects.toThrow(/Only the owner/);
    await expect(
      does("sam", { kind: "action", action: "backfill.run", value: "x|1|2|3|4", text: null, messageId: null }),
    ).rejects.toThrow(/no longer understood/);
    await c.act("sam", (caller) => editWorkflow(caller, { id: workflow }, { instruction: "another" }));
    await expect(press(card, /^Run/)).rejects.toThrow(/was changed since/);
    expect(await c.count("firings")).toBe(0);
  });

  it("is refused when it is too much, or nothing", async () => {
    const workflow = await hourly({ schedule: { ...HOURLY, expression: "* * * * *" } });
    await expect(say("backfill menu 2026-05-03 2026-05-04")).rejects.toThrow(/more than 500 times/);
    await expect(say("backfill menu 2026-05-04 2026-05-05")).rejects.toThrow(/have not/);
    await c.sql`update revisions set trigger = jsonb_set(trigger, '{schedule,expression}', '"0 9 1 1 *"') where workflow_id = ${workflow}`;
    await expect(say(LINE)).rejects.toThrow(/no time planned/);
  });

  it("leaves a slot that has come and is not claimed yet to the schedule", async () => {
    await hourly({ nextSlotAt: new Date(START - 3 * HOUR) });
    expect(cardText((await say(LINE)).card)).toMatch(/1 past time\?/);
  });
});

it("says plainly how many times lie before the workflow was created", async () => {
  await hourly();
  await c.sql`update workflows set created_at = '2026-05-04T07:30:00Z'`;
  expect(cardText((await say(LINE)).card)).toMatch(
    /mind +2 of these lie before the workflow was created, 4 May 2026 07:30 UTC/,
  );
  await c.sql`update workflows set created_at = '2026-05-04T05:00:00Z'`;
  expect(cardText((await say(LINE)).card)).not.toMatch(/before the workflow was created/);
  await c.sql`update workflows set created_at = '2026-05-04T09:00:00Z'`;
  expect(cardText((await say(LINE)).card)).toMatch(/mind +all of these lie before the workflow was created/);
});
