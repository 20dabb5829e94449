/** Where a workflow may send to without asking, whatever it has read: part of its preview and of its policy. */
import { placesIn } from "../approvals/reasons.ts";
import type { Caller } from "../caller.ts";
import { sendableIn } from "./policy.ts";

/** The places its instruction names, and those that rules open. */
export const placesFor = (
  policy: Parameters<typeof sendableIn>[0],
  workflow: { readonly id: string; readonly name: string },
  instruction: string,
): string[] => [...new Set([...placesIn(instruction), ...sendableIn(policy, workflow)])];

/** Where a workflow may send to without asking after outside text, for its preview. */
export async function placesOfWorkflow(
  caller: Caller,
  workflow: { readonly id: string; readonly name: string },
  instruction: string,
): Promise<string[]> {
  return placesFor(await caller.deps.policy.present(caller.work.tx, caller.actor.workspaceId), workflow, instruction);
}
