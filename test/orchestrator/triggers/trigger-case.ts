/** Workflows that wait for something, on the engine of `engine-case.ts`. */
import type { Caller } from "../../../src/orchestrator/caller.ts";
import { inWork } from "../../../src/orchestrator/db/work.ts";
import type { InboundBody, InboundEvent } from "../../../src/orchestrator/ports.ts";
import { type Checker, createChecker } from "../../../src/orchestrator/triggers/checks/service.ts";
import { type About, hear } from "../../../src/orchestrator/triggers/heard.ts";
import type { SaidTrigger } from "../../../src/orchestrator/triggers/trigger.ts";
import { activateDraft, createDraft } from "../../../src/orchestrator/workflows/drafts.ts";
import type { LookAtPage } from "../../../src/tools/index.ts";
import { CHANNEL, type EngineCase, memberId, PEOPLE, WORKSPACE } from "../engine-case.ts";

const CHANNELS = new Map([["#ops", { channelId: CHANNEL, cannotPost: null }]]);

/** Creates a workflow as a person does. @returns its id */
export async function created(
  c: EngineCase,
  trigger: SaidTrigger,
  instruction = "look at it",
  more: Partial<Caller> = {},
): Promise<string> {
  const draft = await c.act("sam", (caller) =>
    createDraft({ ...caller, channels: CHANNELS, ...more }, { instruction, trigger }),
  );
  await c.act("sam", (caller) => activateDraft({ ...caller, channels: CHANNELS, ...more }, draft.workflowId));
  await c.sql`update workflows set thread_id = ${`${CHANNEL}:root-${draft.workflowId}`} where id = ${draft.workflowId}`;
  return draft.workflowId;
}

let sequence = 0;

/** Something is heard in #ops. */
export async function heard(
  c: EngineCase,
  body: InboundBody,
  about: Partial<About> = {},
  event: Partial<InboundEvent> = {},
): Promise<void> {
  sequence += 1;
  await inWork(c.deps, (work) =>
    hear(
      c.deps,
      work,
      {
        workspaceId: WORKSPACE,
        platform: "console",
        key: `heard-${sequence}`,
        actor: { memberId: memberId("ada"), name: "ada" },
        channelId: CHANNEL,
        threadId: null,
        at: c.clock.now(),
        body,
        ...event,
      },
      { name: "Ada", isBot: false, message: null, sights: EVERYBODY_SEES, ...about },
    ),
  );
}

const EVERYBODY_SEES: About["sights"] = new Map(
  Object.keys(PEOPLE).map((name) => [memberId(name as keyof typeof PEOPLE), { kind: "sees" }]),
);

export const message = (text: string, byBot = false): InboundBody => ({
  kind: "channelMessage",
  text,
  messageId: "m1",
  byBot,
});

export interface FiringRow {
  readonly kind: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly gate: string | null;
  readonly count: number;
  readonly payload: Record<string, unknown> | null;
}

export const firingsOf = async (c: EngineCase, workflowId: string): Promise<FiringRow[]> =>
  c.sql`select kind, outcome, reason, gate, count, payload from firings where workflow_id = ${workflowId}
    order by created_at, id`;

/** `ran ×1`, a line a firing. */
export const outcomes = async (c: EngineCase, workflowId: string): Promise<string[]> =>
  (await firingsOf(c, workflowId)).map(({ outcome, count }) => `${outcome} ×${count}`);

export const runsOf = async (c: EngineCase, workflowId: string): Promise<string[]> =>
  (await c.sql<{ id: string }[]>`select id from runs where workflow_id = ${workflowId} order by number`).map(
    ({ id }) => id,
  );

/** What asks gates; a page is what `pages` says it is. */
export const checkerOf = (c: EngineCase, lookAtPage: LookAtPage, owner = "worker-1"): Checker =>
  createChecker({ ...c.deps, owner, lookAtPage });
