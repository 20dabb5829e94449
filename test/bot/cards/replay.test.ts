import { expect, test } from "vitest";
import { inspectCard } from "../../../src/bot/cards/inspect.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { replayingCard } from "../../../src/bot/cards/replay.ts";
import { runsCard } from "../../../src/bot/cards/run.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import { FIGURES, NINE, RUN, run, TEN } from "./views.ts";

const side = { status: "succeeded", verdict: "report", revision: 2, model: "m-1", figures: FIGURES } as const;
const replayed = (parts: Partial<Extract<Notice, { kind: "replayed" }>> = {}) =>
  noticeCard({
    kind: "replayed",
    run: { ...RUN, runId: "r45", number: 45 },
    of: RUN,
    mode: "pinned",
    was: side,
    is: side,
    calls: { same: 3, unanswered: 0, differences: [], more: 0 },
    report: [],
    reportMore: 0,
    ...parts,
  });

test("a replay that came out the same says so first", () => {
  expect(cardText(replayed())).toBe(
    [
      "✓ open-prs-acme-api: the replay of run 41 came out the same  (run 45 · 18 s · $0.03)",
      "ended     report",
      "calls     3 the same",
      "report    the same",
      "cost      $0.03",
      "steps     5",
      "revision  2",
      "[Inspect] [Inspect run 41]",
      "(tools were answered from the journal; nothing was changed and nobody was asked)",
    ].join("\n"),
  );
});

test("what differs is shown: calls, lines of the report, cost, revision and model", () => {
  const made = replayed({
    is: { ...side, revision: 3, model: "m-2", figures: { ...FIGURES, costMicros: 50_000, steps: 7 } },
    calls: {
      same: 1,
      unanswered: 2,
      differences: [
        { kind: "changed", tool: "http_get", was: '{"url":"https://a.example"}', is: '{"url":"https://b.example"}' },
        { kind: "added", tool: "http_request", is: '{"method":"POST","note":"\u202e"}' },
        { kind: "missing", tool: "http_get", was: "{}" },
      ],
      more: 4,
    },
    report: ["- Two", "+ Three {t:2026-01-01T00:00:00Z|time}"],
    reportMore: 5,
  });
  expect(cardText(made)).toBe(
    [
      "✓ open-prs-acme-api: the replay of run 41 came out differently  (run 45 · 18 s · $0.03)".replace(
        "$0.03",
        "$0.05",
      ),
      "ended     report",
      "calls     1 the same · 7 not · 2 not in the journal",
      "cost      $0.03 → $0.05",
      "steps     5 → 7",
      "revision  2 → 3",
      "model     m-1 → m-2",
      "  - Two",
      "  + Three { t:2026-01-01T00:00:00Z|time}",
      "    and 5 more lines",
      '  http_get, other arguments  {"url":"https://a.example"} → {"url":"https://b.example"}',
      '  + http_request  {"method":"POST","note":"\\u202e"}',
      "  - http_get  {}",
      "  and 4 more differences",
      "[Inspect] [Inspect run 41]",
      "(tools were answered from the journal; nothing was changed and nobody was asked)",
    ].join("\n"),
  );
});

test("a replay that ended in another way is not called the same", () => {
  const made = replayed({ is: { ...side, status: "failed", verdict: null } });
  expect(cardText(made)).toMatch(/^✕ .*came out differently/);
  expect(cardText(made)).toContain("ended     report → failed");
});

test("a replay is told apart from a run wherever runs are listed", () => {
  expect(cardText(replayingCard({ number: 45, of: 41, revision: 2 }))).toMatch(/Run 45 replays run 41 on revision 2/);
  expect(cardText(runsCard([run({ number: 45, replayOf: 41 })]))).toContain("run 45  replay of run 41 · reported");
});

test("inspect says that a journal was pruned and when, and offers a replay only while it is kept", () => {
  const view = {
    run: run({ figures: { ...FIGURES, steps: 0 } }),
    instruction: "x",
    firing: { firingId: "f", kind: "slot", plannedAt: NINE, outcome: "ran", reason: null, count: 1 },
    model: "m",
    steps: [],
    approvals: [],
    deliveries: [],
    grants: [],
  } as const;
  const text = cardText(inspectCard({ ...view, prunedAt: TEN }));
  expect(text).toContain("journal  pruned 23 Nov 2026 10:00 UTC: its steps and approvals are not kept any more");
  expect(text).not.toContain("[Replay]");
});
