/** Plays the year on the real thing: the clock goes from wake to wake, as Agenda would, and runs begin and end. */
import { inWork } from "../../../src/orchestrator/db/work.ts";
import type { RetentionPolicy } from "../../../src/orchestrator/retention/retention.ts";
import { type Walk as PruneWalk, prune, WHOLE } from "../../../src/orchestrator/retention/service.ts";
import { cancelRun, endRun } from "../../../src/orchestrator/runs/ending.ts";
import { claimRuns, type HeldRun } from "../../../src/orchestrator/runs/store.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { skipNext } from "../../../src/orchestrator/schedules/skip.ts";
import { nextSlots } from "../../../src/orchestrator/schedules/slots.ts";
import { editWorkflow, pauseWorkflow, resumeWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, WORKSPACE } from "../../orchestrator/engine-case.ts";
import { endOf, lookedAt } from "./expected.ts";
import type { Act, Happening } from "./script.ts";
import type { Spec } from "./specs.ts";
import { FROM, UNTIL } from "./timing.ts";
import { DAY } from "./wall-walk.ts";

/** A firing as it was when it was last seen; it may have been pruned since. */
export interface SeenFiring {
  readonly id: string;
  readonly workflowId: string;
  readonly slot: number;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly count: number;
  readonly runs: number;
}

export interface Played {
  /** Ids of the workflows, by name. */
  readonly ids: ReadonlyMap<string, string>;
  readonly firings: readonly SeenFiring[];
  /** How often a thread was told of missed slots, and of how many, by workflow id. */
  readonly told: ReadonlyMap<string, number>;
  readonly looks: number;
  /** Rows that retention took, by kind. */
  readonly pruned: Readonly<Record<string, number>>;
}

const NOTHING = { kind: "nothing_to_report", text: "", notes: null } as const;
/** Held for as long as it takes. */
const LEASE_MS = 900 * DAY;
/** What has happened is written down before it is pruned. */
const HOUSEKEEPING_MS = 7 * DAY;
/** What is older does not change any more. */
const SETTLED_MS = 21 * DAY;

export async function play(
  c: EngineCase,
  specs: readonly Spec[],
  happenings: readonly Happening[],
  retention: RetentionPolicy,
): Promise<Played> {
  const ids = new Map<string, string>();
  const byId = new Map<string, Spec>();
  const plain: string[] = [];
  const held = new Map<string, { readonly run: HeldRun; readonly endsAt: number }>();
  const firings = new Map<string, SeenFiring>();
  const told = new Map<string, number>();
  const pruned: Record<string, number> = {};
  const wakes = new Set<number>();
  let [heard, looks, nextHousekeeping] = [0, 0, FROM + HOUSEKEEPING_MS];

  /** Takes the wakes that Claw asked for since the last time, and nothing else. */
  const hear = () => {
    for (; heard < c.wakes.length; heard++) {
      const wake = c.wakes[heard];
      if (wake?.kind === "slots.due") wakes.add(wake.at);
    }
  };

  /** What was queued begins; what is over as soon as it begins, ends. */
  async function runAll(): Promise<void> {
    const at = new Date(c.clock.now());
    // Nothing hangs on the end of these: they are ended without ceremony, for there are thousands.
    await c.sql`update runs set status = 'succeeded', started_at = ${at.toISOString()}, ended_at = ${at.toISOString()}
      where status = 'queued' and workflow_id = any(${plain})`;
    while (true) {
      const claim = { owner: "year", now: at, leaseMs: LEASE_MS, limit: 100, perWorkspace: 1_000 };
      const { runs: begun } = await claimRuns(c.db, claim);
      for (const run of begun) {
        const spec = byId.get(run.workflowId);
        if (!spec) throw new Error(`a run of nobody's: ${run.workflowId}`);
        held.set(run.id, { run, endsAt: endOf(spec, run.plannedAt.getTime(), at.getTime()) });
      }
      if (held.size > 0) await cancelAsked();
      await endOver();
      if (begun.length === 0) return;
    }
  }

  async function cancelAsked(): Promise<void> {
    const asked = await c.sql<{ id: string; by: string }[]>`
      select id, cancel_requested_by as by from runs where status = 'running' and cancel_requested_by is not null`;
    for (const { id, by } of asked) {
      const found = held.get(id);
      if (found) await inWork(c.deps, (work) => cancelRun(c.deps, work, found.run, by));
      held.delete(id);
    }
  }

  async function endOver(): Promise<void> {
    for (const [id, { run, endsAt }] of held) {
      if (endsAt > c.clock.now()) continue;
      held.delete(id);
      await inWork(c.deps, (work) => endRun(c.deps, work, run, NOTHING));
    }
  }

  async function act(what: Act): Promise<void> {
    if (what.kind === "clock_back") return c.clock.pass(-what.by);
    const which = { name: what.name };
    await c.act("sam", async (caller) => {
      if (what.kind === "pause") await pauseWorkflow(caller, which, "for a while");
      else if (what.kind === "resume") await resumeWorkflow(caller, which);
      else if (what.kind === "skip") await skipNext(caller, which, what.count);
      else if (what.kind === "edit")
        await editWorkflow(caller, which, {
          trigger: triggerOf(what.timing, `edited ${caller.work.now.toISOString()}`),
        });
    });
  }

  async function housekeeping(): Promise<void> {
    for (const each of await seenFirings(c)) firings.set(each.id, each);
    const notices = await c.sql<{ workflowId: string; count: number }[]>`
      update deliveries set status = 'sent', sent_at = ${new Date(c.clock.now()).toISOString()} where status = 'pending'
      returning workflow_id as "workflowId", case when notice->>'kind' = 'slotsMissed' then (notice->>'count')::int else 0 end as count`;
    for (const { workflowId, count } of notices)
      if (count > 0) told.set(workflowId, (told.get(workflowId) ?? 0) + Number(count));
    let walk: PruneWalk = WHOLE;
    while (walk.at !== null) {
      const done = await prune(c.db, retention, c.clock, walk);
      for (const [kind, count] of Object.entries(done.removed)) pruned[kind] = (pruned[kind] ?? 0) + count;
      walk = done.walk;
    }
  }

  c.clock.set(FROM);
  for (const spec of specs) {
    const policies = {
      ...(spec.overlap ? { overlap: spec.overlap } : {}),
      ...(spec.catchUp ? { catchUp: spec.catchUp } : {}),
      calendar: spec.respects ? ("respect" as const) : ("ignore" as const),
      report: "when_wrong" as const,
    };
    const nextSlotAt = nextSlots(spec.timing.schedule, FROM - 1, 1)[0];
    if (!nextSlotAt) throw new Error(`${spec.name} is never due`);
    const id = await c.workflow({ name: spec.name, schedule: spec.timing.schedule, nextSlotAt, policies });
    ids.set(spec.name, id);
    byId.set(id, spec);
    if (isPlain(spec)) plain.push(id);
    wakes.add(nextSlotAt.getTime());
  }

  const script = [...happenings];
  while (true) {
    hear();
    const wake = Math.min(...wakes);
    const look = lookedAt(wake);
    const end = Math.min(...[...held.values()].map(({ endsAt }) => lookedAt(endsAt)));
    const next = script[0]?.at ?? Number.POSITIVE_INFINITY;
    const at = Math.min(look, end, next, nextHousekeeping);
    if (at >= UNTIL) break;
    c.clock.set(Math.max(at, c.clock.now()));
    if (at === nextHousekeeping) {
      nextHousekeeping += HOUSEKEEPING_MS;
      await housekeeping();
    } else if (at === end) {
      await endOver();
      await runAll();
    } else if (at === next) {
      const happening = script.shift();
      if (happening) await act(happening.act);
    } else {
      for (const each of wakes) if (each <= c.clock.now()) wakes.delete(each);
      looks++;
      if ((await claimDueSlots(c.deps)) > 0) await runAll();
    }
  }
  await housekeeping();
  return { ids, firings: [...firings.values()], told, looks, pruned };
}

export const triggerOf = ({ schedule }: Spec["timing"], words: string) =>
  ({ kind: "schedule", schedule, words }) as const;

/** Its runs end at once, and nothing waits for their end. */
const isPlain = (spec: Spec): boolean => !spec.runs && spec.catchUp?.mode !== "all" && spec.overlap === undefined;

async function seenFirings(c: EngineCase): Promise<SeenFiring[]> {
  const rows = await c.sql<
    (Omit<SeenFiring, "slot" | "count" | "runs"> & { slot: string; count: string; runs: string })[]
  >`
    select f.id, f.workflow_id as "workflowId", f.planned_at::text as slot, f.outcome, f.reason, f.count,
      (select count(*) from runs r where r.firing_id = f.id) as runs
    from firings f where f.workspace_id = ${WORKSPACE} and f.kind = 'slot'
      and f.created_at > ${new Date(c.clock.now() - SETTLED_MS).toISOString()}`;
  return rows.map((row) => ({ ...row, slot: Date.parse(row.slot), count: Number(row.count), runs: Number(row.runs) }));
}
