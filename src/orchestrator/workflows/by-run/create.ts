/** A workflow that a run proposed and people approved: made as a person's would be, with no more than the run has. */
import { fail, ok, type ToolResult, type WorkflowDeps } from "../../../tools/index.ts";
import type { Caller, NamedChannel, UseCaseDeps } from "../../caller.ts";
import type { Work } from "../../db/work.ts";
import { ClawError } from "../../errors.ts";
import { findWorkspace } from "../../members/store.ts";
import type { ChannelWork, PlatformName } from "../../ports.ts";
import { activateDraft, createDraft } from "../drafts.ts";
import { note, ownerOf } from "./acting.ts";
import { type PlanDeps, readNew } from "./plan.ts";
import { createdBy, createdKey, pinnedOf } from "./store.ts";

export interface ByRunDeps extends UseCaseDeps, Pick<PlanDeps, "zone"> {
  readonly reach: ReadonlyMap<PlatformName, ChannelWork>;
}

/** The channel that its trigger names, if its owner sees it. */
export async function channelsOf(
  deps: ByRunDeps,
  call: Parameters<WorkflowDeps["create"]>[0],
): Promise<ToolResult<ReadonlyMap<string, NamedChannel>>> {
  const { workspaceId, actsFor } = call;
  const read = readNew(deps, call);
  if (!read.ok) return read;
  const said = "channel" in read.value && typeof read.value.channel === "string" ? read.value.channel : null;
  if (said === null || !said.startsWith("#")) return ok(new Map());
  const workspace = await findWorkspace(deps.db, workspaceId);
  const platform = workspace && deps.reach.get(workspace.platform);
  const called = await platform?.channelCalled?.(said, workspaceId);
  if (called?.kind === "unavailable") return fail("service_unavailable", called.why);
  if (called?.kind === "unclear") return fail("invalid_input", called.why);
  if (called?.kind !== "channel") return ok(new Map());
  const sight = await platform?.sight?.(actsFor.memberId, called.channelId, workspaceId);
  if (sight?.kind === "cannot_tell" && sight.passes) return fail("service_unavailable", sight.why);
  return ok(new Map(sight?.kind === "sees" ? [[said, { channelId: called.channelId, cannotPost: null }]] : []));
}

export async function createOne(
  deps: ByRunDeps,
  work: Work,
  call: Parameters<WorkflowDeps["create"]>[0],
  channels: ReadonlyMap<string, NamedChannel>,
): ReturnType<WorkflowDeps["create"]> {
  const { workspaceId, actsFor, home, idempotencyKey, instruction } = call;
  const key = createdKey(actsFor.runId, idempotencyKey);
  const before = await createdBy(work.tx, workspaceId, key);
  if (before) return ok({ workflow: before.name, next: before.nextAt?.toISOString() ?? null });
  const trigger = readNew(deps, call);
  if (!trigger.ok) return trigger;
  const owner = await ownerOf(work.tx, call);
  const workspace = await findWorkspace(work.tx, workspaceId);
  const pinned = await pinnedOf(work.tx, workspaceId, actsFor.runId);
  if (!workspace || !pinned) throw new ClawError("bug", `run ${actsFor.runId} is not there`);
  const runCeilingMicros = Math.min(deps.policies.runCeilingMicros, pinned.policies.runCeilingMicros);
  const caller: Caller = {
    deps: { ...deps, policies: { ...deps.policies, runCeilingMicros } },
    work,
    actor: owner,
    zone: deps.zone,
    workspaceZone: workspace.timezone,
    channels,
    cannotPost: null,
    event: {
      workspaceId,
      platform: workspace.platform,
      key,
      actor: { memberId: owner.memberId, name: owner.name },
      channelId: home.channelId,
      threadId: home.threadId,
      at: work.now.getTime(),
      body: { kind: "command", text: "" },
    },
  };
  const draft = await createDraft(caller, { instruction, trigger: trigger.value, within: pinned.tools });
  const created = await activateDraft(caller, draft.workflowId);
  await note(work, call, "workflow.created_by_workflow", draft.workflowId, { workflow: created.name });
  return ok({ workflow: created.name, next: created.nextAt });
}
