/** Drafts: a workflow that waits for *Create*. Nothing is active before. */
import { wantedTools } from "../../tools/index.ts";
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { inWork, type WorkDeps } from "../db/work.ts";
import { rootKey } from "../delivery/home/store.ts";
import { announce } from "../delivery/store.ts";
import { endDryRuns } from "../dry-run/end.ts";
import { ClawError } from "../errors.ts";
import { nextSlots } from "../schedules/slots.ts";
import { routeOf } from "../triggers/route.ts";
import { settleTrigger } from "../triggers/settle.ts";
import { setRoute } from "../triggers/store.ts";
import { type SaidTrigger, scheduleOf } from "../triggers/trigger.ts";
import { openWebhook } from "../triggers/webhooks/service.ts";
import { triggerWords } from "../triggers/words.ts";
import type { DraftView } from "../views.ts";
import { auditWorkflow, startForPerson } from "./asked.ts";
import { BROADCAST_WORDS, splitBroadcast } from "./broadcast.ts";
import { draftView, realNext } from "./draft-view.ts";
import { uniqueName, workflowName } from "./name.ts";
import { mustChange, mustCreate } from "./permissions.ts";
import {
  addRevision,
  changeWorkflow,
  type Defined,
  expireDrafts,
  insertWorkflow,
  lockWorkflow,
  moveWorkflow,
  namesLike,
} from "./store.ts";
import { DEFAULT_POLICIES, type Policies, type Revision, type Trigger } from "./workflow.ts";

/** How long an unanswered preview is kept; milliseconds. */
const DRAFT_MS = 24 * 60 * 60_000;

export interface Wanted {
  readonly instruction: string;
  readonly trigger: Trigger | SaidTrigger;
  /** It is given no tools but these. Absent: all that its instruction speaks of. */
  readonly within?: readonly string[];
}

/** Stores what was understood, inactive. Handling the same event twice makes one draft. @throws ClawError `forbidden` */
export async function createDraft(caller: Caller, wanted: Wanted): Promise<DraftView> {
  const { deps, work, actor, event } = caller;
  mustCreate(actor);
  const base = workflowName(splitBroadcast(wanted.instruction).instruction);
  const name = uniqueName(base, await namesLike(work.tx, actor.workspaceId, base));
  const expiresAt = new Date(work.now.getTime() + DRAFT_MS);
  const id = deps.ids.next();
  const trigger = await settleTrigger(caller, wanted.trigger, { workflowId: id, was: null });
  const revision = revisionOf(caller, id, 1, { ...wanted, trigger });
  await insertWorkflow(
    work.tx,
    {
      id,
      workspaceId: actor.workspaceId,
      name,
      ownerId: actor.memberId,
      status: "draft",
      channelId: event.channelId,
      expiresAt,
      createdFrom: event.key,
      at: work.now,
    },
    revision,
  );
  await auditWorkflow(caller, "workflow.drafted", id, { name, instruction: wanted.instruction });
  return draftView(caller, { name, workflowId: id, revision, channelId: event.channelId, expiresAt });
}

/** Changes a draft before it is created; its 24 h begin again. @throws ClawError when it is none, or not yours */
export async function reviseDraft(caller: Caller, workflowId: string, wanted: Partial<Wanted>): Promise<DraftView> {
  const { work, actor } = caller;
  const { workflow, revision } = await lockDraft(caller, workflowId);
  const before = `${revision.instruction}${revision.destination.broadcast ? BROADCAST_WORDS : ""}`;
  const { instruction, trigger: said } = { instruction: before, trigger: revision.trigger, ...wanted };
  const trigger = await settleTrigger(caller, said, { workflowId, was: revision.trigger });
  const next = revisionOf(caller, workflowId, revision.number + 1, { instruction, trigger });
  await addRevision(work.tx, actor.workspaceId, next);
  const expiresAt = new Date(work.now.getTime() + DRAFT_MS);
  await changeWorkflow(work.tx, workflow, { expiresAt });
  return draftView(caller, {
    name: workflow.name,
    workflowId,
    revision: next,
    channelId: workflow.channelId,
    expiresAt,
  });
}

/** The draft as it stands, for its author. @throws ClawError when it is none, or not yours */
export async function readDraft(caller: Caller, workflowId: string): Promise<DraftView> {
  const { workflow, revision } = await lockDraft(caller, workflowId);
  return draftView(caller, {
    name: workflow.name,
    workflowId,
    revision,
    channelId: workflow.channelId,
    expiresAt: workflow.expiresAt ?? caller.work.now,
  });
}

export interface Created {
  readonly name: string;
  readonly channelId: string;
  /** ISO instant; null for what runs once, now, and when all that is near is closed. */
  readonly nextAt: string | null;
  readonly runNumber: number | null;
  /** It waits for something to happen, and has no times. */
  readonly waits?: boolean;
}

/** *Create*: the workflow is active, its root message is on its way; `now …` runs at once and has no further slot. */
export async function activateDraft(caller: Caller, workflowId: string): Promise<Created> {
  const { deps, work, actor } = caller;
  const { workflow, revision } = await lockDraft(caller, workflowId);
  // What it was settled on may be gone by now.
  const trigger = await settleTrigger(caller, revision.trigger, { workflowId, was: revision.trigger });
  const schedule = scheduleOf(trigger);
  const slot = schedule ? (nextSlots(schedule, work.now.getTime(), 1)[0] ?? null) : null;
  if (schedule && !slot) {
    throw new ClawError("invalid_input", `Its only time has passed. Send it again with a later one.`);
  }
  // How a page is now is what later looks are compared with.
  const nextAt = trigger.kind === "change" ? work.now : slot;
  const told = realNext(caller, slot, revision);
  await moveWorkflow(work.tx, workflow, "draft", "active", { nextSlotAt: nextAt, expiresAt: null, at: work.now });
  await announce(work, {
    id: deps.ids.next(),
    workspaceId: actor.workspaceId,
    key: rootKey(workflow.id),
    channelId: workflow.channelId,
    place: { kind: "root" },
    workflowId: workflow.id,
    runId: null,
    privateTo: null,
    notice: {
      kind: "workflowCreated",
      workflow: { workflowId: workflow.id, name: workflow.name },
      instruction: revision.instruction,
      schedule: triggerWords(trigger),
      nextAt: told,
      by: actor.name,
    },
  });
  await auditWorkflow(caller, "workflow.created", workflow.id, { name: workflow.name, revision: revision.number });
  const created = { name: workflow.name, channelId: workflow.channelId, nextAt: told, runNumber: null };
  if (nextAt) {
    work.wake("slots.due", nextAt.getTime());
    return trigger.kind === "change" ? { ...created, waits: true } : created;
  }
  if (trigger.kind !== "person") {
    await setRoute(work.tx, workflow, routeOf(trigger));
    if (trigger.kind === "webhook") await openWebhook(caller, workflow);
    return { ...created, waits: true };
  }
  const run = await startForPerson(caller, revision);
  await moveWorkflow(work.tx, workflow, "active", "ended", { nextSlotAt: null, at: work.now });
  return { name: workflow.name, channelId: workflow.channelId, nextAt: null, runNumber: run.number };
}

/** *Cancel*: as if it had never been asked. @returns its name */
export async function dropDraft(caller: Caller, workflowId: string): Promise<string> {
  const { workflow } = await lockDraft(caller, workflowId);
  await moveWorkflow(caller.work.tx, workflow, "draft", "deleted", { at: caller.work.now });
  await endDryRuns(caller, workflow);
  await auditWorkflow(caller, "workflow.draft_dropped", workflow.id, { name: workflow.name });
  return workflow.name;
}

/** Drops the drafts that nobody answered in time. Again is harmless. */
export async function expireOldDrafts(deps: WorkDeps): Promise<void> {
  await inWork(deps, async (work) => {
    const gone = await expireDrafts(work.tx, work.now);
    await appendAudit(
      work.tx,
      gone.map(({ id, workspaceId }) => ({
        workspaceId,
        at: work.now,
        actor: "claw",
        action: "workflow.draft_expired",
        subject: { kind: "workflow", id },
        workflowId: id,
        runId: null,
        detail: {},
      })),
    );
  });
}

/** @throws ClawError when it is none any more, or not yours */
export async function lockDraft(caller: Caller, workflowId: string): Promise<Defined> {
  const { work, actor } = caller;
  const defined = await lockWorkflow(work.tx, actor.workspaceId, { id: workflowId });
  if (!defined) throw new ClawError("unknown_subject", "This preview is no longer kept. Send the line again.");
  if (defined.workflow.ownerId !== actor.memberId) {
    throw new ClawError("forbidden", "Only the person who asked for this workflow can decide about it.");
  }
  mustChange(actor, defined.workflow.ownerId, defined.workflow.name);
  if (defined.workflow.status !== "draft")
    throw new ClawError("conflict", `${defined.workflow.name} was created already.`);
  if (defined.workflow.expiresAt && defined.workflow.expiresAt <= work.now) {
    const hours = DRAFT_MS / 3_600_000;
    throw new ClawError(
      "conflict",
      `This preview was kept for ${hours} h and is over; nothing was created. Send the line again.`,
    );
  }
  return defined;
}

/** What the instruction speaks of; what writes will ask. */
const grantedTools = (caller: Caller, instruction: string): string[] =>
  wantedTools(instruction, caller.deps.registry.list());

function revisionOf(
  caller: Caller,
  workflowId: string,
  number: number,
  wanted: Omit<Wanted, "trigger"> & Pick<Revision, "trigger">,
): Revision {
  const { instruction, broadcast } = splitBroadcast(wanted.instruction);
  return {
    workflowId,
    number,
    instruction,
    trigger: wanted.trigger,
    destination: { channelId: caller.event.channelId, broadcast },
    policies: policiesFor(caller.deps.policies, wanted.trigger),
    tools: grantedTools(caller, instruction).filter((name) => wanted.within?.includes(name) ?? true),
    authorId: caller.actor.memberId,
    createdAt: caller.work.now,
  };
}

/** Each webhook and each end of a run is news of its own: where nobody chose otherwise, none is skipped for a run under way. */
const policiesFor = (policies: Policies, { kind }: Trigger): Policies =>
  (kind === "webhook" || kind === "outcome") && policies.overlap === DEFAULT_POLICIES.overlap
    ? { ...policies, overlap: "allow" }
    : policies;
