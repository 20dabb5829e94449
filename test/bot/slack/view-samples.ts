/** Modals and the home, as they usually are: for tests and for `npm run cards`. */
import { card } from "../../../src/bot/cards/card.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { argumentsModal } from "../../../src/bot/slack/views-arguments.ts";
import { askModal } from "../../../src/bot/slack/views-ask.ts";
import { editModal } from "../../../src/bot/slack/views-edit.ts";
import { homeView } from "../../../src/bot/slack/views-home.ts";
import { cardModal, sayingModal } from "../../../src/bot/slack/views-modal.ts";
import type { MineView } from "../../../src/orchestrator/mine.ts";
import type { WorkflowToEdit } from "../../../src/orchestrator/workflows/edit.ts";
import { formOf } from "../../../src/orchestrator/workflows/edit-form.ts";
import { POLICY_NAMES, POLICY_TERMS } from "../../../src/orchestrator/workflows/policy-terms.ts";
import { DEFAULT_POLICIES } from "../../../src/orchestrator/workflows/workflow.ts";
import { samples, USUAL } from "../cards/samples.ts";
import { approval, NINE, run, workflow } from "../cards/views.ts";

export const ASKED = noticeCard({ kind: "approvalRequested", approval: approval(), decision: null, outcome: null });
const DENY = ASKED.buttons.find(({ action }) => action === "approval.deny");

export const SCHEMA = {
  type: "object",
  properties: {
    repo: { type: "string", description: "owner/name" },
    issue: { type: "integer" },
    comment: { type: "string" },
    reason: { enum: ["completed", "not planned"] },
    lock: { type: "boolean" },
    labels: { type: "array", items: { type: "string" } },
  },
  required: ["repo", "issue"],
} as const;

export const GIVEN = {
  repo: "acme/api",
  issue: 77,
  comment: "Closing as stale",
  reason: "completed",
  labels: ["stale"],
} as const;

export const home = (parts: Partial<MineView> = {}): MineView => ({
  approvals: [approval({ diff: [] })],
  waiting: [
    run({ status: "dead", number: 44, failure: { code: "service_unavailable", message: "GitHub answers 503" } }),
  ],
  workflows: [
    workflow({ lastRun: run() }),
    workflow({ name: "menu", status: "paused", paused: { by: "ada", note: null, at: NINE, leftOut: null } }),
  ],
  recent: [run(), run({ status: "running", number: 42, endedAt: null })],
  cost: {
    days: 23,
    totalMicros: 12_400_000,
    todayMicros: 840_000,
    todayLimitMicros: 5_000_000,
    byDay: [
      { day: "2026-11-22", micros: 310_000 },
      { day: "2026-11-23", micros: 840_000 },
    ],
    byWorkflow: [{ workflowId: "w1", name: "open-prs-acme-api", micros: 3_000_000, runs: 21 }],
  },
  ...parts,
});

const TO_EDIT: WorkflowToEdit = {
  workflowId: "w1",
  name: "open-prs-acme-api",
  form: formOf({
    number: 3,
    instruction: "summarise open PRs in acme/api",
    trigger: {
      kind: "schedule",
      schedule: { kind: "cron", expression: "0 9 * * 1-5", zone: "Europe/Paris", from: null, until: null },
      words: "every weekday at 9",
    },
    destination: { channelId: "slack:T1:C1" },
    policies: DEFAULT_POLICIES,
  }),
  policies: POLICY_NAMES.map((name) => ({
    name,
    takes: POLICY_TERMS[name].takes,
    offers: name === "overlap" || name === "report" ? POLICY_TERMS[name].offers : [],
  })),
};
const DRY_RAN = samples(USUAL).find(({ name }) => name === "dry-run")?.card ?? card({ title: "no sample" });

export const viewSamples = () => ({
  home: homeView(home()),
  "modal-deny": DENY === undefined ? sayingModal("Deny", "no button", "r") : askModal(DENY, ASKED, "r1"),
  "modal-arguments": argumentsModal(ASKED, SCHEMA, GIVEN, "r1"),
  "modal-dry-run": cardModal(DRY_RAN, "Dry run", "r1"),
  "modal-edit": editModal(TO_EDIT, TO_EDIT.form, null, "r1"),
  "modal-edit-shown": editModal(
    TO_EDIT,
    { ...TO_EDIT.form, instruction: "summarise open PRs & issues in <acme/api>" },
    {
      diff: [
        "- summarise open PRs in acme/api",
        "+ summarise open PRs & issues in <acme/api>",
        "- overlap: skip",
        "+ overlap: allow",
      ],
      changedBy: "ada",
    },
    "r1",
  ),
});
