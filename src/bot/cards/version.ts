/** A run that began under another version of Claw and cannot go on as it began. Pure. */
import type { Notice } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { type Card, card, instant } from "./card.ts";
import { fact, heading, runName, upperFirst } from "./parts.ts";
import { person, plain } from "./plain.ts";

const DECIDED = { go_on: "Goes on with the new version", again: "Started again", stopped: "Stopped" } as const;

export function versionCard(notice: Extract<Notice, { kind: "versionChanged" }>): Card {
  const { run, decision, changes } = notice;
  const what = upperFirst(plain(changes.join("; ")));
  if (decision !== null) {
    return card({
      state: decision.kind === "stopped" ? "failed" : "done",
      title: heading(`${DECIDED[decision.kind]}, said ${person(decision.by)} ${instant(decision.at)}`),
      aside: runName(run),
      facts: fact("asked", what),
    });
  }
  const since =
    notice.began === notice.present ? "" : ` under Claw ${plain(notice.began)}, and this is ${plain(notice.present)}`;
  return card({
    state: "asks",
    title: heading(`${runName(run)} cannot go on as it began`),
    facts: [
      ...fact("why", `${what}. It began${since === "" ? " before that" : since}`),
      ...fact("changed", notice.happened.length === 0 ? "nothing yet" : notice.happened.map(plain).join("; ")),
      ...fact("who", "the workflow's owner or an admin"),
    ],
    buttons: [
      button("Go on with the new version", "version.go_on", notice.waitId, "primary"),
      button("Start again", "version.again", notice.waitId),
      button("Stop", "version.stop", notice.waitId, "danger"),
    ],
    footer: "what is done stays done, also when it starts again; it waits until somebody decides",
  });
}
