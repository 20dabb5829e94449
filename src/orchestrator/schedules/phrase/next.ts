/** When a line that says when and what would come next. Pure. */
import { nextSlots } from "../slots.ts";
import { instantWords } from "../words.ts";
import { type PhraseOptions, parsePhrase } from "./phrase.ts";

/** @returns `Tue 24 Nov 2026 at 09:00`, on the clock of the schedule's zone; null when the line does not say, or is not clear */
export function nextOf(line: string, here: Omit<PhraseOptions, "needs">): string | null {
  const phrase = parsePhrase(line, here);
  if (phrase.kind !== "scheduled") return null;
  const [next] = nextSlots(phrase.schedule, here.now, 1);
  const zone = "zone" in phrase.schedule ? phrase.schedule.zone : here.zone;
  return next === undefined ? null : instantWords(zone, next.getTime());
}
