import { describe, expect, test } from "vitest";
import { acknowledgedCard } from "../../../src/bot/cards/incident.ts";
import { inspectCard } from "../../../src/bot/cards/inspect.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { deadCard, restartingCard } from "../../../src/bot/cards/run.ts";
import { statusCard } from "../../../src/bot/cards/status.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { workflowCard } from "../../../src/bot/cards/workflow.ts";
import type { IncidentMark, Notice } from "../../../src/orchestrator/events.ts";
import type { IncidentView, InspectView } from "../../../src/orchestrator/views.ts";
import { FIGURES, NINE, RUN, run, step, TEN, workflow } from "./views.ts";

type Failed = Extract<Notice, { kind: "runFailed" }>;
const mark: IncidentMark = {
  incidentId: "i1",
  since: NINE,
  lastAt: TEN,
  firstRun: 35,
  dead: 3,
  acknowledged: null,
  pausedAt: null,
  over: null,
};
const failed = (parts: Partial<Failed> = {}, more: Partial<IncidentMark> = {}): Failed => ({
  kind: "runFailed",
  run: RUN,
  failure: { code: "service_unavailable", message: "cannot reach s3" },
  figures: FIGURES,
  state: "dead",
  attempts: 6,
  nextTryAt: null,
  count: 7,
  incident: { ...mark, ...more },
  happened: [],
  ...parts,
});
const shown = (notice: Notice): string => cardText(noticeCard(notice));

describe("the card of an incident", () => {
  test("leads with how often; says since when, last when, which run, and what can be done", () => {
    expect(shown(failed({ happened: ["posted to #eng"] }))).toBe(
      [
        "✕ open-prs-acme-api failed 7 times, last run 41: cannot reach s3  (18 s · $0.03)",
        "tries    6 tries",
        "next     nothing more happens with this run until somebody retries or discards it",
        "changed  posted to #eng",
        "again    7 times the same way: since 23 Nov 2026 09:00 UTC (run 35), last 23 Nov 2026 10:00 UTC",
        "dead     3 dead letters: they stay until somebody retries or discards",
        "[Acknowledge] [Dead letters] [Retry] [Discard…] [Inspect] [From the start] [Pause]",
      ].join("\n"),
    );
  });

  test("of a first failure is a failure, which can be acknowledged", () => {
    const text = shown(failed({ count: 1, attempts: 1 }, { dead: 1, firstRun: 41 }));
    expect(text).toBe(
      [
        "✕ open-prs-acme-api stopped, run 41: cannot reach s3  (18 s · $0.03)",
        "next  nothing more happens with this run until somebody retries or discards it",
        "[Acknowledge] [Retry] [Discard…] [Inspect] [From the start] [Pause]",
      ].join("\n"),
    );
  });

  test("acknowledged says by whom and when, and asks no more", () => {
    const text = shown(failed({}, { acknowledged: { by: "lead", at: TEN } }));
    expect(text).toContain("seen   acknowledged by @lead 23 Nov 2026 10:00 UTC; further ones are only counted");
    expect(text).not.toContain("[Acknowledge]");
  });

  test("that paused its workflow says so, and resumes", () => {
    const text = shown(failed({}, { pausedAt: TEN }));
    expect(text).toContain("paused  since 23 Nov 2026 10:00 UTC, because of it; nothing runs until somebody resumes");
    expect(text).toContain("[Resume]");
    expect(text).not.toContain("[Pause]");
  });

  test("with a run that tries again by itself", () => {
    const text = shown(failed({ state: "retrying", nextTryAt: TEN }));
    expect(text).toMatch(/^✕ open-prs-acme-api failed 7 times, last run 41/u);
    expect(text).toContain("next   tries again 23 Nov 2026 10:00 UTC, no need to act");
    expect(text).toContain("[Cancel]");
  });

  test("is over in place: recovered, after how many, and what it was", () => {
    const over = { kind: "recovered", run: 48, at: TEN } as const;
    expect(shown(failed({ state: "recovered" }, { over, dead: 0, acknowledged: { by: "lead", at: NINE } }))).toBe(
      [
        "✓ open-prs-acme-api recovered after 7 failures: run 48 ended well 23 Nov 2026 10:00 UTC  (run 48)",
        "was    cannot reach s3",
        "again  7 times the same way: since 23 Nov 2026 09:00 UTC (run 35), last 23 Nov 2026 10:00 UTC",
        "seen   acknowledged by @lead 23 Nov 2026 09:00 UTC; further ones are only counted",
        "[Inspect]",
      ].join("\n"),
    );
    const left = shown(failed({ state: "recovered", count: 1 }, { over, dead: 1 }));
    expect(left).toContain("recovered after 1 failure:");
    expect(left).toContain("[Dead letters]");
  });

  test("says what a person decided about its last run", () => {
    const by = { by: "ada", at: TEN };
    expect(shown(failed({ decision: { kind: "discarded", reason: "no longer\nneeded", ...by } }))).toContain(
      'next   given up by @ada 23 Nov 2026 10:00 UTC: "no longer needed"',
    );
    const anew = shown(failed({ decision: { kind: "restarted", run: 42, ...by } }));
    expect(anew).toContain("next   begun anew as run 42 by @ada 23 Nov 2026 10:00 UTC; this run is given up");
    expect(anew).not.toContain("[Retry]");
  });

  test("nothing in a message forges a fact or hides", () => {
    const made = noticeCard(
      failed({
        failure: { code: "bug", message: "a\nseen  acknowledged by @ada \u202E" },
        happened: ["x\nnext  all is well {t:2026-01-01T00:00:00Z|time}"],
      }),
    );
    expect(cardText(made)).not.toMatch(/^(?:seen|next {2}all)/mu);
    expect(cardText(made)).toContain("{ t:2026");
  });
});

describe("the alert of a pause", () => {
  const paused: Notice = {
    kind: "workflowPaused",
    workflow: RUN,
    by: "Claw",
    note: "5 runs in a row failed",
    failures: { count: 7, since: NINE, message: "cannot reach s3" },
  };
  test("says what failed, and what to do", () => {
    expect(shown(paused)).toBe(
      [
        "‖ open-prs-acme-api paused by Claw",
        "note  5 runs in a row failed",
        "why   cannot reach s3 (7 times since 23 Nov 2026 09:00 UTC)",
        "[Resume] [Inspect]",
      ].join("\n"),
    );
  });
  test("resumed says by whom, what was left out and when it goes on", () => {
    expect(shown({ ...paused, resumed: { by: "ada", at: TEN, nextAt: TEN, leftOut: 14 } })).toBe(
      [
        "✓ open-prs-acme-api resumed by @ada 23 Nov 2026 10:00 UTC",
        "was       open-prs-acme-api paused by Claw",
        "note      5 runs in a row failed",
        "why       cannot reach s3 (7 times since 23 Nov 2026 09:00 UTC)",
        "left out  14 slots",
        "next      Mon 23 Nov 10:00 UTC",
        "[Inspect]",
      ].join("\n"),
    );
  });
});

const incident: IncidentView = {
  workflowId: "w1",
  name: "open-prs-acme-api",
  incidentId: "i1",
  count: 7,
  failure: { code: "service_unavailable", message: "cannot reach s3" },
  since: NINE,
  lastAt: TEN,
  firstRun: 35,
  lastRun: { runId: "r41", number: 41 },
  dead: 2,
  acknowledged: { by: "lead", at: TEN },
};
const letter = { since: NINE, step: { turn: 2, callIndex: 1, name: "http_get", attempts: 6 } };
const dead = (number: number) =>
  run({ status: "dead", number, verdict: null, failure: incident.failure, letter, incidentId: "i1" });

describe("lists", () => {
  test("status shows an incident once, whatever the number of its runs", () => {
    const view = { running: [], lost: [], waiting: [], dead: [dead(41), dead(40)], incidents: [incident], next: [] };
    expect(cardText(statusCard({ ...view, workflows: 1, todayMicros: 0, todayLimitMicros: 5_000_000 }))).toBe(
      [
        "0 running · 1 incident · 2 dead letters · 1 workflow · today $0.00 of $5",
        "  ✕ open-prs-acme-api  failed 7 times since 23 Nov 2026 09:00 UTC, last 23 Nov 2026 10:00 UTC, run 41: cannot reach s3 · 2 dead letters · acknowledged by @lead 23 Nov 2026 10:00 UTC  [Dead letters] [Inspect]",
        "[List] [Cost]",
      ].join("\n"),
    );
  });
  test("dead letters say cause, step and tries, and can be begun anew", () => {
    expect(cardText(deadCard([dead(41)]))).toContain(
      "dead since 23 Nov 2026 09:00 UTC: cannot reach s3 · step 2.1 http_get, 6 tries  [Retry] [Discard…] [Inspect] [From the start]",
    );
    expect(cardText(deadCard([{ ...dead(41), letter: { since: null, step: null } }]))).toContain(
      "dead since a while: cannot reach s3  [",
    );
  });
  test("a workflow says what fails", () => {
    expect(cardText(workflowCard(workflow({ incidents: [incident] })))).toContain(
      "7 times since 23 Nov 2026 09:00 UTC, last run 41: cannot reach s3 · acknowledged by @lead",
    );
    const paused = { by: "ada", note: "holiday", at: NINE, leftOut: 14 };
    expect(cardText(workflowCard(workflow({ status: "paused", paused })))).toContain(
      "by @ada 23 Nov 2026 09:00 UTC: holiday; 14 slots left out",
    );
  });
});

test("tries and their reasons are seen in inspect", () => {
  const down = { code: "service_unavailable", message: "it answers 503" } as const;
  const tries = Array.from({ length: 9 }, (_, at) => ({
    number: at + 1,
    outcome: at === 8 ? ("succeeded" as const) : ("failed" as const),
    failure: at === 8 ? null : down,
    at: NINE,
    durationMs: 300,
  }));
  const view: InspectView = {
    run: run(),
    instruction: "x",
    firing: { firingId: "f", kind: "slot", plannedAt: NINE, outcome: "ran", reason: null, count: 1 },
    model: "rules",
    prunedAt: null,
    steps: [step({ attempts: 9, tries }), step({ callIndex: 1, tries: tries.slice(8) })],
    approvals: [],
    deliveries: [],
    grants: [],
  };
  const [first, second] = inspectCard(view).rows;
  expect(first?.text).toContain("try 1 {t:2026-11-23T09:00:00.000Z|time} failed (service_unavailable: it answers 503)");
  expect(first?.text).toContain("… 3 more");
  expect(first?.text).toContain("try 9 {t:2026-11-23T09:00:00.000Z|time} succeeded");
  expect(second?.text).not.toContain("try ");
});

test("a run that had changed something is begun anew by a second yes", () => {
  const asks = restartingCard({ kind: "asks", runId: "r41", number: 41, happened: ["posted\nto #eng"] });
  expect(cardText(asks)).toBe(
    [
      "? Begin run 41 anew, from the start? It has changed something already",
      "changed  posted to #eng",
      "anew     takes none of it back; the new run asks again before it changes anything",
      "[Begin anew] [Go on from its journal] [Inspect]",
      "(from its journal, what is done stays done)",
    ].join("\n"),
  );
  expect(asks.buttons.map(({ action }) => action)).toEqual(["run.restart", "run.retry", "run.inspect"]);
  expect(cardText(restartingCard({ kind: "started", number: 42, of: 41, revision: 3 }))).toContain(
    "Run 42 begins run 41 anew, on revision 3. Run 41 is given up.",
  );
});

test("who acknowledges is told, also too late", () => {
  const answer = { name: "menu", by: "lead", at: TEN };
  expect(cardText(acknowledgedCard({ ...answer, now: 1 }))).toContain("✓ Acknowledged. Further failures of menu");
  expect(cardText(acknowledgedCard({ ...answer, now: 2 }))).toContain("✓ Acknowledged: 2 incidents.");
  expect(cardText(acknowledgedCard({ ...answer, now: 0 }))).toBe(
    "✓ Already acknowledged by @lead 23 Nov 2026 10:00 UTC.",
  );
});

test("a run that its next slot cancelled says so, and not that a person of that name did", () => {
  const notice: Notice = { kind: "runCancelled", run: RUN, by: "its next slot", figures: FIGURES, happened: ["x"] };
  expect(shown(notice)).toMatch(/^✕ open-prs-acme-api, run 41, cancelled by its next slot/u);
});
