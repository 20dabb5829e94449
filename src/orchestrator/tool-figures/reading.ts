/** The tools of this process and how they fare, as people see them. */
import { FINISH, READ_OUTPUT, type ToolContract } from "../../tools/index.ts";
import type { Database, Transaction } from "../db/client.ts";
import type { Policy } from "../policy/policy.ts";
import { type ToolFigures, toolFigures } from "./store.ts";
import { whoMayUse } from "./who.ts";

export interface ToolView
  extends Pick<ToolContract, "name" | "description" | "effect" | "egress" | "retry" | "inside"> {
  /** Of the last {@link FIGURES_DAYS} days; null when it was not called. */
  readonly figures: ToolFigures | null;
  /** Who may use it, in words; also why nobody may. */
  readonly who: string;
}

export const FIGURES_DAYS = 30;
const DAY_MS = 86_400_000;

/** @param workspaceId null: figures of all workspaces together */
export async function readTools(
  db: Database | Transaction,
  tools: readonly ToolContract[],
  policy: Policy,
  workspaceId: string | null,
  now: Date,
): Promise<readonly ToolView[]> {
  const figures = await toolFigures(db, workspaceId, new Date(now.getTime() - FIGURES_DAYS * DAY_MS));
  return toolViews(tools, policy, figures);
}

export function toolViews(
  tools: readonly ToolContract[],
  policy: Policy,
  figures: readonly ToolFigures[],
): readonly ToolView[] {
  return tools
    .filter(({ name }) => name !== FINISH && name !== READ_OUTPUT)
    .map(({ name, description, effect, egress, retry, inside, off }) => ({
      name,
      description,
      effect,
      egress,
      retry,
      ...(inside && { inside }),
      figures: figures.find(({ tool }) => tool === name) ?? null,
      who: off === undefined ? whoMayUse(name, policy) : `nobody: ${off}`,
    }));
}
