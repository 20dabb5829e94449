/** Notices: the meanings Claw tells people, as plain JSON that is all a card needs. Times are ISO, money is micro-dollars. */
import type { Failure } from "./errors.ts";
import type {
  ApprovalDecision,
  ApprovalView,
  CallDifference,
  CheckFailingNotice,
  DryRan,
  IncidentMark,
  ProgressLine,
  QuestionAskedNotice,
  QuestionReminderNotice,
  ReplayedOutcome,
  RunFigures,
  RunRef,
  WebhookSealedNotice,
  WebhookSecretNotice,
  WorkflowRef,
} from "./event-parts.ts";

export type * from "./event-parts.ts";

export type Notice =
  /** A reply to a command or a press, made by the bot; the orchestrator carries it unread. */
  | { readonly kind: "reply"; readonly card: unknown }
  /** The root message of a workflow's thread. */
  | {
      readonly kind: "workflowCreated";
      readonly workflow: WorkflowRef;
      readonly instruction: string;
      readonly schedule: string;
      readonly nextAt: string | null;
      readonly by: string;
      /** The thread before, when that was deleted. */
      readonly movedFrom?: string;
    }
  /** One message per run, edited in place. */
  | {
      readonly kind: "runProgress";
      readonly run: RunRef;
      readonly state: "running" | "waiting" | "done" | "failed" | "cancelled";
      readonly step: number;
      readonly maxSteps: number;
      readonly figures: RunFigures;
      readonly lines: readonly ProgressLine[];
      /** What it waits for or how it ended, in a few words; null while it runs. */
      readonly note: string | null;
    }
  | {
      readonly kind: "runReported";
      readonly run: RunRef;
      /** Markdown. The first line is the fact. */
      readonly text: string;
      readonly figures: RunFigures;
      readonly model: string;
      /** It contains text that outsiders can write. */
      readonly tainted: boolean;
      /** `grant 3 (channel_post)`: what it did without asking, because people had allowed it. Absent: nothing. */
      readonly grants?: readonly string[];
      /** Numbers of what it remembers from now on. Absent: nothing new. */
      readonly remembered?: readonly number[];
      /** Shown in the channel too. Absent: in the thread alone. */
      readonly broadcast?: boolean;
    }
  /** A run posted this with a tool, after a yes. */
  | { readonly kind: "channelPosted"; readonly run: RunRef | null; readonly text: string }
  | {
      readonly kind: "approvalRequested";
      readonly approval: ApprovalView;
      /** Null while it is open. */
      readonly decision: ApprovalDecision | null;
      /** What came of the call, once it ran; null before. */
      readonly outcome: string | null;
    }
  /** Half of an approval's time is over: who can decide. */
  | {
      readonly kind: "approvalReminder";
      readonly approval: ApprovalView;
      /** Names of people who can. */
      readonly able: readonly string[];
      /** How many others can. */
      readonly more: number;
      readonly decision: ApprovalDecision | null;
    }
  | QuestionAskedNotice
  | QuestionReminderNotice
  /** Everything was stopped while the run changed something, and nobody heard whether it did. */
  | {
      readonly kind: "runSuspended";
      readonly run: RunRef;
      readonly by: string;
      readonly at: string;
      readonly underWay: readonly string[];
    }
  | {
      readonly kind: "budgetAsked";
      readonly run: RunRef;
      readonly waitId: string;
      /** Which ceiling: the run's own, or the workspace's for the day. */
      readonly scope: "run" | "workspace_day";
      readonly limitMicros: number;
      readonly spentMicros: number;
      /** The most the next call may cost. */
      readonly neededMicros: number;
      /** What *Allow* would add. */
      readonly offerMicros: number;
      readonly dayMicros: number;
      readonly dayLimitMicros: number;
      readonly decision: { readonly kind: "allowed" | "stopped"; readonly by: string; readonly at: string } | null;
    }
  | {
      readonly kind: "unknownEffectAsked";
      readonly run: RunRef;
      readonly waitId: string;
      readonly tool: string;
      readonly action: string;
      readonly startedAt: string;
      /** Trying again is offered from then on: before, the first call may still be going. */
      readonly retryFrom: string;
      readonly decision: {
        readonly kind: "happened" | "again" | "stopped";
        readonly by: string;
        readonly at: string;
      } | null;
    }
  /** It began under another version of Claw, and something it stands on is gone or changed. */
  | {
      readonly kind: "versionChanged";
      readonly run: RunRef;
      readonly waitId: string;
      /** Versions of Claw: the run's, and the one that runs now. */
      readonly began: string;
      readonly present: string;
      /** `the tool http_get has changed`. */
      readonly changes: readonly string[];
      /** What it had already changed in the world. */
      readonly happened: readonly string[];
      readonly decision: {
        readonly kind: "go_on" | "again" | "stopped";
        readonly by: string;
        readonly at: string;
      } | null;
    }
  | {
      readonly kind: "runFailed";
      readonly run: RunRef;
      readonly failure: Failure;
      readonly figures: RunFigures;
      /**
       * `retrying`: it goes on by itself at `nextTryAt`; `recovered`: it did, and ended well; `failed`: decided; `dead`: a
       * person must retry or discard.
       */
      readonly state: "retrying" | "recovered" | "failed" | "dead";
      readonly attempts: number;
      readonly nextTryAt: string | null;
      /** How often runs of the workflow failed that way. */
      readonly count: number;
      /** What belongs together; absent for what was told before there were incidents, or of a deleted workflow. */
      readonly incident?: IncidentMark;
      /** What the run had already changed in the world. */
      readonly happened?: readonly string[];
      /** What a person decided about the dead run. */
      readonly decision?:
        | { readonly kind: "discarded"; readonly by: string; readonly at: string; readonly reason: string | null }
        | { readonly kind: "restarted"; readonly by: string; readonly at: string; readonly run: number };
    }
  /** A run waits because an outside service is down: said once a workflow and outage, edited until the service is back. */
  | {
      readonly kind: "serviceDown";
      readonly run: RunRef;
      /** `model:api.openai.com`, `http:status.example.com`, `tool:<name>`. */
      readonly service: string;
      readonly failure: Failure;
      readonly since: string;
      /** Null once it is back. */
      readonly nextTryAt: string | null;
      readonly backAt: string | null;
    }
  | {
      readonly kind: "runCancelled";
      readonly run: RunRef;
      readonly by: string;
      readonly figures: RunFigures;
      /** What had already been changed in the world. */
      readonly happened: readonly string[];
    }
  | {
      readonly kind: "slotsMissed";
      readonly workflow: WorkflowRef;
      readonly count: number;
      readonly first: string;
      readonly last: string;
      readonly why: string;
      /** Firing of the last missed slot, for *Run now*. */
      readonly firingId: string;
      readonly ranLatest: boolean;
      /** No slots, but events that it waits for; the last one is kept, for *Run now*. */
      readonly events?: true;
    }
  | {
      readonly kind: "workflowPaused";
      readonly workflow: WorkflowRef;
      readonly by: string;
      readonly note: string | null;
      /** The failures that paused it; absent when people did, or Claw for another reason. */
      readonly failures?: { readonly count: number; readonly since: string; readonly message: string };
      /** How the pause ended; absent while it lasts. */
      readonly resumed?: {
        readonly by: string;
        readonly at: string;
        readonly nextAt: string | null;
        /** How many slots fell into the pause. */
        readonly leftOut: number;
      };
    }
  /** A replay has ended. Only who asked for it is told. */
  | {
      readonly kind: "replayed";
      readonly run: RunRef;
      /** The run it repeats. */
      readonly of: RunRef;
      /** `pinned`: on the revision of that run; `present`: on the one that is current. */
      readonly mode: "pinned" | "present";
      readonly was: ReplayedOutcome;
      readonly is: ReplayedOutcome;
      readonly calls: {
        readonly same: number;
        /** Calls that the journal had no answer to. */
        readonly unanswered: number;
        readonly differences: readonly CallDifference[];
        /** How many differences there are beyond those. */
        readonly more: number;
      };
      /** What differs in the report, or in the failure, line by line; empty when nothing does. */
      readonly report: readonly string[];
      readonly reportMore: number;
    }
  /** A dry run has ended. Only who asked for it is told. */
  | ({ readonly kind: "dryRan" } & DryRan)
  /** A slot, or a run that is queued, should have begun minutes ago. */
  | {
      readonly kind: "startLate";
      readonly workflow: WorkflowRef;
      readonly plannedAt: string;
      /** Null: the slot has not even become a run. */
      readonly runNumber: number | null;
      /** In a few words for people. */
      readonly why: string;
      /** When it was seen to have begun, or to have been taken back; null while it waits. */
      readonly overAt: string | null;
    }
  /** The workflow's channel does not take what it says: told to its owner in person, once a cause. */
  | {
      readonly kind: "undelivered";
      readonly workflow: WorkflowRef;
      readonly failure: Failure;
      /** Messages that did not arrive since the last one that did. */
      readonly count: number;
      /** One of them asks something that is still open. */
      readonly asks: boolean;
      readonly lastAt: string;
      /** They were sent again; absent: not yet. */
      readonly again?: { readonly by: string; readonly at: string; readonly count: number };
    }
  | WebhookSecretNotice
  | WebhookSealedNotice
  | CheckFailingNotice
  /** The workflow's thread was deleted, and it goes on in another: told to its owner in person. */
  | { readonly kind: "homeMoved"; readonly workflow: WorkflowRef; readonly at: string }
  /** A quiet workflow's sign of life. */
  | {
      readonly kind: "heartbeat";
      readonly workflow: WorkflowRef;
      readonly checks: number;
      readonly since: string;
      readonly nextAt: string | null;
    };
