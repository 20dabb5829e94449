/** The one message that shows how far a run is, edited in place. */

import { FINISH } from "../../tools/index.ts";
import type { Work } from "../db/work.ts";
import { type Announcement, revise } from "../delivery/store.ts";
import type { Notice, ProgressLine, RunFigures } from "../events.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { forHome, tellHome } from "./home.ts";
import { loadJournal } from "./journal/store.ts";
import type { Step } from "./step.ts";
import { type HeldRun, refOf } from "./store.ts";

/** A run that is done sooner shows its report only; milliseconds. */
const SHOWN_AFTER_MS = 4_000;
/** The last lines that are shown. */
const LINES = 8;

/** The run has taken so long that people see how far it is. */
const isShown = (run: HeldRun, now: Date): boolean =>
  now.getTime() - (run.startedAt ?? now).getTime() >= SHOWN_AFTER_MS;

export const progressKey = (runId: string): string => `progress:${runId}`;

export const figuresOf = (run: HeldRun, journal: readonly Step[], now: Date): RunFigures => ({
  durationMs: Math.max(now.getTime() - (run.startedAt ?? run.createdAt).getTime(), 0),
  costMicros: journal.reduce((sum, step) => sum + step.costMicros, 0),
  steps: journal.length,
});

type Shown =
  | { readonly state: "running" }
  /** `until`: the workflow asked to wait until then; absent: its wait is said otherwise. */
  | { readonly state: "waiting"; readonly until?: Date }
  | { readonly state: "done" | "failed" | "cancelled"; readonly note: string | null };

/** Shows progress once the run has taken a while; its end only edits what was shown. */
export async function announceProgress(
  deps: Pick<EngineDeps, "ids">,
  work: Work,
  run: HeldRun,
  shown: Shown,
): Promise<void> {
  // What comes of a rehearsal is told to its asker only, once.
  if (run.rehearsal) return;
  const ended = "note" in shown;
  // That it waits because it was asked to is said nowhere else.
  const waitsLong = "until" in shown && shown.until.getTime() - work.now.getTime() >= SHOWN_AFTER_MS;
  if (!ended && !waitsLong && !isShown(run, work.now)) return;
  const journal = await loadJournal(work.tx, run);
  const notice = progressOf(run, journal, shown, work.now);
  if (ended) await revise(work, run.workspaceId, progressKey(run.id), () => notice);
  else await tellHome(deps, work, run, progressKey(run.id), notice);
}

/** How far a running run is, for whoever has waited so long that it is shown. */
export const progressSaid = (
  deps: Pick<EngineDeps, "ids">,
  run: HeldRun,
  journal: readonly Step[],
  now: Date,
): Announcement[] =>
  isShown(run, now)
    ? [forHome(deps, run, progressKey(run.id), progressOf(run, journal, { state: "running" }, now))]
    : [];

export function progressOf(run: HeldRun, journal: readonly Step[], shown: Shown, now: Date): Notice {
  return {
    kind: "runProgress",
    run: refOf(run),
    state: shown.state,
    step: journal.length,
    maxSteps: run.pinned.policies.maxSteps,
    figures: figuresOf(run, journal, now),
    lines: journal.slice(-LINES).map(lineOf),
    note: noteOf(shown),
  };
}

function noteOf(shown: Shown): string | null {
  if ("note" in shown) return shown.note;
  return "until" in shown ? `waits until ${shown.until.toISOString()} because the workflow asked to` : null;
}

function lineOf(step: Step): ProgressLine {
  const text = step.kind === "model" ? "asked the model" : callOf(step);
  switch (step.status) {
    case "succeeded":
      return { state: "done", text };
    case "failed":
    case "refused":
      return { state: "failed", text: `${text}: ${step.failure?.message ?? step.status}`.slice(0, 200) };
    case "waiting":
    case "unknown":
      return { state: "waiting", text };
    default:
      return { state: "running", text };
  }
}

/** What `finish` says is the report, which has a message of its own. */
const callOf = ({ name, input }: { readonly name: string; readonly input: unknown }): string =>
  name === FINISH ? "wrote the report" : `${name} ${shortInput(input)}`.trim();

/** The first text among the arguments, which is what people recognise a call by. */
function shortInput(input: unknown): string {
  if (typeof input !== "object" || input === null) return "";
  const first = Object.values(input).find((value) => typeof value === "string");
  return typeof first === "string" ? first.slice(0, 80) : "";
}
