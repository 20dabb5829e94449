/** What to say to a tool's name that is none. Pure. */
import { distance } from "fastest-levenshtein";
import { ClawError } from "../errors.ts";

const SLIPS = 3;

/** @param tools the names that there are */
export function unknownTool(name: string, tools: readonly string[]): ClawError {
  const slips = (tool: string) => distance(name.toLowerCase(), tool);
  const [near] = tools.filter((tool) => slips(tool) <= SLIPS).toSorted((a, b) => slips(a) - slips(b));
  const meant = near === undefined ? "" : ` Did you mean ${near}?`;
  return new ClawError("unknown_subject", `There is no tool "${name}".${meant} /claw tools shows them all.`);
}
