/** Memories as people see them. */
import type { Caller } from "../caller.ts";
import { memberNames } from "../members/store.ts";
import { type Asker, type Memory, type MemoryScope, mayChangeMemory } from "./memory.ts";
import type { HousedMemory } from "./store.ts";

/** Times are ISO instants. */
export interface MemoryView {
  readonly memoryId: string;
  readonly number: number;
  readonly text: string;
  readonly scope: MemoryScope;
  /** Name of its workflow; null for what is none of a workflow. */
  readonly workflow: string | null;
  readonly isPrivate: boolean;
  /** A run that had read text from outside proposed it, and nobody has confirmed it. */
  readonly fromOutside: boolean;
  /** Name of who said it, or whose run proposed it. */
  readonly owner: string;
  /** Number of the run that proposed it; null when a person said it, or the run is not kept. */
  readonly run: number | null;
  readonly byRun: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Null: it is kept for good. */
  readonly expiresAt: string | null;
  /** Whoever looks may correct, confirm, keep and forget it. */
  readonly mayChange: boolean;
}

export const askerOf = ({ actor, event }: Caller): Asker => ({ ...actor, channelId: event.channelId });

export async function viewsOf(caller: Caller, housed: readonly HousedMemory[]): Promise<MemoryView[]> {
  if (housed.length === 0) return [];
  const { work, actor } = caller;
  const names = await memberNames(work.tx, actor.workspaceId);
  return housed.map(({ memory, workflow, workflowOwner, run }) => ({
    ...partsOf(memory),
    workflow,
    owner: names.get(memory.ownerId) ?? memory.ownerId,
    run,
    mayChange: mayChangeMemory(actor, memory, workflowOwner),
  }));
}

const partsOf = (memory: Memory) => ({
  memoryId: memory.id,
  number: memory.number,
  text: memory.text,
  scope: memory.scope,
  isPrivate: memory.sensitivity === "private",
  fromOutside: memory.trust === "untrusted",
  byRun: memory.runId !== null,
  createdAt: memory.createdAt.toISOString(),
  updatedAt: memory.updatedAt.toISOString(),
  expiresAt: memory.expiresAt?.toISOString() ?? null,
});
