/** Workflows: born, paused, late, quiet, and lists of them. Pure. */
import type { FiringView, Notice, WorkflowView } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Button, type Card, type CardState, card, instant } from "./card.ts";
import { editButton } from "./edit.ts";
import { plural } from "./figures.ts";
import { incidentSays } from "./incident.ts";
import { dotted, fact, firstOf, heading, lowerFirst, row, workflowName } from "./parts.ts";
import { cut, person, plain, withInstants } from "./plain.ts";
import { policyButtons } from "./policies.ts";
import { runSays } from "./run.ts";

export function createdCard(notice: Extract<Notice, { kind: "workflowCreated" }>): Card {
  const { workflow } = notice;
  return card({
    title: heading(`${workflowName(workflow)} runs ${lowerFirst(plain(notice.schedule))}`),
    aside: `by ${person(notice.by)}`,
    facts: [
      ...fact("does", plain(notice.instruction)),
      ...fact("next", notice.nextAt === null ? null : instant(notice.nextAt, "day_time")),
    ],
    buttons: activeButtons(workflow.workflowId),
    text: notice.movedFrom === undefined ? "" : "Its thread before was deleted; it goes on here.",
    footer: "reports and questions come in this thread; what you write here is part of the next run",
  });
}

export function pausedCard(notice: Extract<Notice, { kind: "workflowPaused" }>): Card {
  const { workflow, note, failures, resumed } = notice;
  const name = workflowName(workflow);
  const paused = `${name} paused by ${person(notice.by)}`;
  return card({
    state: resumed ? "done" : "paused",
    title: heading(resumed ? `${name} resumed by ${person(resumed.by)} ${instant(resumed.at)}` : paused),
    facts: [
      ...fact("was", resumed ? paused : null),
      ...fact("note", note === null ? null : plain(note)),
      ...fact(
        "why",
        failures
          ? `${withInstants(plain(failures.message))} (${plural(failures.count, "time")} since ${instant(failures.since)})`
          : null,
      ),
      ...fact("left out", resumed && resumed.leftOut > 0 ? plural(resumed.leftOut, "slot") : null),
      ...fact("next", resumed?.nextAt ? instant(resumed.nextAt, "day_time") : null),
    ],
    buttons: resumed
      ? [button("Inspect", "workflow.inspect", workflow.workflowId)]
      : pausedButtons(workflow.workflowId),
  });
}

export function missedCard(notice: Extract<Notice, { kind: "slotsMissed" }>): Card {
  const { workflow, count, events = false } = notice;
  const first = instant(notice.first);
  const last = instant(notice.last);
  const which =
    count === 1
      ? last
      : count === 2
        ? `${first} and ${last}`
        : `${plural(count, events ? "event" : "slot")}, ${first} to ${last}`;
  return card({
    state: "paused",
    title: heading(`${workflowName(workflow)} missed ${which}`),
    facts: [
      ...fact("why", withInstants(plain(notice.why))),
      ...fact("since", notice.ranLatest ? "the latest one runs now" : "none of them ran"),
      ...fact("Run now", events ? "does it for the last one" : null),
    ],
    buttons: [
      events
        ? button("Run now", "firing.run", notice.firingId)
        : button("Run now", "workflow.run", workflow.workflowId),
      button("Inspect", "workflow.inspect", workflow.workflowId),
      ...policyButtons(workflow.name),
    ],
  });
}

export function heartbeatCard(notice: Extract<Notice, { kind: "heartbeat" }>): Card {
  const times = plural(notice.checks, "time");
  return card({
    title: `${workflowName(notice.workflow)}: checked ${times} since ${instant(notice.since)}, nothing changed`,
    facts: fact("next", notice.nextAt === null ? null : instant(notice.nextAt)),
  });
}

/** Every workflow of the workspace with what can be done about it. */
export function listCard(workflows: readonly WorkflowView[]): Card {
  if (workflows.length === 0) {
    return card({
      title: "No workflows yet",
      text: "Say when and what: `/claw every weekday at 9 summarise https://example.com/news`",
      buttons: commandButtons("Help", "help"),
    });
  }
  const { shown, rest } = firstOf(workflows);
  const paused = workflows.filter(({ status }) => status === "paused").length;
  return card({
    title: dotted(plural(workflows.length, "workflow"), paused === 0 ? null : `${paused} paused`),
    rows: shown.map((workflow) =>
      row(stateOf(workflow), workflowName(workflow), saysOf(workflow), buttonsOf(workflow)),
    ),
    footer: rest,
  });
}

/** One workflow: how it is, what it did last, what comes next. */
export function workflowCard(workflow: WorkflowView): Card {
  const { lastRun, paused } = workflow;
  return card({
    state: stateOf(workflow),
    title: heading(`${workflowName(workflow)} is ${workflow.status}: ${lowerFirst(plain(workflow.schedule))}`),
    aside: `revision ${workflow.revision} · of ${person(workflow.ownerName)}`,
    facts: [
      ...fact("paused", paused === null ? null : pausedSince(paused)),
      ...fact("does", plain(workflow.instruction)),
      ...fact("next", nextOf(workflow)),
      ...fact("skips", skipsOf(workflow.skipNext)),
      ...fact("failing", workflow.incidents.map(incidentSays).join("; ")),
      ...fact("last run", lastRun === null ? "none yet" : `run ${lastRun.number}: ${runSays(lastRun)}`),
    ],
    rows: workflow.lastFirings.slice(0, 5).map((firing) => row(firingState(firing), firingSays(firing))),
    buttons: [
      ...buttonsOf(workflow),
      ...(lastRun === null ? [] : [button("Last run", "run.inspect", lastRun.runId)]),
      ...commandButtons("Dry run", `dry-run ${workflow.name}`),
      editButton(workflow),
      ...commandButtons("Policies", `policies ${workflow.name}`),
    ],
  });
}

const nextOf = ({ nextAt, waits }: WorkflowView): string =>
  nextAt !== null ? instant(nextAt, "day_time") : waits ? "as soon as it happens" : "no time planned";

const skipsOf = (count: number): string | null =>
  count === 0
    ? null
    : count === 1
      ? "the next time, because a person asked"
      : `the next ${count} times, because a person asked`;

const pausedSince = (paused: NonNullable<WorkflowView["paused"]>): string =>
  `by ${person(paused.by)} ${instant(paused.at)}${paused.note === null ? "" : `: ${plain(paused.note)}`}${
    paused.leftOut ? `; ${plural(paused.leftOut, "slot")} left out` : ""
  }`;

function stateOf({ status, lastRun }: WorkflowView): CardState {
  if (status === "paused") return "paused";
  if (lastRun?.status === "running") return "running";
  return lastRun?.status === "failed" || lastRun?.status === "dead" ? "failed" : null;
}

const saysOf = (workflow: WorkflowView): string =>
  dotted(
    cut(plain(workflow.schedule), 120),
    workflow.status === "active" ? null : workflow.status,
    workflow.nextAt === null ? null : `next ${instant(workflow.nextAt, "day_time")}`,
    workflow.lastRun === null ? "no run yet" : `run ${workflow.lastRun.number}: ${runSays(workflow.lastRun)}`,
  );

function firingState(firing: FiringView): CardState {
  if (firing.outcome === null) return "running";
  return firing.outcome === "ran" || firing.outcome === "nothing_to_do" ? "done" : "paused";
}

/** `slot Mon 23 Nov 09:00: skipped, run 40 was still waiting`. */
export function firingSays(firing: FiringView): string {
  const what = (firing.outcome ?? (firing.checking ? "condition being checked" : "not decided yet")).replaceAll(
    "_",
    " ",
  );
  const isPlanned = firing.kind === "slot" || firing.kind === "backfill";
  const many = firing.count > 1 ? ` (${plural(firing.count, isPlanned ? "slot" : "event")})` : "";
  const reason = firing.reason === null ? "" : `, ${withInstants(cut(plain(firing.reason), 120))}`;
  return `${firing.kind} ${instant(firing.plannedAt, "day_time")}: ${what}${many}${reason}`;
}

function buttonsOf({ status, workflowId }: WorkflowView): readonly Button[] {
  if (status === "paused") return pausedButtons(workflowId);
  return status === "active" || status === "ended" ? activeButtons(workflowId) : [];
}

const activeButtons = (workflowId: string): readonly Button[] => [
  button("Run now", "workflow.run", workflowId),
  button("Pause", "workflow.pause", workflowId),
  button("Inspect", "workflow.inspect", workflowId),
];

const pausedButtons = (workflowId: string): readonly Button[] => [
  button("Resume", "workflow.resume", workflowId, "primary"),
  button("Inspect", "workflow.inspect", workflowId),
];
