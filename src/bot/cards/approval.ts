/** May I? The card of one exact tool call, before and after people decided. Pure. */
import type { ApprovalDecision, ApprovalView, Changed, Notice, Voted } from "../../orchestrator/index.ts";
import { button, REASON } from "./actions.ts";
import { type Button, type Card, card, type Fact, instant } from "./card.ts";
import { money, plural } from "./figures.ts";
import { dotted, fact, firstOf, heading, row, titled, whoMay, workflowName } from "./parts.ts";
import { cut, exact, marked, markedJson, markedLine, person, plain, withInstants } from "./plain.ts";

const MAX_EXACTLY = 850;
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
      ...fact("asks", approval.reasons.map(marked).join("; ")),
      ...whatExactly(approval),
      ...fact("who", `${whoOf(approval)} · until ${instant(approval.expiresAt)}, then it means no`),
      ...fact("votes", votesOf(approval)),
      ...fact(
        "earliest",
        approval.effectiveAt === undefined ? null : `a yes takes effect ${instant(approval.effectiveAt)}`,
      ),
      ...fact("cost", `${money(approval.costMicros)} so far`),
      ...fact(
        "skipped",
        approval.slots
          ? `${plural(approval.slots.count, "slot")} meanwhile, the last ${instant(approval.slots.last)}`
          : null,
      ),
    ],
    diff: diffOf(approval),
    buttons: [
      ...approveButton(approval),
      ...changeButton(approval),
      ...denyButton(approval),
      ...(approval.grantable ? [button("Always allow this…", "grant.ask", approval.approvalId)] : []),
    ],
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

export function decidedTitle(decision: ApprovalDecision, approval: ApprovalView): string {
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
      const whole = markedJson(approval.exactly).length <= MAX_ROW_EXACTLY && approval.diff.length === 0;
      return row(
        "asks",
        `${approval.number}: may I ${actionOf(approval)}?`,
        dotted(
          aside(approval),
          workflowName(approval.run),
          approval.target === null ? null : `to ${cut(marked(approval.target), 100)}`,
          whole
            ? `${plain(approval.tool)} ${markedJson(approval.exactly)}`
            : "too long for a list: decide on its card in the thread",
          `${whoOf(approval)}, until ${instant(approval.expiresAt)}`,
        ),
        [...(whole ? approveButton(approval) : []), ...denyButton(approval)],
      );
    }),
    footer: rest,
  });
}

export const actionOf = (approval: ApprovalView): string => cut(marked(approval.action), 120);
/** Who may decide. */
export const whoOf = (approval: ApprovalView): string =>
  approval.who === undefined ? whoMay[approval.decidedBy] : marked(approval.who);

function votesOf({ quorum = 1, votes = [] }: ApprovalView): string | null {
  if (quorum === 1) return null;
  const who = votes.map(({ by }) => person(by)).join(", ");
  return `${votes.length} of ${quorum}${who === "" ? "" : `: ${who}`}`;
}
const aside = (approval: ApprovalView): string =>
  `${approval.effect} · run ${approval.run.number}, step ${approval.step}`;

/** Whole, however long: what is hashed is what can be seen. Where a platform has no room, its renderer pages or attaches it. */
export function whatExactly(approval: ApprovalView): readonly Fact[] {
  const code = (label: string, json: string): Fact => ({
    label,
    value: `${plain(approval.tool)} ${markedJson(json)}`,
    code: true,
  });
  return [
    ...fact("to", approval.target === null ? null : marked(approval.target)),
    ...(approval.changed ? [code("before", approval.changed.was)] : []),
    code("exactly", approval.exactly),
  ];
}

/** What a person changed in the call stands before what the call would change. */
function diffOf(approval: ApprovalView): readonly string[] {
  const changed = approval.changed?.lines ?? [];
  const between = changed.length > 0 && approval.diff.length > 0 ? ["  …"] : [];
  return [...changed, ...between, ...approval.diff].map(markedLine);
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
  if (voted.missing !== undefined) {
    const more = voted.missing === 1 ? "one more person" : `${voted.missing} more people`;
    const said = voted.decidedNow ? "Your yes counts" : "You said yes before";
    return card({ state: "asks", title: `${said}: ${more} must approve ${voted.number}` });
  }
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
