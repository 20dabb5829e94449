import { describe, expect, test } from "vitest";
import { isAction } from "../../../src/bot/cards/actions.ts";
import { card } from "../../../src/bot/cards/card.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import type { ApprovalView, Notice } from "../../../src/orchestrator/events.ts";
import { approval, FIGURES, NINE, RUN, TEN } from "./views.ts";

const WORKFLOW = { workflowId: "w1", name: "open-prs-acme-api" };
const shown = (notice: Notice): string => cardText(noticeCard(notice));
const asked = (parts: Partial<ApprovalView> = {}): Notice => ({
  kind: "approvalRequested",
  approval: approval(parts),
  decision: null,
  outcome: null,
});
type Of<K extends Notice["kind"]> = Extract<Notice, { kind: K }>;
const progress: Of<"runProgress"> = {
  kind: "runProgress",
  run: RUN,
  state: "running",
  step: 3,
  maxSteps: 30,
  figures: { ...FIGURES, durationMs: 12_000, costMicros: 10_000 },
  lines: [
    { state: "done", text: "read 14 open pull requests" },
    { state: "running", text: "summarising" },
  ],
  note: null,
};
const reported: Of<"runReported"> = {
  kind: "runReported",
  run: RUN,
  text: "14 open PRs in acme/api, 3 need you\n\n- #512 waits 4 days\n- #498 red",
  figures: FIGURES,
  model: "gpt-test",
  tainted: false,
};
const failed: Of<"runFailed"> = {
  kind: "runFailed",
  run: RUN,
  failure: { code: "service_unavailable", message: "GitHub answers 503 since 2026-11-23T08:58:00Z" },
  figures: FIGURES,
  state: "retrying",
  attempts: 4,
  nextTryAt: TEN,
  count: 1,
};
const budget: Of<"budgetAsked"> = {
  kind: "budgetAsked",
  run: RUN,
  waitId: "b1",
  scope: "run",
  limitMicros: 500_000,
  spentMicros: 470_000,
  neededMicros: 80_000,
  offerMicros: 250_000,
  dayMicros: 3_100_000,
  dayLimitMicros: 5_000_000,
  decision: null,
};
const effect: Of<"unknownEffectAsked"> = {
  kind: "unknownEffectAsked",
  run: RUN,
  waitId: "e1",
  tool: "http_request",
  action: "POST https://example.com/deploy",
  startedAt: NINE,
  retryFrom: TEN,
  decision: null,
};
const created: Of<"workflowCreated"> = {
  kind: "workflowCreated",
  workflow: WORKFLOW,
  instruction: "summarise open PRs in acme/api",
  schedule: "Every weekday at 09:00, Europe/Paris",
  nextAt: NINE,
  by: "ada",
};
const missed: Of<"slotsMissed"> = {
  kind: "slotsMissed",
  workflow: WORKFLOW,
  count: 2,
  first: NINE,
  last: TEN,
  why: "Claw was down 2026-11-23T08:51:00Z to 2026-11-23T10:40:00Z",
  firingId: "f1",
  ranLatest: true,
};

test("what its channel does not take says why, how much, and what to do", () => {
  const failure = { code: "platform_refused", message: "Slack: that channel is archived; unarchive it." } as const;
  const lost = { kind: "undelivered", workflow: WORKFLOW, failure, count: 2, asks: true, lastAt: NINE } as const;
  const { name } = WORKFLOW;
  expect(shown(lost)).toBe(
    [
      `✕ ${name} cannot post to its channel: Slack: that channel is archived; unarchive it.`,
      "lost  2 messages, the last at 23 Nov 2026 09:00 UTC",
      "asks  something waits for an answer that nobody there sees",
      "[What waits] [Send again] [Inspect] [Pause]",
      `(its runs go on, see /claw inspect ${name}; repair the channel, then send again what is missing there)`,
    ].join("\n"),
  );
  expect(noticeCard({ ...lost, asks: false }).buttons.map(({ label }) => label)).toEqual([
    "Send again",
    "Inspect",
    "Pause",
  ]);
});

describe("an approval", () => {
  test("asks: what, why, why it asks, exactly what, who and until when, what it cost", () => {
    expect(shown(asked())).toBe(
      [
        "? May I close issue #77 in acme/api?  (destructive · run 41, step 6)",
        "why      you asked: close stale issues",
        "asks     closing is destructive; this run read text from outside",
        "to       github.com",
        'exactly  github_close_issue {"issue":77,"repo":"acme/api"}',
        "who      an approver or an admin · until 25 Nov 2026 09:00 UTC, then it means no",
        "cost     $0.02 so far",
        "  - state: open",
        "  + state: closed",
        "[Approve] [Approve with changes…] [Deny…]",
        "(or type /claw approve 7, or /claw deny 7 and a reason)",
      ].join("\n"),
    );
    expect(noticeCard(asked()).buttons).toEqual([
      { label: "Approve", action: "approval.approve", value: "a7", style: "primary" },
      {
        label: "Approve with changes…",
        action: "approval.change",
        value: "a7",
        style: "plain",
        input: {
          label: "Arguments, as JSON",
          initial: '{\n  "issue": 77,\n  "repo": "acme/api"\n}',
          required: true,
        },
      },
      {
        label: "Deny…",
        action: "approval.deny",
        value: "a7",
        style: "danger",
        input: { label: "Reason (may be left empty)", initial: "", required: false },
      },
    ]);
  });

  test("with other arguments: before and after, and what took the place of what", () => {
    const changed = {
      by: "lead",
      was: '{"issue":77,"repo":"acme/api"}',
      lines: ['-   "issue": 77,', '+   "issue": 78,'],
    };
    const now = approval({ number: 8, action: "close issue #78", exactly: '{"issue":78,"repo":"acme/api"}', changed });
    const decision = { kind: "approved", by: "lead", at: NINE, reason: null } as const;
    expect(shown({ kind: "approvalRequested", approval: now, decision, outcome: "done in 0.8 s" })).toBe(
      [
        "✓ Approved with changes by @lead 23 Nov 2026 09:00 UTC  (destructive · run 41, step 6)",
        "outcome  done in 0.8 s",
        "asked    May I close issue #78?",
        "to       github.com",
        'before   github_close_issue {"issue":77,"repo":"acme/api"}',
        'exactly  github_close_issue {"issue":78,"repo":"acme/api"}',
        '  -   "issue": 77,',
        '  +   "issue": 78,',
        "    …",
        "  - state: open",
        "  + state: closed",
      ].join("\n"),
    );
    const replaced = { kind: "replaced", by: "lead", at: NINE, number: 8 } as const;
    const old = noticeCard({ kind: "approvalRequested", approval: approval(), decision: replaced, outcome: null });
    expect(cardText(old)).toMatch(/^✓ Changed by @lead 23 Nov 2026 09:00 UTC: approval 8 took its place/u);
    expect(old.buttons).toEqual([]);
  });

  test("what is to be edited is JSON that hides nothing", () => {
    const hidden = approval({ exactly: JSON.stringify({ text: "a\u202eb {t:x} \u200b\nc" }) });
    const pending = { kind: "approvalRequested", approval: hidden, decision: null, outcome: null } as const;
    const change = noticeCard(pending).buttons.find(({ action }) => action === "approval.change");
    const initial = change?.input?.initial ?? "";
    expect(initial).toContain("a\\u202eb \\u007bt:x} \\u200b\\nc");
    expect(JSON.parse(initial)).toEqual(JSON.parse(hidden.exactly));
  });

  test("decided: who, when, why and what came of it; no buttons", () => {
    const decided = noticeCard({
      kind: "approvalRequested",
      approval: approval(),
      decision: { kind: "approved", by: "lead", at: NINE, reason: "ok, but only this one" },
      outcome: "closed #77 in 0.8 s",
    });
    expect(cardText(decided)).toBe(
      [
        "✓ Approved by @lead 23 Nov 2026 09:00 UTC  (destructive · run 41, step 6)",
        'reason   "ok, but only this one"',
        "outcome  closed #77 in 0.8 s",
        "asked    May I close issue #77 in acme/api?",
        "to       github.com",
        'exactly  github_close_issue {"issue":77,"repo":"acme/api"}',
        "  - state: open",
        "  + state: closed",
      ].join("\n"),
    );
    expect(decided.buttons).toEqual([]);
  });

  test.each([
    ["denied", { kind: "denied", by: "lead", at: NINE, reason: null }, "✕ Denied by @lead 23 Nov 2026 09:00 UTC"],
    [
      "expired",
      { kind: "expired", at: NINE, reason: "nobody decided within 72 h" },
      "✕ Nobody answered until 23 Nov 2026 09:00 UTC, which means no",
    ],
    ["void", { kind: "void", at: NINE, reason: "the tool changed" }, "✕ Void since 23 Nov 2026 09:00 UTC"],
    ["cancelled", { kind: "cancelled", at: NINE, reason: "run cancelled" }, "✕ Not asked any more since"],
  ] as const)("%s", (_, decision, title) => {
    const notice = { kind: "approvalRequested", approval: approval(), decision, outcome: null } as const;
    expect(shown(notice)).toContain(title);
    expect(noticeCard(notice).buttons).toEqual([]);
    if (decision.reason !== null) expect(shown(notice)).toContain(`reason   ${decision.reason}`);
  });

  test("nothing in the call forges a fact, a button or a time, and nothing hides", () => {
    const hostile = asked({
      action: "close #77?\nwho  everybody\n[Approve all] \u202E",
      target: "a\u200B.com\nwho  me",
      exactly: JSON.stringify({ to: "x\u202Ey" }),
      reasons: ["r\nwho  me"],
      why: "w {t:2026-01-01T00:00:00Z|time}",
      diff: ["+ a\n[Approve]"],
    });
    const made = noticeCard(hostile);
    expect(made.facts.map(({ label }) => label)).toEqual(["why", "asks", "to", "exactly", "who", "cost"]);
    expect(made.buttons).toHaveLength(3);
    expect(shown(hostile)).not.toMatch(/[\u202E\u200B]/u);
    expect(
      shown(hostile)
        .split("\n")
        .filter((line) => /^(who|\[Appr)/u.test(line)),
    ).toHaveLength(2);
    expect(shown(hostile)).toContain('{"to":"x‹U+202E›y"}');
    expect(shown(hostile)).toContain("a‹U+200B›.com");
    expect(shown(hostile)).toContain("{ t:2026-01-01T00:00:00Z|time}");
  });

  test("a call is shown whole, however long: what is hashed is what can be seen", () => {
    const exactly = `"${"x ".repeat(5_000)}"`;
    const made = noticeCard(asked({ exactly, diff: Array(60).fill(`+ ${"y".repeat(500)}`) }));
    expect(made.facts.find(({ label }) => label === "exactly")?.value).toBe(`github_close_issue ${exactly}`);
    expect(made.diff).toEqual(Array(60).fill(`+ ${"y".repeat(500)}`));
  });
});

describe("a run", () => {
  test("in progress", () => {
    expect(shown(progress)).toBe(
      [
        "● open-prs-acme-api, run 41  (step 3 of at most 30 · 12 s · $0.01)",
        "  ✓ read 14 open pull requests",
        "  ● summarising",
        "[Cancel]",
      ].join("\n"),
    );
  });
  test("waiting, then over, in the same message", () => {
    expect(shown({ ...progress, state: "waiting", note: "waits for an approver" })).toMatch(
      /^‖ open-prs-acme-api, run 41 .*\n {2}waits for an approver\n/u,
    );
    const done = shown({ ...progress, state: "done" });
    expect(done).toMatch(/^✓ open-prs-acme-api, run 41 {2}\(5 steps · 12 s · \$0.01\)/u);
    expect(done).toMatch(/\[Inspect\]$/u);
    const long = { ...progress, lines: Array.from({ length: 30 }, () => ({ state: "done", text: "x" }) as const) };
    expect(
      noticeCard(long)
        .rows.map(({ title }) => title)
        .slice(0, 2),
    ).toEqual(["22 earlier steps", "x"]);
  });
  test("reports: the first line is the fact, the rest the text", () => {
    expect(shown(reported)).toBe(
      [
        "✓ 14 open PRs in acme/api, 3 need you  (run 41 · 18 s · $0.03)",
        "  - #512 waits 4 days",
        "  - #498 red",
        "[Inspect] [Run again]",
      ].join("\n"),
    );
  });
  test("says that no model thought, and that outsiders could write into it", () => {
    const text = shown({ ...reported, model: "rules", tainted: true });
    expect(text).toContain("(run 41 · 18 s · $0.03 · rules model)");
    expect(text).toMatch(/\(contains text from outside\)$/u);
  });
  test.each([
    ["## **All fine**\nrest", "All fine", "rest"],
    ["- one\n- two", "one", "- two"],
    ["✅ ✓ Approved by @lead", "Approved by @lead", ""],
    ["see [the PR](https://x.example/1)\nrest", "see the PR", "see [the PR](https://x.example/1)\nrest"],
    ["", "Report", ""],
  ])("the title of %j", (text, title, rest) => {
    expect(noticeCard({ ...reported, text })).toMatchObject({ title, text: rest });
  });
  test("a long first line is cut at a word and stands whole in the text", () => {
    const text = "word ".repeat(100).trim();
    const made = noticeCard({ ...reported, text });
    expect(made.title.length).toBeLessThanOrEqual(150);
    expect(made.title).toMatch(/word…$/u);
    expect(made.text).toBe(text);
  });
  test("cancelled: by whom, and what it had changed already", () => {
    const text = shown({ kind: "runCancelled", run: RUN, by: "ada", figures: FIGURES, happened: ["posted to #eng"] });
    expect(text).toMatch(/^✕ open-prs-acme-api, run 41, cancelled by @ada/u);
    expect(text).toContain("changed  posted to #eng");
  });
});

describe("a failure", () => {
  test("that goes on by itself", () => {
    expect(shown(failed)).toBe(
      [
        "✕ open-prs-acme-api failed, run 41: GitHub answers 503 since 23 Nov 2026 08:58 UTC  (18 s · $0.03)",
        "tries  4 tries",
        "next   tries again 23 Nov 2026 10:00 UTC, no need to act",
        "[Inspect] [Cancel]",
      ].join("\n"),
    );
  });
  test("that a person must look at", () => {
    const dead = shown({ ...failed, state: "dead", nextTryAt: null, count: 3 });
    expect(dead).toContain("open-prs-acme-api stopped, run 41");
    expect(dead).toContain("the same failure 3 times in a row");
    expect(dead).toContain("[Retry] [Discard…] [Inspect] [From the start] [Pause]");
  });
  test("that was decided", () => {
    expect(shown({ ...failed, state: "failed" })).toContain("[Run again] [Inspect] [Pause]");
  });
  test("with a long message keeps all of it", () => {
    const message = `it said: ${"no ".repeat(200)}`.trim();
    const made = noticeCard({ ...failed, failure: { code: "blocked", message } });
    expect(made.title.length).toBeLessThanOrEqual(150);
    expect(made.text).toBe(message);
  });
});

describe("money", () => {
  test("asks before it spends more", () => {
    expect(shown(budget)).toBe(
      [
        "‖ Paused at $0.50: run 41 wants one more model call (at most $0.08)  (open-prs-acme-api)",
        "spent  $0.47 of $0.50",
        "today  workspace $3.10 of $5",
        "who    its owner or an admin",
        "[Allow $0.25 more] [Stop]",
      ].join("\n"),
    );
    expect(shown({ ...budget, scope: "workspace_day", limitMicros: 5_000_000 })).toContain(
      "Paused at the workspace's $5 a day: run 41",
    );
  });
  test("decided", () => {
    const made = noticeCard({ ...budget, decision: { kind: "allowed", by: "ada", at: NINE } });
    expect(cardText(made)).toMatch(/^✓ \$0.25 more allowed by @ada 23 Nov 2026 09:00 UTC/u);
    expect(made.buttons).toEqual([]);
    expect(shown({ ...budget, decision: { kind: "stopped", by: "ada", at: NINE } })).toMatch(/^✕ Stopped by @ada/u);
  });
});

describe("what may have happened", () => {
  test("is asked", () => {
    expect(shown(effect)).toBe(
      [
        "? I don't know whether I did this: POST https://example.com/deploy  (run 41 · http_request)",
        "who  the same people who may approve it",
        "  Claw was stopped between asking and hearing the answer, 23 Nov 2026 09:00 UTC. Trying again could do it twice.",
        "[It happened] [Try again] [Stop the run]",
      ].join("\n"),
    );
  });
  test("is not tried again while the first call may still be going", () => {
    const early = noticeCard(effect, Date.parse(TEN) - 1);
    expect(early.buttons.map(({ action }) => action)).toEqual(["effect.happened", "effect.stop"]);
    expect(cardText(early)).toContain("can be tried from 10:00 UTC on");
    expect(noticeCard(effect, Date.parse(TEN)).buttons).toHaveLength(3);
  });
  test("decided", () => {
    const made = noticeCard({ ...effect, decision: { kind: "happened", by: "ada", at: NINE } });
    expect(cardText(made)).toMatch(/^✓ It happened, says @ada 23 Nov 2026 09:00 UTC/u);
    expect(made.buttons).toEqual([]);
  });
});

describe("a workflow", () => {
  test("is born", () => {
    expect(shown(created)).toBe(
      [
        "open-prs-acme-api runs every weekday at 09:00, Europe/Paris  (by @ada)",
        "does  summarise open PRs in acme/api",
        "next  Mon 23 Nov 09:00 UTC",
        "[Run now] [Pause] [Inspect]",
        "(reports and questions come in this thread; what you write here is part of the next run)",
      ].join("\n"),
    );
  });
  test("is paused", () => {
    const text = shown({ kind: "workflowPaused", workflow: WORKFLOW, by: "ada", note: "holidays" });
    expect(text).toBe("‖ open-prs-acme-api paused by @ada\nnote  holidays\n[Resume] [Inspect]");
  });
  test("missed slots", () => {
    expect(shown(missed)).toBe(
      [
        "‖ open-prs-acme-api missed 23 Nov 2026 09:00 UTC and 23 Nov 2026 10:00 UTC",
        "why    Claw was down 23 Nov 2026 08:51 UTC to 23 Nov 2026 10:40 UTC",
        "since  the latest one runs now",
        "[Run now] [Inspect] [Change policy]",
      ].join("\n"),
    );
    expect(shown({ ...missed, count: 1, first: TEN })).toContain("missed 23 Nov 2026 10:00 UTC\n");
    expect(shown({ ...missed, count: 30 })).toContain(
      "missed 30 slots, 23 Nov 2026 09:00 UTC to 23 Nov 2026 10:00 UTC",
    );
  });
  test("is quiet", () => {
    expect(shown({ kind: "heartbeat", workflow: WORKFLOW, checks: 24, since: NINE, nextAt: TEN })).toBe(
      "open-prs-acme-api: checked 24 times since 23 Nov 2026 09:00 UTC, nothing changed\nnext  23 Nov 2026 10:00 UTC",
    );
  });
});

test("a reply passes through; one that lacks parts is still a card", () => {
  const reply = card({ title: "Hello", text: "there", footer: "x" });
  expect(noticeCard({ kind: "reply", card: reply })).toEqual(reply);
  expect(noticeCard({ kind: "reply", card: JSON.parse(JSON.stringify(reply)) })).toEqual(reply);
  expect(noticeCard({ kind: "reply", card: null })).toEqual(card({ title: "Done" }));
});

test("whatever the texts, titles stay short and buttons carry known actions and short ids", () => {
  const long = "long \u202E words\n".repeat(1_000);
  const notices: Notice[] = [
    asked({ action: long, why: long, target: long, reasons: [long], diff: [long] }),
    { ...progress, note: long, lines: [{ state: "failed", text: long }] },
    { ...reported, text: long },
    { ...failed, state: "dead", failure: { code: "bug", message: long } },
    { ...effect, action: long },
    { ...created, instruction: long, schedule: long, by: long },
    { ...missed, why: long },
    { kind: "workflowPaused", workflow: WORKFLOW, by: long, note: long },
    budget,
  ];
  for (const notice of notices) {
    const made = noticeCard(notice);
    expect(made.title.length).toBeLessThanOrEqual(150);
    expect(made.title).not.toMatch(/[\n\u202E]/u);
    for (const { value } of made.facts) {
      expect(value.length).toBeLessThanOrEqual(1_024);
      expect(value).not.toMatch(/[\n\u202E]/u);
    }
    for (const { action, value, label } of [...made.buttons, ...made.rows.flatMap((row) => row.buttons)]) {
      expect([isAction(action), value.length <= 80, label.length <= 75]).toEqual([true, true, true]);
    }
  }
});
