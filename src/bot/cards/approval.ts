/** May I? The card of one exact tool call, before and after people decided. Pure. */
import type { ApprovalDecision, ApprovalView, Changed, Notice, Voted } from "../../orchestrator/index.ts";
import { button, REASON } from "./actions.ts";
import { type Button, type Card, card, type Fact, instant } from "./card.ts";
import { money } from "./figures.ts";
import { dotted, fact, firstOf, heading, row, titled, whoMay, workflowName } from "./parts.ts";
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
    buttons: [...approveButton(approval), ...changeButton(approval), ...denyButton(approval)],
    footer: `or type /claw approve ${approval.number}, or /claw deny ${approval.number} and a reason`,
  });
}

function decidedCard(approval: ApprovalView, decision: ApprovalDecision, outcome: string | null): Card {
  const byPeople = decision.kind === "approved" || decision.kind === "denied";
  return card({
    state: decision.kind === "approved" || decision.kind === "replaced" ? "done" : "failed",
    title: heading(decidedTitle(decision, approval)),
    aside: aside(approval),
    facts: [
      ...fact(
        "reason",
        decision.kind === "replaced" || decision.reason === null
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

function decidedTitle(decision: ApprovalDecision, approval: ApprovalView): string {
  const at = instant(decision.at);
  switch (decision.kind) {
    case "approved":
      return `Approved ${approval.changed ? "with changes " : ""}by ${person(decision.by)} ${at}`;
    case "replaced":
      return `Changed by ${person(decision.by)} ${at}: approval ${decision.number} took its place`;
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
        [...(whole ? approveButton(approval) : []), ...denyButton(approval)],
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
    ...(approval.changed
      ? fact("before", `${plain(approval.tool)} ${cut(exact(approval.changed.was), MAX_EXACTLY)}`).map(
          (before): Fact => ({ ...before, code: true }),
        )
      : []),
    ...fact(
      "exactly",
      `${plain(approval.tool)} ${call}${call === json ? "" : ` (${length} characters; /claw inspect ${approval.run.number})`}`,
    ).map((exactly): Fact => ({ ...exactly, code: true })),
  ];
}

/** What a person changed in the call stands before what the call would change. */
function diffOf(approval: ApprovalView): readonly string[] {
  const changed = approval.changed?.lines ?? [];
  const between = changed.length > 0 && approval.diff.length > 0 ? ["  …"] : [];
  const { shown, rest } = firstOf([...changed, ...between, ...approval.diff], MAX_DIFF_LINES);
  return [...shown.map((line) => cut(diffLine(line), 200)), ...(rest === "" ? [] : [`  … ${rest}`])];
}

const approveButton = (approval: ApprovalView): readonly Button[] => [
  button("Approve", "approval.approve", approval.approvalId, "primary"),
];
const denyButton = (approval: ApprovalView): readonly Button[] => [
  button("Deny…", "approval.deny", approval.approvalId, "danger", REASON),
];
const changeButton = ({ approvalId, exactly }: Pick<ApprovalView, "approvalId" | "exactly">): readonly Button[] => [
  button("Approve with changes…", "approval.change", approvalId, "plain", {
    label: "Arguments, as JSON",
    initial: indented(exactly),
    required: true,
  }),
];

/** JSON to be edited: a line each, and everything that cannot be seen written as an escape. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2).split("\n").map(exact).join("\n");
  } catch {
    // What a person wrote that is no JSON yet.
    return json;
  }
}

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
    case "replaced": {
      const now = voted.replacedBy === undefined ? "" : `: approval ${voted.replacedBy} took its place`;
      return card({ title: heading(`Already changed${by}${when}${now}`) });
    }
    default:
      return card({ title: heading(`${approval} is no longer open: ${voted.status}${reason}`) });
  }
}

/** What came of other arguments, for who wrote them. What cannot be read is kept, to be put right. */
export function changedCard(changed: Changed): Card {
  switch (changed.kind) {
    case "voted":
      return votedCard(changed.voted);
    case "wrong": {
      const { title, text } = titled("Not approved: ", changed.failure.message);
      return card({
        title,
        text,
        facts: fact("you wrote", cut(exact(changed.text), MAX_EXACTLY)).map(
          (wrote): Fact => ({ ...wrote, code: true }),
        ),
        buttons: changeButton({ approvalId: changed.approvalId, exactly: changed.text }),
        footer: `or type /claw approve ${changed.number} with {…}`,
      });
    }
    case "changed": {
      const { number, newNumber, asks } = changed;
      if (asks.length === 0) {
        return card({ state: "done", title: `Approval ${number} is approved with your changes, as ${newNumber}` });
      }
      return card({
        state: "asks",
        title: `Changed, but not approved yet: approval ${newNumber} asks for it`,
        text: `With these arguments ${asks.map(plain).join("; ")}. Decide on its card in the thread.`,
        footer: `or type /claw approve ${newNumber}, or /claw deny ${newNumber} and a reason`,
      });
    }
  }
}
