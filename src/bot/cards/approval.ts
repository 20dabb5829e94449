/** May I? The card of one exact tool call, before and after people decided. Pure. */
import type { ApprovalDecision, ApprovalView, Notice, Voted } from "../../orchestrator/index.ts";
import { button, REASON } from "./actions.ts";
import { type Button, type Card, card, type Fact, instant } from "./card.ts";
import { money } from "./figures.ts";
import { dotted, fact, firstOf, heading, row, whoMay, workflowName } from "./parts.ts";
import { cut, diffLine, exact, person, plain, withInstants } from "./plain.ts";

const MAX_EXACTLY = 850;
const MAX_DIFF_LINES = 40;
/** What fits a row of a list whole. */
const MAX_ROW_EXACTLY = 500;

export function approvalCard(notice: Extract<Notice, { kind: "approvalRequested" }>): Card {
  const { approval, decision, outcome } = notice;
  return decision === null ? pendingCard(approval) : decidedCard(approval, decision, outcome);
}

function pendingCard(approval: ApprovalView): Card {
  return card({
    state: "asks",
    title: heading(`May I ${actionOf(approval)}?`),
    aside: aside(approval),
    facts: [
      ...fact("why", `you asked: ${plain(approval.why)}`),
      ...fact("asks", approval.reasons.map(plain).join("; ")),
      ...whatExactly(approval),
      ...fact("who", `${whoMay[approval.decidedBy]} · until ${instant(approval.expiresAt)}, then it means no`),
      ...fact("cost", `${money(approval.costMicros)} so far`),
    ],
    diff: diffOf(approval),
    buttons: decideButtons(approval),
    footer: `or type /claw approve ${approval.number}, or /claw deny ${approval.number} and a reason`,
  });
}

function decidedCard(approval: ApprovalView, decision: ApprovalDecision, outcome: string | null): Card {
  const byPeople = decision.kind === "approved" || decision.kind === "denied";
  return card({
    state: decision.kind === "approved" ? "done" : "failed",
    title: heading(decidedTitle(decision)),
    aside: aside(approval),
    facts: [
      ...fact(
        "reason",
        decision.reason === null
          ? null
          : byPeople
            ? `"${plain(decision.reason)}"`
            : withInstants(plain(decision.reason)),
      ),
      ...fact("outcome", outcome === null ? null : plain(outcome)),
      ...fact("asked", `May I ${actionOf(approval)}?`),
      ...whatExactly(approval),
    ],
    diff: diffOf(approval),
  });
}

function decidedTitle(decision: ApprovalDecision): string {
  const at = instant(decision.at);
  switch (decision.kind) {
    case "approved":
      return `Approved by ${person(decision.by)} ${at}`;
    case "denied":
      return `Denied by ${person(decision.by)} ${at}`;
    case "expired":
      return `Nobody answered until ${at}, which means no`;
    case "cancelled":
      return `Not asked any more since ${at}`;
    case "void":
      return `Void since ${at}`;
  }
}

/** What waits for a yes. A row has *Approve* only when all there is to approve stands in it. */
export function approvalsCard(approvals: readonly ApprovalView[]): Card {
  if (approvals.length === 0) return card({ title: "Nothing waits for a yes" });
  const { shown, rest } = firstOf(approvals);
  return card({
    state: "asks",
    title: `${approvals.length} ${approvals.length === 1 ? "call waits" : "calls wait"} for a yes`,
    rows: shown.map((approval) => {
      const whole = exact(approval.exactly).length <= MAX_ROW_EXACTLY && approval.diff.length === 0;
      const [approve, ...others] = decideButtons(approval);
      return row(
        "asks",
        `${approval.number}: may I ${actionOf(approval)}?`,
        dotted(
          aside(approval),
          workflowName(approval.run),
          approval.target === null ? null : `to ${cut(plain(approval.target), 100)}`,
          whole
            ? `${plain(approval.tool)} ${exact(approval.exactly)}`
            : "too long for a list: decide on its card in the thread",
          `${whoMay[approval.decidedBy]}, until ${instant(approval.expiresAt)}`,
        ),
        whole && approve !== undefined ? [approve, ...others] : others,
      );
    }),
    footer: rest,
  });
}

const actionOf = (approval: ApprovalView): string => cut(plain(approval.action), 120);
const aside = (approval: ApprovalView): string =>
  `${approval.effect} · run ${approval.run.number}, step ${approval.step}`;

function whatExactly(approval: ApprovalView): readonly Fact[] {
  const json = exact(approval.exactly);
  const call = cut(json, MAX_EXACTLY);
  const length = approval.exactly.length.toLocaleString("en-US");
  return [
    ...fact("to", approval.target === null ? null : plain(approval.target)),
    ...fact(
      "exactly",
      `${plain(approval.tool)} ${call}${call === json ? "" : ` (${length} characters; /claw inspect ${approval.run.number})`}`,
    ).map((exactly): Fact => ({ ...exactly, code: true })),
  ];
}

function diffOf(approval: ApprovalView): readonly string[] {
  const { shown, rest } = firstOf(approval.diff, MAX_DIFF_LINES);
  return [...shown.map((line) => cut(diffLine(line), 200)), ...(rest === "" ? [] : [`  … ${rest}`])];
}

const decideButtons = (approval: ApprovalView): readonly Button[] => [
  button("Approve", "approval.approve", approval.approvalId, "primary"),
  button("Deny…", "approval.deny", approval.approvalId, "danger", REASON),
];

/** What a vote came to, for who voted. */
export function votedCard(voted: Voted): Card {
  const approval = `Approval ${voted.number}`;
  if (voted.decidedNow) {
    const how = voted.status === "approved" ? "approved" : "denied";
    return card({ state: "done", title: `${approval} is ${how}` });
  }
  const reason = voted.reason === null ? "" : `: ${plain(voted.reason)}`;
  const when = voted.at === null ? "" : ` ${instant(voted.at.toISOString())}`;
  const by = voted.by === null ? "" : ` by ${person(voted.by)}`;
  switch (voted.status) {
    case "approved":
    case "consumed":
      return card({ title: heading(`Already approved${by}${when}`) });
    case "denied":
      return card({ title: heading(`Already denied${by}${when}`) });
    default:
      return card({ title: heading(`${approval} is no longer open: ${voted.status}${reason}`) });
  }
}
