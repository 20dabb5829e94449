/** Gets messages to their threads: claims what is due, asks the platform, records what came of it. */
import type { Log } from "../../log.ts";
import { appendAudit } from "../audit/store.ts";
import { inWork, type WorkDeps } from "../db/work.ts";
import { assertNever, type Failure } from "../errors.ts";
import { createPool, type Pool } from "../pool.ts";
import type { ChatPlatform, PlatformName, PostOutcome, PostTarget } from "../ports.ts";
import { type ClaimedDelivery, claimDeliveries, recordGivenUp, recordRetry, recordSent } from "./store.ts";

/** How long a send may take before another worker looks after it. */
const LEASE_MS = 30_000;
/** Messages under way at once in this process. */
const IN_FLIGHT = 16;
/** After that many tries that certainly failed, people see it as undelivered (about a day with the delays below). */
const MAX_ATTEMPTS = 40;
const MAX_DELAY_MS = 60 * 60_000;

export interface DelivererDeps extends WorkDeps {
  readonly platforms: ReadonlyMap<PlatformName, ChatPlatform>;
  /** Unique to this process. */
  readonly owner: string;
  readonly log: Log;
}

export interface Deliverer {
  /** Sends everything that is due; returns when nothing is. A second call at once joins the first. */
  drain(): Promise<void>;
  /** Aborts what is under way and takes nothing more. */
  stop(): Promise<void>;
}

export function createDeliverer(deps: DelivererDeps): Deliverer {
  const platforms = [...deps.platforms.keys()];
  const stopping = new AbortController();
  const pool: Pool = createPool<ClaimedDelivery>({
    limit: IN_FLIGHT,
    claim: (limit) =>
      claimDeliveries(deps.db, {
        platforms,
        owner: deps.owner,
        now: new Date(deps.clock.now()),
        leaseMs: LEASE_MS,
        limit,
      }),
    work: async (delivery) => {
      await deliver(deps, delivery, stopping.signal);
      // The next message of the same thread may go now; a failed look is repeated by the sweep.
      pool.drain().catch(() => {});
    },
  });
  return {
    drain: () => (platforms.length === 0 ? Promise.resolve() : pool.drain()),
    async stop() {
      stopping.abort();
      await pool.stop();
    },
  };
}

async function deliver(deps: DelivererDeps, delivery: ClaimedDelivery, stopping: AbortSignal): Promise<void> {
  const bound = AbortSignal.any([stopping, AbortSignal.timeout(LEASE_MS - 5_000)]);
  try {
    const outcome = await send(deps, delivery, bound);
    await inWork(deps, async (work) => {
      switch (outcome.kind) {
        case "posted":
          await recordSent(work, delivery, deps.owner, outcome);
          return;
        case "retry": {
          if (delivery.attempts >= MAX_ATTEMPTS) return giveUp(work, "undelivered", outcome.failure);
          const backoff = Math.min(1_000 * 2 ** Math.min(delivery.attempts - 1, 12), MAX_DELAY_MS);
          const dueAt = new Date(work.now.getTime() + Math.max(outcome.afterMs, backoff));
          return recordRetry(work, delivery, deps.owner, { dueAt, failure: outcome.failure });
        }
        case "refused":
          return giveUp(work, "undelivered", outcome.failure);
        case "unknown":
          return giveUp(work, "unknown", outcome.failure);
        default:
          return assertNever(outcome, "post outcome");
      }
    });
  } catch (error) {
    // The lease runs out and the delivery is looked for before it is sent again.
    deps.log.error({ deliveryId: delivery.id, key: delivery.key, err: error }, "delivery interrupted");
  }

  async function giveUp(
    work: Parameters<Parameters<typeof inWork>[1]>[0],
    status: "unknown" | "undelivered",
    failure: Failure,
  ): Promise<void> {
    if (!(await recordGivenUp(work, delivery, deps.owner, { status, failure }))) return;
    deps.log.warn({ deliveryId: delivery.id, key: delivery.key, status, code: failure.code }, "delivery given up");
    await appendAudit(work.tx, [
      {
        workspaceId: delivery.workspaceId,
        at: work.now,
        actor: "claw",
        action: `delivery.${status}`,
        subject: { kind: "delivery", id: delivery.id },
        workflowId: delivery.workflowId,
        runId: delivery.runId,
        detail: { key: delivery.key, notice: delivery.notice.kind, code: failure.code, message: failure.message },
      },
    ]);
  }
}

/** Posts, edits, or finds what an interrupted worker may have posted. */
async function send(deps: DelivererDeps, delivery: ClaimedDelivery, signal: AbortSignal): Promise<PostOutcome> {
  const platform = deps.platforms.get(delivery.platform);
  if (!platform) throw new Error(`no platform ${delivery.platform}`);
  const target: PostTarget = {
    workspaceId: delivery.workspaceId,
    channelId: delivery.channelId,
    threadId: delivery.threadId,
    privateTo: delivery.privateTo,
  };
  if (delivery.messageId !== null) return platform.edit(target, delivery.messageId, delivery.notice, signal);
  const first = delivery.interrupted
    ? await lookFor(platform, target, delivery, signal)
    : await platform.post(target, delivery.notice, delivery.key, signal);
  if (first.kind !== "unknown") return first;
  return lookFor(platform, target, delivery, signal, first.failure);
}

/** What cannot be proved is unknown: shown, never silently sent again. */
async function lookFor(
  platform: ChatPlatform,
  target: PostTarget,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
  failure: Failure = { code: "unknown_effect", message: "Claw was stopped while it posted this." },
): Promise<PostOutcome> {
  const found = await platform.find(target, delivery.key, signal);
  switch (found.kind) {
    case "found":
      // What it shows may be an older version.
      return platform.edit(target, found.messageId, delivery.notice, signal);
    case "absent":
      return delivery.interrupted
        ? platform.post(target, delivery.notice, delivery.key, signal)
        : { kind: "retry", afterMs: 0, failure };
    case "cannot_tell":
      return { kind: "unknown", failure };
    default:
      return assertNever(found, "find outcome");
  }
}
