/** What was done to a run or a workflow because a person asked. Pure. */
import type { Resumed } from "../../orchestrator/index.ts";
import { doneCard } from "./answer.ts";
import { type Card, instant } from "./card.ts";
import { plural } from "./figures.ts";

export const startedCard = (number: number): Card => doneCard(`Run ${number} is queued. It reports in its thread.`);

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
