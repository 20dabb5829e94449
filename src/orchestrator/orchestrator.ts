/** The whole of it, put together for one process: what it does at each wake, and how it begins and ends. */
import type { Log } from "../log.ts";
import { sealAudit } from "./audit/seal.ts";
import type { UseCaseDeps } from "./caller.ts";
import { createDeliverer } from "./delivery/service.ts";
import { createInbox, type InboundHandler, type InboxService } from "./inbox/service.ts";
import type { Alarms, ChatPlatform, PlatformName, WakeKind } from "./ports.ts";
import { closeDueWaits } from "./runs/resume.ts";
import { createWorker } from "./runs/worker.ts";
import { createWakes } from "./schedules/agenda.ts";
import { claimDueSlots } from "./schedules/service.ts";
import { whatIsDue } from "./sweep/store.ts";
import { expireDrafts } from "./workflows/store.ts";

/** Events sealed in one link of the audit chain at most. */
const SEAL_BATCH = 500;
/** How often they are sealed; milliseconds. */
const SEAL_EVERY_MS = 60_000;

export interface OrchestratorDeps extends Omit<UseCaseDeps, "alarms"> {
  readonly databaseUrl: string;
  /** Unique to this process. */
  readonly owner: string;
  readonly log: Log;
  /** This process executes runs. */
  readonly works: boolean;
  /** The platforms this process talks to; it delivers to these. */
  readonly platforms: ReadonlyMap<PlatformName, ChatPlatform>;
  readonly handler: InboundHandler;
  readonly concurrency: number;
  readonly leaseMs: number;
}

export interface Orchestrator {
  readonly inbox: InboxService;
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
  const deliverer = createDeliverer(full);
  const inbox = createInbox(full);
  const delivers = deps.platforms.size > 0;

  const sealed = { at: 0 };
  async function sweep(): Promise<void> {
    await inbox.sweep();
    const now = new Date(deps.clock.now());
    await expireDrafts(deps.db, now);
    if (now.getTime() - sealed.at >= SEAL_EVERY_MS) {
      await sealAudit(deps.db, { clock: deps.clock, batch: SEAL_BATCH });
      sealed.at = now.getTime();
    }
    for (const kind of await whatIsDue(deps.db, now)) await alarms.set(kind, now.getTime());
  }
  const handlers: Partial<Record<WakeKind, () => Promise<void>>> = {
    sweep,
    ...(delivers ? { "deliveries.due": () => deliverer.drain() } : {}),
    ...(deps.works
      ? {
          "slots.due": async () => {
            await claimDueSlots(full);
          },
          "runs.due": async () => {
            await closeDueWaits(full);
            await worker.drain();
          },
        }
      : {}),
  };
  const wakes = createWakes({ url: deps.databaseUrl, owner: deps.owner, clock: deps.clock, log, handlers });

  return {
    inbox,
    alarms,
    async start() {
      await wakes.start();
      await sweep().catch((error: unknown) => log.warn({ err: error }, "first sweep failed; the next one is soon"));
    },
    async stop(graceMs) {
      await inbox.settled();
      await Promise.all([worker.stop(graceMs), deliverer.stop()]);
      await wakes.stop();
    },
  };
}
