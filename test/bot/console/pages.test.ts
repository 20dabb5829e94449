import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import type { ConsolePages, WorkflowPage } from "../../../src/bot/console/deps.ts";
import type { AuditView, InspectView, RunView, WorkflowView } from "../../../src/orchestrator/views.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { consoleOn, WORKSPACE } from "./console-harness.ts";
import { Visitor, wordsOf } from "./visitor.ts";

const NASTY = '<b onclick="x">"O\'Neil" & 😀</b>';
const AT = "2026-11-23T09:00:00.000Z";

const ref = { workflowId: "wf", name: "open-prs" };
const run: RunView = {
  ...ref,
  runId: "r41",
  number: 41,
  status: "waiting",
  startedAt: AT,
  endedAt: null,
  figures: { durationMs: 18_000, costMicros: 30_000, steps: 2 },
  verdict: null,
  failure: null,
  tainted: true,
  replayOf: null,
  letter: null,
  incidentId: null,
  waits: [{ waitId: "w", kind: "approval", since: AT, dueAt: AT, forWhat: "a yes to closing #77" }],
};
const workflow: WorkflowView = {
  ...ref,
  status: "active",
  instruction: `summarise ${NASTY}`,
  schedule: "Every weekday at 09:00, Europe/Paris",
  zone: "Europe/Paris",
  revision: 2,
  ownerName: NASTY,
  channelId: `${WORKSPACE}:general`,
  threadId: `${WORKSPACE}:general:abc`,
  nextAt: AT,
  skipNext: 0,
  paused: null,
  incidents: [],
  lastRun: run,
  lastFirings: [{ firingId: "f", kind: "slot", plannedAt: AT, outcome: "missed", reason: "Claw was down", count: 3 }],
};
const inspected: InspectView = {
  run,
  instruction: workflow.instruction,
  firing: { firingId: "f", kind: "slot", plannedAt: AT, outcome: "ran", reason: null, count: 1 },
  model: "rules",
  prunedAt: null,
  steps: [
    {
      turn: 1,
      callIndex: 0,
      kind: "model",
      name: "rules",
      status: "succeeded",
      attempts: 1,
      durationMs: 120,
      costMicros: 12_000,
      inputTokens: 812,
      outputTokens: 44,
      summary: NASTY,
      result: "",
      tries: [],
      manifest: [
        { piece: "instruction", hash: "a".repeat(64), tokens: 12, included: true, reason: "always" },
        { piece: "thread", hash: "b".repeat(64), tokens: 900, included: false, reason: "over its budget" },
      ],
    },
    {
      turn: 1,
      callIndex: 1,
      kind: "tool",
      name: "http_request",
      status: "waiting",
      attempts: 2,
      durationMs: null,
      costMicros: 0,
      inputTokens: 0,
      outputTokens: 0,
      summary: '{"url":"https://x.test"}',
      result: NASTY,
      manifest: [],
      tries: [
        {
          number: 1,
          outcome: "failed",
          failure: { code: "service_unavailable", message: NASTY },
          at: AT,
          durationMs: 300,
        },
        { number: 2, outcome: "abandoned", failure: null, at: AT, durationMs: null },
      ],
    },
  ],
  approvals: [
    {
      approvalId: "a7",
      number: 7,
      run,
      step: 2,
      tool: "http_request",
      effect: "write",
      action: "POST to x.test",
      target: null,
      diff: ["- open", "+ closed"],
      exactly: '{"url":"https://x.test"}',
      why: "",
      reasons: ["It writes."],
      expiresAt: AT,
      costMicros: 0,
      decidedBy: "approver",
      status: "approved",
      decider: "Lin",
    },
  ],
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
  deliveries: [
    {
      key: "k",
      status: "unknown",
      noticeKind: "runProgress",
      at: AT,
      failure: { code: "platform_unavailable", message: "no answer" },
    },
  ],
};
const event = (id: number): AuditView => ({
  id,
  at: AT,
  actor: NASTY,
  action: "workflow.created",
  subject: "open-prs",
  detail: { note: NASTY },
  sealed: id < 4,
});

const pages: ConsolePages = {
  workflows: async (workspaceId) => (workspaceId === WORKSPACE ? [workflow] : []),
  workflow: async (_, name): Promise<WorkflowPage | null> =>
    name === "open-prs" || name === "naïve/é" ? { ...workflow, runs: [run] } : null,
  run: async (_, number) => (number === 41 ? inspected : null),
  audit: async (_, before) => (before === null ? [event(5), event(4)] : [event(3), event(2), event(1)]),
};

let database: TestDatabase;
let console: ReturnType<typeof consoleOn>;
let visitor: Visitor;
beforeAll(async () => {
  database = await testDatabase();
  console = consoleOn(database, { pages });
  await console.start({ receive: async () => "stored" });
  visitor = new Visitor(console.url());
  await visitor.signIn(console.loginUrl());
});
afterAll(async () => {
  await console.stop();
  await database.close();
});

async function words(path: string): Promise<string> {
  const page = await visitor.get(path);
  expect(page.status).toBe(200);
  expect(page.text).toMatch(/^<!doctype html><html lang="en">/);
  expect(page.text).not.toContain("<b onclick");
  return wordsOf(page.text);
}

describe("the pages beside the chat", () => {
  test("workflows, with their state, next time and last run", async () => {
    const shown = await words("/workflows");
    expect(shown).toContain(
      "open-prs active Every weekday at 09:00, Europe/Paris 23 Nov 2026 09:00 UTC run 41 waiting",
    );
    expect(shown).toContain(
      NASTY.replace(/<[^>]*>/g, "")
        .trim()
        .slice(0, 3),
    );
  });

  test("a workflow, with its runs, its firings and the way to its thread", async () => {
    const shown = await words("/workflows/open-prs");
    expect(shown).toContain(`does summarise ${NASTY}`);
    expect(shown).toContain("41 waiting 23 Nov 2026 09:00 UTC 18 s 2 $0.03");
    expect(shown).toContain("slot missed 3 times · Claw was down");
    expect((await visitor.get("/workflows/open-prs")).text).toContain('href="/channels/general/abc"');
    expect(await words(`/workflows/${encodeURIComponent("naïve/é")}`)).toContain("open-prs");
  });

  test("a run's journal: steps, context, approvals, deliveries", async () => {
    const shown = await words("/runs/41");
    expect(shown).toContain("It read text that outsiders can write.");
    expect(shown).toContain("a yes to closing #77, since 23 Nov 2026 09:00 UTC");
    expect(shown).toContain("1.0 rules model call succeeded 0.1 s · $0.01 · 812 tokens in, 44 out");
    expect(shown).toContain("1.1 http_request tool call waiting 2 attempts");
    expect(shown).toContain(`Arguments {"url":"https://x.test"} Result ${NASTY}`);
    expect(shown).toContain("1 of 2 pieces went in, 12 tokens");
    expect(shown).toContain("thread no 900 over its budget bbbbbbbbbbbb");
    expect(shown).toContain("#7 POST to x.test approved by Lin");
    expect(shown).toContain("- open + closed");
    expect(shown).toContain("run progress unknown · no answer");
  });

  test("the audit, newest first, page by page", async () => {
    const shown = await words("/audit");
    expect(shown).toContain(`5 23 Nov 2026 09:00 UTC ${NASTY} workflow.created open-prs`);
    expect((await visitor.get("/audit")).text).toContain('href="/audit?before=4"');
    expect(await words("/audit?before=4")).toContain("3 23 Nov 2026");
    expect((await visitor.get("/audit?before=4")).text).not.toContain("?before=1");
  });

  test.each(["/workflows/none", "/runs/42", "/runs/0", "/runs/x", "/channels/nowhere", "/channels/general/none", "/x"])(
    "%s is not there, and says so",
    async (path) => {
      const page = await visitor.get(path);
      expect(page.status).toBe(404);
      expect(wordsOf(page.text)).toMatch(/Not found There is no such/);
    },
  );
});

describe("the chat page", () => {
  test("has landmarks, labels and a log that is read out", async () => {
    const { text } = await visitor.get("/");
    for (const part of [
      '<main id="main"',
      'aria-label="Channels"',
      'aria-label="Pages"',
      'role="log" aria-live="polite" aria-label="Messages in #general"',
      'aria-label="Message #general"',
      'aria-current="page"',
      '<html lang="en">',
    ]) {
      expect(text).toContain(part);
    }
    expect(wordsOf(text)).toContain("/claw help");
  });

  test("goes back through older messages, and does not mix them with new ones", async () => {
    const target = {
      workspaceId: WORKSPACE,
      channelId: `${WORKSPACE}:ops`,
      threadId: null,
      privateTo: null,
      replyToken: null,
    };
    for (let i = 1; i <= 70; i += 1) {
      const notice = { kind: "reply", card: card({ title: `message ${i}.` }) } as const;
      await console.post(target, notice, `ops-${i}`, AbortSignal.timeout(60_000));
    }
    const newest = await visitor.get("/channels/ops");
    const numbers = (html: string) => [...wordsOf(html).matchAll(/message (\d+)\./g)].map((match) => Number(match[1]));
    expect(numbers(newest.text)).toEqual(Array.from({ length: 60 }, (_, i) => i + 11));
    const older = /href="(\/channels\/ops\?before=\d+)"/.exec(newest.text)?.[1] ?? "";
    const page = await visitor.get(older);
    expect(numbers(page.text)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
    expect(page.text).toContain('data-live="false"');
    expect(wordsOf(page.text)).toContain("Back to the newest messages");
  });
});

test("the page's own files are small", async () => {
  const { text } = await visitor.get("/");
  const paths = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? "");
  const sizes = await Promise.all([...new Set(paths)].map(async (path) => (await visitor.get(path)).text.length));
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThan(60_000);
});
