/** The engine on a real database, with a clock that is turned by hand, a scripted model and scripted tools. */
import { v7 } from "uuid";
import { z } from "zod";
import type { Caller, UseCaseDeps } from "../../src/orchestrator/caller.ts";
import { inWork, type Work, type WorkDeps } from "../../src/orchestrator/db/work.ts";
import type { Notice } from "../../src/orchestrator/events.ts";
import { ensureWorkspace, setMember } from "../../src/orchestrator/members/store.ts";
import { createPolicyBook } from "../../src/orchestrator/policy/book.ts";
import { DEFAULT_FILE_POLICY, type FilePolicy } from "../../src/orchestrator/policy/policy.ts";
import type { Alarms, Role, WakeKind } from "../../src/orchestrator/ports.ts";
import { advance } from "../../src/orchestrator/runs/engine.ts";
import { loadJournal } from "../../src/orchestrator/runs/journal/store.ts";
import type { AdvanceDeps } from "../../src/orchestrator/runs/known.ts";
import { closeDueWaits } from "../../src/orchestrator/runs/resume.ts";
import { startRuns } from "../../src/orchestrator/runs/start.ts";
import type { Step } from "../../src/orchestrator/runs/step.ts";
import { claimRuns, type HeldRun } from "../../src/orchestrator/runs/store.ts";
import { openWaitsOf, type Wait } from "../../src/orchestrator/runs/waits/store.ts";
import type { WorkerDeps } from "../../src/orchestrator/runs/worker.ts";
import { createRunWriter } from "../../src/orchestrator/runs/writes/writer.ts";
import type { ClosedTimes } from "../../src/orchestrator/schedules/closed-times.ts";
import { insertFirings } from "../../src/orchestrator/schedules/firings/store.ts";
import type { Schedule } from "../../src/orchestrator/schedules/schedule.ts";
import { createServices } from "../../src/orchestrator/services/service.ts";
import { changeWorkflow, type Defined, findDefined, insertWorkflow } from "../../src/orchestrator/workflows/store.ts";
import { DEFAULT_POLICIES, type Policies } from "../../src/orchestrator/workflows/workflow.ts";
import {
  createRegistry,
  defineTool,
  finish,
  ok,
  type ToolContext,
  type ToolContract,
  type ToolResult,
} from "../../src/tools/index.ts";
import { quietLog, type TestDatabase, testDatabase } from "../support/database.ts";
import { type ScriptedModel, scriptedModel } from "./scripted-model.ts";

export const WORKSPACE = "console:test";
export const CHANNEL = "console:test:ops";
export const LEASE_MS = 9_000;
export const START = Date.parse("2026-05-04T10:00:00.000Z");

export type Execute = (input: { what: string }, ctx: ToolContext) => Promise<ToolResult<{ said: string }>>;

export interface ManualClock {
  readonly now: () => number;
  readonly pass: (ms: number) => void;
  readonly set: (at: number) => void;
}

export interface EngineCase extends TestDatabase {
  readonly clock: ManualClock;
  readonly model: ScriptedModel;
  readonly deps: UseCaseDeps & AdvanceDeps & Pick<WorkerDeps, "queue">;
  /** What was asked to be looked at, and when. */
  readonly wakes: { readonly kind: WakeKind; readonly at: number }[];
  /** What a tool does from now on, and how often it was called with what. */
  readonly on: (tool: keyof typeof TOOLS, execute: Execute) => void;
  readonly called: { readonly tool: string; readonly what: string; readonly key: string }[];
  workflow(more?: WorkflowOptions): Promise<string>;
  defined(id: string): Promise<Defined>;
  /** Queues a run of a workflow. */
  start(workflowId: string): Promise<string>;
  claim(owner?: string): Promise<HeldRun[]>;
  advance(run: HeldRun, signal?: AbortSignal): Promise<void>;
  /** Closes what is due, claims and advances until nothing is. */
  work(owner?: string): Promise<void>;
  journal(runId: string): Promise<Step[]>;
  /** `1.1 read_page succeeded`, a line a step. */
  steps(runId: string): Promise<string[]>;
  run(runId: string): Promise<Record<string, unknown>>;
  waits(runId: string): Promise<Wait[]>;
  notice<K extends Notice["kind"]>(kind: K, runId?: string): Promise<Extract<Notice, { kind: K }>[]>;
  act<T>(member: keyof typeof PEOPLE, use: (caller: Caller) => Promise<T>): Promise<T>;
  inWork<T>(body: (work: Work) => Promise<T>): Promise<T>;
  count(
    table: "runs" | "firings" | "deliveries" | "attempts" | "audit_events" | "approvals" | "votes",
  ): Promise<number>;
}

export interface WorkflowOptions {
  readonly name?: string;
  readonly instruction?: string;
  readonly owner?: keyof typeof PEOPLE;
  readonly schedule?: Schedule;
  readonly nextSlotAt?: Date;
  readonly policies?: Partial<Policies>;
}

export const PEOPLE = {
  ada: "admin",
  lin: "approver",
  kim: "approver",
  sam: "member",
  vic: "viewer",
} as const satisfies Record<string, Role>;
export const memberId = (name: keyof typeof PEOPLE): string => `${WORKSPACE}:${name}`;

const TOOLS = {
  /** Reads and says nothing about outside. */
  look: { effect: "read", retry: "safe", egress: "none", outputTrust: "trusted" },
  /** Reads what outsiders write. */
  browse: { effect: "read", retry: "safe", egress: "by_argument", outputTrust: "untrusted" },
  /** Changes something, with a key. */
  note: { effect: "write", retry: "idempotent", egress: "none", outputTrust: "trusted" },
  /** Changes something where its argument says. */
  send: { effect: "write", retry: "idempotent", egress: "by_argument", outputTrust: "trusted" },
  /** Destroys something. */
  wipe: { effect: "destructive", retry: "idempotent", egress: "none", outputTrust: "trusted" },
  /** Changes something that must not be done twice. */
  pay: { effect: "write", retry: "never", egress: "none", outputTrust: "trusted" },
} as const;

const MINUTELY: Schedule = {
  kind: "interval",
  everySeconds: 60,
  anchor: "2026-05-04T00:00:00Z",
  zone: "UTC",
  until: null,
};

export async function engineCase(
  options: {
    readonly model?: ScriptedModel;
    readonly dayCeilingMicros?: number;
    readonly zone?: string;
    /** Calls a minute of outside services. */
    readonly limits?: Readonly<Record<string, number>>;
    readonly closedTimes?: ClosedTimes;
    readonly permissions?: Partial<FilePolicy>;
    /** Tools beside the scripted ones. */
    readonly tools?: (deps: WorkDeps & Pick<UseCaseDeps, "ids" | "model">) => readonly ToolContract[];
  } = {},
): Promise<EngineCase> {
  const database = await testDatabase();
  const { db, sql } = database;
  const state = { now: START };
  const clock: ManualClock = {
    now: () => state.now,
    pass(ms) {
      state.now += ms;
    },
    set(at) {
      state.now = at;
    },
  };
  const model = options.model ?? scriptedModel();
  const never = new AbortController().signal;
  const wakes: { kind: WakeKind; at: number }[] = [];
  const called: { tool: string; what: string; key: string }[] = [];
  const behaviour = new Map<string, Execute>();
  const alarms: Alarms = { set: async (kind, at) => void wakes.push({ kind, at }) };
  const ids = { next: () => v7() };
  const more = options.tools?.({ db, alarms, clock, ids, model }) ?? [];
  const also = more.map(({ name }) => name);
  const registry = createRegistry([
    ...(Object.keys(TOOLS) as (keyof typeof TOOLS)[]).map((name) => tool(name, called, behaviour)),
    ...more,
    finish,
  ]);
  const deps: EngineCase["deps"] = {
    db,
    queue: db,
    writer: createRunWriter({ db, alarms, clock, dayCeilingMicros: options.dayCeilingMicros ?? 5_000_000 }),
    holding: { must: async () => {}, isMine: () => true, unheld: () => never, awayMs: () => 0 },
    alarms,
    clock,
    ids,
    random: () => 0.5,
    log: quietLog,
    registry,
    secrets: { get: async () => null },
    model,
    policy: createPolicyBook({ db, clock, file: { ...DEFAULT_FILE_POLICY, ...options.permissions } }),
    services: createServices({ db, alarms, clock, log: quietLog, limits: options.limits ?? {} }),
    version: "test",
    maxOutputTokens: 500,
    contextTokens: 20_000,
    dayCeilingMicros: options.dayCeilingMicros ?? 5_000_000,
    policies: DEFAULT_POLICIES,
    closedTimes: options.closedTimes ?? null,
    perWorkspace: 20,
  };
  const at = new Date(START);
  const zone = options.zone ?? "UTC";
  await ensureWorkspace(db, {
    id: WORKSPACE,
    platform: "console",
    team: "test",
    name: "Test",
    timezone: zone,
    createdAt: at,
  });
  for (const [name, role] of Object.entries(PEOPLE)) {
    await setMember(db, { workspaceId: WORKSPACE, id: `${WORKSPACE}:${name}`, name, role, at });
  }
  const self: EngineCase = {
    ...database,
    clock,
    model,
    deps,
    wakes,
    called,
    on: (name, execute) => void behaviour.set(name, execute),
    async workflow(more = {}) {
      const id = v7();
      const now = new Date(clock.now());
      await inWork(deps, async (work) => {
        const name = more.name ?? `w-${id.slice(-8)}`;
        await insertWorkflow(
          work.tx,
          {
            id,
            workspaceId: WORKSPACE,
            name,
            ownerId: memberId(more.owner ?? "sam"),
            status: "active",
            channelId: CHANNEL,
            expiresAt: null,
            createdFrom: id,
            at: now,
          },
          {
            workflowId: id,
            number: 1,
            instruction: more.instruction ?? "look at the page",
            trigger: { kind: "schedule", schedule: more.schedule ?? MINUTELY, words: "every minute" },
            destination: { channelId: CHANNEL },
            policies: { ...DEFAULT_POLICIES, ...more.policies },
            tools: [...Object.keys(TOOLS), ...also],
            authorId: memberId(more.owner ?? "sam"),
            createdAt: now,
          },
        );
        await changeWorkflow(work.tx, { id, workspaceId: WORKSPACE }, { nextSlotAt: more.nextSlotAt ?? null });
      });
      await sql`update workflows set thread_id = ${`${CHANNEL}:root-${id}`} where id = ${id}`;
      return id;
    },
    async defined(id) {
      const found = await findDefined(db, WORKSPACE, { id });
      if (!found) throw new Error(`no workflow ${id}`);
      return found;
    },
    async start(workflowId) {
      const { revision } = await self.defined(workflowId);
      const firingId = v7();
      const [run] = await inWork(deps, async (work) => {
        await insertFirings(work.tx, [
          {
            id: firingId,
            workspaceId: WORKSPACE,
            workflowId,
            kind: "person",
            key: firingId,
            plannedAt: work.now,
            outcome: "ran",
            reason: null,
            count: 1,
            payload: null,
            createdAt: work.now,
          },
        ]);
        return startRuns(deps, work, [{ workspaceId: WORKSPACE, firingId, revision, by: memberId("sam") }]);
      });
      if (!run) throw new Error("no run");
      return run.runId;
    },
    async claim(owner = "worker-1") {
      const claim = { owner, now: new Date(clock.now()), leaseMs: LEASE_MS, limit: 10, perWorkspace: 20 };
      return (await claimRuns(db, claim)).runs;
    },
    advance: (run, signal = never) => advance(deps, run, signal, () => false),
    async work(owner) {
      await closeDueWaits(deps);
      for (let claimed = await self.claim(owner); claimed.length > 0; claimed = await self.claim(owner)) {
        for (const run of claimed) await self.advance(run);
      }
    },
    journal: (id) => loadJournal(db, { id, workspaceId: WORKSPACE }),
    steps: async (id) =>
      (await self.journal(id)).map((step) => `${step.turn}.${step.callIndex} ${step.name} ${step.status}`),
    async run(id) {
      const [row] = await sql`select * from runs where id = ${id}`;
      if (!row) throw new Error(`no run ${id}`);
      return row;
    },
    waits: (id) => openWaitsOf(db, { id, workspaceId: WORKSPACE }),
    async notice(kind, runId) {
      const rows = await sql<{ notice: Notice }[]>`select notice from deliveries where notice->>'kind' = ${kind}
        and (${runId ?? null}::uuid is null or run_id = ${runId ?? null}::uuid) order by seq`;
      return rows.map((row) => row.notice) as never;
    },
    act: (member, use) =>
      inWork(deps, (work) =>
        use({
          deps,
          work,
          actor: { workspaceId: WORKSPACE, memberId: memberId(member), name: member, role: PEOPLE[member] },
          zone,
          workspaceZone: zone,
          event: {
            workspaceId: WORKSPACE,
            platform: "console",
            key: v7(),
            actor: { memberId: memberId(member), name: member },
            channelId: CHANNEL,
            threadId: null,
            at: clock.now(),
            body: { kind: "command", text: "" },
          },
          cannotPost: null,
        }),
      ),
    inWork: (body) => inWork(deps, body),
    async count(table) {
      const [row] = await sql`select count(*)::int as n from ${sql(table)}`;
      return Number(row?.n);
    },
  };
  return self;
}

function tool(
  name: keyof typeof TOOLS,
  called: { tool: string; what: string; key: string }[],
  behaviour: ReadonlyMap<string, Execute>,
): ToolContract {
  return defineTool({
    name,
    description: `${name} something`,
    input: z.strictObject({ what: z.string() }),
    output: z.object({ said: z.string() }),
    ...TOOLS[name],
    timeoutMs: 20_000,
    ...(TOOLS[name].egress === "by_argument"
      ? { destination: ({ what }: { what: string }) => what, where: ["what"] }
      : {}),
    ...(TOOLS[name].effect !== "read"
      ? { preview: ({ what }: { what: string }) => ({ action: `${name} ${what}`, diff: [], target: null }) }
      : {}),
    execute: async (input: { what: string }, ctx: ToolContext) => {
      called.push({ tool: name, what: input.what, key: ctx.idempotencyKey });
      return behaviour.get(name)?.(input, ctx) ?? ok({ said: `${name} ${input.what}` });
    },
  }) as ToolContract;
}

/** Something that one part of a test waits for and another brings about. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
