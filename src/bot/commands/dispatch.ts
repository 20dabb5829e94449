/** From what a person typed to a use case, and from its answer to a card: the same on every platform. */
import {
  acknowledge,
  approveWithChanges,
  assertNever,
  type Caller,
  ClawError,
  cancelRun,
  costOf,
  createDraft,
  discardRun,
  dryRunWorkflow,
  isWorkflowName,
  listApprovals,
  nameOfThread,
  pauseWorkflow,
  planBackfill,
  planDelete,
  type Reader,
  readAudit,
  readDead,
  readInspect,
  readRuns,
  readSecrets,
  readStatus,
  readTools,
  readWhy,
  renameWorkflow,
  replayRun,
  restartRun,
  resumeWorkflow,
  retryRun,
  rotateWebhook,
  runNow,
  setZone,
  skipNext,
  unknownRun,
  unknownWorkflow,
  vote,
  workflowNames,
  workflowView,
  workflowViews,
} from "../../orchestrator/index.ts";
import { doneCard, questionCard, unclearCard, whyCard } from "../cards/answer.ts";
import { approvalsCard, changedCard, votedCard } from "../cards/approval.ts";
import { auditCard } from "../cards/audit.ts";
import { costCard } from "../cards/budget.ts";
import type { Card } from "../cards/card.ts";
import { previewCard } from "../cards/draft.ts";
import { dryRunningCard } from "../cards/dry-run.ts";
import { acknowledgedCard } from "../cards/incident.ts";
import { inspectCard } from "../cards/inspect.ts";
import { cancelledCard, deleteCard, pausedCard, resumedCard, startedCard } from "../cards/moves.ts";
import { replayingCard } from "../cards/replay.ts";
import { deadCard, restartingCard, runsCard } from "../cards/run.ts";
import { backfillCard, skipCard } from "../cards/schedule.ts";
import { pastedSecretCard, secretsCard } from "../cards/secrets.ts";
import { statusCard } from "../cards/status.ts";
import { toolsCard } from "../cards/tools.ts";
import { listCard, workflowCard } from "../cards/workflow.ts";
import type { Command, Ref } from "./command.ts";
import { type Creating, isCreating, wantedOf } from "./creating.ts";
import { editCard } from "./edit.ts";
import { helpCard } from "./help.ts";
import { cleanLine } from "./line.ts";
import { workflowIn } from "./meant.ts";
import { answerMemory } from "./memory.ts";
import { isMemoryCommand, type MemoryCommand } from "./memory-command.ts";
import { knownTo, parseCommand } from "./parse.ts";
import { answerPermission, isPermissionCommand, type PermissionCommand } from "./permissions.ts";
import { phrasesOf } from "./phrases.ts";
import { answerPolicies, answerSet, policyButtonsFor } from "./policies.ts";
import { answerLineOf } from "./question.ts";
import { noWorkflow } from "./suggest.ts";

/** A card, and the message it belongs in: null is one of its own. */
export interface Answer {
  readonly card: Card;
  readonly key: string | null;
}

/** The message a preview is shown in; what becomes of the draft edits it. */
export const draftKey = (workflowId: string): string => `draft:${workflowId}`;
/** The message that asks about a backfill; the answer edits it. */
export const backfillKey = (token: string): string => `backfill:${token}`;

export const readerOf = (caller: Caller): Reader => ({
  db: caller.work.tx,
  workspaceId: caller.actor.workspaceId,
  now: caller.work.now,
  zone: caller.workspaceZone,
  dayCeilingMicros: caller.deps.dayCeilingMicros,
  perWorkspace: caller.deps.perWorkspace,
  closedTimes: caller.deps.closedTimes,
});

/** What is closed where the caller is. */
export const openTimesOf = ({ deps, workspaceZone: zone }: Caller) => ({ closedTimes: deps.closedTimes, zone });

/** Answers a line. @throws ClawError for what the person can do something about */
export async function answerLine(caller: Caller, text: string): Promise<Answer> {
  const { work, actor, event } = caller;
  const workflows = new Set(await workflowNames(work.tx, actor.workspaceId));
  const here = event.threadId === null ? null : await nameOfThread(work.tx, actor.workspaceId, event.threadId);
  const parsed = parseCommand(text, { parsePhrase: phrasesOf(caller), workflows, here });
  switch (parsed.kind) {
    case "question":
      return own(questionCard(parsed));
    case "unclear":
      return own(unclearCard(parsed));
    case "command":
      return answerCommand(caller, parsed.command).catch((error: unknown) => {
        const name = workflowIn(parsed.command);
        const unknownName = error instanceof ClawError && error.code === "unknown_subject" && name !== null;
        if (!unknownName || workflows.has(name)) throw error;
        return own(unclearCard(noWorkflow(cleanLine(text), name, knownTo({ workflows, here }), null)));
      });
    default:
      return assertNever(parsed, "parsed line");
  }
}

const own = (answer: Card): Answer => ({ card: answer, key: null });

async function answerCommand(caller: Caller, command: Command): Promise<Answer> {
  if (isCreating(command)) {
    const draft = await createDraft(caller, wantedOf(command));
    return { card: previewCard(draft), key: draftKey(draft.workflowId) };
  }
  switch (command.kind) {
    case "backfill": {
      const view = await planBackfill(caller, { name: command.workflow }, command.from, command.to);
      return { card: backfillCard(view), key: backfillKey(view.token) };
    }
    case "set":
      return answerSet(caller, command.workflow, command.text);
    default:
      if (isPermissionCommand(command)) return answerPermission(caller, command);
      if (isMemoryCommand(command)) return own(await answerMemory(caller, command));
      return own(await cardFor(caller, command));
  }
}

const which = (ref: Ref) => (ref.kind === "run" ? { number: ref.number } : { workflow: ref.name });

async function cardFor(
  caller: Caller,
  command: Exclude<Command, Creating | { kind: "backfill" | "set" } | PermissionCommand | MemoryCommand>,
): Promise<Card> {
  const reader = readerOf(caller);
  const { db, workspaceId, now } = reader;
  switch (command.kind) {
    case "help":
      return helpCard(command.topic);
    case "list":
      return listCard(await workflowViews(db, workspaceId, now, openTimesOf(caller)));
    case "status":
      return command.ref === null ? statusCard(await readStatus(reader)) : refCard(caller, command.ref);
    case "runs": {
      const runs = await readRuns(reader, command.workflow);
      if (!runs) throw unknownWorkflow(command.workflow);
      return runsCard(runs);
    }
    case "inspect": {
      const inspected = await readInspect(reader, which(command.ref));
      if (!inspected) throw unknown(command.ref);
      return inspectCard(inspected);
    }
    case "why": {
      const why = await readWhy(reader, which(command.ref));
      if (why === null) throw unknown(command.ref);
      return whyCard(why, await policyButtonsFor(reader, command.ref));
    }
    case "audit": {
      const events = await readAudit(reader, command.ref === null ? null : which(command.ref));
      if (!events) throw unknown(command.ref ?? { kind: "run", number: 0 });
      return auditCard(events);
    }
    case "dead":
      return deadCard(await readDead(reader));
    case "tools":
      return toolsCard(await readToolsOf(caller, now));
    case "secrets":
      return command.pasted ? pastedSecretCard(workspaceId) : secretsCard(await readSecrets(caller), workspaceId);
    case "approvals":
      return approvalsCard(await listApprovals(caller.work.tx, caller.actor.workspaceId));
    case "cost": {
      const query = { workspaceId, now: now.getTime(), zone: reader.zone, dayLimitMicros: reader.dayCeilingMicros };
      return costCard(await costOf(db, { ...query, days: command.days }));
    }
    case "approve":
    case "deny":
      return votedCard(
        await vote(caller, { which: { number: command.approval }, choice: command.kind, reason: command.reason }),
      );
    case "approveWith":
      return changedCard(await approveWithChanges(caller, { number: command.approval }, command.arguments));
    case "answer":
      return answerLineOf(caller, command.question, command.text);
    case "run":
      return startedCard((await runNow(caller, { name: command.workflow })).number);
    case "pause":
      return pausedCard(await pauseWorkflow(caller, { name: command.workflow }, command.note));
    case "resume":
      return resumedCard(await resumeWorkflow(caller, { name: command.workflow }));
    case "skip":
      return skipCard(await skipNext(caller, { name: command.workflow }, command.count));
    case "edit":
      return editCard(caller, command.workflow, command.text);
    case "policies":
      return answerPolicies(caller, command.workflow);
    case "rename":
      await renameWorkflow(caller, { name: command.workflow }, command.name);
      return doneCard(`${command.workflow} is now called ${command.name}.`);
    case "delete":
      return deleteCard(await planDelete(caller, { name: command.workflow }));
    case "rotate":
      return doneCard(
        `${await rotateWebhook(caller, { name: command.workflow })} has a new secret; the old one is worth nothing from now on. Only you are shown it.`,
      );
    case "cancel":
      return cancelledCard(await cancelRun(caller, { number: command.run }));
    case "retry":
      return command.anew
        ? restartingCard(await restartRun(caller, { number: command.run }, false))
        : doneCard(
            `Run ${await retryRun(caller, { number: command.run })} goes on from its journal; what is done stays done.`,
          );
    case "ack":
      return acknowledgedCard(
        await acknowledge(
          caller,
          command.ref.kind === "run" ? { run: command.ref.number } : { workflow: command.ref.name },
        ),
      );
    case "discard":
      return doneCard(`Run ${await discardRun(caller, { number: command.run }, command.reason)} is given up.`);
    case "replay": {
      const mode = command.present ? "present" : "pinned";
      return replayingCard(await replayRun(caller, { number: command.run }, mode));
    }
    case "dryRun":
      return dryRunningCard(await dryRunWorkflow(caller, { name: command.workflow }));
    case "timezone":
      await setZone(caller, command.zone);
      return doneCard(`Times you type are read in ${command.zone} from now on.`);
    default:
      return assertNever(command, "command");
  }
}

const readToolsOf = async ({ deps, work, actor }: Caller, now: Date) =>
  readTools(
    work.tx,
    deps.registry.list(),
    await deps.policy.present(work.tx, actor.workspaceId),
    actor.workspaceId,
    now,
  );

async function refCard(caller: Caller, ref: Ref): Promise<Card> {
  const reader = readerOf(caller);
  if (ref.kind === "workflow") {
    const { db, workspaceId, now } = reader;
    const view = await workflowView(db, workspaceId, { name: ref.name }, now, openTimesOf(caller));
    if (!view) throw unknown(ref);
    return workflowCard(view);
  }
  const inspected = await readInspect(reader, { number: ref.number });
  if (!inspected) throw unknown(ref);
  return runsCard([inspected.run]);
}

const unknown = (ref: Ref) =>
  ref.kind === "run" ? unknownRun(ref.number) : unknownWorkflow(isWorkflowName(ref.name) ? ref.name : null);
