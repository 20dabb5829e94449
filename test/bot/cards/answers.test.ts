import { describe, expect, test } from "vitest";
import { doneCard, errorCard, questionCard, unclearCard, whyCard } from "../../../src/bot/cards/answer.ts";
import { approvalsCard } from "../../../src/bot/cards/approval.ts";
import { auditCard } from "../../../src/bot/cards/audit.ts";
import { costCard } from "../../../src/bot/cards/budget.ts";
import { card, instant } from "../../../src/bot/cards/card.ts";
import { draftLine, previewCard } from "../../../src/bot/cards/draft.ts";
import { inspectCard } from "../../../src/bot/cards/inspect.ts";
import { deadCard, runsCard } from "../../../src/bot/cards/run.ts";
import { statusCard } from "../../../src/bot/cards/status.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { listCard, workflowCard } from "../../../src/bot/cards/workflow.ts";
import { VERBS } from "../../../src/bot/commands/command.ts";
import { helpCard } from "../../../src/bot/commands/help.ts";
import { parseCommand } from "../../../src/bot/commands/parse.ts";
import type { StatusView } from "../../../src/orchestrator/views.ts";
import { parsePhrase } from "../commands/phrase.ts";
import { approval, draft, NINE, run, step, TEN, workflow } from "./views.ts";

const wait = { waitId: "x", kind: "approval", since: NINE, dueAt: null, forWhat: "an approver" } as const;
const dead = run({
  letter: { since: NINE, step: { turn: 2, callIndex: 1, name: "http_get", attempts: 6 } },
  status: "dead",
  failure: { code: "service_unavailable", message: "cannot reach s3" },
  verdict: null,
});

describe("the preview", () => {
  test("says when, next, what, with which tools, where and for how much", () => {
    expect(cardText(previewCard(draft()), "Europe/Paris")).toBe(
      [
        "? Create this workflow?  (open-prs-acme-api)",
        "when    Every weekday at 09:00, Europe/Paris",
        "next    Mon 23 Nov 09:00 · Tue 24 Nov 09:00",
        "does    summarise open PRs in acme/api",
        "may     read with http_get · ask first, then channel_post",
        "report  here, in a new thread",
        "cost    about $0.84 a month (21 runs × $0.04); stops at $0.50 a run",
        "model   gpt-test",
        "[Create] [Edit…] [Dry run] [Cancel]",
        "(only its author can press · kept until 24 Nov 2026 11:02)",
      ].join("\n"),
    );
  });
  test("whose times are all closed says so before it is created", () =>
    expect(cardText(previewCard(draft({ next: [], allClosed: "quiet hours 08:00–10:00" })))).toContain(
      "next    none soon: all its times that are near are closed (quiet hours 08:00–10:00); it would run only by hand",
    ));
  test("says where it reads freely without taking back that changes ask first", () => {
    const tools = [
      { name: "http_get", effect: "read" },
      { name: "http_request", effect: "write" },
    ] as const;
    const places = ["shop.example"];
    expect(cardText(previewCard(draft({ tools, places })))).toMatch(
      /ask first, then http_request[\s\S]*reads at {2}shop\.example without asking, whatever it has read; elsewhere it asks once it has read text from outside; to change something it asks first anywhere/,
    );
    expect(cardText(previewCard(draft({ tools: [tools[0]], places })))).not.toMatch(/asks first anywhere/);
  });
  test("of what costs nothing, cannot report yet and meets a clock change", () => {
    const text = cardText(
      previewCard(
        draft({
          model: "rules",
          costPerRunMicros: 0,
          runsAMonth: null,
          cannotPost: "invite me to #eng",
          clockChange: "On 2027-03-28T01:00:00Z clocks go forward",
        }),
      ),
    );
    expect(text).toContain("clock   On 28 Mar 2027 01:00 UTC clocks go forward");
    expect(text).toContain("report  not yet: invite me to #eng");
    expect(text).toContain("cost    nothing: the rules model is free");
    expect(text).toContain("model   rules model: fetches, compares, reminds, no reasoning");
  });
  test("edits a line that can be sent again", () => {
    expect(previewCard(draft()).buttons[1]).toEqual({
      label: "Edit…",
      action: "draft.edit",
      value: "w1",
      style: "plain",
      input: {
        label: "When and what",
        initial: "every weekday at 09:00, Europe/Paris summarise open PRs in acme/api",
        required: true,
      },
    });
    const once = draftLine({ schedule: "once, now", instruction: "list PRs", broadcast: false });
    expect(parseCommand(once, { parsePhrase })).toMatchObject({
      command: { kind: "createNow", instruction: "list PRs" },
    });
  });
});

describe("status", () => {
  const view = {
    running: [
      run({
        runId: "r2",
        name: "menu",
        number: 43,
        status: "running",
        figures: { durationMs: 12_000, costMicros: 0, steps: 3 },
      }),
    ],
    waiting: [run({ name: "close-stale", number: 9, status: "waiting", waits: [wait] })],
    dead: [run({ ...dead, name: "nightly", number: 44 })],
    lost: [] as StatusView["lost"],
    incidents: [],
    workflows: 12,
    todayMicros: 840_000,
    todayLimitMicros: 5_000_000,
    next: [{ workflowId: "w2", name: "menu", at: TEN }],
  };
  test("leads with the figures; what needs a person comes first", () => {
    expect(cardText(statusCard(view))).toBe(
      [
        "1 running · 1 waiting · 1 dead letter · 12 workflows · today $0.84 of $5",
        "next  menu Mon 23 Nov 10:00 UTC",
        "  ? close-stale  run 9, waits for an approver since 23 Nov 2026 09:00 UTC  [Decide] [Inspect]",
        "  ✕ nightly  run 44, dead since 23 Nov 2026 09:00 UTC: cannot reach s3 · step 2.1 http_get, 6 tries  [Retry] [Discard…] [Inspect]",
        "  ● menu  run 43, step 3, 12 s  [Inspect] [Cancel]",
        "[List] [Cost]",
      ].join("\n"),
    );
  });
  test("says which messages did not arrive, and why", () => {
    const failure = { code: "platform_refused", message: "Slack: that channel is archived." } as const;
    const lost = [
      { workflowId: "w1", name: "menu", count: 3, failure, isUnknown: false },
      { workflowId: "w2", name: "nightly", count: 1, failure: null, isUnknown: true },
    ];
    expect(cardText(statusCard({ ...view, lost }))).toMatch(
      /1 dead letter · 4 messages not delivered · 12 workflows .*✕ menu {2}3 messages not delivered · Slack: that channel is archived\. {2}\[Send again\] \[Inspect\]\n {2}\? nightly {2}1 message may not have arrived/s,
    );
  });
  test("of an empty workspace", () => {
    const empty = { ...view, running: [], waiting: [], dead: [], next: [], workflows: 0, todayMicros: 0 };
    expect(cardText(statusCard(empty))).toBe("0 running · 0 workflows · today $0.00 of $5\n[List] [Cost]");
  });
});

describe("lists", () => {
  test("of workflows", () => {
    const paused = workflow({
      workflowId: "w2",
      name: "menu",
      status: "paused",
      nextAt: null,
      paused: { by: "ada", note: null, at: NINE, leftOut: 14 },
      lastRun: run({ number: 40 }),
    });
    expect(cardText(listCard([workflow(), paused]))).toBe(
      [
        "2 workflows · 1 paused",
        "  open-prs-acme-api  Every weekday at 09:00, Europe/Paris · next Tue 24 Nov 08:00 UTC · no run yet  [Run now] [Pause] [Inspect]",
        "  ‖ menu  Every weekday at 09:00, Europe/Paris · paused · run 40: reported 23 Nov 2026 09:00 UTC · 18 s · $0.03  [Resume] [Inspect]",
      ].join("\n"),
    );
    expect(cardText(listCard([]))).toContain("No workflows yet");
    const many = listCard(Array.from({ length: 50 }, () => workflow()));
    expect([many.rows.length, many.title, many.footer]).toEqual([20, "50 workflows", "and 30 more"]);
  });
  test("of one workflow", () => {
    const text = cardText(
      workflowCard(
        workflow({
          lastFirings: [
            {
              firingId: "f",
              kind: "slot",
              plannedAt: NINE,
              outcome: "skipped",
              reason: "run 40 was waiting",
              count: 1,
            },
            { firingId: "g", kind: "slot", plannedAt: NINE, outcome: "missed", reason: null, count: 9 },
          ],
        }),
      ),
    );
    expect(text).toContain("open-prs-acme-api is active: every weekday at 09:00, Europe/Paris  (revision 2 · of @ada)");
    expect(text).toContain("  ‖ slot Mon 23 Nov 09:00 UTC: skipped, run 40 was waiting");
    expect(text).toContain("  ‖ slot Mon 23 Nov 09:00 UTC: missed (9 slots)");
    expect(text).toContain("[Run now] [Pause] [Inspect] [Dry run] [Edit…]");
  });
  test("of runs and dead letters", () => {
    expect(cardText(runsCard([run({ verdict: { kind: "nothing_to_report", text: "", notes: null } })]))).toBe(
      "1 run\n  ✓ open-prs-acme-api, run 41  nothing to report 23 Nov 2026 09:00 UTC · 18 s · $0.03  [Inspect]",
    );
    expect(cardText(runsCard([]))).toContain("No runs yet");
    expect(cardText(deadCard([dead, dead]))).toMatch(
      /^✕ 2 dead letters: they stay until somebody retries or discards\n/u,
    );
    expect(cardText(deadCard([]))).toBe("✓ No dead letters");
  });
  test("of approvals: yes only where all there is to approve can be read", () => {
    const made = approvalsCard([
      approval({ number: 7, diff: [], effect: "write" }),
      approval({ number: 8, exactly: "x".repeat(600), diff: [] }),
      approval({ number: 9 }),
    ]);
    expect(made.title).toBe("3 calls wait for a yes");
    expect(made.rows.map(({ buttons }) => buttons.map(({ action }) => action))).toEqual([
      ["approval.approve", "approval.deny"],
      ["approval.deny"],
      ["approval.deny"],
    ]);
    expect(made.rows[0]).toMatchObject({
      title: "7: may I close issue #77 in acme/api?",
      text: expect.stringContaining('github_close_issue {"issue":77,"repo":"acme/api"}'),
    });
    expect(cardText(approvalsCard([]))).toBe("Nothing waits for a yes");
  });
});

test("inspect shows each step, what the model was sent and what not, approvals and messages", () => {
  const made = inspectCard({
    run: run({ tainted: true }),
    instruction: "summarise",
    firing: { firingId: "f", kind: "slot", plannedAt: NINE, outcome: "ran", reason: null, count: 1 },
    model: "rules",
    prunedAt: null,
    steps: [
      step({
        manifest: [
          { piece: "instruction", hash: "h", tokens: 12, included: true, reason: "always" },
          { piece: "thread", hash: "h", tokens: 900, included: false, reason: "too old" },
        ],
      }),
      step({
        callIndex: 1,
        kind: "tool",
        name: "http_get",
        status: "failed",
        attempts: 2,
        summary: "{}",
        result: "404\nnot found",
      }),
    ],
    approvals: [{ ...approval(), status: "consumed", decider: "lead" }],
    grants: [],
    deliveries: [{ key: "k", status: "sent", noticeKind: "runReported", at: NINE, failure: null }],
  });
  expect(cardText(made)).toBe(
    [
      "✓ open-prs-acme-api, run 41: succeeded  (18 s · $0.03 · 5 steps)",
      "does     summarise",
      "because  slot Mon 23 Nov 09:00 UTC: ran",
      "from     23 Nov 2026 09:00 UTC",
      "to       23 Nov 2026 09:00 UTC",
      "verdict  report: All is well",
      "model    rules model",
      "  ✓ 1.0 model  2 s · $0.01 · 1,200 in, 300 out · reads the page · sent: instruction 12 · left out: thread 900 (too old)",
      "  ✕ 1.1 http_get  2 s · 2 tries · failed · {} → 404 not found",
      '  ✓ approval 7: close issue #77 in acme/api  consumed by @lead · step 6 · github_close_issue {"issue":77,"repo":"acme/api"}',
      '  ✓ message "run reported": sent  23 Nov 2026 09:00 UTC',
      "[Replay]",
      "(contains text from outside)",
    ].join("\n"),
  );
  const long = inspectCard({
    run: run(),
    instruction: "x",
    firing: { firingId: "f", kind: "person", plannedAt: NINE, outcome: "ran", reason: null, count: 1 },
    model: "m",
    prunedAt: null,
    steps: Array.from({ length: 60 }, (_, turn) => step({ turn })),
    approvals: [],
    deliveries: [],
    grants: [],
  });
  expect(long.rows).toHaveLength(21);
  expect(long.rows[4]?.title).toBe("… 40 steps left out; the console shows every one");
});

test("cost, by day and by workflow", () => {
  const text = cardText(
    costCard({
      days: 2,
      totalMicros: 1_500_000,
      todayMicros: 1_000_000,
      todayLimitMicros: 5_000_000,
      byDay: [
        { day: "2026-11-22", micros: 500_000 },
        { day: "2026-11-23", micros: 1_000_000 },
        { day: "2026-11-24", micros: 0 },
      ],
      byWorkflow: [{ workflowId: "w", name: "menu", micros: 1_500_000, runs: 21 }],
    }),
  );
  expect(text).toContain("$1.50 in 2 days · today $1.00 of $5");
  expect(text).toContain(`2026-11-22     $0.50  ${"█".repeat(10)}\n`);
  expect(text).toContain(`2026-11-23     $1.00  ${"█".repeat(20)}\n`);
  expect(text).toContain("2026-11-24     $0.00\n");
  expect(text).toContain("  menu  $1.50 · 21 runs");
});

test("audit: who, what, when, and what is not sealed yet", () => {
  const event = {
    id: 1,
    at: NINE,
    actor: "ada",
    action: "workflow.created",
    subject: "workflow menu",
    detail: { a: "x\u202Ey" },
    sealed: true,
  };
  expect(cardText(auditCard([event, { ...event, actor: "claw", detail: {}, sealed: false }]))).toBe(
    [
      "2 changes",
      '  workflow.created by @ada  23 Nov 2026 09:00 UTC · workflow menu · {"a":"x\\u202ey"}',
      "  workflow.created by Claw  23 Nov 2026 09:00 UTC · workflow menu · not sealed yet",
      "(1 of 2 not sealed yet)",
    ].join("\n"),
  );
});

describe("short answers", () => {
  test("why", () => {
    expect(cardText(whyCard("It did not report because run 40 waits since 2026-11-23T09:00:00.000Z"))).toBe(
      "It did not report because run 40 waits since 23 Nov 2026 09:00 UTC",
    );
    const failed =
      "At 2026-11-23T09:00:00.000Z it ran as run 2, which is failed: https://a.example/x could not be read.";
    const since = "It failed that way 3 times since 2026-11-22T09:00:00.000Z: no host. Next: 2026-11-23T10:00:00.000Z.";
    expect(cardText(whyCard(`${failed} ${since}`)), "the fact leads, and nothing is said twice").toBe(
      [
        "At 23 Nov 2026 09:00 UTC it ran as run 2, which is failed: https://a.example/x could not be read.",
        "  It failed that way 3 times since 22 Nov 2026 09:00 UTC: no host. Next: 23 Nov 2026 10:00 UTC.",
      ].join("\n"),
    );
    const long = `It is dead: ${"x ".repeat(120)}.`;
    expect(whyCard(`${long} Next: never.`).text).toBe(`${long}\n\nNext: never.`);
  });
  test("done, with a time of ours in the reader's zone", () =>
    expect(cardText(doneCard(`Created menu. First run: ${instant("2026-11-23T09:00:00.000Z", "day_time")}`))).toBe(
      "✓ Created menu. First run: Mon 23 Nov 09:00 UTC",
    ));

  test("done", () => expect(cardText(doneCard("menu runs now"))).toBe("✓ menu runs now"));
  test("an error is told as it stands; of a bug nothing is", () => {
    expect(cardText(errorCard({ code: "forbidden", message: "Only approvers can decide this." }))).toBe(
      "Only approvers can decide this.",
    );
    expect(cardText(errorCard({ code: "database_unavailable", message: "Try again in a minute." }))).toMatch(
      /^✕ Try again/u,
    );
    const bug = cardText(errorCard({ code: "bug", message: "TypeError: x of undefined" }, "evt-1"));
    expect(bug).not.toContain("TypeError");
    expect(bug).toContain("in the log as evt-1");
  });
  test("a question's readings are buttons, or lines to type when too long", () => {
    const long = `every 2 weeks ${"x".repeat(100)}`;
    const made = questionCard({
      question: '"bi-weekly" can mean two things',
      readings: [
        { label: "Every second week", phrase: "every 2 weeks check" },
        { label: "Twice", phrase: long },
      ],
    });
    expect(made.state).toBe("asks");
    expect(made.buttons).toEqual([
      { label: "Every second week", action: "command", value: "every 2 weeks check", style: "plain" },
    ]);
    expect(made.text).toContain(`/claw ${long}`);
  });
  test("an unclear line: what is wrong, what to try", () => {
    const parsed = parseCommand("pasue open-prs", { parsePhrase });
    if (parsed.kind !== "unclear") throw new Error("clear");
    expect(cardText(unclearCard(parsed))).toBe(
      [
        'I don\'t know "pasue". Did you mean /claw pause open-prs ?',
        "  - `/claw pause open-prs`",
        "[Pause open-prs] [Help]",
      ].join("\n"),
    );
  });
  test("what a person typed breaks out of nothing", () => {
    const parsed = parseCommand("say `x` [a](http://b) \u202E", { parsePhrase });
    if (parsed.kind !== "unclear") throw new Error("clear");
    expect(unclearCard(parsed).text).toContain("- `/claw now say 'x' [a](http://b)`");
  });
});

describe("help", () => {
  test("is by example, and each example is read", () => {
    for (const topic of [
      null,
      "workflows",
      "runs",
      "approvals",
      "records",
      ...VERBS.filter((verb) => verb !== "help"),
    ]) {
      const made = helpCard(topic);
      expect(made.text).toContain("/claw ");
      for (const { value } of made.buttons) {
        expect(parseCommand(value, { parsePhrase })).toMatchObject({ kind: "command" });
      }
    }
    expect(helpCard("pause").title).toBe("/claw pause <workflow> [note]");
  });
  test("shows every command somewhere behind its buttons", () => {
    const topics = helpCard(null).buttons.map(({ value }) => helpCard(value.replace(/^help /u, "")).text);
    const shown = [helpCard(null).text, ...topics].join("\n");
    // `unskip` is a button of what `skip` answers.
    for (const verb of VERBS.filter((each) => each !== "help" && each !== "unskip")) {
      expect(shown).toMatch(new RegExp(`\`/claw ${verb}\\b`, "u"));
    }
  });
  test("on questions, by the words that people have for them", () =>
    expect(["question", "questions", "ask"].map((topic) => helpCard(topic).text)).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining("/claw answer")),
    ));
  test("on what it has none for", () =>
    expect(helpCard("cats").title).toBe('I have no help on "cats"; here is all of it'));
});

test("times in the zone of the reader", () => {
  const made = card({ title: `at ${instant("2026-07-01T22:30:00Z", "day_time")}`, text: instant(NINE, "time") });
  expect(cardText(made, "Asia/Kolkata")).toBe("at Thu 2 Jul 04:00\n  14:30");
  expect(cardText(made)).toBe("at Wed 1 Jul 22:30 UTC\n  09:00 UTC");
});
