/** What becomes of a workflow's routes when it is edited, resumed or deleted. */
import type { Caller } from "../caller.ts";
import type { Work } from "../db/work.ts";
import type { Ids } from "../ports.ts";
import { pause } from "../workflows/outcome.ts";
import { lockWorkflow } from "../workflows/store.ts";
import type { Workflow } from "../workflows/workflow.ts";
import { pauseKey } from "./fire.ts";
import { routeOf } from "./route.ts";
import { countedFirings, setRoute, watchersOf } from "./store.ts";
import type { Trigger } from "./trigger.ts";
import { closeWebhook, openWebhook } from "./webhooks/service.ts";

/** Something else starts it from now on. */
export async function moveRoute(caller: Caller, workflow: Workflow, from: Trigger, to: Trigger): Promise<void> {
  const { work } = caller;
  await setRoute(work.tx, workflow, routeOf(to));
  if (to.kind === "webhook" && from.kind !== "webhook") await openWebhook(caller, workflow);
  if (to.kind !== "webhook" && from.kind === "webhook") await closeWebhook(work, workflow);
}

/** It is deleted: nothing reaches it, and those that waited for it are paused, for their time would never come. */
export async function endRoute(deps: { readonly ids: Ids }, work: Work, workflow: Workflow): Promise<void> {
  await setRoute(work.tx, workflow, null);
  await closeWebhook(work, workflow);
  for (const id of await watchersOf(work.tx, workflow)) {
    const defined = await lockWorkflow(work.tx, workflow.workspaceId, { id });
    if (defined) await pause(deps, work, defined, "claw", `${workflow.name}, which it waits for, was deleted`);
  }
}

/** How many events fell into the pause that ends. */
export const countedPause = (work: Work, workflow: Workflow): Promise<number> =>
  workflow.paused ? countedFirings(work.tx, workflow, pauseKey(workflow.paused.at)) : Promise.resolve(0);
