/** Runs that failed or were stopped. Pure. */
import type { Notice, RunRef } from "../../orchestrator/index.ts";
import { button, REASON } from "./actions.ts";
import { type Button, type Card, card, instant } from "./card.ts";
import { money, plural } from "./figures.ts";
import { fact, figuresOf, heading, runName, titled, workflowName } from "./parts.ts";
import { person, plain } from "./plain.ts";

const VERBS = {
  retrying: "failed",
  recovered: "went on after a failure",
  failed: "failed",
  dead: "stopped",
} as const satisfies Record<Extract<Notice, { kind: "runFailed" }>["state"], string>;

export function failureCard(notice: Extract<Notice, { kind: "runFailed" }>): Card {
  const { run, state } = notice;
  return card({
    state: state === "recovered" ? "done" : "failed",
    ...titled(`${workflowName(run)} ${VERBS[state]}, run ${run.number}: `, notice.failure.message),
    aside: figuresOf(notice.figures),
    facts: [
      ...fact("tries", notice.attempts > 1 ? plural(notice.attempts, "try", "tries") : null),
      ...fact("next", nextOf(notice)),
      ...fact("again", notice.count > 1 ? `the same failure ${notice.count} times in a row` : null),
    ],
    buttons: buttonsOf(notice),
  });
}

function nextOf({ state, nextTryAt }: Extract<Notice, { kind: "runFailed" }>): string {
  switch (state) {
    case "retrying":
      return nextTryAt === null ? "tries again, no need to act" : `tries again ${instant(nextTryAt)}, no need to act`;
    case "recovered":
      return "nothing: a later try succeeded";
    case "failed":
      return "this run is over and is not tried again";
    case "dead":
      return "nothing more happens with this run until somebody retries or discards it";
  }
}

function buttonsOf({ run, state }: Extract<Notice, { kind: "runFailed" }>): readonly Button[] {
  const inspect = button("Inspect", "run.inspect", run.runId);
  const pause = button("Pause", "workflow.pause", run.workflowId);
  switch (state) {
    case "retrying":
      return [inspect, button("Cancel", "run.cancel", run.runId, "danger")];
    case "recovered":
      return [inspect];
    case "failed":
      return [button("Run again", "workflow.run", run.workflowId), inspect, pause];
    case "dead":
      return [...deadButtons(run), pause];
  }
}

/** What can be done about a dead letter. */
export const deadButtons = (run: RunRef): readonly Button[] => [
  button("Retry", "run.retry", run.runId, "primary"),
  button("Discard…", "run.discard", run.runId, "danger", REASON),
  button("Inspect", "run.inspect", run.runId),
];

export function cancelledCard(notice: Extract<Notice, { kind: "runCancelled" }>): Card {
  const { run, happened } = notice;
  return card({
    state: "failed",
    title: heading(`${runName(run)}, cancelled by ${person(notice.by)}`),
    aside: figuresOf(notice.figures),
    facts: fact("changed", happened.length === 0 ? "nothing yet" : happened.map(plain).join("; ")),
    buttons: [button("Inspect", "run.inspect", run.runId), button("Run again", "workflow.run", run.workflowId)],
    footer: notice.figures.costMicros > 0 ? `it cost ${money(notice.figures.costMicros)}` : "",
  });
}
