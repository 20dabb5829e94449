/** What a chat platform does in its channels for a run, and whom it shows them to. A part of the ChatPlatform port. */
import type { Failure } from "./errors.ts";
import type { ChannelId, MemberId, MessageId, WorkspaceId } from "./ports.ts";

/** Whether somebody can read what is said in a channel. Who cannot tell says no. */
export type Sight =
  | { readonly kind: "sees" }
  /** They do not, or there is no such channel: it is not said which. */
  | { readonly kind: "hidden" }
  /** `passes`: a later look may tell. `why`: for people. */
  | { readonly kind: "cannot_tell"; readonly why: string; readonly passes: boolean };

export type CalledChannel =
  /** `name`: as people write it, `#ops`; null for what has none, such as the conversation with one member. */
  | { readonly kind: "channel"; readonly channelId: ChannelId; readonly name: string | null }
  | { readonly kind: "none" }
  /** Several are called so; `why` says what to write instead. */
  | { readonly kind: "unclear"; readonly why: string }
  /** A later look may tell. */
  | { readonly kind: "unavailable"; readonly why: string };

export type ChannelOutcome<T> =
  | { readonly kind: "done"; readonly value: T }
  /** Nothing is wrong with what was asked: the same may go well in so many milliseconds. `limited`: it was asked too much. */
  | { readonly kind: "retry"; readonly afterMs: number; readonly failure: Failure; readonly limited?: true }
  /** The platform said no for good. `gone`: there is no such message. */
  | { readonly kind: "refused"; readonly failure: Failure; readonly gone?: true };

export interface ChannelQuery {
  readonly workspaceId: WorkspaceId;
  readonly channelId: ChannelId;
  /** A message whose thread is read; null: what stands in the channel itself. */
  readonly thread: MessageId | null;
  /** Nothing older; milliseconds since the epoch. */
  readonly since: number;
  /** Only what is older than this message; null: from the newest on. */
  readonly before: MessageId | null;
  /** So many messages at most, the newest of those that are meant; 100 at most. */
  readonly limit: number;
}

export interface SaidMessage {
  readonly messageId: MessageId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: string;
  readonly text: string;
  /** Messages in its thread. */
  readonly replies: number;
}

export interface ChannelPage {
  /** The oldest first. What only one person sees is never among them. */
  readonly messages: readonly SaidMessage[];
  /** There are older ones that are meant. */
  readonly more: boolean;
}

export interface MessagePlace {
  readonly workspaceId: WorkspaceId;
  readonly channelId: ChannelId;
  readonly messageId: MessageId;
}

/** `already`: it was so before, so that nothing was done. */
export type MarkOutcome = ChannelOutcome<"done" | "already">;

/** None of these throws for what a platform answers. Where one is absent, the platform cannot do it. */
export interface ChannelWork {
  /**
   * Whether a member reads what is said in a channel: in a public one every full member does, in others who is in it.
   * Answers within 3 s; may be a minute old. Absent: nobody can tell, which is no.
   */
  sight?(memberId: MemberId, channelId: ChannelId, workspaceId: WorkspaceId): Promise<Sight>;
  /** The channel that a name or an id of the platform's own stands for, of those that Claw sees. Answers within 5 s. */
  channelCalled?(called: string, workspaceId: WorkspaceId): Promise<CalledChannel>;
  /** What was said in a channel that Claw is in. */
  readChannel?(query: ChannelQuery, signal: AbortSignal): Promise<ChannelOutcome<ChannelPage>>;
  /** Pins a message of just that channel, or of a thread in it. Doing it again does no harm. */
  pinMessage?(place: MessagePlace, signal: AbortSignal): Promise<MarkOutcome>;
  /** Puts an emoji to a message, likewise. @param emoji a name without colons, or the sign itself */
  reactTo?(place: MessagePlace, emoji: string, signal: AbortSignal): Promise<MarkOutcome>;
}
