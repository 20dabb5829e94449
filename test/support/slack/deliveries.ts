/** What Slack brings to the app, over whichever transport, until it is acknowledged or given up. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "./json.ts";
import type { State } from "./state.ts";

export type DeliveryKind = "event" | "command" | "interaction";

export type AttemptOutcome =
  /** `response` is what came with the acknowledgement; null when nothing did. */
  | { readonly kind: "acked"; readonly afterMs: number; readonly response: unknown; readonly status: number }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly status: number };

export type FailureReason = "timeout" | "http_error" | "connection_failed" | "not_connected";

export interface Attempt {
  /** Milliseconds. */
  readonly at: number;
  /** 0 is the first. */
  readonly retryNum: number;
  readonly retryReason: string | null;
  /** Of Socket Mode; null over HTTP. */
  readonly envelopeId: string | null;
  /** Null while it is under way. */
  outcome: AttemptOutcome | null;
  /** An acknowledgement that came when Slack had stopped waiting; in milliseconds. */
  lateAckAfterMs: number | null;
}

export interface Delivery {
  readonly id: string;
  readonly kind: DeliveryKind;
  /** What the app gets: `event_callback`, a slash command, `block_actions` and so on. */
  readonly payload: Json;
  readonly teamId: string;
  readonly attempts: Attempt[];
  /** True once an attempt was acknowledged; null while Slack still tries. */
  acknowledged: boolean | null;
  /** The app said that it wants no retry (`x-slack-no-retry: 1`). */
  noRetry: boolean;
}

export interface Retry {
  readonly num: number;
  readonly reason: string;
}

export interface Transport {
  /** One attempt. It fills in the attempt that it adds to the delivery. */
  attempt(delivery: Delivery, retry: Retry | null): Promise<AttemptOutcome>;
}

export class Deliveries {
  readonly all: Delivery[] = [];
  private readonly stopped = new AbortController();
  /** How many more deliveries are to be sent twice. */
  private duplicates = 0;
  transport: Transport | null = null;

  constructor(private readonly state: () => State) {}

  /** Brings something to the app. Events are tried again by the settings, clicks and commands are not. */
  async deliver(kind: DeliveryKind, teamId: string, payload: Json): Promise<Delivery> {
    const state = this.state();
    const id = state.ids.next("D");
    const delivery: Delivery = { id, kind, payload, teamId, attempts: [], acknowledged: null, noRetry: false };
    this.all.push(delivery);
    if (this.duplicates > 0) {
      this.duplicates -= 1;
      const copy = kind === "event" ? { num: 1, reason: "timeout" } : null;
      await Promise.all([this.attempt(delivery, null), this.attempt(delivery, copy)]);
    } else {
      await this.attempt(delivery, null);
    }
    if (kind === "event") await this.retry(delivery);
    delivery.acknowledged = isAcked(delivery);
    state.changes.emit("change");
    return delivery;
  }

  /** Sends it once more, whatever became of it before, as Slack's retries and Delayed Events do. */
  async again(delivery: Delivery): Promise<AttemptOutcome> {
    const last = delivery.attempts.at(-1);
    const reason = last ? retryReasonOf(last) : "timeout";
    const num = Math.max(...delivery.attempts.map((each) => each.retryNum), 0) + 1;
    return this.attempt(delivery, { num, reason });
  }

  /** The next deliveries come twice at once: the second copy as a retry, with the same event. */
  duplicateNext(count = 1): void {
    this.duplicates += count;
  }

  stop(): void {
    this.stopped.abort();
  }

  private async retry(delivery: Delivery): Promise<void> {
    for (const delay of this.state().settings.retryDelaysMs) {
      if (isAcked(delivery) || delivery.noRetry || this.stopped.signal.aborted) return;
      await sleep(delay, undefined, { signal: this.stopped.signal, ref: false }).catch(() => undefined);
      if (this.stopped.signal.aborted) return;
      await this.again(delivery);
    }
  }

  private async attempt(delivery: Delivery, retry: Retry | null): Promise<AttemptOutcome> {
    if (!this.transport) throw new Error("no transport");
    const outcome = await this.transport.attempt(delivery, retry);
    if (outcome.kind === "acked") delivery.acknowledged = true;
    this.state().changes.emit("change");
    return outcome;
  }
}

/** What Slack says in the retry why there is one. */
function retryReasonOf({ outcome, envelopeId }: Attempt): string {
  if (envelopeId !== null) return "timeout";
  return outcome?.kind !== "failed" || outcome.reason === "timeout" ? "http_timeout" : outcome.reason;
}

const isAcked = (delivery: Delivery): boolean => delivery.attempts.some((each) => each.outcome?.kind === "acked");

/** Adds an attempt to a delivery. */
export function begin(
  state: State,
  delivery: Delivery,
  retry: Retry | null,
  envelopeId: string | null,
): Attempt & { outcome: AttemptOutcome | null } {
  const attempt: Attempt = {
    at: state.now(),
    retryNum: retry?.num ?? 0,
    retryReason: retry?.reason ?? null,
    envelopeId,
    outcome: null,
    lateAckAfterMs: null,
  };
  delivery.attempts.push(attempt);
  return attempt;
}
