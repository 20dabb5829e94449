/** What a run tells the thread its workflow lives in. */
import type { Work } from "../db/work.ts";
import { type Announcement, announce } from "../delivery/store.ts";
import type { Notice } from "../events.ts";
import type { Ids } from "../ports.ts";
import type { HeldRun } from "./store.ts";

/** Says it in the run's home, as part of the caller's work. The same key with another notice edits the message. */
export async function tellHome(
  deps: { readonly ids: Ids },
  work: Work,
  run: HeldRun,
  key: string,
  notice: Notice,
): Promise<void> {
  await announce(work, forHome(deps, run, key, notice));
}

export const forHome = (deps: { readonly ids: Ids }, run: HeldRun, key: string, notice: Notice): Announcement => ({
  id: deps.ids.next(),
  workspaceId: run.workspaceId,
  key,
  channelId: run.channelId,
  place: { kind: "home" },
  workflowId: run.workflowId,
  runId: run.id,
  privateTo: null,
  notice,
});
