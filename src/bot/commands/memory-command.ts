/** What a person can ask about memories in a line of text. Pure. */
import type { ToRemember } from "../../orchestrator/index.ts";

export type MemoryCommand =
  | ({ readonly kind: "remember" } & ToRemember)
  /** Null: all that the person may see where they are. */
  | { readonly kind: "memories"; readonly workflow: string | null }
  /** As JSON, from the one after that number on; null: from the first. */
  | { readonly kind: "exportMemories"; readonly after: number | null }
  | { readonly kind: "memory"; readonly memory: number }
  | { readonly kind: "correct"; readonly memory: number; readonly text: string }
  | { readonly kind: "confirm"; readonly memory: number }
  /** Null: for good. */
  | { readonly kind: "keep"; readonly memory: number; readonly days: number | null }
  | { readonly kind: "forget"; readonly memory: number };

const KINDS: readonly string[] = [
  "remember",
  "memories",
  "exportMemories",
  "memory",
  "correct",
  "confirm",
  "keep",
  "forget",
] as const satisfies readonly MemoryCommand["kind"][];
export const isMemoryCommand = (command: { readonly kind: string }): command is MemoryCommand =>
  KINDS.includes(command.kind);

export const MEMORY_USAGE = {
  remember: {
    takes: "[for <workflow>, everywhere, privately:] <text>",
    does: "tells later runs something: of this workflow in its thread, else of this channel",
    example: "remember drafts do not count",
  },
  memories: {
    takes: "[workflow], or export",
    does: "what is remembered, and where it comes from",
    example: "memories open-prs-acme-api",
  },
  memory: {
    takes: "<number> [confirm, keep 30d or keep for good]",
    does: "shows one, vouches for it, or says how long it is kept",
    example: "memory 3 keep for good",
  },
  correct: {
    takes: "<number> <text>",
    does: "says a memory in other words",
    example: "correct 3 deploys are on Mondays",
  },
  forget: { takes: "<number>", does: "drops a memory for good", example: "forget 3" },
} as const;
