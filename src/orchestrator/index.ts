/** All that the bot may know of the orchestrator: use cases, what they answer, and the words they are said in. */
export { approveWithChanges, type CallToChange, type Changed } from "./approvals/change.ts";
export { listApprovals, type Voted, vote } from "./approvals/service.ts";
export { costOf } from "./budget/service.ts";
export type { Caller } from "./caller.ts";
export type { Database } from "./db/client.ts";
export { type SentAgain, sendAgain } from "./delivery/again/service.ts";
export { dryRunDraft, dryRunWorkflow, type StartedDryRun } from "./dry-run/service.ts";
export { assertNever, ClawError, classOf, type Failure } from "./errors.ts";
export type {
  ApprovalDecision,
  ApprovalView,
  Notice,
  QuestionEnd,
  QuestionView,
  RunFigures,
  RunRef,
  WorkflowRef,
} from "./events.ts";
export { proposeGrant, proposeGrantFor } from "./grants/propose.ts";
export { changeGrant, dropGrant, type Given, giveGrant, revoke, toggleOutside } from "./grants/service.ts";
export { type GrantView, readGrants } from "./grants/view.ts";
export type { InboundHandler } from "./inbox/service.ts";
export { type Acknowledged, acknowledge } from "./incidents/service.ts";
export {
  confirmMemory,
  correctMemory,
  exportMemories,
  forgetMemory,
  keepMemory,
  readMemories,
  readMemory,
  remember,
  type ToRemember,
} from "./memory/service.ts";
export type { MemoryView } from "./memory/view.ts";
export type { MineView } from "./mine.ts";
export { type RuleLine, readRuleLine } from "./policy/line.ts";
export {
  type CheckView,
  checkCall,
  type PermissionsView,
  readPermissions,
} from "./policy/reading.ts";
export {
  dropProposedRule,
  proposeRule,
  type RuleView,
  removeRuleNumber,
  saveProposedRule,
} from "./policy/service.ts";
export type {
  CalledChannel,
  ChannelOutcome,
  ChannelPage,
  ChannelQuery,
  ChannelWork,
  ChatPlatform,
  Clock,
  FindOutcome,
  FoundChannel,
  Ids,
  InboundBody,
  InboundEvent,
  Inbox,
  Introduction,
  MarkOutcome,
  MessagePlace,
  PostOutcome,
  PostTarget,
  Role,
  SaidMessage,
  Sight,
} from "./ports.ts";
export { type Answered, answerInThread, answerQuestion, type SaidInThread } from "./questions/service.ts";
export { type Reader, readAudit, readDead, readInspect, readRuns, readStatus, readWhy } from "./reading.ts";
export { replayRun, type StartedReplay } from "./replay/service.ts";
export { type Restarting, restart as restartRun } from "./runs/restart.ts";
export type { RunStatus } from "./runs/run.ts";
export {
  answerBudget,
  answerUnknown,
  cancel as cancelRun,
  discard as discardRun,
  retry as retryRun,
  unknownRun,
} from "./runs/service.ts";
export type { StepStatus } from "./runs/step.ts";
export { answerVersion } from "./runs/version.ts";
export { type BackfillView, dropBackfill, planBackfill, runBackfill } from "./schedules/backfill/service.ts";
export { parsePhrase } from "./schedules/phrase/phrase.ts";
export type { Schedule } from "./schedules/schedule.ts";
export { type Skipping, skipNext } from "./schedules/skip.ts";
export { nearestZones, zoneFor } from "./schedules/zone.ts";
export { isPastedSecret, withoutPastedSecret } from "./secrets/pasted.ts";
export { readSecrets, type SecretView } from "./secrets/service.ts";
export { planStop, type Resumption, resumeEverything, type StopView, stopEverything } from "./stops/service.ts";
export { FIGURES_DAYS, readTools, type ToolView } from "./tool-figures/reading.ts";
export { EVERY_WORKFLOW } from "./tool-figures/who.ts";
export { readTriggerPhrase } from "./triggers/phrase.ts";
export type { SaidTrigger } from "./triggers/trigger.ts";
export type { WebhookInbox } from "./triggers/webhooks/inbox.ts";
export { hideSecret, rotateWebhook } from "./triggers/webhooks/service.ts";
export type {
  AuditView,
  CostView,
  DeliveryView,
  DraftView,
  FiringView,
  IncidentView,
  InspectView,
  LostView,
  ManifestEntry,
  RunView,
  StatusView,
  StepView,
  WorkflowView,
} from "./views.ts";
export { BROADCAST_WORDS } from "./workflows/broadcast.ts";
export {
  activateDraft,
  createDraft,
  dropDraft,
  readDraft,
  reviseDraft,
  type Wanted,
} from "./workflows/drafts.ts";
export { type PlannedEdit, type SavedEdit, saveEdit, type WorkflowToEdit } from "./workflows/edit.ts";
export type { EditFault, EditForm } from "./workflows/edit-form.ts";
export { isWorkflowName } from "./workflows/name.ts";
export {
  dropPolicy,
  type PoliciesView,
  type PolicyChangeView,
  planPolicy,
  planPolicyOf,
  readPolicies,
  savePolicy,
} from "./workflows/policy-change.ts";
export { POLICY_NAMES, POLICY_TERMS } from "./workflows/policy-terms.ts";
export {
  type DeletePlan,
  deleteWorkflow,
  editWorkflow,
  pauseWorkflow,
  planDelete,
  type Resumed,
  renameWorkflow,
  resumeWorkflow,
  runLeftOut,
  runNow,
  setZone,
  unknownWorkflow,
} from "./workflows/service.ts";
export { workflowNames } from "./workflows/store.ts";
export { nameOfThread, workflowView, workflowViews } from "./workflows/views/store.ts";
