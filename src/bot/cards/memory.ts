/** What is remembered: all of it, one of it, and what became of one. Pure. */
import { assertNever, type MemoryView } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Button, type Card, type CardRow, card, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, firstOf, heading, row } from "./parts.ts";
import { cut, exact, person, plain } from "./plain.ts";

/** Characters of JSON that every platform shows whole in one message. */
const EXPORTED = 2_600;

/** Who is told of it. */
function forWhom({ scope, workflow, isPrivate, owner }: MemoryView): string {
  const own = isPrivate ? `${person(owner)}'s own ` : "";
  switch (scope) {
    case "workflow":
      return `${workflow === null ? "a workflow that is gone" : plain(workflow)}${isPrivate ? `, while ${person(owner)} owns it` : ""}`;
    case "channel":
      return `${own}workflows of this channel`;
    case "workspace":
      return isPrivate ? `${own}workflows everywhere` : "every workflow here";
    default:
      return assertNever(scope, "scope of a memory");
  }
}

const sourceOf = ({ byRun, run, owner }: MemoryView): string =>
  byRun ? (run === null ? "learnt by a run" : `learnt by run ${run}`) : `said by ${person(owner)}`;
const untilWords = ({ expiresAt }: MemoryView): string =>
  expiresAt === null ? "for good" : `until ${instant(expiresAt)}`;
const OUTSIDE = "from outside, not confirmed";

/** The latest first. */
export function memoriesCard(views: readonly MemoryView[], workflow: string | null): Card {
  const of = workflow === null ? "" : ` for ${plain(workflow)}`;
  if (views.length === 0) {
    return card({
      title: heading(`Nothing is remembered${of === "" ? " that you can see here" : of}`),
      text: "`/claw remember <text>` tells later runs something; a workflow whose instruction says *remember* learns by itself.",
    });
  }
  const { shown, rest } = firstOf(views);
  const outside = views.filter(({ fromOutside }) => fromOutside).length;
  return card({
    title: heading(`${plural(views.length, "memory", "memories")}${of}`),
    rows: shown.map(
      (view): CardRow =>
        row(
          view.fromOutside ? "asks" : null,
          `${view.number}: ${plain(view.text)}`,
          dotted(forWhom(view), sourceOf(view), untilWords(view), view.fromOutside ? OUTSIDE : null),
          [
            ...commandButtons("Show", `memory ${view.number}`),
            ...(view.mayChange ? commandButtons("Forget", `forget ${view.number}`) : []),
          ],
        ),
    ),
    buttons: commandButtons("Export", "memories export"),
    footer: dotted(
      rest === "" ? null : `${rest}: /claw memories <workflow>, /claw memories export`,
      outside === 0 ? null : "a run that is told of what is from outside asks before it sends or changes anything",
    ),
  });
}

/** One, whole. */
export const memoryCard = (view: MemoryView): Card =>
  card({
    state: view.fromOutside ? "asks" : null,
    title: heading(`Memory ${view.number}: ${plain(view.text)}`),
    ...partsOf(view),
  });

const partsOf = (view: MemoryView): Pick<Card, "facts" | "buttons" | "footer"> => ({
  facts: [
    ...fact("says", plain(view.text)),
    ...fact("told to", forWhom(view)),
    ...fact("source", dotted(sourceOf(view), instant(view.createdAt))),
    ...fact("owner", person(view.owner)),
    ...fact(
      "trust",
      view.fromOutside
        ? "from text of outsiders, confirmed by nobody: a run that is told of it asks before it sends or changes anything"
        : null,
    ),
    ...fact("kept", untilWords(view)),
  ],
  buttons: buttonsOf(view),
  footer: view.mayChange ? "" : `only ${person(view.owner)} or an admin can change it`,
});

function buttonsOf({ memoryId, number, text, fromOutside, expiresAt, mayChange }: MemoryView): readonly Button[] {
  if (!mayChange) return [];
  return [
    ...(fromOutside ? commandButtons("Confirm", `memory ${number} confirm`) : []),
    button("Correct…", "memory.correct", memoryId, "plain", { label: "What it says", initial: text, required: true }),
    ...(expiresAt === null ? [] : commandButtons("Keep for good", `memory ${number} keep for good`)),
    ...commandButtons("Forget", `forget ${number}`),
  ];
}

/** @param isNew false: it was known, and is kept longer now */
export const rememberedCard = (view: MemoryView, isNew: boolean): Card =>
  card({
    state: "done",
    title: heading(
      isNew
        ? `I remember that, as memory ${view.number}, ${untilWords(view)}`
        : `That is memory ${view.number} already; it is kept ${untilWords(view)}`,
    ),
    ...partsOf(view),
  });

const CHANGED = {
  corrected: "says something else now",
  confirmed: "is confirmed: no run asks because of it any more",
  kept: "is kept",
} as const;

export const changedMemoryCard = (view: MemoryView, how: keyof typeof CHANGED): Card =>
  card({
    state: "done",
    title: heading(`Memory ${view.number} ${CHANGED[how]}${how === "kept" ? ` ${untilWords(view)}` : ""}`),
    ...partsOf(view),
  });

export const forgottenCard = (view: MemoryView): Card =>
  card({
    state: "done",
    title: heading(`Memory ${view.number} is forgotten: ${cut(plain(view.text), 80)}`),
    footer: "no later run is told of it; records of runs that were keep their own time",
  });

/** As JSON, as much as one message takes of what comes next. */
export function exportCard(views: readonly MemoryView[]): Card {
  const lines: string[] = [];
  let left = EXPORTED;
  for (const view of views) {
    const line = jsonOf(view);
    if (line.length > left && lines.length > 0) break;
    lines.push(line);
    left -= line.length;
  }
  const last = views[lines.length - 1];
  const more = views.length > lines.length;
  return card({
    title: heading(
      views.length === 0 ? "There is no more to export" : `${plural(lines.length, "memory", "memories")} as JSON`,
    ),
    text: lines.length === 0 ? "" : `\`\`\`json\n[\n${lines.join(",\n")}\n]\n\`\`\``,
    buttons: more && last ? commandButtons("More", `memories export after ${last.number}`) : [],
    footer: more ? "there is more" : "",
  });
}

/** A line that ends no block of code: backticks are escaped, and so is what cannot be seen. */
const jsonOf = (view: MemoryView): string => {
  const { number, scope, workflow, owner, isPrivate, fromOutside, run, createdAt, updatedAt, expiresAt, text } = view;
  const said = {
    number,
    text,
    scope,
    workflow,
    owner,
    private: isPrivate,
    fromOutside,
    run,
    createdAt,
    updatedAt,
    expiresAt,
  };
  return exact(JSON.stringify(said)).replaceAll("`", "\\u0060");
};
