/** What the console needs, and what it is. */
import type { Log } from "../../log.ts";
import type {
  AuditView,
  ChatPlatform,
  Clock,
  Database,
  Ids,
  InspectView,
  Notice,
  Role,
  RunView,
  WorkflowView,
} from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";

export type ConsoleLog = Pick<Log, "info" | "warn" | "error">;

export interface ConsolePerson {
  readonly memberId: string;
  readonly name: string;
  readonly role: Role;
}

export interface ConsoleWorkspace {
  /** `console:demo`. */
  readonly id: string;
  readonly name: string;
  /** Only then may a person act as another. */
  readonly demo: boolean;
}

export type WorkflowPage = WorkflowView & { readonly runs: readonly RunView[] };

/** The read side of the pages beside the chat. */
export interface ConsolePages {
  workflows(workspaceId: string): Promise<readonly WorkflowView[]>;
  /** Null when there is none of that name. */
  workflow(workspaceId: string, name: string): Promise<WorkflowPage | null>;
  /** Null when there is no run of that number. */
  run(workspaceId: string, number: number): Promise<InspectView | null>;
  /** Newest first. @param before an event's id: only older ones; null begins at the newest */
  audit(workspaceId: string, before: number | null): Promise<readonly AuditView[]>;
}

export interface ConsoleDeps {
  readonly db: Database;
  /** LISTEN: calls back for each notification until the returned function is called. */
  readonly listen: (channel: string, onMessage: (payload: string) => void) => Promise<() => Promise<void>>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: ConsoleLog;
  readonly host: string;
  /** 0 takes a free one, which {@link Console.url} tells. */
  readonly port: number;
  /** A key that always signs in (`CLAW_CONSOLE_TOKEN`), or null. */
  readonly token: string | null;
  readonly workspace: ConsoleWorkspace;
  /** The first one is whom a new session acts as. */
  readonly people: readonly [ConsolePerson, ...ConsolePerson[]];
  /** Names, the first is where the page opens. */
  readonly channels: readonly [string, ...string[]];
  readonly noticeCard: (notice: Notice) => Card;
  /** Commands that begin with the text (what stands after `/claw `), best first. */
  readonly completions: (text: string) => Promise<readonly string[]>;
  readonly pages: ConsolePages;
  /** Someone at the login page asked for a key: show them this URL where only the operator reads. */
  readonly onNewKey: (url: string) => void;
  /** The folder with the page's CSS, script and icon. */
  readonly publicDir: string;
}

export interface Console extends ChatPlatform {
  /** Where the page is, without a key: `http://127.0.0.1:3141`. */
  url(): string;
  /** The URL that signs in once. It stays the same until it is used; then the next call makes a new one. */
  loginUrl(): string;
}
