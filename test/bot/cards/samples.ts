/** Every kind of card, as it is usually and as nobody would want it: for tests and for `npm run cards`. */
import { doneCard, errorCard, questionCard, unclearCard, whyCard } from "../../../src/bot/cards/answer.ts";
import { approvalsCard, votedCard } from "../../../src/bot/cards/approval.ts";
import { auditCard } from "../../../src/bot/cards/audit.ts";
import { costCard } from "../../../src/bot/cards/budget.ts";
import { type Card, card, instant } from "../../../src/bot/cards/card.ts";
import { previewCard } from "../../../src/bot/cards/draft.ts";
import { dryRunningCard } from "../../../src/bot/cards/dry-run.ts";
import { inspectCard } from "../../../src/bot/cards/inspect.ts";
import { exportCard, forgottenCard, memoriesCard, memoryCard, rememberedCard } from "../../../src/bot/cards/memory.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { answeredCard, saidCard } from "../../../src/bot/cards/question.ts";
import { replayingCard } from "../../../src/bot/cards/replay.ts";
import { deadCard, runsCard } from "../../../src/bot/cards/run.ts";
import { backfillCard, skipCard } from "../../../src/bot/cards/schedule.ts";
import { statusCard } from "../../../src/bot/cards/status.ts";
import { listCard, workflowCard } from "../../../src/bot/cards/workflow.ts";
import { helpCard } from "../../../src/bot/commands/help.ts";
import type { ApprovalView, Notice, QuestionEnd, QuestionView, RunRef } from "../../../src/orchestrator/events.ts";
import type { CostView, InspectView, RunView, StatusView } from "../../../src/orchestrator/views.ts";
import { approval, draft, FIGURES, memory, NINE, run, step, TEN, workflow } from "./views.ts";

export interface Sample {
  readonly name: string;
  readonly card: Card;
}

/** How the texts of a sample are filled. */
export interface Filling {
  /** A line that a model, a tool or a person wrote. */
  readonly word: (usual: string) => string;
  /** How many of something there are. */
  readonly many: (usual: number) => number;
}

export const USUAL: Filling = { word: (usual) => usual, many: (usual) => usual };

const ID = "01970a11-2222-7333-8444-5566778899aa";

export const REPORT = `14 open PRs in acme/api, 3 need you

- **#512** waits 4 days for review ([@lead](https://github.com/acme/api/pull/512))
- **#498** is red since Friday: \`e2e-login\`
  - first seen in [build 9021](https://ci.example.com/9021)
- **#530** conflicts with *main*

| PR | age | checks |
|----|----:|--------|
| #512 | 4 d | green |
| #498 | 3 d | red |

> Merge #498 last, it touches the schema.

11 more are fine.`;

/** Every kind of card, filled that way. */
export function samples({ word, many }: Filling): readonly Sample[] {
  const ref: RunRef = { workflowId: ID, name: word("open-prs-acme-api"), runId: ID, number: 41 };
  const name = { workflowId: ID, name: ref.name };
  const list = <T>(count: number, make: (n: number) => T): T[] =>
    Array.from({ length: many(count) }, (_, n) => make(n));
  const asked = (parts: Partial<ApprovalView> = {}): ApprovalView =>
    approval({
      approvalId: ID,
      run: ref,
      action: word("close issue #77 in acme/api"),
      target: word("github.com/acme/api"),
      grantable: true,
      why: word("close stale issues; #77 has had no activity for 94 days"),
      reasons: list(2, (n) =>
        word(n === 0 ? "closing is destructive" : "this run read text from outside (issue bodies)"),
      ),
      exactly: JSON.stringify({
        repo: word("acme/api"),
        issue: 77,
        comment: word("Closing as stale: quiet for 94 days"),
      }),
      diff: list(2, (n) => `${n % 2 === 0 ? "- " : "+ "}state: ${word(n === 0 ? "open" : "closed")}`),
      ...parts,
    });
  const view = (parts: Partial<RunView> = {}): RunView =>
    run({
      ...ref,
      failure: null,
      verdict: { kind: "report", text: word("All is well"), notes: null },
      ...parts,
    });
  const failure = {
    code: "service_unavailable",
    message: word("GitHub answers 503 since 2026-11-23T08:58:00Z"),
  } as const;
  const dead = view({ status: "dead", number: 44, failure });
  const waiting = view({
    status: "waiting",
    number: 9,
    endedAt: null,
    waits: [{ waitId: ID, kind: "approval", since: NINE, dueAt: TEN, forWhat: word("@platform-leads") }],
  });
  const running = view({ status: "running", endedAt: null, verdict: null });
  const flow = workflow({
    ...name,
    instruction: word("summarise open PRs in acme/api"),
    schedule: word("Every weekday at 09:00, Europe/Paris"),
    lastRun: view(),
    lastFirings: list(2, (n) => ({
      firingId: ID,
      kind: "slot",
      plannedAt: NINE,
      outcome: n % 2 === 0 ? "ran" : "skipped",
      reason: n % 2 === 0 ? null : word("run 40 was still waiting"),
      count: 1 + n,
    })),
  });
  const status: StatusView = {
    running: list(1, () => running),
    waiting: list(1, () => waiting),
    dead: list(1, () => dead),
    incidents: [],
    lost: list(1, () => ({
      ...name,
      count: 3,
      failure: { code: "platform_refused", message: word("Slack: that channel is archived.") },
      isUnknown: false,
    })),
    workflows: 12,
    todayMicros: 840_000,
    todayLimitMicros: 5_000_000,
    next: list(2, () => ({ ...name, at: TEN })),
  };
  const cost: CostView = {
    days: 30,
    totalMicros: 12_400_000,
    todayMicros: 840_000,
    todayLimitMicros: 5_000_000,
    byDay: Array.from({ length: 7 }, (_, n) => ({ day: `2026-11-${17 + n}`, micros: (n + 1) * 310_000 })),
    byWorkflow: list(3, (n) => ({ ...name, micros: 3_000_000 / (n + 1), runs: 21 })),
  };
  const inspect: InspectView = {
    run: view({ tainted: true }),
    instruction: flow.instruction,
    firing: { firingId: ID, kind: "slot", plannedAt: NINE, outcome: "ran", reason: null, count: 1 },
    model: "gpt-test",
    prunedAt: null,
    steps: list(4, (n) =>
      step({
        turn: n + 1,
        kind: n % 2 === 0 ? "model" : "tool",
        name: n % 2 === 0 ? "gpt-test" : "http_get",
        summary: word("reads the page"),
        result: word("200, 14 pull requests"),
        manifest:
          n === 0
            ? [
                { piece: "instruction", hash: "h", tokens: 40, included: true, reason: "" },
                { piece: "thread", hash: "h", tokens: 4_000, included: false, reason: word("over its budget") },
              ]
            : [],
      }),
    ),
    approvals: list(1, () => ({ ...asked(), status: "consumed", decider: word("lead") })),
    grants: [
      {
        number: 3,
        words: 'channel_post with channel = "#ops", text = anything',
        uses: 20,
        usesLeft: 18,
        expiresAt: "2026-12-23T09:00:00.000Z",
        usedHere: 2,
        over: null,
      },
    ],
    deliveries: list(1, () => ({ key: "k", status: "sent", noticeKind: "runReported", at: TEN, failure: null })),
  };
  const notice = (made: Notice): Card => noticeCard(made, Date.parse(NINE));
  const progress = (state: "running" | "waiting" | "done" | "failed" | "cancelled", note: string | null): Card =>
    notice({
      kind: "runProgress",
      run: ref,
      state,
      step: 3,
      maxSteps: 30,
      figures: { durationMs: 12_000, costMicros: 10_000, steps: 3 },
      lines: list(3, (n) => ({
        state: n === 2 && state === "running" ? "running" : "done",
        text: word(["read 14 open pull requests", "read checks of 14", "summarising"][n % 3] ?? ""),
      })),
      note: note === null ? null : word(note),
    });
  const request = (
    decision: Extract<Notice, { kind: "approvalRequested" }>["decision"],
    outcome: string | null,
  ): Card => notice({ kind: "approvalRequested", approval: asked(), decision, outcome });
  const questioned = (choices: readonly string[] | null): QuestionView => ({
    questionId: ID,
    number: 3,
    run: ref,
    question: word("Which colour shall the door have?"),
    choices: choices && list(choices.length, (n) => word(choices[n % choices.length] ?? "")).slice(0, 10),
    who: word("its owner, an approver or an admin"),
    until: TEN,
    tainted: true,
  });
  const question = (choices: readonly string[] | null, end: QuestionEnd | null): Card =>
    notice({ kind: "questionAsked", question: questioned(choices), decision: end });
  const failed = (state: "retrying" | "recovered" | "failed" | "dead"): Card =>
    notice({
      kind: "runFailed",
      run: ref,
      failure,
      figures: FIGURES,
      state,
      attempts: 4,
      nextTryAt: state === "retrying" ? TEN : null,
      count: 3,
    });
  const budget = (decision: Extract<Notice, { kind: "budgetAsked" }>["decision"]): Card =>
    notice({
      kind: "budgetAsked",
      run: ref,
      waitId: ID,
      scope: "run",
      limitMicros: 500_000,
      spentMicros: 470_000,
      neededMicros: 80_000,
      offerMicros: 250_000,
      dayMicros: 3_100_000,
      dayLimitMicros: 5_000_000,
      decision,
    });
  const effect = (decision: Extract<Notice, { kind: "unknownEffectAsked" }>["decision"]): Card =>
    notice({
      kind: "unknownEffectAsked",
      run: ref,
      waitId: ID,
      tool: "http_request",
      action: word("POST https://example.com/deploy"),
      startedAt: NINE,
      retryFrom: NINE,
      decision,
    });
  const outcome = { status: "succeeded", verdict: "report", revision: 2, model: "gpt-test", figures: FIGURES } as const;
  const by = word("lead");
  const all: Readonly<Record<string, Card>> = {
    preview: previewCard(
      draft({
        ...name,
        workflowId: ID,
        instruction: word("summarise open PRs in acme/api"),
        next: Array.from({ length: 5 }, (_, n) => `2026-11-2${3 + n}T08:00:00.000Z`),
        tools: [
          ...list(2, (n) => ({ name: word(`${n === 0 ? "http_get" : "feed_read"}`), effect: "read" }) as const),
          { name: "channel_post", effect: "write" },
        ],
      }),
    ),
    question: questionCard({
      question: word('"bi-weekly on Monday at 9" can mean two things'),
      readings: list(2, (n) => ({
        label: word(n === 0 ? "Every second Monday: 30 Nov, 14 Dec" : "Twice a week"),
        phrase: n === 0 ? "every 2 weeks on monday at 9 x" : "every monday and thursday at 9 x",
      })),
    }),
    unclear: unclearCard({
      reason: word('I don\'t know "pasue".'),
      suggestions: list(1, () => ({ label: word("Pause open-prs-acme-api"), line: "pause open-prs-acme-api" })),
    }),
    help: helpCard(null),
    "help-schedules": helpCard("schedules"),
    created: notice({
      kind: "workflowCreated",
      workflow: name,
      instruction: flow.instruction,
      schedule: flow.schedule,
      nextAt: NINE,
      by: word("ada"),
    }),
    "progress-running": progress("running", null),
    "progress-waiting": progress("waiting", "waits for an approver since 2026-11-23T09:00:00Z"),
    "progress-done": progress("done", "reported"),
    report: notice({
      kind: "runReported",
      run: ref,
      text: word(REPORT),
      figures: FIGURES,
      model: "gpt-test",
      tainted: true,
    }),
    posted: notice({ kind: "channelPosted", run: ref, text: word("Deploys are frozen until Monday\n\nAsk in #ops.") }),
    approval: request(null, null),
    "approval-approved": request(
      { kind: "approved", by, at: NINE, reason: word("ok, but only this one") },
      word("closed #77 in 0.8 s"),
    ),
    "approval-denied": request({ kind: "denied", by, at: NINE, reason: word("not this one") }, null),
    "approval-expired": request({ kind: "expired", at: NINE, reason: word("nobody decided within 72 h") }, null),
    approvals: approvalsCard(list(3, () => asked({ diff: [] }))),
    voted: votedCard({ number: 7, decidedNow: false, status: "approved", reason: null, by, at: new Date(NINE) }),
    asked: question(["Red", "Blue", "As it is"], null),
    "asked-words": question(null, null),
    "asked-again": notice({
      kind: "questionReminder",
      question: questioned(["Red", "Blue"]),
      able: list(2, () => word("lead")),
      more: 1,
      decision: null,
    }),
    "asked-answered": question(null, { kind: "answered", answer: word("the blue one"), by, at: NINE }),
    "asked-expired": question(["Red", "Blue"], { kind: "expired", at: TEN }),
    "asked-cancelled": question(["Red", "Blue"], { kind: "cancelled", at: TEN }),
    "asked-second": answeredCard({ number: 3, run: 41, now: false, answer: word("red"), by, at: new Date(NINE) }),
    "asked-which": saidCard({
      kind: "unclear",
      why: "several",
      open: [3, 4].map((number) => ({ number, question: word("Which colour shall the door have?") })),
    }),
    budget: budget(null),
    "budget-allowed": budget({ kind: "allowed", by, at: NINE }),
    effect: effect(null),
    "effect-happened": effect({ kind: "happened", by, at: NINE }),
    "failed-retrying": failed("retrying"),
    "failed-recovered": failed("recovered"),
    failed: failed("failed"),
    "failed-dead": failed("dead"),
    outage: notice({
      kind: "serviceDown",
      run: ref,
      service: "http:api.github.com",
      failure,
      since: NINE,
      nextTryAt: TEN,
      backAt: null,
    }),
    "outage-over": notice({
      kind: "serviceDown",
      run: ref,
      service: `http:${word("api.github.com")}`,
      failure,
      since: NINE,
      nextTryAt: null,
      backAt: TEN,
    }),
    cancelled: notice({
      kind: "runCancelled",
      run: ref,
      by,
      figures: FIGURES,
      happened: list(2, () => word("closed #77")),
    }),
    missed: notice({
      kind: "slotsMissed",
      workflow: name,
      count: 2,
      first: NINE,
      last: TEN,
      why: word("Claw was down 2026-11-23T08:51:00Z to 2026-11-23T10:40:00Z"),
      firingId: ID,
      ranLatest: true,
    }),
    undelivered: notice({
      kind: "undelivered",
      workflow: name,
      failure: { code: "platform_refused", message: word("Slack: that channel is archived.") },
      count: 3,
      asks: true,
      lastAt: TEN,
    }),
    "sent-again": notice({
      kind: "undelivered",
      workflow: name,
      failure: { code: "platform_refused", message: word("Slack: that channel is archived.") },
      count: 3,
      asks: true,
      lastAt: TEN,
      again: { by, at: TEN, count: 3 },
    }),
    "home-moved": notice({ kind: "homeMoved", workflow: name, at: TEN }),
    paused: notice({ kind: "workflowPaused", workflow: name, by, note: word("until the new repository is there") }),
    replayed: notice({
      kind: "replayed",
      run: { ...ref, number: 45 },
      of: ref,
      mode: "pinned",
      was: outcome,
      is: { ...outcome, revision: 3, model: word("gpt-next") },
      calls: {
        same: 3,
        unanswered: 1,
        differences: list(3, (n) => {
          const kind = (["added", "missing", "changed"] as const)[n % 3] ?? "added";
          const json = JSON.stringify({ url: word("https://a.example") });
          return kind === "changed"
            ? { kind, tool: "http_get", was: json, is: json }
            : kind === "added"
              ? { kind, tool: "http_get", is: json }
              : { kind, tool: "http_get", was: json };
        }),
        more: 4,
      },
      report: list(2, (n) => `${n % 2 === 0 ? "-" : "+"} ${word("3 need you")}`),
      reportMore: 5,
    }),
    "dry-run": notice({
      kind: "dryRan",
      run: { ...ref, number: 46 },
      asked: "press:1",
      draft: true,
      status: "succeeded",
      verdict: { kind: "report", text: word(REPORT) },
      failure: null,
      figures: FIGURES,
      model: word("gpt-test"),
      reads: list(2, () => ({
        tool: word("http_get"),
        target: word("api.github.com"),
        exactly: JSON.stringify({ url: word("https://api.github.com/repos/acme/api/pulls") }),
        failure: null,
      })),
      moreReads: 0,
      would: list(1, () => ({
        tool: "github_close_issue",
        effect: "destructive",
        action: word("close issue #77 in acme/api"),
        target: word("api.github.com"),
        reasons: [word("it is destructive"), word("this run read text from outside")],
        exactly: JSON.stringify({ repo: "acme/api", issue: 77, comment: word("Closing as stale") }),
        diff: list(2, (n) => (n % 2 === 0 ? "- state: open" : "+ state: closed")),
        moreDiff: 0,
      })),
      moreWould: 0,
    }),
    "dry-run-failed": notice({
      kind: "dryRan",
      run: { ...ref, number: 47 },
      asked: "press:2",
      draft: false,
      status: "failed",
      verdict: null,
      failure,
      figures: FIGURES,
      model: "rules",
      reads: list(1, () => ({ tool: "http_get", target: "api.github.com", exactly: "{}", failure: word("503") })),
      moreReads: 3,
      would: [],
      moreWould: 0,
    }),
    "dry-run-began": dryRunningCard({ runId: ID, number: 46, name: word("open-prs"), revision: 1 }),
    late: notice({
      kind: "startLate",
      workflow: name,
      plannedAt: NINE,
      runNumber: 41,
      why: word("all workers are busy"),
      overAt: null,
    }),
    heartbeat: notice({ kind: "heartbeat", workflow: name, checks: 24, since: NINE, nextAt: TEN }),
    reply: notice({ kind: "reply", card: card({ title: word("Done"), text: word("It is done.") }) }),
    status: statusCard(status),
    list: listCard(list(3, (n) => ({ ...flow, status: n === 1 ? "paused" : "active" }))),
    "list-empty": listCard([]),
    workflow: workflowCard(flow),
    runs: runsCard(list(3, (n) => [view(), dead, running][n % 3] ?? view())),
    dead: deadCard(list(2, () => dead)),
    inspect: inspectCard(inspect),
    cost: costCard(cost),
    audit: auditCard(
      list(3, (n) => ({
        id: n,
        at: NINE,
        actor: word("ada"),
        action: "workflow.edited",
        subject: word("open-prs-acme-api"),
        detail: { note: word("every weekday at 8") },
        sealed: n > 0,
      })),
    ),
    why: whyCard(
      word(
        'It did not report at 2026-11-23T09:00:00Z because run 40 was still waiting for approval, and its overlap policy is "skip".',
      ),
    ),
    done: doneCard(`menu goes on. Next: ${instant(TEN, "day_time")}`),
    error: errorCard({ code: "unknown_subject", message: word('There is no workflow "menu".') }),
    bug: errorCard({ code: "bug", message: "x" }, "log-7"),
    backfill: backfillCard({
      ...name,
      slots: 24,
      beforeCreation: 0,
      createdAt: NINE,
      first: NINE,
      last: TEN,
      ran: 3,
      queued: 1,
      costMicros: 960_000,
      model: "gpt-test",
      token: "w1.24",
    }),
    skip: skipCard({ name: word("menu"), count: 2, skipped: list(2, () => NINE), nextAt: TEN }),
    memories: memoriesCard(
      list(3, (n) =>
        memory({ number: n + 1, text: word("Deploys are on Tuesdays"), fromOutside: n === 1, byRun: n === 1 }),
      ),
      null,
    ),
    "memories-empty": memoriesCard([], word("open-prs-acme-api")),
    memory: memoryCard(memory({ text: word("Deploys are on Tuesdays"), fromOutside: true, owner: word("ada") })),
    remembered: rememberedCard(memory({ text: word("Deploys are on Tuesdays"), workflow: word("open-prs") }), true),
    "memories-export": exportCard(list(3, (n) => memory({ number: n + 1, text: word("Deploys are on Tuesdays") }))),
    forgotten: forgottenCard(memory({ text: word("Deploys are on Tuesdays") })),
    replaying: replayingCard({ number: 45, of: 41, revision: 2 }),
    edited: card({
      state: "done",
      title: "menu is changed, revision 3",
      diff: list(2, (n) => `${n === 0 ? "-" : "+"} ${word("every weekday at 8")}`),
      text: `Next: ${instant(TEN, "day_time")}`,
    }),
  };
  return Object.entries(all).map(([kind, made]) => ({ name: kind, card: made }));
}
