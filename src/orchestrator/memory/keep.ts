/** Something is kept in mind, once, however often and by whomever it is said: for people and for runs. */
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import { canonicalHash } from "../ids.ts";
import { nextNumber } from "../members/store.ts";
import type { Ids } from "../ports.ts";
import { type Memory, MOST_MEMORIES, sameness } from "./memory.ts";
import { changeMemory, insertMemory, keptAt, lockMemory, lockPlace, lockSame, removeMemory } from "./store.ts";

/** What is to be kept, and the key of the step or the event that it came with. */
export interface ToKeep extends Omit<Memory, "id" | "number" | "createdAt" | "updatedAt"> {
  readonly key: string;
  /** A member's id, or `claw`. */
  readonly by: string;
  /** For the record; null where there is none. */
  readonly workflowId: string | null;
}

export type Kept =
  | { readonly kind: "kept"; readonly memory: Memory; readonly isNew: boolean }
  /** There is no room: what is kept there, the oldest first. */
  | { readonly kind: "full"; readonly most: number; readonly kept: readonly Memory[] };

/** What two of one place must share to be one; private ones are apart for each owner. */
export const textHashOf = ({ text, sensitivity, ownerId }: Pick<Memory, "text" | "sensitivity" | "ownerId">): string =>
  canonicalHash({ text: sameness(text), owner: sensitivity === "private" ? ownerId : null });

/**
 * Keeps it, unless the same is kept there: then that one is kept as long as this one would have been. What came from outside
 * stays so until a person says the same. The same key again changes nothing.
 */
export async function keep(deps: { readonly ids: Ids }, work: Work, wanted: ToKeep): Promise<Kept> {
  const { tx, now } = work;
  const { key, by, workflowId, ...said } = wanted;
  const { workspaceId, place } = said;
  await lockPlace(tx, workspaceId, place);
  const before = await lockMemory(tx, workspaceId, { key }, now);
  if (before) return { kind: "kept", memory: before, isNew: true };
  const textHash = textHashOf(said);
  const same = await sameAt(work, said, textHash);
  if (same) {
    const confirmed = said.runId === null && same.trust === "untrusted";
    const change = {
      expiresAt: later(same.expiresAt, said.expiresAt),
      trust: confirmed ? ("trusted" as const) : same.trust,
      updatedAt: now,
    };
    await changeMemory(tx, same, change);
    const memory = { ...same, ...change };
    await auditMemory(work, memory, confirmed ? "memory.confirmed" : "memory.repeated", by, workflowId, said.runId);
    return { kind: "kept", memory, isNew: false };
  }
  const kept = await keptAt(tx, said, now);
  const most = MOST_MEMORIES[said.scope];
  if (kept.length >= most) return { kind: "full", most, kept };
  const memory: Memory = {
    ...said,
    id: deps.ids.next(),
    number: await nextNumber(tx, workspaceId, "memoryCounter"),
    createdAt: now,
    updatedAt: now,
  };
  await insertMemory(tx, { ...memory, textHash, key });
  await auditMemory(work, memory, "memory.remembered", by, workflowId, said.runId);
  return { kind: "kept", memory, isNew: true };
}

/** The one that says the same at that place; one that is over makes room. */
export async function sameAt(
  work: Work,
  { workspaceId, place }: Pick<Memory, "workspaceId" | "place">,
  textHash: string,
): Promise<Memory | null> {
  const same = await lockSame(work.tx, workspaceId, place, textHash);
  if (!same || same.expiresAt === null || same.expiresAt > work.now) return same;
  await removeMemory(work.tx, same);
  await auditMemory(work, same, "memory.expired", "claw", workflowIdOf(same), null);
  return null;
}

export const later = (one: Date | null, other: Date | null): Date | null =>
  one === null || other === null ? null : one > other ? one : other;

/** Never its text: the record is kept for good, and what is forgotten is to be gone. */
export const auditMemory = (
  work: Work,
  memory: Memory,
  action: string,
  by: string,
  workflowId: string | null,
  runId: string | null,
): Promise<void> =>
  appendAudit(work.tx, [
    {
      workspaceId: memory.workspaceId,
      at: work.now,
      actor: by,
      action,
      subject: { kind: "memory", id: memory.id },
      workflowId,
      runId,
      detail: {
        number: memory.number,
        scope: memory.scope,
        private: memory.sensitivity === "private",
        trust: memory.trust,
        expiresAt: memory.expiresAt?.toISOString() ?? null,
      },
    },
  ]);

/** The workflow that a memory belongs to, for the record. */
export const workflowIdOf = ({ scope, place }: Pick<Memory, "scope" | "place">): string | null =>
  scope === "workflow" ? place : null;
