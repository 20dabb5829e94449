/** Gets messages to their threads: claims what is due, asks the platform, records what came of it. */
import { createGather } from "../../gather.ts";
import type { Log } from "../../log.ts";
import { appendAudit } from "../audit/store.ts";
import type { Database } from "../db/client.ts";
import { inWork, type WorkDeps } from "../db/work.ts";
import { assertNever, type Failure } from "../errors.ts";
import { createPool, type Pool } from "../pool.ts";
import type { ChatPlatform, FindOutcome, Ids, PlatformName, PostOutcome, PostTarget } from "../ports.ts";
import type { WebhookSetup } from "../triggers/webhook.ts";
import { revealed } from "../triggers/webhooks/service.ts";
import { type ClaimedDelivery, claimDeliveries, releaseDeliveries, type ThreadWalk } from "./claims/store.ts";
import { moveHome } from "./home/move.ts";
import { createLeases, type Held } from "./leases.ts";
import { tellOwner } from "./lost/tell.ts";
import { noteSent, type SentMessage } from "./sent/store.ts";
import { recordGivenUp, recordLater, recordLookAgain, recordRetry, recordSent } from "./store.ts";

/** How long a post or an edit may take; milliseconds. */
const SEND_MS = 20_000;
/** How long looking whether a message arrived may take; milliseconds. */
const LOOK_MS = 5_000;
/** Messages under way at once in this process. */
const IN_FLIGHT = 16;
/** After that many tries that certainly failed, people see it as undelivered (about a day with the delays below). */
const MAX_ATTEMPTS = 40;
const MAX_DELAY_MS = 60 * 60_000;

export interface DelivererDeps extends WorkDeps {
  readonly ids: Ids;
  readonly platforms: ReadonlyMap<PlatformName, ChatPlatform>;
  /** Connections that no long work holds. */
  readonly urgent: Database;
  /** Connections that plan what takes the next messages, and notes that they are there, once. */
  readonly queue: Database;
  /** Unique to this process. */
  readonly owner: string;
  /** Milliseconds until another worker looks after what a lost one was sending. */
  readonly leaseMs: number;
  readonly log: Log;
  readonly webhooks?: WebhookSetup;
}

export interface Deliverer {
  /** Sends everything that is due; returns when nothing is. A second call makes the first look again, and returns at once. */
  drain(): Promise<void>;
  /** Aborts what is under way and takes nothing more. */
  stop(): Promise<void>;
}

export function createDeliverer(deps: DelivererDeps): Deliverer {
  const platforms = [...deps.platforms.keys()];
  const walk: ThreadWalk = { behind: null };
  const note = createGather<SentMessage, "noted" | "not_noted">({
    most: IN_FLIGHT,
    async together(sent) {
      const now = new Date(deps.clock.now());
      const noted = await noteSent(deps.queue, deps.owner, now, sent);
      if ([...noted.values()].some(({ outdated }) => outdated)) void deps.alarms.set("deliveries.due", now.getTime());
      return sent.map(({ delivery }) => (noted.has(delivery.id) ? "noted" : "not_noted"));
    },
  });
  const stopping = new AbortController();
  const leases = createLeases(deps);
  const pool: Pool = createPool<{ readonly delivery: ClaimedDelivery; readonly since: number }>({
    limit: IN_FLIGHT,
    claim: async (limit) => {
      const { owner, leaseMs } = deps;
      const since = deps.clock.now();
      const claimed = await claimDeliveries(deps.queue, {
        platforms,
        owner,
        now: new Date(since),
        leaseMs,
        limit,
        walk,
      });
      return claimed.map((delivery) => ({ delivery, since }));
    },
    work: async ({ delivery, since }) => {
      const held = leases.hold(delivery.id, since);
      await deliver(deps, delivery, note, { stopping: stopping.signal, lost: held }).finally(held.letGo);
      // The next message of the same thread may go now; a failed look is repeated by the sweep.
      pool.drain().catch(() => {});
    },
  });
  return {
    drain: () => (platforms.length === 0 ? Promise.resolve() : pool.drain()),
    async stop() {
      stopping.abort();
      await pool.stop();
      await releaseDeliveries(deps.db, deps.owner).catch((error: unknown) => {
        deps.log.warn({ err: error }, "deliveries not given back; their leases run out by themselves");
      });
    },
  };
}

/** What ends a send early: Claw stops, or the lease cannot be kept. */
interface Ends {
  readonly stopping: AbortSignal;
  readonly lost: Pick<Held, "signal" | "look">;
}

/** Notes that a message is there, with others: `not_noted` when it could not be noted that way. */
type Note = (sent: SentMessage) => Promise<"noted" | "not_noted">;

async function deliver(deps: DelivererDeps, delivery: ClaimedDelivery, note: Note, ends: Ends): Promise<void> {
  const backoff = Math.min(1_000 * 2 ** Math.min(delivery.attempts - 1, 12), MAX_DELAY_MS);
  try {
    const outcome = await send(deps, delivery, ends);
    if (ends.stopping.aborted && outcome.kind !== "posted" && outcome.kind !== "found") return;
    if (outcome.kind === "posted" && !delivery.opensHome && (await note({ delivery, ...outcome })) === "noted") return;
    await inWork(deps, async (work) => {
      switch (outcome.kind) {
        case "found":
          // What it shows may be an older version: it is edited next, now that it is known which message it is.
          await recordSent(work, { ...delivery, version: 0 }, deps.owner, outcome);
          return;
        case "posted":
          await recordSent(work, delivery, deps.owner, outcome);
          return;
        case "retry": {
          if (delivery.attempts >= MAX_ATTEMPTS) return giveUp(work, "undelivered", outcome.failure);
          const dueAt = new Date(work.now.getTime() + Math.max(outcome.afterMs, backoff));
          return recordRetry(work, delivery, deps.owner, { dueAt, failure: outcome.failure });
        }
        case "look_again": {
          if (delivery.attempts >= MAX_ATTEMPTS) return giveUp(work, "unknown", outcome.failure);
          return recordLookAgain(work, delivery, deps.owner, new Date(work.now.getTime() + backoff));
        }
        case "later":
          return recordLater(work, delivery, deps.owner, new Date(work.now.getTime() + outcome.afterMs));
        case "refused": {
          const { owner, ids } = deps;
          const platform = deps.platforms.get(delivery.platform);
          if (outcome.gone === "thread" && (await moveHome({ ids, owner, platform }, work, delivery))) return;
          return giveUp(work, "undelivered", outcome.failure);
        }
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
    if (status === "undelivered") {
      await tellOwner({ ids: deps.ids, platform: deps.platforms.get(delivery.platform) }, work, delivery, failure);
    }
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

type Sent =
  | PostOutcome
  | Extract<FindOutcome, { kind: "found" }>
  /** It may be there; who could tell is away. */
  | { readonly kind: "look_again"; readonly failure: Failure };

/** Posts, edits, or finds what an interrupted worker may have posted. */
async function send(deps: DelivererDeps, delivery: ClaimedDelivery, ends: Ends): Promise<Sent> {
  const within = (ms: number) => AbortSignal.any([ends.stopping, ends.lost.signal, AbortSignal.timeout(ms)]);
  const signal = within(SEND_MS);
  const platform = deps.platforms.get(delivery.platform);
  if (!platform) throw new Error(`no platform ${delivery.platform}`);
  const target: PostTarget = {
    workspaceId: delivery.workspaceId,
    channelId: delivery.channelId,
    threadId: delivery.threadId,
    privateTo: delivery.privateTo,
    replyToken: delivery.replyToken,
    ...(delivery.notice.kind === "runReported" && delivery.notice.broadcast ? { broadcast: true } : {}),
  };
  const notice = revealed(delivery.notice, delivery.workspaceId, deps.webhooks);
  if (delivery.messageId !== null) {
    const edited = await platform.edit(target, delivery.messageId, notice, delivery.key, signal);
    // An edit may be made twice, so whether it was made need not be known.
    return edited.kind === "unknown" ? { kind: "retry", afterMs: 0, failure: edited.failure } : edited;
  }
  if (delivery.interrupted) {
    const found = await lookFor(platform, target, delivery, within(LOOK_MS), INTERRUPTED);
    if (found !== "absent") return found;
  }
  // Frozen since it was claimed, it may have been posted by another.
  ends.lost.look();
  ends.lost.signal.throwIfAborted();
  const posted = await platform.post(target, notice, delivery.key, signal);
  if (posted.kind !== "unknown") return posted;
  const found = await lookFor(platform, target, delivery, within(LOOK_MS), posted.failure);
  return found === "absent" ? { kind: "retry", afterMs: 0, failure: posted.failure } : found;
}

const INTERRUPTED: Failure = { code: "unknown_effect", message: "Claw was stopped while it posted this." };

/** What cannot be proved is unknown: shown, never silently sent again. */
async function lookFor(
  platform: ChatPlatform,
  target: PostTarget,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
  failure: Failure,
): Promise<Extract<Sent, { kind: "found" | "unknown" | "look_again" }> | "absent"> {
  const found = await platform.find(target, delivery.key, signal);
  switch (found.kind) {
    case "found":
      return found;
    case "absent":
      return "absent";
    case "cannot_tell":
      return { kind: "unknown", failure };
    case "unavailable":
      return { kind: "look_again", failure: found.failure };
    default:
      return assertNever(found, "find outcome");
  }
}
