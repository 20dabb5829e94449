/** What the contract of chat platforms needs of each: to see what people see, and to act as they do. */
import type { ChatPlatform } from "../../src/orchestrator/ports.ts";

export interface Person {
  readonly memberId: string;
  readonly name: string;
}

/** A message as it stands before somebody's eyes. */
export interface Seen {
  readonly messageId: string;
  /** All its words in reading order: title, text, facts, labels of buttons. */
  readonly words: string;
  /** Labels of the buttons it offers. */
  readonly buttons: readonly string[];
}

/** What the platform tells a person who did something: that it is in good hands, or that it is not recorded. */
export type Told = "taken" | "not_recorded";

export interface ContractHarness {
  /** Not started yet. It shows a `reply` notice as the card in it. */
  readonly platform: ChatPlatform;
  readonly workspaceId: string;
  readonly channelId: string;
  /** What people call it, `#eng`. */
  readonly channelName: string;
  readonly otherChannelId: string;
  /** Well formed, but there is no such channel. */
  readonly unknownChannelId: string;
  readonly people: readonly [Person, Person];
  /** Oldest first. @param threadId null shows the channel itself */
  see(person: Person, channelId: string, threadId: string | null): Promise<readonly Seen[]>;
  /** As a person speaks to Claw: `/claw status`, or a mention where that is how it is done. */
  command(person: Person, channelId: string, threadId: string | null, text: string): Promise<Told>;
  say(person: Person, channelId: string, threadId: string, text: string): Promise<Told>;
  /** Presses a button of a message; `text` answers a button that asks for a line. */
  press(person: Person, messageId: string, label: string, text: string | null): Promise<Told>;
  /** The platform sends the last thing that a person did once more, as platforms do. */
  redeliver(): Promise<Told>;
  /** Ends what the harness started beside the platform. */
  close(): Promise<void>;
}
