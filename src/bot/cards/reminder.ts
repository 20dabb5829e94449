/** Half of an approval's time is over. Pure. */
import type { Notice } from "../../orchestrator/index.ts";
import { button, commandButtons, REASON } from "./actions.ts";
import { actionOf, decidedTitle, whatExactly, whoOf } from "./approval.ts";
import { type Card, card, instant } from "./card.ts";
import { fact, heading, workflowName } from "./parts.ts";
import { person } from "./plain.ts";

export function reminderCard({ approval, able, more, decision }: Extract<Notice, { kind: "approvalReminder" }>): Card {
  const asked = `May I ${actionOf(approval)}?`;
  if (decision !== null) {
    return card({
      state: decision.kind === "approved" ? "done" : "failed",
      title: heading(decidedTitle(decision, approval)),
      facts: fact("asked", asked),
    });
  }
  const named = able.map(person).join(", ");
  return card({
    state: "asks",
    title: heading(`Still open: ${asked}`),
    aside: `approval ${approval.number} of ${workflowName(approval.run)}, run ${approval.run.number}`,
    facts: [
      ...whatExactly(approval),
      ...fact("who", `${whoOf(approval)} · until ${instant(approval.expiresAt)}, then it means no`),
      ...fact(
        "can",
        able.length === 0
          ? "nobody that I know; an admin can change the policy"
          : `${named}${more > 0 ? ` and ${more} more` : ""}`,
      ),
    ],
    buttons: [
      button("Approve", "approval.approve", approval.approvalId, "primary"),
      button("Deny…", "approval.deny", approval.approvalId, "danger", REASON),
      ...commandButtons("All that waits", "approvals"),
    ],
    footer: `its card is in its thread · or type /claw approve ${approval.number}, or /claw deny ${approval.number} and a reason`,
  });
}
