/** It may have happened: only a person can look. Pure. */
import type { Notice } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { type Card, card, instant } from "./card.ts";
import { fact, heading } from "./parts.ts";
import { cut, person, plain } from "./plain.ts";

const DECIDED = { happened: "It happened", again: "Tried again", stopped: "Stopped" } as const;

/** @param now milliseconds since the epoch; before `retryFrom` trying again is not offered. Null: offered. */
export function effectCard(notice: Extract<Notice, { kind: "unknownEffectAsked" }>, now: number | null): Card {
  const { run, decision } = notice;
  const action = cut(plain(notice.action), 100);
  const aside = `run ${run.number} · ${plain(notice.tool)}`;
  if (decision !== null) {
    const said = decision.kind === "happened" ? "says" : "said";
    return card({
      state: decision.kind === "stopped" ? "failed" : "done",
      title: heading(`${DECIDED[decision.kind]}, ${said} ${person(decision.by)} ${instant(decision.at)}`),
      aside,
      facts: fact("asked", `whether I did this: ${action}`),
    });
  }
  const mayRetry = now === null || now >= Date.parse(notice.retryFrom);
  return card({
    state: "asks",
    title: heading(`I don't know whether I did this: ${action}`),
    aside,
    text: `Claw was stopped between asking and hearing the answer, ${instant(notice.startedAt)}. Trying again could do it twice.`,
    facts: [
      ...fact("who", "the same people who may approve it"),
      ...fact(
        "again",
        mayRetry ? null : `can be tried from ${instant(notice.retryFrom, "time")} on; until then it may still be going`,
      ),
    ],
    buttons: [
      button("It happened", "effect.happened", notice.waitId, "primary"),
      ...(mayRetry ? [button("Try again", "effect.again", notice.waitId)] : []),
      button("Stop the run", "effect.stop", notice.waitId, "danger"),
    ],
  });
}
