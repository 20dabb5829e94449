/** Whether one workflow's run may start another: never in a circle, and not too many in a row. */
import type { WorkflowCall } from "../../../tools/index.ts";
import type { Work } from "../../db/work.ts";
import { ClawError } from "../../errors.ts";
import { chainFrom } from "../../triggers/store.ts";
import { lineageOf } from "./store.ts";

/** So many workflows may have led from one to the next. */
const MAX_DEPTH = 4;

/** No workflow leads to itself again, by being asked for or by waiting for another's end. @throws ClawError `conflict` */
export async function mustNotCircle(
  work: Work,
  { workspaceId, actsFor }: WorkflowCall,
  target: { readonly id: string; readonly name: string },
): Promise<void> {
  const line = await lineageOf(work.tx, workspaceId, actsFor.runId);
  const at = line.findIndex(({ id }) => id === target.id);
  if (at >= 0) {
    const names = [...line.slice(0, at + 1).reverse(), target].map(({ name }) => name);
    throw new ClawError(
      "conflict",
      at === 0 ? `${target.name} cannot run itself.` : `That would go in a circle: ${names.join(" starts ")}.`,
    );
  }
  if (line.length >= MAX_DEPTH) {
    const names = line.map(({ name }) => name).reverse();
    throw new ClawError("conflict", `${names.join(" started ")}: so many workflows in a row are enough.`);
  }
  for (const each of line) {
    const waitsFor = await chainFrom(work.tx, workspaceId, each.id);
    if (!waitsFor.some(({ id }) => id === target.id)) continue;
    throw new ClawError(
      "conflict",
      `That would go in a circle: ${each.name} is started by the end of ${target.name}, so it cannot start it.`,
    );
  }
}
