/** The tools there are and how they fare. Pure. */
import { FIGURES_DAYS, type ToolView } from "../../orchestrator/index.ts";
import { type Card, card } from "./card.ts";
import { duration, plural } from "./figures.ts";
import { dotted, row } from "./parts.ts";
import { plain } from "./plain.ts";

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

/** All of them: a list that leaves some out would hide what a workflow can do. */
export function toolsCard(tools: readonly ToolView[]): Card {
  return card({
    title: plural(tools.length, "tool"),
    rows: tools.map((tool) =>
      row(
        null,
        plain(tool.name),
        dotted(tool.effect, asks(tool), EGRESS[tool.egress], RETRY[tool.retry], figuresOf(tool)),
        [],
      ),
    ),
    footer: `calls of the last ${FIGURES_DAYS} days · /claw policy says who may use what`,
  });
}

function figuresOf({ figures }: ToolView): string {
  if (figures === null) return "not called yet";
  const { calls, failures, p95Ms } = figures;
  const failed = failures === 0 ? null : `${failures} failed`;
  return [plural(calls, "call"), failed, p95Ms === null ? null : `p95 ${duration(p95Ms)}`].filter(Boolean).join(", ");
}
