/** What a tool is told of a workspace's secrets and of what the workflow's runs were given. A dry run changes none of it. */
import type { ToolContext } from "../../tools/index.ts";
import { lastGiven, noteGiven } from "./given/store.ts";
import type { AdvanceDeps } from "./known.ts";
import { answered } from "./outage.ts";
import { peekUnseen, unseenItems } from "./seen/store.ts";
import type { HeldRun } from "./store.ts";

/** Each waits for a database that is away, for as long as the call may take. */
export function remembering(
  deps: AdvanceDeps,
  run: HeldRun,
  signal: AbortSignal,
): Required<Pick<ToolContext, "secret" | "unseen" | "given">> {
  const by = { workspaceId: run.workspaceId, workflowId: run.workflowId, runId: run.id };
  const now = () => new Date(deps.clock.now());
  return {
    secret: (name) => answered(deps, signal, () => deps.secrets.get(run.workspaceId, name)),
    unseen: (source, items) =>
      answered(deps, signal, () =>
        run.dry ? peekUnseen(deps.db, run, source, items) : unseenItems(deps.db, by, source, items, now()),
      ),
    given: {
      last: (source) => answered(deps, signal, () => lastGiven(deps.db, by, source)),
      note: (source, version) =>
        run.dry ? Promise.resolve() : answered(deps, signal, () => noteGiven(deps.db, by, source, version, now())),
    },
  };
}
