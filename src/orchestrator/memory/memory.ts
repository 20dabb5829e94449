/** A memory: one small thing that outlives a run. What it is, when two are the same, how many there may be. Pure. */
import type { Actor, ChannelId, MemberId, WorkspaceId } from "../ports.ts";
import { mayChange } from "../workflows/permissions.ts";

export const MEMORY_SCOPES = ["workflow", "channel", "workspace"] as const;
/** Whose runs are told of it: one workflow's, those of workflows at home in a channel, all of a workspace. */
export type MemoryScope = (typeof MEMORY_SCOPES)[number];

export interface Memory {
  readonly id: string;
  readonly workspaceId: WorkspaceId;
  readonly number: number;
  readonly text: string;
  readonly scope: MemoryScope;
  /** The workflow's id, the channel's, or the workspace's. */
  readonly place: string;
  /** Who said it; of what a run proposed, the workflow's owner. */
  readonly ownerId: MemberId;
  /** `private`: seen by its owner alone, told to runs of its owner's workflows alone. */
  readonly sensitivity: "workspace" | "private";
  /** `untrusted`: a run that had read text from outside proposed it, and no person has confirmed it. */
  readonly trust: "trusted" | "untrusted";
  /** The run that proposed it; null: a person said it. */
  readonly runId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Null: it is kept for good. */
  readonly expiresAt: Date | null;
}

/** Characters of one. */
export const MAX_MEMORY = 500;
const DAY_MS = 86_400_000;
/** Days that one is kept when nobody says otherwise. */
export const USUAL_DAYS = 90;
export const MAX_DAYS = 3_650;

/** How many there may be at one place; of private ones, of each owner. */
export const MOST_MEMORIES = { workflow: 50, channel: 50, workspace: 100 } as const satisfies Record<
  MemoryScope,
  number
>;

/** @param days null: for good */
export const expiryOf = (now: Date, days: number | null): Date | null =>
  days === null ? null : new Date(now.getTime() + days * DAY_MS);

/** One line without what cannot be seen: no memory can look like two, or like something else in what a model is told. */
export const tidied = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(/(?!\u200D)\p{Default_Ignorable_Code_Point}|\p{Cs}/gu, "")
    .replace(/ {2,}/gu, " ")
    .trim();

/** What is wrong with a tidied text, and what to do instead; null when nothing is. */
export function memoryFault(text: string): string | null {
  if (text === "") return "Say what to remember: /claw remember drafts do not count";
  const length = Array.from(text).length;
  return length > MAX_MEMORY
    ? `A memory may have at most ${MAX_MEMORY} characters; this has ${length}. Say it in fewer words, or in two memories.`
    : null;
}

/** Two with the same are one, however they are written. */
export const sameness = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s.!]+$/u, "");

/** Somebody who asks about memories, and where. */
export interface Asker extends Actor {
  readonly channelId: ChannelId;
}

/** Its owner, the owner of its workflow if it has one, and admins. */
export const mayChangeMemory = (
  actor: Actor,
  memory: Pick<Memory, "ownerId">,
  workflowOwner: MemberId | null,
): boolean => mayChange(actor, memory.ownerId) || (workflowOwner !== null && mayChange(actor, workflowOwner));
