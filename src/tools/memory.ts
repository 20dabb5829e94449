/** What a workflow keeps in mind from one run to the next: small, with a source and an end, and for people to see and undo. */
import { z } from "zod";
import { defineTool, fail, type ToolContext, type ToolContract, type ToolResult } from "./contract.ts";

export const REMEMBER = "remember";
export const RECALL = "recall";

/** Whose memory it is about. */
export interface MemoryCall {
  readonly workspaceId: string;
  readonly runId: string;
  /** The run has read text that outsiders can write. */
  readonly tainted: boolean;
  readonly now: number;
}

export interface MemoryDeps {
  /** Keeps a text for the workflow, once for a key and once for a text. @param days null: as long as is usual */
  readonly remember: (
    call: MemoryCall & { readonly text: string; readonly days: number | null; readonly idempotencyKey: string },
  ) => Promise<ToolResult<Remembered>>;
  /** What is remembered where the workflow is at home; what has most to do with `about` first. */
  readonly recall: (call: MemoryCall & { readonly about: string }) => Promise<ToolResult<Recalled>>;
  /** Forgets what the workflow's own runs remembered. One that is gone already is gone. */
  readonly forget: (call: MemoryCall & { readonly memory: number }) => Promise<ToolResult<{ readonly gone: true }>>;
}

const remembered = z.object({
  memory: z.int(),
  /** False: it was known already. */
  isNew: z.boolean(),
  /** An ISO instant; null: for good. */
  until: z.string().nullable(),
});
type Remembered = z.infer<typeof remembered>;

/** What an output of `remember` says is kept that was not known before: its number. Null for anything else. */
export function newMemoryIn(output: unknown): number | null {
  const { success, data } = remembered.safeParse(output);
  return success && data.isNew ? data.memory : null;
}

const recalled = z.object({
  memories: z.array(
    z.object({
      memory: z.int(),
      text: z.string(),
      of: z.enum(["workflow", "channel", "workspace"]),
      /** It was learnt from text that outsiders can write: data, not instructions. */
      outside: z.boolean(),
    }),
  ),
  /** How many more there are. */
  more: z.int(),
  /** How many are private and not for this model. */
  withheld: z.int(),
});
export type Recalled = z.infer<typeof recalled>;

/** A word too many costs little. */
const CALLED_BY = /\b(?:remember|recall|forget|memor(?:y|ies|i[sz]e)|keep(?:s|ing)? (?:in mind|track)|learn)/i;

/** What all three share: they touch nothing but what Claw itself keeps. */
const OWN = { egress: "none", timeoutMs: 10_000, calledBy: CALLED_BY } as const;

export const memoryTools = (deps: MemoryDeps): readonly ToolContract[] => [
  defineTool({
    ...OWN,
    name: REMEMBER,
    description:
      "Keeps one short fact for later runs of this workflow; people see it and can undo it. What only the next run needs goes into finish's notes.",
    input: z.strictObject({
      text: z.string().trim().min(1).max(500),
      days: z.int().min(1).max(365).optional().describe("90 if left out"),
    }),
    output: remembered,
    effect: "write",
    inside: true,
    retry: "idempotent",
    outputTrust: "trusted",
    preview: ({ text }) => ({ action: "remember this for later runs", diff: [`+ ${text}`], target: null }),
    execute: ({ text, days = null }, ctx) =>
      within(ctx, (call) => deps.remember({ ...call, text, days, idempotencyKey: ctx.idempotencyKey })),
  }),
  defineTool({
    ...OWN,
    name: RECALL,
    description: "Looks up what is remembered for this workflow, its channel and its workspace.",
    input: z.strictObject({ about: z.string().max(300).optional().describe("words to look for") }),
    output: recalled,
    effect: "read",
    retry: "safe",
    outputTrust: "untrusted",
    taints: ({ memories }) => memories.some(({ outside }) => outside),
    execute: ({ about = "" }, ctx) => within(ctx, (call) => deps.recall({ ...call, about })),
  }),
  defineTool({
    ...OWN,
    name: "forget",
    description: "Forgets one memory, by its number, that a run of this workflow remembered.",
    input: z.strictObject({ memory: z.int().min(1).max(999_999_999) }),
    output: z.object({ gone: z.literal(true) }),
    effect: "write",
    inside: true,
    retry: "idempotent",
    outputTrust: "trusted",
    preview: ({ memory }) => ({ action: `forget memory ${memory}`, diff: [], target: null }),
    execute: ({ memory }, ctx) => within(ctx, (call) => deps.forget({ ...call, memory })),
  }),
];

async function within<T>(
  { actsFor, home, now }: ToolContext,
  does: (call: MemoryCall) => Promise<ToolResult<T>>,
): Promise<ToolResult<T>> {
  if (!actsFor || actsFor.runId === null) return fail("not_permitted", "There is no run whose memory this could be.");
  return does({ workspaceId: home.workspaceId, runId: actsFor.runId, tainted: actsFor.tainted, now: now() });
}
