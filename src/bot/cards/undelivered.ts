/** Messages that did not arrive where they should. Pure. */
import type { LostView, Notice } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Card, type CardRow, card, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, row, titled, workflowName } from "./parts.ts";
import { cut, plain } from "./plain.ts";

/** For the workflow's owner, in person, since its channel does not take it. */
export function undeliveredCard(notice: Extract<Notice, { kind: "undelivered" }>): Card {
  const { workflow, count, asks } = notice;
  const name = workflowName(workflow);
  return card({
    state: "failed",
    ...titled(`${name} cannot post to its channel: `, notice.failure.message),
    facts: [
      ...fact("lost", `${plural(count, "message")}, the last at ${instant(notice.lastAt)}`),
      ...fact("asks", asks ? "something waits for an answer that nobody there sees" : null),
    ],
    buttons: [
      ...(asks ? commandButtons("What waits", "approvals") : []),
      button("Inspect", "workflow.inspect", workflow.workflowId),
      button("Pause", "workflow.pause", workflow.workflowId),
    ],
    footer: `its runs go on; what they said is in /claw inspect ${name}`,
  });
}

/** Among what is open in a workspace. */
export const lostRow = (lost: LostView): CardRow =>
  row(
    lost.isUnknown ? "asks" : "failed",
    workflowName(lost),
    dotted(
      `${plural(lost.count, "message")} ${lost.isUnknown ? "may not have arrived" : "not delivered"}`,
      lost.failure === null ? null : cut(plain(lost.failure.message), 200),
    ),
    [button("Inspect", "workflow.inspect", lost.workflowId)],
  );
