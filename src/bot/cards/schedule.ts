/** Times that are left out, run after all, or late. Pure. */
import type { BackfillView, Notice, Skipping } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Card, card, instant } from "./card.ts";
import { money, plural } from "./figures.ts";
import { dotted, fact, heading, workflowName } from "./parts.ts";
import { plain, withInstants } from "./plain.ts";

/** Times that are written out. */
const SHOWN = 5;

/** Which times are skipped, and the first that is not. */
export function skipCard({ name, count, skipped, nextAt }: Skipping): Card {
  const shown = skipped.slice(0, SHOWN).map((iso) => instant(iso, "day_time"));
  const more = skipped.length - shown.length;
  const what = count === 1 ? "the next time" : `the next ${count} times`;
  return card({
    state: "done",
    title: heading(`${plain(name)} skips ${count === 0 ? "nothing" : what}`),
    facts: [
      ...fact("skipped", dotted(...shown, more > 0 ? `and ${more} more` : null)),
      ...fact(
        "next run",
        nextAt === null ? "none in sight: its schedule ends, or all is closed" : instant(nextAt, "day_time"),
      ),
    ],
    buttons: count === 0 ? [] : commandButtons("Undo", `unskip ${name}`),
  });
}

/** What a backfill would run, before anything does. Its value is checked again when it is pressed. */
export function backfillCard(view: BackfillView): Card {
  const { slots, ran, queued, token } = view;
  const left = dotted(
    ran > 0 ? `${ran} that ran` : null,
    queued > 0 ? `${queued} that wait for their turn already` : null,
  );
  const range =
    slots === 1 ? instant(view.first) : `${plural(slots, "time")}, ${instant(view.first)} to ${instant(view.last)}`;
  return card({
    state: "asks",
    title: heading(`Run ${workflowName(view)} for ${plural(slots, "past time")}?`),
    facts: [
      ...fact("times", range),
      ...fact("mind", beforeCreation(view)),
      ...fact("left out", left),
      ...fact(
        "cost",
        view.model === "rules"
          ? "nothing: the rules model is free"
          : `about ${money(view.costMicros)} (${plural(slots, "run")} × ${money(view.costMicros / slots)})`,
      ),
      ...fact("order", slots === 1 ? null : "one after the other, the oldest first"),
    ],
    buttons: [button(`Run ${slots}`, "backfill.run", token, "primary"), button("Cancel", "backfill.cancel", token)],
    footer: "nothing runs before you say so",
  });
}

/** Times that it was never meant to run at by itself. */
function beforeCreation({ slots, beforeCreation: before, createdAt }: BackfillView): string | null {
  if (before === 0) return null;
  const which = before < slots ? `${before} of these lie` : slots === 1 ? "it lies" : "all of these lie";
  return `${which} before the workflow was created, ${instant(createdAt)}`;
}

/** It should have begun minutes ago; edited when it has. */
export function lateCard(notice: Extract<Notice, { kind: "startLate" }>): Card {
  const { workflow, runNumber, overAt } = notice;
  const what = `${workflowName(workflow)}${runNumber === null ? "" : `, run ${runNumber}`}`;
  const planned = instant(notice.plannedAt, "day_time");
  return card({
    state: overAt === null ? "paused" : "done",
    title: heading(
      overAt === null ? `${what} has not started: it was due ${planned}` : `${what}, due ${planned}, waits no more`,
    ),
    facts: [
      ...fact("why", withInstants(plain(notice.why))),
      ...fact("since", overAt === null ? null : instant(overAt)),
    ],
    buttons: overAt === null ? [button("Inspect", "workflow.inspect", workflow.workflowId)] : [],
  });
}
