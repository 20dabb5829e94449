/** A run waits for an outside service that is down, or went on since. Pure. */
import type { Notice } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { type Card, card, instant } from "./card.ts";
import { fact, heading, titled, workflowName } from "./parts.ts";
import { cut, plain } from "./plain.ts";

export function outageCard(notice: Extract<Notice, { kind: "serviceDown" }>): Card {
  const { run, since, nextTryAt, backAt } = notice;
  const inspect = button("Inspect", "run.inspect", run.runId);
  if (backAt !== null) {
    return card({
      state: "done",
      title: heading(`${serviceWords(notice.service)} is back since ${instant(backAt)}; ${workflowName(run)} went on`),
      aside: `run ${run.number}`,
      facts: fact("was down", `since ${instant(since)}`),
      buttons: [inspect],
    });
  }
  return card({
    state: "paused",
    ...titled(`${workflowName(run)} waits, run ${run.number}: `, notice.failure.message),
    facts: [
      ...fact("down", `${serviceWords(notice.service)}, since ${instant(since)}`),
      ...fact("next", nextTryAt === null ? null : `tries again ${instant(nextTryAt)}, no need to act`),
    ],
    buttons: [inspect, button("Cancel", "run.cancel", run.runId, "danger")],
    footer: "waiting uses up no attempts and does not count as a failure",
  });
}

/** `http:status.example.com` as people say it. */
function serviceWords(service: string): string {
  const [, kind = "", name = service] = /^(model|http|tool):(.+)$/s.exec(service) ?? [];
  const shown = cut(plain(name), 60);
  if (kind === "model") return `the model at ${shown}`;
  return kind === "tool" ? `the service of ${shown}` : shown;
}
