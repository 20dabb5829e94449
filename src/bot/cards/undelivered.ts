/** Messages that did not arrive where they should. Pure. */
import type { LostView, Notice, SentAgain } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { doneCard } from "./answer.ts";
import { type Card, type CardRow, card, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, heading, row, titled, workflowName } from "./parts.ts";
import { cut, person, plain } from "./plain.ts";

/** For the workflow's owner, in person, since its channel does not take it. */
export function undeliveredCard(notice: Extract<Notice, { kind: "undelivered" }>): Card {
  const { workflow, count, asks, again } = notice;
  const name = workflowName(workflow);
  if (again) {
    return card({
      state: "running",
      title: heading(
        `${plural(again.count, "message")} of ${name} sent again by ${person(again.by)} ${instant(again.at)}`,
      ),
      facts: fact("before", plain(notice.failure.message)),
      buttons: [button("Inspect", "workflow.inspect", workflow.workflowId)],
    });
  }
  return card({
    state: "failed",
    ...titled(`${name} cannot post to its channel: `, notice.failure.message),
    facts: [
      ...fact("lost", `${plural(count, "message")}, the last at ${instant(notice.lastAt)}`),
      ...fact("asks", asks ? "something waits for an answer that nobody there sees" : null),
    ],
    buttons: [
      ...(asks ? commandButtons("What waits", "approvals") : []),
      button("Send again", "workflow.send_again", workflow.workflowId, "primary"),
      button("Inspect", "workflow.inspect", workflow.workflowId),
      button("Pause", "workflow.pause", workflow.workflowId),
    ],
    footer: `its runs go on, see /claw inspect ${name}; repair the channel, then send again what is missing there`,
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
    [
      ...(lost.isUnknown ? [] : [button("Send again", "workflow.send_again", lost.workflowId)]),
      button("Inspect", "workflow.inspect", lost.workflowId),
    ],
  );

export const sentAgainCard = ({ name, count }: SentAgain): Card =>
  doneCard(`${plural(count, "message")} of ${cut(plain(name), 60)} ${count === 1 ? "is" : "are"} on the way again.`);

/** For the workflow's owner, in person. */
export function homeMovedCard({ workflow, at }: Extract<Notice, { kind: "homeMoved" }>): Card {
  return card({
    state: "paused",
    title: heading(`The thread of ${workflowName(workflow)} was deleted ${instant(at)}; it goes on in a new one`),
    text: "What was still to be said or decided is asked again there. What people wrote in the old thread stays part of its next run.",
    buttons: [
      button("Inspect", "workflow.inspect", workflow.workflowId),
      button("Pause", "workflow.pause", workflow.workflowId),
    ],
  });
}
