/** On whose behalf a use case runs: one work, one person, one inbound event. */
import type { Work } from "./db/work.ts";
import type { Actor, ChannelId, InboundEvent } from "./ports.ts";
import type { EngineDeps } from "./runs/engine-deps.ts";
import type { ClosedTimes } from "./schedules/closed-times.ts";
import type { PartTimes } from "./schedules/phrase/vocabulary.ts";
import type { WebhookSetup } from "./triggers/webhook.ts";
import type { Policies } from "./workflows/workflow.ts";

export interface UseCaseDeps extends EngineDeps {
  /** What a new workflow begins with. */
  readonly policies: Policies;
  /** Quiet hours and holidays; null: no time is closed. */
  readonly closedTimes: ClosedTimes | null;
  /** What `morning` and the other parts of the day stand for, in minutes since midnight. Absent: the usual times. */
  readonly partsOfDay?: Partial<PartTimes>;
  /** Runs of a workspace under way at once, in all processes together. */
  readonly perWorkspace: number;
  /** Absent: webhooks are off. */
  readonly webhooks?: WebhookSetup;
}

/** A channel that an event names. */
export interface NamedChannel {
  readonly channelId: ChannelId;
  /** Null when Claw is in it, else what a person can do about it. */
  readonly cannotPost: string | null;
}

export interface Caller {
  /** The channels that the event names, as it names them: `#ops`. Absent: none. */
  readonly channels?: ReadonlyMap<string, NamedChannel>;
  /** What the event names like a channel and is none that the actor sees. Absent: none. */
  readonly unseen?: readonly string[];
  readonly deps: UseCaseDeps;
  readonly work: Work;
  readonly actor: Actor;
  /** The member's own zone, or the workspace's. */
  readonly zone: string;
  /** The workspace's: whose day pays. */
  readonly workspaceZone: string;
  readonly event: InboundEvent;
  /** Null when Claw can post in the event's channel, else what a person can do about it. */
  readonly cannotPost: string | null;
}
