/** What starts workflows: their webhooks, and conditions that cannot be checked. Pure. */
import type { Notice } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Card, card, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { fact, heading, workflowName } from "./parts.ts";
import { plain, withInstants } from "./plain.ts";

/** Only one person sees it, and the secret only for a while. */
export function secretCard({ workflow, url, secret, until }: Extract<Notice, { kind: "webhookSecret" }>): Card {
  const name = workflowName(workflow);
  const rotate = `/claw rotate ${workflow.name}`;
  if (secret.kind !== "shown") {
    return card({
      state: "done",
      title: heading(`${name} waits for webhooks`),
      facts: [...fact("url", plain(url)), ...fact("secret", `is not shown again; ${rotate} makes a new one`)],
    });
  }
  return card({
    title: heading(`${name} waits for webhooks: save this secret now`),
    facts: [
      ...fact("url", plain(url)),
      ...fact("secret", plain(secret.value)),
      ...fact("sign", "as the standard webhooks specification says, or give it to GitHub as the webhook's secret"),
    ],
    buttons: [button("I have saved it", "webhook.saved", workflow.workflowId, "primary")],
    footer: `only you see this, until ${instant(until)} · ${rotate} makes a new one`,
  });
}

export function sealedCard({ workflow, rotatedAt }: Extract<Notice, { kind: "webhookSealed" }>): Card {
  const name = workflowName(workflow);
  if (rotatedAt !== null) {
    return card({ state: "done", title: heading(`${name} has a new webhook secret since ${instant(rotatedAt)}`) });
  }
  return card({
    state: "failed",
    title: heading(`${name} cannot take its webhooks: their secret does not open`),
    facts: [
      ...fact("why", "Claw was started with another CLAW_SECRET_KEY than the one that sealed it"),
      ...fact("meanwhile", "senders are told to try again; nothing of theirs is recorded"),
      ...fact(
        "cure",
        `whoever runs Claw starts it with that key again; or /claw rotate ${workflow.name} makes a new secret, which its senders need then`,
      ),
    ],
    buttons: commandButtons("New secret", `rotate ${workflow.name}`),
  });
}

export function checkFailingCard(notice: Extract<Notice, { kind: "checkFailing" }>): Card {
  const { workflow, failure, count, since, overAt } = notice;
  const name = workflowName(workflow);
  return card({
    state: overAt === null ? "failed" : "done",
    title: heading(
      overAt === null
        ? `${name} cannot check its condition: ${withInstants(plain(failure.message))}`
        : `${name} can check its condition again since ${instant(overAt)}`,
    ),
    facts: [
      ...fact("asks", plain(notice.call)),
      ...fact("failed", `${plural(count, "time")} since ${instant(since)}; nothing ran meanwhile`),
    ],
    buttons: [button("Inspect", "workflow.inspect", workflow.workflowId)],
  });
}
