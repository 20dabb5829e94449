/** What people do with memories: each use case is part of the work that handles its event, and recorded with it. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { inWork, type WorkDeps } from "../db/work.ts";
import { ClawError } from "../errors.ts";
import { atLeast, mustCreate } from "../workflows/permissions.ts";
import { unknownWorkflow } from "../workflows/service.ts";
import { findDefined, workflowOfThread } from "../workflows/store.ts";
import type { Workflow } from "../workflows/workflow.ts";
import { auditMemory, keep, later, sameAt, textHashOf, workflowIdOf } from "./keep.ts";
import { expiryOf, MAX_DAYS, type Memory, mayChangeMemory, memoryFault, tidied, USUAL_DAYS } from "./memory.ts";
import { changeMemory, lockMemory, lockPlace, removeMemory, removeOver, seenBy } from "./store.ts";
import { askerOf, type MemoryView, viewsOf } from "./view.ts";

export interface ToRemember {
  readonly text: string;
  /** `here`: for the workflow whose thread it is said in, else for the channel. */
  readonly where: "here" | "everywhere" | { readonly workflow: string };
  readonly isPrivate: boolean;
}

/** A person says something to be remembered. @throws ClawError for a viewer, a text too long, a place that is full */
export async function remember(
  caller: Caller,
  { text: said, where, isPrivate }: ToRemember,
): Promise<{ readonly view: MemoryView; readonly isNew: boolean }> {
  const { deps, work, actor, event } = caller;
  mustCreate(actor);
  const text = mustFit(said);
  const at = await placeOf(caller, where);
  if (at.scope === "workspace" && !isPrivate && !atLeast(actor.role, "approver")) {
    throw new ClawError(
      "forbidden",
      "Only an approver or an admin can say what every workflow is to know. /claw remember … keeps it for this channel, /claw remember everywhere privately: … for your own workflows.",
    );
  }
  const kept = await keep(deps, work, {
    workspaceId: actor.workspaceId,
    text,
    ...at,
    ownerId: actor.memberId,
    sensitivity: isPrivate ? "private" : "workspace",
    trust: "trusted",
    runId: null,
    expiresAt: expiryOf(work.now, USUAL_DAYS),
    key: `event:${event.key}`,
    by: actor.memberId,
    workflowId: workflowIdOf(at),
  });
  if (kept.kind === "full") {
    const oldest = kept.kept.slice(0, 3).map(({ number }) => number);
    throw new ClawError(
      "conflict",
      `There are ${kept.most} memories here, which is the most there can be. Forget one first: the oldest are ${oldest.join(", ")} (/claw memories shows them all, /claw forget ${oldest[0]}).`,
    );
  }
  return { view: await viewOf(caller, kept.memory), isNew: kept.isNew };
}

async function placeOf(caller: Caller, where: ToRemember["where"]): Promise<Pick<Memory, "scope" | "place">> {
  const { work, actor, event } = caller;
  if (where === "everywhere") return { scope: "workspace", place: actor.workspaceId };
  if (where !== "here") return { scope: "workflow", place: (await readableWorkflow(caller, where.workflow)).id };
  const workflowId = event.threadId && (await workflowOfThread(work.tx, actor.workspaceId, event.threadId));
  return workflowId ? { scope: "workflow", place: workflowId } : { scope: "channel", place: event.channelId };
}

/** A workflow whose home the person can read, as far as that shows: they ask in it, own the workflow or are an admin. */
async function readableWorkflow({ work, actor, event }: Caller, name: string): Promise<Workflow> {
  const defined = await findDefined(work.tx, actor.workspaceId, { name });
  if (!defined || defined.workflow.status === "draft") throw unknownWorkflow(name);
  const { workflow } = defined;
  if (workflow.channelId === event.channelId || workflow.ownerId === actor.memberId || actor.role === "admin") {
    return workflow;
  }
  throw new ClawError(
    "forbidden",
    `${name} is at home in another channel. Say that there, or ask its owner or an admin.`,
  );
}

/** Memories that a list knows of, and that a page of an export is made of, at most. */
const LISTED = 500;
const EXPORTED = 60;

/** What the person may see where they are, the latest first; of one workflow when it is named. */
export async function readMemories(caller: Caller, workflow: string | null): Promise<MemoryView[]> {
  const which = workflow === null ? null : { place: (await readableWorkflow(caller, workflow)).id };
  return viewsOf(caller, await seenBy(caller.work.tx, askerOf(caller), caller.work.now, which, { limit: LISTED }));
}

/** The same in the order of their numbers, from the one after `after` on: more than a message shows, never all there may be. */
export async function exportMemories(caller: Caller, after: number): Promise<MemoryView[]> {
  const page = { limit: EXPORTED, after };
  return viewsOf(caller, await seenBy(caller.work.tx, askerOf(caller), caller.work.now, null, page));
}

/** By the number people type, or by the id a button carries. */
export type MemoryKey = { readonly number: number } | { readonly id: string };

/** One, whole. @throws ClawError `unknown_subject` also for what they may not see */
export async function readMemory(caller: Caller, which: MemoryKey): Promise<MemoryView> {
  const [found] = await viewsOf(caller, await seenBy(caller.work.tx, askerOf(caller), caller.work.now, which));
  if (!found) throw unknownMemory(which);
  return found;
}

/** Says it in other words: from then on a person said it. */
export async function correctMemory(caller: Caller, which: MemoryKey, said: string): Promise<MemoryView> {
  const { work } = caller;
  const text = mustFit(said);
  const memory = await lockTheirs(caller, which);
  const textHash = textHashOf({ ...memory, text });
  const same = await sameAt(work, memory, textHash);
  if (same && same.id !== memory.id) {
    throw new ClawError(
      "conflict",
      `Memory ${same.number} says that already. /claw forget ${memory.number} drops this one.`,
    );
  }
  const expiresAt = later(memory.expiresAt, expiryOf(work.now, USUAL_DAYS));
  return change(caller, memory, "memory.corrected", { text, textHash, trust: "trusted", expiresAt });
}

/** A person vouches for what came from outside: runs that are told of it are not tainted by it any more. */
export async function confirmMemory(caller: Caller, which: MemoryKey): Promise<MemoryView> {
  const memory = await lockTheirs(caller, which);
  if (memory.trust === "trusted") {
    throw new ClawError("conflict", `Memory ${memory.number} needs no confirmation: nothing from outside is in it.`);
  }
  return change(caller, memory, "memory.confirmed", { trust: "trusted" });
}

/** @param days from now; null: for good */
export async function keepMemory(caller: Caller, which: MemoryKey, days: number | null): Promise<MemoryView> {
  if (days !== null && !(days >= 1 && days <= MAX_DAYS)) {
    throw new ClawError(
      "invalid_input",
      `Keep it for 1 to ${MAX_DAYS} days, or for good: /claw memory 3 keep for good`,
    );
  }
  const memory = await lockTheirs(caller, which);
  return change(caller, memory, "memory.kept", { expiresAt: expiryOf(caller.work.now, days) });
}

/** Its text is gone from what is remembered, for good. @returns as it was */
export async function forgetMemory(caller: Caller, which: MemoryKey): Promise<MemoryView> {
  const { work, actor } = caller;
  const memory = await lockTheirs(caller, which);
  const view = await viewOf(caller, memory);
  await removeMemory(work.tx, memory);
  await auditMemory(work, memory, "memory.forgotten", actor.memberId, workflowIdOf(memory), null);
  return view;
}

async function lockTheirs(caller: Caller, which: MemoryKey): Promise<Memory> {
  const { work, actor } = caller;
  const [found] = await seenBy(work.tx, askerOf(caller), work.now, which);
  if (!found) throw unknownMemory(which);
  if (!mayChangeMemory(actor, found.memory, found.workflowOwner)) {
    throw new ClawError("forbidden", `Only who owns memory ${found.memory.number} or an admin can do that.`);
  }
  await lockPlace(work.tx, actor.workspaceId, found.memory.place);
  const memory = await lockMemory(work.tx, actor.workspaceId, { id: found.memory.id }, work.now);
  if (!memory) throw unknownMemory(which);
  return memory;
}

async function change(
  caller: Caller,
  memory: Memory,
  action: string,
  to: Parameters<typeof changeMemory>[2],
): Promise<MemoryView> {
  const { work, actor } = caller;
  const changed = { ...memory, ...to, updatedAt: work.now };
  await changeMemory(work.tx, memory, { ...to, updatedAt: work.now });
  await auditMemory(work, changed, action, actor.memberId, workflowIdOf(memory), null);
  return viewOf(caller, changed);
}

/** As it is now, within the work that changed it. */
const viewOf = (caller: Caller, { id }: Memory): Promise<MemoryView> => readMemory(caller, { id });

function mustFit(said: string): string {
  const text = tidied(said);
  const fault = memoryFault(text);
  if (fault !== null) throw new ClawError("invalid_input", fault);
  return text;
}

const unknownMemory = (which: MemoryKey): ClawError =>
  new ClawError(
    "unknown_subject",
    `There is no ${"number" in which ? `memory ${which.number}` : "such memory any more"} that you can see here. /claw memories shows them.`,
  );

/** Drops what is over. Again is harmless. */
export const dropOver = (deps: WorkDeps): Promise<void> =>
  inWork(deps, async (work) => {
    const over = await removeOver(work.tx, work.now);
    await appendAudit(
      work.tx,
      over.map((memory) => ({
        workspaceId: memory.workspaceId,
        at: work.now,
        actor: "claw",
        action: "memory.expired",
        subject: { kind: "memory" as const, id: memory.id },
        workflowId: workflowIdOf(memory),
        runId: null,
        detail: { number: memory.number, scope: memory.scope },
      })),
    );
  });
