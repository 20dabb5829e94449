/** The tools there are and how they fare. Pure. */
import { EVERY_WORKFLOW, FIGURES_DAYS, type ToolView } from "../../orchestrator/index.ts";
import { type Card, card } from "./card.ts";
import { duration, plural } from "./figures.ts";
import { dotted, row } from "./parts.ts";
import { cut, plain } from "./plain.ts";

const EGRESS = {
  none: "sends nothing",
  fixed: "sends to its own place only",
  by_argument: "sends to where the call says",
} as const;
const RETRY = {
  safe: "repeated at will",
  idempotent: "repeated under its key",
  never: "never repeated unasked",
} as const;

const asks = ({ effect, egress, inside }: ToolView): string => {
  if (inside) return "asks after outside text";
  if (effect !== "read") return "asks unless a grant covers it";
  return egress === "by_argument" ? "asks after outside text" : "does not ask";
};

/** Effect, whether it asks, where it sends, whether it is repeated, who may use it, how it fares: a few words each. */
export const toolWords = (tool: ToolView): readonly [string, string, string, string, string, string] => [
  tool.effect,
  asks(tool),
  EGRESS[tool.egress],
  RETRY[tool.retry],
  tool.who,
  figuresOf(tool),
];

/** What holds for all of them stands once, below. */
const whoOnCard = ({ who }: ToolView): string | null => (who === EVERY_WORKFLOW ? null : cut(plain(who), MAX_WHO));
const MAX_WHO = 300;

/** All of them: a list that leaves some out would hide what a workflow can do. */
export function toolsCard(tools: readonly ToolView[]): Card {
  return card({
    title: plural(tools.length, "tool"),
    rows: tools.map((tool) =>
      row(null, plain(tool.name), dotted(...toolWords(tool).slice(0, -2), whoOnCard(tool), figuresOf(tool)), []),
    ),
    footer: `a workflow uses what it lists, unless a line says more · calls of the last ${FIGURES_DAYS} days`,
  });
}

function figuresOf({ figures }: ToolView): string {
  if (figures === null) return "not called yet";
  const { calls, failures, p95Ms } = figures;
  const failed = failures === 0 ? null : `${failures} failed`;
  return [plural(calls, "call"), failed, p95Ms === null ? null : `p95 ${duration(p95Ms)}`].filter(Boolean).join(", ");
}
