/** What the workspace is doing, at a glance. Pure. */
import type { RunView, StatusView } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Button, type Card, type CardRow, card, instant } from "./card.ts";
import { ceiling, money, plural } from "./figures.ts";
import { incidentRow } from "./incident.ts";
import { dotted, firstOf, row, workflowName } from "./parts.ts";
import { replayMark, runButtons, runSays, runState } from "./run.ts";
import { GO_ON, stoppedHead } from "./stops.ts";
import { lostRow } from "./undelivered.ts";

const MAX_NEXT = 5;
const MAX_LOST = 5;

export function statusCard(view: StatusView): Card {
  const queued = view.running.filter(({ status }) => status === "queued").length;
  // What failed again and again is one row; its runs are under "dead".
  const told = new Set(
    view.incidents.filter(({ count, dead }) => count > 1 || dead === 0).map((one) => one.incidentId),
  );
  const dead = view.dead.filter(({ incidentId }) => incidentId === null || !told.has(incidentId));
  const { shown, rest } = firstOf([
    ...view.waiting.map(statusRow),
    ...view.incidents.filter(({ incidentId }) => told.has(incidentId)).map(incidentRow),
    ...dead.map(statusRow),
    ...view.running.map(statusRow),
  ]);
  const next = view.next
    .slice(0, MAX_NEXT)
    .map((slot) => `${workflowName(slot)} ${instant(slot.at, "day_time")}`)
    .join(" · ");
  const figures = dotted(
    `${view.running.length - queued} running`,
    queued === 0 ? null : `${queued} queued`,
    view.waiting.length === 0 ? null : `${view.waiting.length} waiting`,
    view.incidents.length === 0 ? null : plural(view.incidents.length, "incident"),
    view.dead.length === 0 ? null : plural(view.dead.length, "dead letter"),
    view.lost.length === 0 ? null : `${plural(lostCount(view), "message")} not delivered`,
    plural(view.workflows, "workflow"),
    `today ${money(view.todayMicros)} of ${ceiling(view.todayLimitMicros)}`,
  );
  const { stopped = null } = view;
  return card({
    ...(stopped === null ? { title: figures } : { ...stoppedHead(stopped), text: figures }),
    rows: [...view.lost.slice(0, MAX_LOST).map(lostRow), ...shown],
    // Nothing comes next while nothing runs.
    facts: next === "" || stopped !== null ? [] : [{ label: "next", value: next }],
    buttons: [...(stopped === null ? [] : GO_ON), ...commandButtons("List", "list"), ...commandButtons("Cost", "cost")],
    footer: rest,
  });
}

const lostCount = ({ lost }: StatusView): number => lost.reduce((sum, { count }) => sum + count, 0);

function statusRow(run: RunView): CardRow {
  const asks = run.status === "waiting" && run.waits.some(({ kind }) => kind === "approval");
  const state = run.status === "waiting" ? (asksSomebody(run) ? "asks" : "paused") : runState(run.status);
  const decide: readonly Button[] = asks ? commandButtons("Decide", "approvals") : [];
  const buttons = run.status === "waiting" ? [...decide, button("Inspect", "run.inspect", run.runId)] : runButtons(run);
  return row(state, workflowName(run), dotted(replayMark(run), `run ${run.number}, ${runSays(run)}`), buttons);
}

const asksSomebody = (run: RunView): boolean =>
  run.waits.some(
    ({ kind }) =>
      kind === "approval" || kind === "answer" || kind === "budget" || kind === "unknown_effect" || kind === "stopped",
  );
