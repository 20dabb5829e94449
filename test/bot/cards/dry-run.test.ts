/** A dry run's card: what it read, what it would have asked about, what it would have reported, and that nothing was done. */
import { expect, test } from "vitest";
import { dryRunningCard } from "../../../src/bot/cards/dry-run.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import { FIGURES, RUN } from "./views.ts";

type DryRan = Extract<Notice, { kind: "dryRan" }>;
const dryRan = (parts: Partial<DryRan> = {}): DryRan => ({
  kind: "dryRan",
  run: RUN,
  asked: "k1",
  draft: true,
  status: "succeeded",
  verdict: { kind: "report", text: "14 open PRs\n\n3 need you" },
  failure: null,
  figures: FIGURES,
  model: "gpt-test",
  reads: [{ tool: "http_get", target: "api.github.com", exactly: "{}", failure: null }],
  moreReads: 2,
  would: [
    {
      tool: "github_close_issue",
      effect: "destructive",
      action: "close issue #77 in acme/api",
      target: "github.com",
      reasons: ["it is destructive"],
      exactly: '{"issue":77}',
      diff: ["- state: open", "+ state: closed"],
      moreDiff: 3,
    },
  ],
  moreWould: 0,
  ...parts,
});
const shown = (parts: Partial<DryRan> = {}) => cardText(noticeCard(dryRan(parts)));

test("says what it read, what it would do with its diff, what it would report, and what it cost", () => {
  expect(shown()).toBe(
    [
      "✓ Dry run of open-prs-acme-api: it would report, and ask about 1 call first  (run 41 · 18 s · $0.03)",
      "read   http_get api.github.com; and 2 more",
      "asks   about 1 call, as below",
      "model  gpt-test",
      "  - state: open",
      "  + state: closed",
      "    and 3 more lines",
      "  **It would report:** 14 open PRs",
      "",
      "  3 need you",
      '  ? Would have asked: may I close issue #77 in acme/api?  destructive · to github.com · it is destructive · github_close_issue {"issue":77}',
      "[Create] [Inspect]",
      "(reads were made; nothing was changed, nobody was asked, nothing was remembered)",
    ]
      .filter((line) => line !== "")
      .join("\n"),
  );
});

test("offers to create what is a draft still, and nothing of what is none", () => {
  expect(shown({ draft: false })).toContain("[Inspect]");
  expect(shown({ draft: false })).not.toContain("[Create]");
});

test.each<[Partial<DryRan>, RegExp]>([
  [{ would: [] }, /it would report {2}\(.*asks {3}nothing/s],
  [{ would: [], verdict: { kind: "nothing_to_report", text: "" } }, /it would report nothing/],
  [{ verdict: { kind: "blocked", text: "no access" } }, /it would have been blocked.*\*\*Blocked:\*\* no access/s],
  [{ status: "cancelled", verdict: null }, /✕ Dry run of \S+: cancelled/],
  [
    { status: "failed", verdict: null, failure: { code: "over_budget", message: "The dry run reached the ceiling." } },
    /✕ Dry run of \S+: The dry run reached the ceiling\./,
  ],
])("that came out otherwise says so: %j", (parts, says) => {
  expect(shown(parts)).toMatch(says);
});

test("that began says that nothing is changed, and can be cancelled", () => {
  expect(cardText(dryRunningCard({ runId: "r1", number: 46, name: "open-prs", revision: 1 }))).toBe(
    "● Run 46 tries open-prs now, dry\n  It reads, and changes nothing. You alone see what comes of it.\n[Cancel]",
  );
});

test("what was sent again and a home that moved are told", () => {
  const workflow = { workflowId: "w1", name: "menu" };
  const failure = { code: "platform_refused", message: "Slack: that channel is archived." } as const;
  const at = "2026-11-23T09:00:00.000Z";
  const again = { by: "sam", at, count: 2 };
  const told = noticeCard({ kind: "undelivered", workflow, failure, count: 2, asks: false, lastAt: at, again });
  expect(cardText(told)).toContain("● 2 messages of menu sent again by @sam 23 Nov 2026 09:00 UTC");
  expect(cardText(noticeCard({ kind: "homeMoved", workflow, at }))).toContain(
    "‖ The thread of menu was deleted 23 Nov 2026 09:00 UTC; it goes on in a new one",
  );
});
