/** What was done to a run or a workflow because a person asked. Pure. */
import type { DeletePlan, Resumed } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { doneCard } from "./answer.ts";
import { type Card, card, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, heading } from "./parts.ts";
import { plain } from "./plain.ts";

/** Runs that are named one by one. */
const MOST_RUNS = 5;

export const startedCard = (number: number): Card => doneCard(`Run ${number} is queued. It reports in its thread.`);

/** Asked once, because nothing takes it back. */
export const deleteCard = ({ workflowId, name, open }: DeletePlan): Card =>
  card({
    state: "asks",
    title: heading(`Delete ${plain(name)} for good?`),
    facts: [
      ...fact("ends", dotted("its times and what starts it", open.length === 0 ? null : runsWords(open))),
      ...fact("forgets", "what it remembers"),
      ...fact("stays", "what it did, in the record"),
      ...fact("instead", `/claw pause ${plain(name)} can be taken back`),
    ],
    buttons: [
      button("Delete", "workflow.delete", workflowId, "danger"),
      button("Keep it", "workflow.keep", workflowId),
    ],
  });

const runsWords = (open: readonly number[]): string =>
  open.length > MOST_RUNS
    ? plural(open.length, "open run")
    : `${open.length === 1 ? "run" : "runs"} ${open.join(", ")}`;

export const deletedCard = (name: string): Card => doneCard(`${name} is deleted. What it did stays in the record.`);

export const pausedCard = (name: string): Card => doneCard(`${name} is paused. /claw resume ${name} goes on.`);

export const resumedCard = ({ name, nextAt, leftOut, waits }: Resumed): Card =>
  doneCard(
    (nextAt !== null
      ? `${name} goes on. Next: ${instant(nextAt, "day_time")}`
      : waits
        ? `${name} goes on: it waits again for what starts it.`
        : `${name} is active, but no slot is left of its schedule.`) +
      (leftOut === 0 ? "" : ` ${plural(leftOut, waits ? "event" : "slot")} fell into the pause.`),
  );

export const cancelledCard = ({ number, how }: { number: number; how: "cancelled" | "cancelling" }): Card =>
  doneCard(how === "cancelled" ? `Run ${number} is cancelled.` : `Run ${number} is being cancelled.`);
