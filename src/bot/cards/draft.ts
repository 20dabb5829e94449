/** The preview: what was understood, before anything is active. Pure. */
import { BROADCAST_WORDS, type DraftView } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { type Card, card, instant } from "./card.ts";
import { ceiling, money, plural } from "./figures.ts";
import { fact, lowerFirst, workflowName } from "./parts.ts";
import { placesWords } from "./permissions.ts";
import { plain, withInstants } from "./plain.ts";

/** Ends every run and asks nobody, so it says nothing about what a workflow may do. */
const FINISH = "finish";

/** Only its author may press; the use case checks that. */
export function previewCard(draft: DraftView): Card {
  return card({
    state: "asks",
    title: "Create this workflow?",
    aside: workflowName(draft),
    facts: [
      ...fact("when", plain(draft.schedule)),
      ...fact("next", nextOf(draft)),
      ...fact("clock", draft.clockChange === null ? null : withInstants(plain(draft.clockChange))),
      ...fact("starts", draft.starts ? plain(draft.starts) : null),
      ...fact("does", plain(draft.instruction)),
      ...fact("may", toolsOf(draft)),
      ...fact("reads at", placesOf(draft)),
      ...fact("not", draft.unseen ? unseenWords(draft.unseen) : null),
      ...fact("report", draft.cannotPost === null ? reportOf(draft) : `not yet: ${plain(draft.cannotPost)}`),
      ...fact("cost", costOf(draft)),
      ...fact(
        "model",
        draft.model === "rules" ? "rules model: fetches, compares, reminds, no reasoning" : plain(draft.model),
      ),
    ],
    buttons: [
      button("Create", "draft.create", draft.workflowId, "primary"),
      button("Edit…", "draft.edit", draft.workflowId, "plain", {
        label: "When and what",
        initial: draftLine(draft),
        required: true,
      }),
      button("Dry run", "draft.dry_run", draft.workflowId),
      button("Cancel", "draft.cancel", draft.workflowId),
    ],
    footer: `only its author can press · kept until ${instant(draft.keptUntil)}`,
  });
}

const nextOf = ({ next, allClosed }: DraftView): string =>
  allClosed === undefined
    ? next.map((iso) => instant(iso, "day_time")).join(" · ")
    : `none soon: all its times that are near are closed (${plain(allClosed)}); it would run only by hand`;

function placesOf({ places = [], tools }: DraftView): string | null {
  if (places.length === 0) return null;
  const changes = tools.some(({ name, effect, inside }) => name !== FINISH && effect !== "read" && !inside);
  return `${placesWords(places)}${changes ? "; to change something it asks first anywhere" : ""}`;
}

/** The draft as a line that is read as the same draft again. */
export function draftLine(draft: Pick<DraftView, "schedule" | "instruction" | "broadcast">): string {
  const what = `${draft.instruction}${draft.broadcast ? BROADCAST_WORDS : ""}`;
  return /^once, now$/iu.test(draft.schedule) ? `now ${what}` : `${lowerFirst(draft.schedule)} ${what}`;
}

const unseenWords = (names: readonly string[]): string =>
  plain(`${names.join(", ")}: no channel that you can see and I am in, so nothing is read or posted there`);

const reportOf = ({ broadcast }: DraftView): string =>
  broadcast ? "here, in a new thread, and in the channel too" : "here, in a new thread";

function toolsOf({ tools }: DraftView): string {
  const named = tools.filter(({ name }) => name !== FINISH);
  const reads = named.filter(({ effect }) => effect === "read").map(({ name }) => name);
  const own = named.filter(({ inside }) => inside).map(({ name }) => name);
  const asks = named.filter(({ effect, inside }) => effect !== "read" && !inside).map(({ name }) => name);
  const parts = [
    ...(reads.length > 0 ? [`read with ${reads.join(", ")}`] : []),
    ...(own.length > 0 ? [`${own.join(", ")}, asking once it has read text from outside`] : []),
    ...(asks.length > 0 ? [`ask first, then ${asks.join(", ")}`] : []),
  ];
  return parts.length === 0 ? "nothing but report" : plain(parts.join(" · "));
}

function costOf(draft: DraftView): string {
  if (draft.model === "rules") return "nothing: the rules model is free";
  const run = money(draft.costPerRunMicros);
  const stops = `stops at ${ceiling(draft.runCeilingMicros)} a run`;
  if (draft.runsAMonth === null) return `about ${run} a run; ${stops}`;
  const month = money(draft.costPerRunMicros * draft.runsAMonth);
  return `about ${month} a month (${plural(draft.runsAMonth, "run")} × ${run}); ${stops}`;
}
