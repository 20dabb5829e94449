/** Runs that failed or were stopped. Pure. */
import type { Notice, RunRef } from "../../orchestrator/index.ts";
import { button, commandButtons, REASON } from "./actions.ts";
import { type Button, type Card, card, instant } from "./card.ts";
import { money, plural } from "./figures.ts";
import { incidentButtons, incidentFacts } from "./incident.ts";
import { fact, figuresOf, heading, runName, titled, workflowName } from "./parts.ts";
import { person, plain, withInstants } from "./plain.ts";

type Failed = Extract<Notice, { kind: "runFailed" }>;

const VERBS = {
  retrying: "failed",
  recovered: "went on after a failure",
  failed: "failed",
  dead: "stopped",
} as const satisfies Record<Failed["state"], string>;

export function failureCard(notice: Failed): Card {
  const { run, state, incident, happened = [] } = notice;
  if (incident?.over?.kind === "recovered") return recoveredCard(notice, incident.over);
  const times = incident && notice.count > 1 ? ` ${notice.count} times` : "";
  const verb = times === "" ? VERBS[state] : "failed";
  return card({
    state: state === "recovered" ? "done" : "failed",
    ...titled(
      `${workflowName(run)} ${verb}${times}, ${times === "" ? "" : "last "}run ${run.number}: `,
      notice.failure.message,
    ),
    aside: figuresOf(notice.figures),
    facts: [
      ...fact("tries", notice.attempts > 1 ? plural(notice.attempts, "try", "tries") : null),
      ...fact("next", nextOf(notice)),
      ...fact("changed", happened.length === 0 ? null : happened.map(plain).join("; ")),
      ...incidentFacts(notice),
    ],
    buttons: [...incidentButtons(notice), ...buttonsOf(notice)],
  });
}

/** A run ended well: the card stays, and says how it was. */
function recoveredCard(notice: Failed, over: { readonly run: number; readonly at: string }): Card {
  const { run, count } = notice;
  return card({
    state: "done",
    title: heading(
      `${workflowName(run)} recovered after ${plural(count, "failure")}: run ${over.run} ended well ${instant(over.at)}`,
    ),
    aside: `run ${over.run}`,
    facts: [...fact("was", withInstants(plain(notice.failure.message))), ...incidentFacts(notice)],
    buttons: [...incidentButtons(notice), button("Inspect", "run.inspect", run.runId)],
  });
}

function nextOf({ state, nextTryAt, decision }: Failed): string {
  if (decision) return decisionSays(decision);
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

function decisionSays(decision: NonNullable<Failed["decision"]>): string {
  const who = `by ${person(decision.by)} ${instant(decision.at)}`;
  if (decision.kind === "restarted") return `begun anew as run ${decision.run} ${who}; this run is given up`;
  return `given up ${who}${decision.reason === null ? "" : `: "${plain(decision.reason)}"`}`;
}

function buttonsOf({ run, state, incident, decision }: Failed): readonly Button[] {
  const inspect = button("Inspect", "run.inspect", run.runId);
  const paused = incident !== undefined && incident.pausedAt !== null;
  const pause = paused ? [] : [button("Pause", "workflow.pause", run.workflowId)];
  if (decision) return [inspect];
  switch (state) {
    case "retrying":
      return [inspect, button("Cancel", "run.cancel", run.runId, "danger")];
    case "recovered":
      return [inspect];
    case "failed":
      return [button("Run again", "workflow.run", run.workflowId), inspect, ...pause];
    case "dead":
      return [...deadButtons(run), ...anewButton(run), ...pause];
  }
}

/** What can be done about a dead letter. */
export const deadButtons = (run: RunRef): readonly Button[] => [
  button("Retry", "run.retry", run.runId, "primary"),
  button("Discard…", "run.discard", run.runId, "danger", REASON),
  button("Inspect", "run.inspect", run.runId),
];

/** Asks first when the run had changed something. */
export const anewButton = (run: RunRef): readonly Button[] =>
  commandButtons("From the start", `retry ${run.number} from the start`);

/** What cancels a run when nobody does. */
const NEXT_SLOT = "its next slot";

export function cancelledCard(notice: Extract<Notice, { kind: "runCancelled" }>): Card {
  const { run, happened } = notice;
  return card({
    state: "failed",
    title: heading(`${runName(run)}, cancelled by ${notice.by === NEXT_SLOT ? NEXT_SLOT : person(notice.by)}`),
    aside: figuresOf(notice.figures),
    facts: fact("changed", happened.length === 0 ? "nothing yet" : happened.map(plain).join("; ")),
    buttons: [button("Inspect", "run.inspect", run.runId), button("Run again", "workflow.run", run.workflowId)],
    footer: notice.figures.costMicros > 0 ? `it cost ${money(notice.figures.costMicros)}` : "",
  });
}
