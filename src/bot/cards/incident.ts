/** Incidents: failures with one cause, told on one card. Pure. */
import type { Acknowledged, IncidentView, Notice } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { doneCard } from "./answer.ts";
import { type Button, type Card, type CardRow, type Fact, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, row, workflowName } from "./parts.ts";
import { cut, person, plain, withInstants } from "./plain.ts";

type Failed = Extract<Notice, { kind: "runFailed" }>;
type Mark = NonNullable<Failed["incident"]>;

export const acknowledgeButton = (incidentId: string): Button => button("Acknowledge", "incident.ack", incidentId);

/** What a failure's card says of the others that belong to it. */
export function incidentFacts({ incident, count }: Failed): readonly Fact[] {
  if (!incident) return fact("again", count > 1 ? `the same failure ${count} times in a row` : null);
  return [
    ...fact(
      "again",
      count > 1
        ? `${plural(count, "time")} the same way: since ${instant(incident.since)} (run ${incident.firstRun}), last ${instant(incident.lastAt)}`
        : null,
    ),
    ...fact("dead", deadSays(incident.dead, count)),
    ...fact("paused", incident.over === null && incident.pausedAt !== null ? pausedSays(incident.pausedAt) : null),
    ...fact("seen", incident.acknowledged === null ? null : seenSays(incident.acknowledged)),
  ];
}

const deadSays = (dead: number, count: number): string | null =>
  dead > 1 || (dead === 1 && count > 1)
    ? `${plural(dead, "dead letter")}: ${dead === 1 ? "it stays" : "they stay"} until somebody retries or discards`
    : null;

const pausedSays = (at: string): string => `since ${instant(at)}, because of it; nothing runs until somebody resumes`;

const seenSays = ({ by, at }: NonNullable<Mark["acknowledged"]>): string =>
  `acknowledged by ${person(by)} ${instant(at)}; further ones are only counted`;

/** What can be done about the whole of it, beside what can be done about its last run. */
export function incidentButtons({ incident, run }: Failed): readonly Button[] {
  if (!incident) return [];
  return [
    ...(incident.over === null && incident.acknowledged === null ? [acknowledgeButton(incident.incidentId)] : []),
    ...(incident.over === null && incident.pausedAt !== null
      ? [button("Resume", "workflow.resume", run.workflowId, "primary")]
      : []),
    ...(incident.dead > 1 || (incident.dead > 0 && incident.over !== null)
      ? commandButtons("Dead letters", "dead")
      : []),
  ];
}

/** One open incident in a list. */
export function incidentRow(incident: IncidentView): CardRow {
  const { lastRun, acknowledged, dead } = incident;
  return row(
    "failed",
    workflowName(incident),
    dotted(
      `failed ${incident.count === 1 ? "" : `${plural(incident.count, "time")} since ${instant(incident.since)}, last `}${instant(incident.lastAt)}, run ${lastRun.number}: ${causeOf(incident)}`,
      dead === 0 ? null : plural(dead, "dead letter"),
      acknowledged === null ? null : `acknowledged by ${person(acknowledged.by)} ${instant(acknowledged.at)}`,
    ),
    [
      ...(acknowledged === null ? [acknowledgeButton(incident.incidentId)] : []),
      ...(dead === 0 ? [] : commandButtons("Dead letters", "dead")),
      button("Inspect", "run.inspect", lastRun.runId),
    ],
  );
}

/** The same in one line, for the card of its workflow. */
export const incidentSays = (incident: IncidentView): string =>
  dotted(
    `${plural(incident.count, "time")} since ${instant(incident.since)}, last run ${incident.lastRun.number}: ${causeOf(incident)}`,
    incident.acknowledged === null ? null : `acknowledged by ${person(incident.acknowledged.by)}`,
  );

const causeOf = ({ failure }: IncidentView): string => withInstants(cut(plain(failure.message), 200));

/** The answer to who acknowledged, and to who did so too late. */
export const acknowledgedCard = ({ name, now, by, at }: Acknowledged): Card =>
  now > 0
    ? doneCard(
        `Acknowledged${now === 1 ? "" : `: ${plural(now, "incident")}`}. Further failures of ${plain(name)} of that kind are only counted.`,
      )
    : doneCard(`Already acknowledged by ${person(by)} ${instant(at)}.`);
