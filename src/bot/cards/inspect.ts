/** A run in full: its times, steps, context, approvals and messages. Pure. */
import { assertNever, type InspectView, type StepStatus, type StepView } from "../../orchestrator/index.ts";
import { commandButtons } from "./actions.ts";
import { type Button, type Card, type CardRow, type CardState, card, instant } from "./card.ts";
import { duration, money, plural, words } from "./figures.ts";
import { dotted, fact, figuresOf, row, runName } from "./parts.ts";
import { cut, exact, person, plain, withInstants } from "./plain.ts";
import { runButtons, runState, waitSays } from "./run.ts";
import { firingSays } from "./workflow.ts";

/** Steps that are shown of a long run: how it began and how it ended. */
const FIRST_STEPS = 4;
const LAST_STEPS = 16;

export function inspectCard(view: InspectView): Card {
  const { run } = view;
  return card({
    state: runState(run.status),
    title: `${runName(run)}: ${run.status}`,
    aside: `${figuresOf(run.figures)} · ${plural(run.figures.steps, "step")}`,
    facts: [
      ...fact("does", plain(view.instruction)),
      ...fact("because", firingSays(view.firing)),
      ...fact("replays", run.replayOf === null ? null : `run ${run.replayOf}; its journal answered the tools`),
      ...fact("dry run", run.dry ? "what it would have asked for was not done" : null),
      ...fact("from", run.startedAt === null ? "not started" : instant(run.startedAt)),
      ...fact("to", run.endedAt === null ? null : instant(run.endedAt)),
      ...fact("queued", run.queued === undefined ? null : plain(run.queued)),
      ...fact("waits", run.waits.map(waitSays).join("; ")),
      ...fact(
        "verdict",
        run.verdict === null ? null : `${run.verdict.kind.replaceAll("_", " ")}: ${plain(run.verdict.text)}`,
      ),
      ...fact(
        "failure",
        run.failure === null ? null : `${withInstants(plain(run.failure.message))} (${run.failure.code})`,
      ),
      ...fact("model", view.model === "rules" ? "rules model" : plain(view.model)),
      ...fact(
        "journal",
        view.prunedAt === null
          ? null
          : `pruned ${instant(view.prunedAt)}: its steps and approvals are not kept any more`,
      ),
    ],
    rows: [
      ...view.grants.map(grantRow),
      ...stepRows(view.steps),
      ...view.approvals.map(approvalRow),
      ...view.deliveries.map(deliveryRow),
    ],
    buttons: [...runButtons(run).filter(({ action }) => action !== "run.inspect"), ...replayButtons(view)],
    footer: run.tainted ? "contains text from outside" : "",
  });
}

/** For a run that is over and whose journal is kept. */
function replayButtons({ run, steps }: InspectView): readonly Button[] {
  const over = run.endedAt !== null || run.status === "dead";
  return over && run.replayOf === null && !run.dry && steps.length > 0
    ? commandButtons("Replay", `replay ${run.number}`)
    : [];
}

function stepRows(steps: readonly StepView[]): readonly CardRow[] {
  const left = steps.length - FIRST_STEPS - LAST_STEPS;
  if (left <= 0) return steps.map(stepRow);
  return [
    ...steps.slice(0, FIRST_STEPS).map(stepRow),
    row(null, `… ${plural(left, "step")} left out; the console shows every one`),
    ...steps.slice(-LAST_STEPS).map(stepRow),
  ];
}

function grantRow(grant: InspectView["grants"][number]): CardRow {
  return row(
    null,
    `grant ${grant.number}: ${plain(grant.words)}`,
    dotted(
      grant.usedHere > 0 ? `used ${plural(grant.usedHere, "time")} here` : "not used here",
      grant.over ?? `${grant.usesLeft} of ${grant.uses} left, until ${instant(grant.expiresAt)}`,
    ),
    grant.over === null ? commandButtons("Revoke", `revoke ${grant.number}`) : [],
  );
}

function stepRow(step: StepView): CardRow {
  const isModel = step.kind === "model";
  const figures = dotted(
    step.durationMs === null ? null : duration(step.durationMs),
    isModel ? money(step.costMicros) : null,
    isModel ? `${step.inputTokens.toLocaleString("en-US")} in, ${step.outputTokens.toLocaleString("en-US")} out` : null,
    step.attempts > 1 ? plural(step.attempts, "try", "tries") : null,
    step.status === "succeeded" ? null : step.status,
    step.grant === undefined ? null : `allowed by grant ${step.grant}`,
    step.tainted ? "text from outside" : null,
  );
  const said = [step.summary, step.result].map((text) => cut(plain(text), 240)).filter((text) => text !== "");
  return row(
    stepState(step.status),
    `${step.turn}.${step.callIndex} ${isModel ? "model" : plain(step.name)}`,
    dotted(figures, triesOf(step), said.join(" → "), contextOf(step)),
  );
}

/** Tries that are shown of many: how it began and how it ended. */
const FIRST_TRIES = 2;
const LAST_TRIES = 4;

/** What came of each try, and why there was another; nothing for what went well at once. */
function triesOf({ tries }: StepView): string | null {
  if (tries.length < 2) return null;
  const left = tries.length - FIRST_TRIES - LAST_TRIES;
  const shown = left > 1 ? [...tries.slice(0, FIRST_TRIES), null, ...tries.slice(-LAST_TRIES)] : tries;
  const says = shown.map((one) =>
    one === null
      ? `… ${left} more`
      : `try ${one.number} ${instant(one.at, "time")} ${one.outcome}${one.failure === null ? "" : ` (${one.failure.code}: ${withInstants(cut(plain(one.failure.message), 80))})`}`,
  );
  return says.join(", ");
}

/** What went into a model call and what did not, with the reason. */
function contextOf({ manifest }: StepView): string | null {
  if (manifest.length === 0) return null;
  const sent = manifest.filter(({ included }) => included).map(({ piece, tokens }) => `${plain(piece)} ${tokens}`);
  const left = manifest
    .filter(({ included }) => !included)
    .map(({ piece, tokens, reason }) => `${plain(piece)} ${tokens} (${plain(reason)})`);
  return dotted(
    sent.length === 0 ? null : `sent: ${cut(sent.join(", "), 200)}`,
    left.length === 0 ? null : `left out: ${cut(left.join(", "), 200)}`,
  );
}

function stepState(status: StepStatus): CardState {
  switch (status) {
    case "ready":
    case "waiting":
      return "paused";
    case "started":
      return "running";
    case "succeeded":
      return "done";
    case "failed":
    case "refused":
      return "failed";
    case "unknown":
      return "asks";
    default:
      return assertNever(status, "step status");
  }
}

function approvalRow(approval: InspectView["approvals"][number]): CardRow {
  const yes = approval.status === "approved" || approval.status === "consumed";
  return row(
    approval.status === "pending" ? "asks" : yes ? "done" : "failed",
    `approval ${approval.number}: ${cut(plain(approval.action), 100)}`,
    dotted(
      approval.decider === null ? approval.status : `${approval.status} by ${person(approval.decider)}`,
      `step ${approval.step}`,
      `${plain(approval.tool)} ${cut(exact(approval.exactly), 400)}`,
    ),
  );
}

function deliveryRow(delivery: InspectView["deliveries"][number]): CardRow {
  const failed = delivery.status === "undelivered";
  return row(
    failed ? "failed" : delivery.status === "sent" ? "done" : delivery.status === "unknown" ? "asks" : "paused",
    `message "${words(delivery.noticeKind)}": ${delivery.status}`,
    dotted(instant(delivery.at), delivery.failure === null ? null : cut(plain(delivery.failure.message), 200)),
  );
}
