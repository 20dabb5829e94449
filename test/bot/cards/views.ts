/** Views as the use cases answer them, for tests of the cards. */
import type { ApprovalView, RunRef } from "../../../src/orchestrator/events.ts";
import type { MemoryView } from "../../../src/orchestrator/memory/view.ts";
import type { DraftView, RunView, StepView, WorkflowView } from "../../../src/orchestrator/views.ts";

export const RUN: RunRef = { workflowId: "w1", name: "open-prs-acme-api", runId: "r1", number: 41 };
export const FIGURES = { durationMs: 18_000, costMicros: 30_000, steps: 5 };
export const NINE = "2026-11-23T09:00:00.000Z";
export const TEN = "2026-11-23T10:00:00.000Z";

export const approval = (parts: Partial<ApprovalView> = {}): ApprovalView => ({
  approvalId: "a7",
  number: 7,
  run: RUN,
  step: 6,
  tool: "github_close_issue",
  effect: "destructive",
  action: "close issue #77 in acme/api",
  target: "github.com",
  diff: ["- state: open", "+ state: closed"],
  exactly: '{"issue":77,"repo":"acme/api"}',
  why: "close stale issues",
  reasons: ["closing is destructive", "this run read text from outside"],
  expiresAt: "2026-11-25T09:00:00.000Z",
  costMicros: 20_000,
  decidedBy: "approver",
  ...parts,
});

export const run = (parts: Partial<RunView> = {}): RunView => ({
  ...RUN,
  status: "succeeded",
  startedAt: NINE,
  endedAt: "2026-11-23T09:00:18.000Z",
  figures: FIGURES,
  verdict: { kind: "report", text: "All is well", notes: null },
  failure: null,
  tainted: false,
  replayOf: null,
  letter: null,
  incidentId: null,
  waits: [],
  ...parts,
});

export const draft = (parts: Partial<DraftView> = {}): DraftView => ({
  workflowId: "w1",
  name: "open-prs-acme-api",
  instruction: "summarise open PRs in acme/api",
  schedule: "Every weekday at 09:00, Europe/Paris",
  zone: "Europe/Paris",
  next: ["2026-11-23T08:00:00.000Z", "2026-11-24T08:00:00.000Z"],
  clockChange: null,
  tools: [
    { name: "http_get", effect: "read" },
    { name: "channel_post", effect: "write" },
    { name: "finish", effect: "read" },
  ],
  channelId: "console:eng",
  broadcast: false,
  cannotPost: null,
  model: "gpt-test",
  runsAMonth: 21,
  costPerRunMicros: 40_000,
  runCeilingMicros: 500_000,
  keptUntil: "2026-11-24T10:02:00.000Z",
  ...parts,
});

export const workflow = (parts: Partial<WorkflowView> = {}): WorkflowView => ({
  workflowId: "w1",
  name: "open-prs-acme-api",
  status: "active",
  instruction: "summarise open PRs in acme/api",
  schedule: "Every weekday at 09:00, Europe/Paris",
  zone: "Europe/Paris",
  revision: 2,
  ownerName: "ada",
  channelId: "console:eng",
  threadId: null,
  nextAt: "2026-11-24T08:00:00.000Z",
  skipNext: 0,
  paused: null,
  incidents: [],
  lastRun: null,
  lastFirings: [],
  ...parts,
});

export const step = (parts: Partial<StepView> = {}): StepView => ({
  turn: 1,
  callIndex: 0,
  kind: "model",
  name: "gpt-test",
  status: "succeeded",
  attempts: 1,
  durationMs: 2_100,
  costMicros: 10_000,
  inputTokens: 1_200,
  outputTokens: 300,
  summary: "reads the page",
  result: "",
  manifest: [],
  tries: [],
  ...parts,
});

export const memory = (parts: Partial<MemoryView> = {}): MemoryView => ({
  memoryId: "01970a11-2222-7333-8444-5566778899aa",
  number: 3,
  text: "Deploys are on Tuesdays",
  scope: "workflow",
  workflow: "open-prs-acme-api",
  isPrivate: false,
  fromOutside: false,
  owner: "ada",
  run: 41,
  byRun: false,
  createdAt: NINE,
  updatedAt: NINE,
  expiresAt: TEN,
  mayChange: true,
  ...parts,
});
