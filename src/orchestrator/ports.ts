/**
 * The words of Claw and the ports its parts meet at. Each word stands here once and has no synonym anywhere.
 *
 * - **workspace**: one Slack team, one Discord guild, or the local console; every row belongs to one.
 * - **member**: a person in a workspace, keyed (platform, team, user), with a role: viewer, member, approver, admin.
 * - **thread**: a conversation on a platform, an opaque id such as `slack:T1:C1:1712.0001`; a workflow's thread is its home.
 * - **workflow**: an instruction, a trigger, a destination and its policies; owned by a member, edited by revision.
 * - **trigger**: what starts it: a schedule, a webhook, a message, another workflow's outcome, a person.
 * - **schedule**: `calendar` (RRULE, wall clock, zone), `cron`, `interval` (elapsed time), `once`.
 * - **firing**: one reason to run, unique by (workflow, kind, key); it ends with exactly one recorded outcome.
 * - **slot**: a schedule's planned time; the key of a firing of kind `slot`.
 * - **run**: one execution of one revision for one firing, with its pins.
 * - **step**: one entry in a run's journal, keyed (run, turn, call index): a model call (index 0) or a tool call.
 * - **attempt**: one try at a step.
 * - **wait**: why a step or a run is not going on, when it is due and what silence means.
 * - **tool**: a contract, see `tools/contract.ts`; **effect**, **egress** and **retry class** are defined there.
 * - **approval**: people's yes or no to one exact tool call; **votes** are rows.
 * - **question**: what a run asks people, with choices or for a text; it waits for one **answer**.
 * - **grant**: a standing yes: tool, argument pattern, number of uses, expiry.
 * - **report**: what a run tells its thread; a **delivery** is the act of getting a message there.
 * - **verdict**: how a run says it ended: `report`, `nothing_to_report`, `blocked`.
 * - **dead letter**: a run in state `dead`; it stays until a person retries or discards it.
 * - **incident**: the failures of a workflow that have the same cause, told as one, until a run ends well.
 * - **rehearsal**: a run that changes nothing and is told to nobody but who asked: a replay, a dry run.
 * - **reservation**: money set aside before a model call, settled after it.
 * - **piece**: one text that may go into a model call, stored once by its hash.
 * - **context manifest**: which pieces went into a model call, which did not, the size of each, and why.
 * - **taint**: a run has read text that outsiders can write; its reports and memories inherit it.
 * - **wake**: a hint that something may be due; one that comes twice, late or never does no harm.
 * - **notice**: a meaning to show to people (`approvalRequested`), see `events.ts`; the bot makes a card of it.
 */

import type { ChannelWork } from "./channel-port.ts";
import type { Failure } from "./errors.ts";
import type { Notice } from "./events.ts";

export type * from "./channel-port.ts";
export type * from "./model-port.ts";

export type WorkspaceId = string;
export type MemberId = string;
export type ChannelId = string;
export type ThreadId = string;
/** A message as its platform names it; opaque. */
export type MessageId = string;

export const PLATFORMS = ["console", "slack", "discord"] as const;
export type PlatformName = (typeof PLATFORMS)[number];

export const ROLES = ["viewer", "member", "approver", "admin"] as const;
/** Each role may do what the ones before it may. */
export type Role = (typeof ROLES)[number];

export interface Clock {
  /** Now, as milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Ids {
  /** A new row id, sortable by time. */
  readonly next: () => string;
}

/** Milliseconds in [0, 1): where jitter comes from. */
export type Random = () => number;

/** Who acts: a person as their platform introduced them, or Claw itself. */
export interface Actor {
  readonly workspaceId: WorkspaceId;
  readonly memberId: MemberId;
  readonly name: string;
  readonly role: Role;
}

// ── chat platforms ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Something a person did on a platform, normalised. Stored before it is acknowledged. */
export interface InboundEvent {
  readonly workspaceId: WorkspaceId;
  readonly platform: PlatformName;
  /** The platform's own id of it, the same at every redelivery; unique in the workspace. */
  readonly key: string;
  /** `name` as the event has it, which may be an id; {@link ChatPlatform.introduce} knows better. */
  readonly actor: { readonly memberId: MemberId; readonly name: string };
  readonly channelId: ChannelId;
  readonly threadId: ThreadId | null;
  /** Milliseconds since the epoch, when the platform received it. */
  readonly at: number;
  readonly body: InboundBody;
  /**
   * What the platform wants back with an answer to just this event (Slack's `response_url`, Discord's interaction token):
   * opaque, and dead soon. Absent where answers need none.
   */
  readonly replyToken?: string;
}

/** What a platform knows of a person. */
export interface Introduction {
  readonly name: string;
  /** IANA, or null when the platform does not say. */
  readonly timezone: string | null;
  /** As the platform's groups or roles give it. */
  readonly role: Role;
  /** User groups or roles of the platform, by id and by `@name`. Absent: none, or it does not say. */
  readonly groups?: readonly string[];
  /** `outsider`: of another organisation, in a shared channel; looks on and decides nothing. `gone`: has left. */
  readonly standing: "member" | "outsider" | "gone";
  /** No person. Absent: a person, as far as the platform says. */
  readonly isBot?: true;
}

export type InboundBody =
  /** What stands after `/claw` or after a mention. */
  | {
      readonly kind: "command";
      readonly text: string;
      /** Channels that the text names, `#ops`, by these names, where the platform says which they are. */
      readonly channels?: Readonly<Record<string, ChannelId>>;
    }
  /** A message in a workflow's thread that is no command; it becomes context of the next run. */
  | { readonly kind: "message"; readonly text: string; readonly messageId: MessageId }
  /** A message in a channel, in no thread, that is no command. Claw's own are never told; `byBot`: of another bot. */
  | {
      readonly kind: "channelMessage";
      readonly text: string;
      readonly messageId: MessageId;
      readonly byBot: boolean;
    }
  /** Somebody put an emoji to a message: its name without colons, or the sign itself. Claw's own are never told. */
  | { readonly kind: "reaction"; readonly emoji: string; readonly messageId: MessageId; readonly byBot: boolean }
  /** A webhook whose signature was right. `event` is what its sender calls it; `body` as it was sent. */
  | {
      readonly kind: "webhook";
      readonly workflowId: string;
      readonly deliveryId: string;
      readonly contentType: string;
      readonly event: string | null;
      readonly body: string;
    }
  /** A press on a button. `text` is what the person typed when the button asks for text, else null. */
  | {
      readonly kind: "action";
      readonly action: string;
      readonly value: string;
      readonly text: string | null;
      readonly messageId: MessageId | null;
    }
  /** The actor did nothing: the platform says that something about them changed. */
  | { readonly kind: "introduction"; readonly introduction: Introduction };

/** What an adapter calls with what it hears. */
export interface Inbox {
  /**
   * Stores the event, then handles it in the background.
   * @returns `stored` (new), `duplicate` (known already: acknowledge, do nothing), `not_recorded` (the database did
   *   not take it within 1.5 s: do not acknowledge; tell a person who pressed or typed to try again), `ignored` (no
   *   workflow waits for it: it was not stored; acknowledge).
   */
  receive(event: InboundEvent): Promise<"stored" | "duplicate" | "not_recorded" | "ignored">;
}

/** Where a message goes. */
export interface PostTarget {
  readonly workspaceId: WorkspaceId;
  readonly channelId: ChannelId;
  /** Null posts to the channel itself, which begins a thread. */
  readonly threadId: ThreadId | null;
  /** Only this member sees it, where the platform can do that. */
  readonly privateTo: MemberId | null;
  /** The newest {@link InboundEvent.replyToken} of what this answers; null when it answers nothing. */
  readonly replyToken: string | null;
  /** What goes to a thread is shown in its channel too, where the platform can do that. Absent: no. */
  readonly broadcast?: boolean;
}

export type PostOutcome =
  | { readonly kind: "posted"; readonly messageId: MessageId; readonly threadId: ThreadId }
  /** Certain not to have happened; may be tried again after that many milliseconds. */
  | { readonly kind: "retry"; readonly afterMs: number; readonly failure: Failure }
  /** Not tried: its turn comes in that many milliseconds. Counts as no attempt. */
  | { readonly kind: "later"; readonly afterMs: number }
  /** The platform said no for good: archived, no permission, unknown channel. `gone`: the thread was deleted, nothing else. */
  | { readonly kind: "refused"; readonly failure: Failure; readonly gone?: "thread" }
  /** It may have happened. */
  | { readonly kind: "unknown"; readonly failure: Failure };

export type FindOutcome =
  | { readonly kind: "found"; readonly messageId: MessageId; readonly threadId: ThreadId }
  | { readonly kind: "absent" }
  /** There is no way to look there. */
  | { readonly kind: "cannot_tell" }
  /** It could not be looked for just now; a later look may tell. */
  | { readonly kind: "unavailable"; readonly failure: Failure };

export type FoundChannel = ChannelId | { readonly unclear: string } | null;

/**
 * A platform that people talk on. It speaks in notices; how they look is its own affair.
 * Every implementation passes `test/contract/chat-platform.ts`.
 */
export interface ChatPlatform extends ChannelWork {
  readonly name: PlatformName;
  /**
   * @param key the delivery's idempotency key, stored with the message so that {@link find} can look for it
   * Never throws for what a platform answers; that is what the outcome is for.
   */
  post(target: PostTarget, notice: Notice, key: string, signal: AbortSignal): Promise<PostOutcome>;
  /** Replaces the content of a posted message. Doing it twice does no harm. */
  edit(
    target: PostTarget,
    messageId: MessageId,
    notice: Notice,
    key: string,
    signal: AbortSignal,
  ): Promise<PostOutcome>;
  /** Looks for a message by its delivery key, before sending it again after a crash. */
  find(target: PostTarget, key: string, signal: AbortSignal): Promise<FindOutcome>;
  /** Null when Claw can post there, else what a person can do about it. */
  whyNotPost(channelId: ChannelId, workspaceId: WorkspaceId): Promise<string | null>;
  /** Who somebody is. Null when the platform cannot say at present. Answers within 2 s; may be a few minutes old. */
  introduce(memberId: MemberId, workspaceId: WorkspaceId): Promise<Introduction | null>;
  /**
   * The channel of a name such as `#ops`. Null or absent: there is none, or only a link says which. `unclear`: several have
   * that name, and what to type instead. Answers within 2 s.
   */
  channelNamed?(name: string, workspaceId: WorkspaceId): FoundChannel | Promise<FoundChannel>;
  /** The words of a message, for what is started by a reaction to it. Null when it cannot be read. Answers within 2 s. */
  readMessage?(channelId: ChannelId, messageId: MessageId, workspaceId: WorkspaceId): Promise<string | null>;
  /** The channel in which Claw talks with one member alone. Null or absent where there is none. */
  directChannel?(memberId: MemberId, workspaceId: WorkspaceId): ChannelId | null;
  /** Begins to listen. */
  start(inbox: Inbox): Promise<void>;
  /** Stops listening; what was received is stored. Never takes more than 3 s. */
  stop(): Promise<void>;
}

/** The tokens of a workspace. The first implementation reads one Slack and one Discord token from the environment. */
export interface Installations {
  for(workspaceId: WorkspaceId): Promise<{ readonly platform: PlatformName; readonly botToken: string } | null>;
}

/** Named secrets of a workspace; plain values never leave this port but into a tool's call. */
export interface Secrets {
  get(workspaceId: WorkspaceId, name: string): Promise<string | null>;
}

// ── wakes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const WAKE_KINDS = ["slots.due", "runs.due", "checks.due", "deliveries.due", "sweep"] as const;
export type WakeKind = (typeof WAKE_KINDS)[number];

/** Says when to look. Losing every call of it loses no work: `sweep` finds what is due. */
export interface Alarms {
  /**
   * Asks for a look at `at` (milliseconds since the epoch; now when it is past). Asking twice for the same second is one alarm.
   * Never throws for a database that is down: the sweep repairs.
   */
  set(kind: WakeKind, at: number): Promise<void>;
}
