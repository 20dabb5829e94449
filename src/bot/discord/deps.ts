/** What the Discord adapter needs, and what it is. */
import type { Log as ClawLog } from "../../log.ts";
import type {
  CallToChange,
  ChatPlatform,
  Clock,
  EditForm,
  Notice,
  PlannedEdit,
  Role,
  WorkflowToEdit,
} from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";
import type { Choice } from "../commands/choices.ts";

export type Log = Pick<ClawLog, "info" | "warn" | "error">;

/** Roles of a server, by id or by name (`@platform-leads`), whose people have a role of Claw's. The highest counts. */
export type RoleNames = Partial<Readonly<Record<Role, readonly string[]>>>;

/** What was last said in a message, and where it belongs. */
export interface Said {
  readonly workspaceId: string;
  readonly notice: Notice;
}

export interface DiscordDeps {
  readonly botToken: string;
  /** Null: Discord's own. */
  readonly apiUrl: string | null;
  /** False: this process asks Discord, and listens to nothing. Absent: it listens. */
  readonly listens?: boolean;
  readonly roles: RoleNames;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds in [0, 1). */
  readonly random: () => number;
  readonly noticeCard: (notice: Notice) => Card;
  /** What was last said in a message of Claw's; null when it says nothing, or it was forgotten. */
  readonly saidIn: (messageId: string) => Promise<Said | null>;
  /** The call of an approval, for the form to change it in; null when it does not wait for a yes any more. Only reads. */
  readonly callToChange: (workspaceId: string, approvalId: string) => Promise<CallToChange | null>;
  /** A workflow and the fields to change it in; null when there is none. Only reads. */
  readonly workflowToEdit: (workspaceId: string, workflowId: string) => Promise<WorkflowToEdit | null>;
  /** What a filled form would change. Only reads. */
  readonly planEdit: (
    workspaceId: string,
    by: { readonly memberId: string; readonly workflowId: string },
    form: EditForm,
  ) => Promise<PlannedEdit>;
  /** Before anything of the workspace is stored. Doing it again does no harm. */
  readonly ensureWorkspace: (workspace: { id: string; team: string; name: string }) => Promise<void>;
  /** What a half-typed request may become. */
  readonly choices: (workspaceId: string, memberId: string, typed: string) => Promise<readonly Choice[]>;
  /** Milliseconds a progress edit, in the long run; absent: what Discord takes. */
  readonly progressEveryMs?: number;
  /** Milliseconds before somebody who waits for an answer hears that it takes longer; absent: some seconds. */
  readonly patienceMs?: number;
}

export type Discord = ChatPlatform;
