/** What the thread is called that a message begins, or the post in a forum. Pure. */
import type { Notice } from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";
import { mapInstants } from "../cards/instants.ts";
import { utcInstant } from "../chat/dates.ts";

/** The name of the workflow where there is one, else what the card says first. */
export function nameOf(notice: Notice, card: Card): string {
  if ("workflow" in notice && notice.workflow !== null) return notice.workflow.name;
  if ("run" in notice && notice.run !== null) return notice.run.name;
  return mapInstants(card.title, utcInstant);
}
