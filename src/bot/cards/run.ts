/** Runs: their progress, their reports, and lists of them. Pure. */
import { assertNever, type Notice, type Restarting, type RunStatus, type RunView } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { doneCard } from "./answer.ts";
import { type Button, type Card, type CardRow, type CardState, card, instant } from "./card.ts";
import { anewButton, deadButtons } from "./failure.ts";
import { duration, plural } from "./figures.ts";
import { dotted, fact, figuresOf, firstOf, heading, headline, row, runAside, runName } from "./parts.ts";
import { cut, plain, prose, withInstants } from "./plain.ts";

type Progress = Extract<Notice, { kind: "runProgress" }>;

const MAX_LINES = 8;
const PROGRESS = {
  running: "running",
  waiting: "paused",
  done: "done",
  failed: "failed",
  cancelled: "failed",
} as const satisfies Record<Progress["state"], CardState>;
const LINE = {
  running: "running",
  waiting: "paused",
  done: "done",
  failed: "failed",
} as const satisfies Record<Progress["lines"][number]["state"], CardState>;

/** One message a run, edited in place. */
export function progressCard(notice: Progress): Card {
  const { run, figures, lines } = notice;
  const open = notice.state === "running" || notice.state === "waiting";
  const earlier = lines.length - MAX_LINES;
  return card({
    state: PROGRESS[notice.state],
    title: runName(run),
    aside: `${open ? `step ${notice.step} of at most ${notice.maxSteps}` : plural(figures.steps, "step")} · ${figuresOf(figures)}`,
    text: notice.note === null ? "" : withInstants(prose(notice.note)),
    rows: [
      ...(earlier > 0 ? [row(null, `${plural(earlier, "earlier step")}`)] : []),
      ...lines.slice(-MAX_LINES).map((line) => row(LINE[line.state], cut(plain(line.text), 140))),
    ],
    buttons: open
      ? [button("Cancel", "run.cancel", run.runId, "danger")]
      : [button("Inspect", "run.inspect", run.runId)],
  });
}

export function reportCard(notice: Extract<Notice, { kind: "runReported" }>): Card {
  const { run } = notice;
  return card({
    state: "done",
    ...headline(notice.text),
    aside: dotted(runAside(run, notice.figures), notice.model === "rules" ? "rules model" : null),
    buttons: [button("Inspect", "run.inspect", run.runId), button("Run again", "workflow.run", run.workflowId)],
    footer: dotted(
      notice.tainted ? "contains text from outside" : null,
      notice.remembered ? rememberedSays(notice.remembered) : null,
      notice.grants ? `did without asking, by ${notice.grants.map(plain).join(", ")}` : null,
    ),
  });
}

const rememberedSays = (numbers: readonly number[]): string =>
  numbers.length === 1
    ? `remembers one thing more: /claw memory ${numbers[0]} shows it, /claw forget ${numbers[0]} undoes it`
    : `remembers ${numbers.length} things more, ${numbers.join(", ")}: /claw memory ${numbers[0]} shows one, /claw forget ${numbers[0]} undoes it`;

/** What a run posted elsewhere, after a yes. */
export function postedCard(notice: Extract<Notice, { kind: "channelPosted" }>): Card {
  return card({
    ...headline(notice.text),
    aside: notice.run ? runName(notice.run) : "",
    buttons: notice.run ? [button("Inspect", "run.inspect", notice.run.runId)] : [],
  });
}

/** The state a run's row shows. */
export function runState(status: RunStatus): CardState {
  switch (status) {
    case "queued":
    case "waiting":
      return "paused";
    case "running":
      return "running";
    case "succeeded":
      return "done";
    case "failed":
    case "cancelled":
    case "dead":
    case "discarded":
      return "failed";
    default:
      return assertNever(status, "run status");
  }
}

/** What a run is doing, in one line: `step 3, 12 s`, `waits for @lead since …`, `dead since …: cannot reach s3`. */
export function runSays(run: RunView): string {
  const [wait] = run.waits;
  const cause = run.failure === null ? "" : `: ${withInstants(cut(plain(run.failure.message), 200))}`;
  const ended = run.endedAt === null ? "" : ` ${instant(run.endedAt)}`;
  switch (run.status) {
    case "queued":
      return run.queued === undefined ? "waits for a worker" : `queued: ${plain(run.queued)}`;
    case "running":
      return `step ${run.figures.steps}, ${duration(run.figures.durationMs)}`;
    case "waiting":
      return wait === undefined ? "waits" : `waits ${waitSays(wait)}`;
    case "succeeded":
      return dotted(
        `${run.verdict?.kind === "nothing_to_report" ? "nothing to report" : "reported"}${ended}`,
        figuresOf(run.figures),
      );
    case "dead":
      return deadSays(run, cause);
    case "failed":
    case "cancelled":
    case "discarded":
      return `${run.status}${ended}${cause}`;
    default:
      return assertNever(run.status, "run status");
  }
}

/** `for approval 7 of note since …`, `until … because the workflow asked to`. */
export const waitSays = ({ forWhat, since, dueAt, asked }: RunView["waits"][number]): string =>
  asked && dueAt !== null
    ? `until ${instant(dueAt)} because the workflow asked to`
    : dotted(
        `for ${withInstants(cut(plain(forWhat), 120))} since ${instant(since)}`,
        dueAt === null ? null : `until ${instant(dueAt)}`,
      );

/** `dead since …: cannot reach s3 · step 2.1 http_get, 6 tries`. */
function deadSays({ letter }: RunView, cause: string): string {
  const since = letter?.since == null ? "a while" : instant(letter.since);
  const step = letter?.step;
  return dotted(
    `dead since ${since}${cause}`,
    step
      ? `step ${step.turn}.${step.callIndex} ${cut(plain(step.name), 60)}, ${plural(step.attempts, "try", "tries")}`
      : null,
  );
}

/** What can be done with a run from a list. */
export function runButtons(run: RunView): readonly Button[] {
  const inspect = button("Inspect", "run.inspect", run.runId);
  if (run.status === "dead") return deadButtons(run);
  const open = run.status === "running" || run.status === "waiting" || run.status === "queued";
  return open ? [inspect, button("Cancel", "run.cancel", run.runId, "danger")] : [inspect];
}

const runRow = (run: RunView): CardRow =>
  row(runState(run.status), runName(run), dotted(replayMark(run), runSays(run)), runButtons(run));

/** `replay of run 41`, `dry run`; null for a real run. */
export const replayMark = (run: RunView): string | null =>
  run.dry ? "dry run" : run.replayOf === null ? null : `replay of run ${run.replayOf}`;

/** The latest runs, as they come. */
export function runsCard(runs: readonly RunView[]): Card {
  const { shown, rest } = firstOf(runs);
  return card({
    title: runs.length === 0 ? "No runs yet" : plural(runs.length, "run"),
    text: runs.length === 0 ? "A workflow runs at its time, or with `/claw run <workflow>`." : "",
    rows: shown.map(runRow),
    footer: rest,
  });
}

/** Dead letters: runs that stay until a person retries or discards them. */
export function deadCard(runs: readonly RunView[]): Card {
  const { shown, rest } = firstOf(runs);
  if (runs.length === 0) return card({ state: "done", title: "No dead letters" });
  return card({
    state: "failed",
    title: `${plural(runs.length, "dead letter")}: ${runs.length === 1 ? "it stays" : "they stay"} until somebody retries or discards`,
    rows: shown.map((run) => {
      const made = runRow(run);
      return { ...made, buttons: [...made.buttons, ...anewButton(run)] };
    }),
    footer: rest,
  });
}

/** A dead run is to be begun anew: it was, or whoever asked is told first what it had changed already. */
export function restartingCard(restarting: Restarting): Card {
  if (restarting.kind === "started") {
    const { number, of, revision } = restarting;
    return doneCard(`Run ${number} begins run ${of} anew, on revision ${revision}. Run ${of} is given up.`);
  }
  const { runId, number, happened } = restarting;
  return card({
    state: "asks",
    title: heading(`Begin run ${number} anew, from the start? It has changed something already`),
    facts: [
      ...fact("changed", happened.map(plain).join("; ")),
      ...fact("anew", "takes none of it back; the new run asks again before it changes anything"),
    ],
    buttons: [
      button("Begin anew", "run.restart", runId, "danger"),
      button("Go on from its journal", "run.retry", runId, "primary"),
      button("Inspect", "run.inspect", runId),
    ],
    footer: "from its journal, what is done stays done",
  });
}
