/** What the Slack adapter needs, and what it is. */
import type { Log as ClawLog } from "../../log.ts";
import type {
  CallToChange,
  ChatPlatform,
  Clock,
  EditForm,
  MineView,
  Notice,
  PlannedEdit,
  Role,
  WorkflowToEdit,
} from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";

export type Log = Pick<ClawLog, "info" | "warn" | "error">;

/** User groups, by id (`S0614TZR7`) or handle (`@platform-leads`), whose people have a role. The highest counts. */
export type RoleGroups = Partial<Readonly<Record<Role, readonly string[]>>>;

export interface SlackDeps {
  readonly botToken: string;
  /** How events arrive; `none`: this process asks Slack, and listens to nothing. */
  readonly entry:
    | { readonly kind: "none" }
    | { readonly kind: "socket"; readonly appToken: string }
    | { readonly kind: "http"; readonly signingSecret: string; readonly host: string; readonly port: number };
  /** Null: Slack's own. */
  readonly apiUrl: string | null;
  readonly roles: RoleGroups;
  /** The policy names user groups, so it matters who is in which. */
  readonly knowsGroups?: boolean;
  /** Milliseconds a message and channel; absent: what Slack takes. */
  readonly messageEveryMs?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly noticeCard: (notice: Notice) => Card;
  /** What was last said under a delivery's key; null when nothing was, or it was forgotten. */
  readonly noticeFor: (workspaceId: string, key: string) => Promise<Notice | null>;
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
  /** What the App Home of a person shows. */
  readonly home: (workspaceId: string, memberId: string) => Promise<MineView>;
}

export interface Slack extends ChatPlatform {
  /** Where requests arrive, without Socket Mode: `http://127.0.0.1:3142/slack/events`. Null with it. */
  url(): string | null;
}
