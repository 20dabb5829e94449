/** Other workflows: which there are, running, pausing and creating one; always with no more rights than the owner has. */
import { z } from "zod";
import {
  type ActsFor,
  defineTool,
  fail,
  ok,
  type ToolContext,
  type ToolContract,
  type ToolResult,
} from "../contract.ts";
import { visible } from "../text.ts";

/** A call about workflows, of a run. */
export interface WorkflowCall {
  readonly workspaceId: string;
  readonly actsFor: ActsFor & { readonly runId: string };
  /** The same for every attempt of one step: what it does is done once. */
  readonly idempotencyKey: string;
  readonly home: ToolContext["home"];
}

const WorkflowList = z.object({
  workflows: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      does: z.string(),
      when: z.string(),
      next: z.string().nullable(),
      owner: z.string(),
      lastRun: z
        .object({ run: z.int(), status: z.string(), endedAt: z.string().nullable(), said: z.string().nullable() })
        .nullable(),
    }),
  ),
  /** More than are listed. */
  more: z.boolean(),
  /** Some of it was written, or made, after text from outside had been read. */
  fromOutside: z.boolean(),
});
export type WorkflowList = z.infer<typeof WorkflowList>;

/** What a workflow would be, for people to look at. */
export interface PlannedWorkflow {
  readonly when: string;
  readonly next: readonly string[];
  readonly tools: readonly string[];
  readonly cost: string;
}

export interface NewWorkflow {
  readonly when: string;
  readonly instruction: string;
}

export interface WorkflowDeps {
  readonly list: (
    call: Omit<WorkflowCall, "actsFor"> & { readonly actsFor: ActsFor },
  ) => Promise<ToolResult<WorkflowList>>;
  readonly run: (
    call: WorkflowCall & { readonly workflow: string },
  ) => Promise<ToolResult<{ readonly workflow: string; readonly run: number }>>;
  readonly pause: (
    call: WorkflowCall & { readonly workflow: string; readonly why: string | null },
  ) => Promise<ToolResult<{ readonly workflow: string; readonly already: boolean }>>;
  readonly create: (
    call: WorkflowCall & NewWorkflow,
  ) => Promise<ToolResult<{ readonly workflow: string; readonly next: string | null }>>;
  /** Only reads a clock. @param given the tools of the run that asks; absent: not known @returns what is wrong with it, or what it would be */
  readonly plan: (wanted: NewWorkflow, given?: readonly string[]) => ToolResult<PlannedWorkflow>;
}

const Name = z.string().trim().min(1).max(60).describe("its name");
const CALLED_BY =
  /\bworkflows?\b|\bpaus(?:e|es|ed|ing)\b|\b(?:run|start|trigger|launch|kick off)s? (?:the )?[a-z0-9]+(?:-[a-z0-9]+)+/i;
const OWN = { egress: "none", timeoutMs: 10_000, outputTrust: "trusted" } as const;

function callOf({ actsFor, home, idempotencyKey }: ToolContext): ToolResult<WorkflowCall> {
  if (!actsFor || actsFor.runId === null) return fail("not_permitted", "Only a run can do that.");
  const { workspaceId } = home;
  return ok({ workspaceId, actsFor: { ...actsFor, runId: actsFor.runId }, idempotencyKey, home });
}

const list = (deps: WorkflowDeps): ToolContract =>
  defineTool({
    ...OWN,
    name: "workflow_list",
    description: "Lists the workflows that this one's owner can see, and how each last ended.",
    input: z.strictObject({}),
    output: WorkflowList,
    effect: "read",
    retry: "safe",
    outputTrust: "untrusted",
    taints: ({ fromOutside }) => fromOutside,
    calledBy: CALLED_BY,
    execute: async (_input, { actsFor, home, idempotencyKey }) =>
      actsFor
        ? deps.list({ workspaceId: home.workspaceId, actsFor, home, idempotencyKey })
        : fail("not_permitted", "It is not known whose workflow this is, so it may see no others."),
  });

const run = (deps: WorkflowDeps): ToolContract =>
  defineTool({
    ...OWN,
    name: "workflow_run",
    description: "Runs another workflow now. It does not wait for its end.",
    input: z.strictObject({ workflow: Name }),
    output: z.object({ workflow: z.string(), run: z.int() }),
    effect: "write",
    retry: "idempotent",
    calledBy: CALLED_BY,
    preview: ({ workflow }) => ({ action: `run the workflow ${visible(workflow)} now`, diff: [], target: null }),
    execute: async ({ workflow }, ctx) => {
      const call = callOf(ctx);
      return call.ok ? deps.run({ ...call.value, workflow }) : call;
    },
  });

const pause = (deps: WorkflowDeps): ToolContract =>
  defineTool({
    ...OWN,
    name: "workflow_pause",
    description: "Pauses another workflow. People resume it.",
    input: z.strictObject({ workflow: Name, why: z.string().trim().max(300).optional() }),
    output: z.object({ workflow: z.string(), already: z.boolean() }),
    effect: "write",
    retry: "idempotent",
    calledBy: CALLED_BY,
    preview: ({ workflow, why }) => ({
      action: `pause the workflow ${visible(workflow)}`,
      diff: why ? [`+ why: ${visible(why)}`] : [],
      target: null,
    }),
    execute: async ({ workflow, why }, ctx) => {
      const call = callOf(ctx);
      return call.ok ? deps.pause({ ...call.value, workflow, why: why || null }) : call;
    },
  });

const create = (deps: WorkflowDeps): ToolContract =>
  defineTool({
    ...OWN,
    name: "workflow_create",
    description: "Proposes a new workflow, for the same owner, with no more tools than this one.",
    input: z
      .strictObject({
        when: z.string().trim().min(1).max(300).describe("every weekday at 9"),
        instruction: z.string().trim().min(1).max(2_000),
      })
      .superRefine((wanted, context) => {
        const planned = deps.plan(wanted);
        if (!planned.ok) context.addIssue({ code: "custom", path: ["when"], message: planned.error.message });
      }),
    output: z.object({ workflow: z.string(), next: z.string().nullable() }),
    effect: "write",
    retry: "idempotent",
    alwaysAsks: true,
    calledBy: /\bworkflows?\b/i,
    preview: (wanted, given) => {
      const planned = deps.plan(wanted, given);
      const lines = planned.ok
        ? [
            `+ when: ${planned.value.when}`,
            ...(planned.value.next.length > 0 ? [`+ next: ${planned.value.next.join(", ")}`] : []),
            `+ does: ${visible(wanted.instruction)}`,
            `+ may: ${planned.value.tools.join(", ") || "nothing but report"}`,
            `+ cost: ${planned.value.cost}`,
            "+ owner: as of the workflow that asks",
          ]
        : [`+ ${planned.error.message}`];
      return { action: "create a workflow", diff: lines, target: null };
    },
    execute: async (wanted, ctx) => {
      const call = callOf(ctx);
      return call.ok ? deps.create({ ...call.value, ...wanted }) : call;
    },
  });

export const workflowTools = (deps: WorkflowDeps): readonly ToolContract[] => [
  list(deps),
  run(deps),
  pause(deps),
  create(deps),
];
