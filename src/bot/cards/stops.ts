/** Everything off and on again. Pure. */
import type { Notice, Resumption, StopView } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Card, card, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, heading, runName } from "./parts.ts";
import { marked, person } from "./plain.ts";

export const GO_ON = commandButtons("Resume everything", "resume everything");

/** Asked once, before anything is stopped. */
export function stopCard(view: StopView): Card {
  if (view.stopped) {
    return card({
      state: "paused",
      title: heading(`Everything is stopped already, by ${person(view.stopped.by)} ${instant(view.stopped.at)}`),
      buttons: GO_ON,
    });
  }
  return card({
    state: "asks",
    title: "Stop everything in this workspace?",
    facts: [
      ...fact(
        "stops",
        dotted(
          view.running === 0
            ? "no run is under way"
            : `${plural(view.running, "run")} under way, which may have been changing something`,
          view.queued === 0 ? null : `${view.queued} queued`,
          view.waiting === 0 ? null : `${view.waiting} waiting`,
          `the times of ${plural(view.active, "workflow")}`,
        ),
      ),
      ...fact("until", "an admin resumes everything, also over restarts; nothing is lost or given up"),
    ],
    buttons: [
      button("Stop everything", "stop.everything", "everything", "danger"),
      button("Cancel", "stop.cancel", "everything"),
    ],
  });
}

export const stoppedCard = (view: StopView): Card =>
  card({
    state: "paused",
    title: heading(
      `Everything is stopped${view.stopped ? ` by ${person(view.stopped.by)} ${instant(view.stopped.at)}` : ""}`,
    ),
    text: "No run goes on, no schedule starts one, nothing is posted by a tool. What happens meanwhile is counted. What was under way when it was stopped says so in its thread.",
    buttons: GO_ON,
  });

export const resumedEverythingCard = ({ stoppedBy, stoppedAt, leftOut }: Resumption): Card =>
  card({
    state: "done",
    title: heading(`Everything goes on; it was stopped by ${person(stoppedBy)} ${instant(stoppedAt)}`),
    text:
      leftOut === 0
        ? "Nothing was left out meanwhile."
        : `${plural(leftOut, "workflow")} did not run meanwhile; the thread of each says what was left out, with Run now.`,
    buttons: commandButtons("Status", "status"),
  });

/** What the status says before all else. */
export const stoppedHead = (stopped: { readonly at: string; readonly by: string }): Pick<Card, "state" | "title"> => ({
  state: "paused",
  title: heading(`Everything is stopped by ${person(stopped.by)} since ${instant(stopped.at)}`),
});

/** A run was changing something when everything was stopped. */
export const suspendedCard = ({ run, by, at, underWay }: Extract<Notice, { kind: "runSuspended" }>): Card =>
  card({
    state: "paused",
    title: heading(`${runName(run)} was stopped by ${person(by)} ${instant(at)} while it changed something`),
    facts: [
      ...fact("perhaps", underWay.map(marked).join("; ")),
      ...fact(
        "then",
        "nobody heard whether it happened; when everything is resumed it is asked, or tried again where that is safe",
      ),
    ],
    buttons: [button("Inspect", "run.inspect", run.runId)],
  });
