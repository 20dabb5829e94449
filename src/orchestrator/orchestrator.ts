/** The whole of it, put together for one process: what it does at each wake, and how it begins and ends. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { WorkflowDeps } from "../tools/index.ts";
import { expireUnused } from "./approvals/expiry.ts";
import { remindOfApprovals } from "./approvals/reminder.ts";
import { sealAudit } from "./audit/seal.ts";
import type { UseCaseDeps } from "./caller.ts";
import type { Database } from "./db/client.ts";
import type { Signals } from "./db/signals.ts";
import { createDeliverer } from "./delivery/service.ts";
import { dropUngiven } from "./grants/service.ts";
import { createInbox, type InboundHandler, type InboxService } from "./inbox/service.ts";
import { createLook } from "./look.ts";
import { dropOver } from "./memory/service.ts";
import { dropUnsaved } from "./policy/service.ts";
import type { Alarms, ChannelWork, ChatPlatform, PlatformName, WakeKind } from "./ports.ts";
import { remindOfQuestions } from "./questions/reminder.ts";
import type { RetentionPolicy } from "./retention/retention.ts";
import { createRetention } from "./retention/service.ts";
import { endOverdueRuns } from "./runs/overdue.ts";
import { closeDueWaits } from "./runs/resume.ts";
import { createWorker } from "./runs/worker.ts";
import { WORKER_NAME } from "./schedules/agenda.ts";
import { createHeartbeats } from "./schedules/heartbeat/service.ts";
import { claimDueSlots, setSlotAlarm } from "./schedules/service.ts";
import { createWakes } from "./schedules/wakes.ts";
import { pruneServices } from "./services/store.ts";
import { createClockWatch } from "./sweep/set-back.ts";
import { bringForward, whatIsDue } from "./sweep/store.ts";
import type { AskDeps } from "./triggers/checks/ask.ts";
import { createChecker } from "./triggers/checks/service.ts";
import { hideOldSecrets } from "./triggers/webhooks/service.ts";
import { createWatchdog } from "./watchdog/service.ts";
import { createByRun } from "./workflows/by-run/service.ts";
import { expireOldDrafts } from "./workflows/drafts.ts";

/** Events sealed in one link of the audit chain at most. */
const SEAL_BATCH = 500;
/** How often they are sealed; milliseconds. */
const SEAL_EVERY_MS = 60_000;
/** How often this process looks whether the clock was set back; milliseconds. */
const CLOCK_EVERY_MS = 5_000;
/** Work that is due is given that long to be begun before it counts as lost; milliseconds. */
const SWEEP_GRACE_MS = 2_000;

export interface OrchestratorDeps extends Omit<UseCaseDeps, "alarms">, Pick<AskDeps, "lookAtPage"> {
  /** A few connections apart, for what must not wait: storing what people do, and keeping leases. */
  readonly urgent: Database;
  /** One connection apart, for the ordinary moves of runs: it plans their statements once. */
  readonly journal: Database;
  /** Two connections apart, for what takes due work: they plan their statements once. */
  readonly queue: Database;
  readonly databaseUrl: string;
  /** Milliseconds since any moment, by a clock that nobody sets. */
  readonly uptime: () => number;
  readonly signals: Signals;
  /** Unique to this process. */
  readonly owner: string;
  readonly log: Log;
  /** This process executes runs. */
  readonly works: boolean;
  /** The platforms this process talks to; it delivers to these. */
  readonly platforms: ReadonlyMap<PlatformName, ChatPlatform>;
  /** IANA; what the times of a workflow that a run proposes are read in, unless it says another. */
  readonly zone: string;
  /** The platforms it can ask about channels, whether or not it listens to them. */
  readonly reach: ReadonlyMap<PlatformName, ChannelWork>;
  readonly handler: InboundHandler;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly retention: RetentionPolicy;
}

export interface Orchestrator {
  readonly inbox: InboxService;
  /** What its runs do with other workflows. */
  readonly byRun: WorkflowDeps;
  readonly alarms: Alarms;
  /** Begins to take wakes, after a first look at what was left. */
  start(): Promise<void>;
  /** No new work, steps under way end or are given back. Takes at most `graceMs` and a little. */
  stop(graceMs: number): Promise<void>;
}

export function createOrchestrator(deps: OrchestratorDeps): Orchestrator {
  const { log } = deps;
  // Services need alarms and alarms need handlers: the knot is tied by these closures.
  const alarms: Alarms = { set: (kind, at) => wakes.set(kind, at) };
  const full = { ...deps, alarms };
  const worker = createWorker(full);
  const checker = createChecker(full);
  const deliverer = createDeliverer(full);
  const inbox = createInbox(full);
  const delivers = deps.platforms.size > 0;
  const watchdog = createWatchdog({ ...full, workerName: WORKER_NAME });
  const heartbeats = createHeartbeats(full);

  const retention = createRetention({
    ...deps,
    policy: deps.retention,
    pruneWakes: (before) => wakes.prune(before),
  });
  const sealed = { at: 0 };
  const clockWatch = createClockWatch(deps.clock, deps.uptime);
  const watching = { timer: undefined as NodeJS.Timeout | undefined };
  /** Apart from the sweep, which a clock that was set back would keep waiting too. */
  async function watchClock(): Promise<void> {
    if (!clockWatch.look()) return;
    const now = new Date(deps.clock.now());
    try {
      await bringForward(deps.db, now);
      await wakes.bringForward(now);
    } catch (error) {
      log.warn({ err: error }, "what a clock that was set back had planned is not brought forward yet");
      clockWatch.again();
    }
  }
  /** @param graceMs what has been due for less is left to the wake that was set for it; milliseconds */
  async function sweep(graceMs: number): Promise<void> {
    await inbox.sweep(graceMs);
    const now = new Date(deps.clock.now());
    await expireOldDrafts(full);
    await expireUnused(full);
    await remindOfApprovals(full);
    await remindOfQuestions(full);
    if (now.getTime() - sealed.at >= SEAL_EVERY_MS) {
      await sealAudit(deps.db, { clock: deps.clock, batch: SEAL_BATCH });
      sealed.at = now.getTime();
      await pruneServices(deps.db, now);
      await hideOldSecrets(full);
      await dropUnsaved(full);
      await dropUngiven(full);
      await dropOver(full);
    }
    await endOverdueRuns(full);
    await retention.look();
    for (const kind of await whatIsDue(deps.db, now, graceMs)) await alarms.set(kind, now.getTime());
    await setSlotAlarm(full);
    await watchdog.look();
    await heartbeats.look();
  }
  const claimSlots = createLook(async () => {
    await claimDueSlots(full);
  });
  const closeWaits = createLook(async () => {
    await closeDueWaits(full);
  });
  const handlers: Partial<Record<WakeKind, () => Promise<void>>> = {
    sweep: () => sweep(SWEEP_GRACE_MS),
    ...(delivers ? { "deliveries.due": () => deliverer.drain() } : {}),
    ...(deps.works
      ? {
          "slots.due": claimSlots,
          "checks.due": () => checker.drain(),
          // Side by side: what is queued does not wait for the waits that are looked through, and they ask to look again.
          "runs.due": async () => {
            await Promise.all([worker.drain(), closeWaits()]);
          },
        }
      : {}),
  };
  const wakes = createWakes({ ...deps, url: deps.databaseUrl, handlers });

  return {
    inbox,
    byRun: createByRun(full),
    alarms,
    async start() {
      await wakes.start();
      await watchClock();
      watching.timer = setInterval(() => void watchClock(), CLOCK_EVERY_MS).unref();
      // What is due now may have been left by a process that was lost just before this one: its people are waiting.
      await sweep(delivers ? 0 : SWEEP_GRACE_MS).catch((error: unknown) =>
        log.warn({ err: error }, "first sweep failed; the next one is soon"),
      );
    },
    async stop(graceMs) {
      clearInterval(watching.timer);
      // Bounded, or a database that hangs would keep the process: what is not handled by then is undone and swept up later.
      await Promise.race([inbox.settled(), sleep(graceMs, undefined, { ref: false })]);
      await Promise.all([worker.stop(graceMs), checker.stop(), deliverer.stop()]);
      await wakes.stop();
    },
  };
}
