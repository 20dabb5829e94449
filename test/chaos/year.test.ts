/**
 * A year of fifty workflows in a minute: a clock that is turned by hand goes from wake to wake on a real database. What
 * came of every slot is compared with a reckoning of its own that looks at every minute of the year.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EngineCase, engineCase } from "../orchestrator/engine-case.ts";
import { type ExpectedFiring, expectedOf } from "./year/expected.ts";
import { type Played, play } from "./year/play.ts";
import { CLOSED, HAPPENINGS, OUTAGES } from "./year/script.ts";
import { SPECS } from "./year/specs.ts";
import { FROM, HOME, UNTIL } from "./year/timing.ts";
import { DAY, Walk } from "./year/wall-walk.ts";

const LIMIT_MS = 20 * 60_000;
/** Short enough that the year sees most of it go. */
const RETENTION = { journals: 30 * DAY, firings: 60 * DAY, inbound: 30 * DAY, deliveries: 45 * DAY, ledger: 90 * DAY };
const HOUSEKEEPING_LATE_MS = 7 * DAY;

let c: EngineCase;
let played: Played;
const expected = new Map<string, ExpectedFiring[]>();

beforeAll(async () => {
  c = await engineCase({ zone: HOME, closedTimes: CLOSED });
  const walk = new Walk(FROM, UNTIL);
  for (const spec of SPECS) expected.set(spec.name, expectedOf(spec, walk, HAPPENINGS));
  played = await play(c, SPECS, HAPPENINGS, RETENTION);
}, LIMIT_MS);
afterAll(() => c.close());

/** `2027-03-28T01:00Z ran`, with what else there is to say. */
const line = (slot: number, outcome: string | null, reason: string | null, count: number): string =>
  `${new Date(slot).toISOString()} ${outcome ?? "undecided"}${count > 1 ? ` ×${count}` : ""}${reason === null ? "" : `: ${reason}`}`;

/** What is older should have gone when the year ended. */
const longAgo = (kept: number): string => new Date(UNTIL - kept - HOUSEKEEPING_LATE_MS).toISOString();

describe("a year of fifty workflows", () => {
  it.each(SPECS.map(({ name }) => name))(
    "%s: every slot came once and ended as it must, and nothing else did",
    (name) => {
      const wanted = expected.get(name) ?? [];
      const got = played.firings
        .filter(({ workflowId }) => workflowId === played.ids.get(name))
        .sort((a, b) => a.slot - b.slot);
      const begins = new Map(wanted.map(({ slot, reason }) => [slot, reason]));
      expect(
        got.map(({ slot, outcome, reason, count }) => {
          const begin = begins.get(slot);
          return line(slot, outcome, begin && reason?.startsWith(begin) ? begin : reason, count);
        }),
      ).toEqual(wanted.map(({ slot, outcome, reason, count }) => line(slot, outcome, reason, count)));
      expect(wanted.length).toBeGreaterThan(0);
      for (const firing of got)
        expect([firing.slot, firing.runs]).toEqual([firing.slot, firing.outcome === "ran" ? 1 : 0]);
    },
  );

  it("has every kind of outcome, and tells every missed slot", () => {
    const outcomes = new Set([...expected.values()].flat().map(({ outcome, reason }) => reason ?? outcome));
    expect([...outcomes].sort()).toEqual([
      "Claw was not running",
      "a person asked to skip it",
      "holiday",
      "into ",
      "overlap",
      "paused",
      "quiet hours",
      "ran",
    ]);
    for (const [name, firings] of expected) {
      const missed = firings.filter(({ outcome }) => outcome === "missed").reduce((sum, { count }) => sum + count, 0);
      expect([name, played.told.get(played.ids.get(name) ?? "") ?? 0]).toEqual([name, missed]);
    }
  });

  it("keeps what the policy says, and no more", async () => {
    const [left] = await c.sql`select
      (select count(*)::int from firings f where created_at < ${longAgo(RETENTION.firings)}
        and not exists (select 1 from runs r where r.firing_id = f.id)) as firings,
      (select count(*)::int from deliveries where sent_at < ${longAgo(RETENTION.deliveries)}
        and not opens_home) as deliveries,
      (select count(*)::int from audit_events where action = 'run.queued') as queued,
      (select count(*)::int from runs) as runs`;
    expect(left).toMatchObject({ firings: 0, deliveries: 0 });
    expect(left?.queued).toBe(left?.runs);
    const ran = [...expected.values()].flat().filter(({ outcome }) => outcome === "ran").length;
    expect(left?.runs).toBe(ran);
    expect(played.pruned.firings).toBeGreaterThan(100);
    const young = played.firings.filter(({ slot }) => slot > UNTIL - RETENTION.firings + 2 * DAY);
    const kept = await c.sql<{ id: string }[]>`select id from firings`;
    const ids = new Set(kept.map(({ id }) => id));
    expect(young.filter(({ id }) => !ids.has(id))).toEqual([]);
  });

  it("is worth its time", () => {
    const rows = [...expected.values()].flat();
    process.stdout.write(
      `${SPECS.length} workflows, ${rows.length} slots accounted for, ${OUTAGES.length} outages, ${played.looks} looks\n`,
    );
    expect(rows.length).toBeGreaterThan(3_500);
  });
});
