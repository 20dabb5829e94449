/** From a press on a button to a use case, and from its answer to a card: every press gets an answer. */
import {
  acknowledge,
  activateDraft,
  answerBudget,
  answerUnknown,
  answerVersion,
  approveWithChanges,
  assertNever,
  type Caller,
  ClawError,
  cancelRun,
  deleteWorkflow,
  discardRun,
  dropBackfill,
  dropDraft,
  dryRunDraft,
  hideSecret,
  pauseWorkflow,
  readDraft,
  readInspect,
  restartRun,
  resumeWorkflow,
  retryRun,
  reviseDraft,
  runBackfill,
  runLeftOut,
  runNow,
  sendAgain,
  unknownRun,
  unknownWorkflow,
  vote,
  workflowView,
} from "../../orchestrator/index.ts";
import { type Action, isAction } from "../cards/actions.ts";
import { doneCard, questionCard, unclearCard } from "../cards/answer.ts";
import { changedCard, votedCard } from "../cards/approval.ts";
import { type Card, instant } from "../cards/card.ts";
import { previewCard } from "../cards/draft.ts";
import { dryRunningCard } from "../cards/dry-run.ts";
import { plural } from "../cards/figures.ts";
import { acknowledgedCard } from "../cards/incident.ts";
import { inspectCard } from "../cards/inspect.ts";
import { cancelledCard, deletedCard, pausedCard, resumedCard, startedCard } from "../cards/moves.ts";
import { restartingCard } from "../cards/run.ts";
import { sentAgainCard } from "../cards/undelivered.ts";
import { workflowCard } from "../cards/workflow.ts";
import { isCreating, wantedOf } from "./creating.ts";
import { type Answer, answerLine, backfillKey, draftKey, openTimesOf, readerOf } from "./dispatch.ts";
import { changesOf, pressEdit } from "./edit.ts";
import { pressCorrection } from "./memory.ts";
import { parseCommand, parseEdit } from "./parse.ts";
import { isPermissionAction, type PermissionAction, pressPermission } from "./permissions.ts";
import { phrasesOf } from "./phrases.ts";
import { isPolicyAction, POLICY_ACTIONS, type PolicyAction, pressPolicy } from "./policies.ts";
import { isQuestionAction, pressQuestion, type QuestionAction } from "./question.ts";

export interface Press {
  readonly action: string;
  /** What the button is about. */
  readonly value: string;
  /** What the person typed when the button asked for text. */
  readonly text: string | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Actions whose value is more than an id; what they call checks it. */
const SPEAKING: ReadonlySet<string> = new Set<Action>([
  "command",
  "backfill.run",
  "backfill.cancel",
  "stop.everything",
  "stop.cancel",
  "question.choose",
  ...POLICY_ACTIONS,
]);

/** @throws ClawError for what the person can do something about, a forged or outlived button included */
export async function answerPress(caller: Caller, press: Press): Promise<Answer> {
  if (!isAction(press.action) || !(SPEAKING.has(press.action) || UUID.test(press.value))) {
    throw new ClawError("unknown_subject", "This button is no longer understood. /claw status shows what waits.");
  }
  if (press.action === "command") return answerLine(caller, press.value);
  if (press.action === "draft.dry_run") {
    return { card: dryRunningCard(await dryRunDraft(caller, press.value)), key: null };
  }
  if (press.action === "draft.create" || press.action === "draft.edit" || press.action === "draft.cancel") {
    return { card: await pressDraft(caller, press.action, press), key: draftKey(press.value) };
  }
  if (press.action === "backfill.run" || press.action === "backfill.cancel") {
    return { card: await pressBackfill(caller, press.action, press.value), key: backfillKey(press.value) };
  }
  if (isQuestionAction(press.action)) return { card: await pressQuestion(caller, press.action, press), key: null };
  if (isPermissionAction(press.action)) return pressPermission(caller, press.action, press);
  if (isPolicyAction(press.action)) return pressPolicy(caller, press.action, press);
  return { card: await cardFor(caller, press.action, press), key: null };
}

async function pressDraft(
  caller: Caller,
  action: "draft.create" | "draft.edit" | "draft.cancel",
  press: Press,
): Promise<Card> {
  switch (action) {
    case "draft.create": {
      const created = await activateDraft(caller, press.value);
      const what =
        created.runNumber !== null
          ? `Run ${created.runNumber} is queued.`
          : created.waits
            ? "It waits for what starts it, from now on."
            : created.nextAt === null
              ? "It will not run soon: all its times that are near are in quiet hours or on holidays."
              : `First run: ${instant(created.nextAt, "day_time")}`;
      return doneCard(`Created ${created.name}. ${what}`);
    }
    case "draft.cancel":
      return doneCard(`${await dropDraft(caller, press.value)} was not created.`);
    case "draft.edit":
      return editDraft(caller, press);
    default:
      return assertNever(action, "draft action");
  }
}

/** Reads the new line as a whole one, or as a change of what the draft says; what is unclear keeps the draft and its buttons. */
async function editDraft(caller: Caller, press: Press): Promise<Card> {
  const parsePhrase = phrasesOf(caller);
  const draft = await readDraft(caller, press.value);
  const text = press.text ?? "";
  const line = parseCommand(text, { parsePhrase });
  if (line.kind === "command" && isCreating(line.command)) {
    return previewCard(await reviseDraft(caller, press.value, wantedOf(line.command)));
  }
  const edit = parseEdit(text, { parsePhrase });
  if (edit.kind === "edit") {
    const { instruction = draft.instruction, trigger = null } = changesOf(edit);
    return previewCard(await reviseDraft(caller, press.value, trigger ? { instruction, trigger } : { instruction }));
  }
  const said = edit.kind === "question" ? questionCard(edit) : unclearCard(edit);
  const kept = previewCard(draft);
  return { ...kept, text: [`Not changed: ${said.title}`, said.text].filter((part) => part !== "").join("\n\n") };
}

async function pressBackfill(caller: Caller, action: "backfill.run" | "backfill.cancel", token: string): Promise<Card> {
  if (action === "backfill.cancel") return doneCard(`Nothing of ${await dropBackfill(caller, token)} was run.`);
  const { name, slots, runNumber } = await runBackfill(caller, token);
  const first = runNumber === null ? "They begin when the open run has ended." : `Run ${runNumber} is the first.`;
  return doneCard(`${name} runs for ${plural(slots, "past time")}, one after the other. ${first}`);
}

type Other = Exclude<
  Action,
  | PolicyAction
  | PermissionAction
  | QuestionAction
  | "command"
  | "draft.create"
  | "draft.edit"
  | "draft.dry_run"
  | "draft.cancel"
  | "backfill.run"
  | "backfill.cancel"
>;

async function cardFor(caller: Caller, action: Other, { value, text }: Press): Promise<Card> {
  const id = { id: value };
  const reason = text?.trim() ? text.trim() : null;
  switch (action) {
    case "approval.approve":
    case "approval.deny":
      return votedCard(
        await vote(caller, { which: id, choice: action === "approval.approve" ? "approve" : "deny", reason }),
      );
    case "approval.change":
      return changedCard(await approveWithChanges(caller, id, text ?? ""));
    case "budget.allow":
      return doneCard(`Run ${await answerBudget(caller, value, true)} goes on.`);
    case "budget.stop":
      return doneCard(`Run ${await answerBudget(caller, value, false)} is stopped.`);
    case "effect.happened":
      return doneCard(`Noted: it happened. Run ${await answerUnknown(caller, value, "happened")} goes on.`);
    case "effect.again":
      return doneCard(`Run ${await answerUnknown(caller, value, "again")} tries it again.`);
    case "effect.stop":
      return doneCard(`Run ${await answerUnknown(caller, value, "stopped")} is stopped.`);
    case "version.go_on":
      return doneCard(`Run ${await answerVersion(caller, value, "go_on")} goes on with the new version.`);
    case "version.again":
      return startedCard(await answerVersion(caller, value, "again"));
    case "version.stop":
      return doneCard(`Run ${await answerVersion(caller, value, "stopped")} is stopped.`);
    case "run.retry":
      return doneCard(`Run ${await retryRun(caller, id)} goes on from its journal; what is done stays done.`);
    case "run.restart":
      return restartingCard(await restartRun(caller, id, true));
    case "incident.ack":
      return acknowledgedCard(await acknowledge(caller, id));
    case "run.discard":
      return doneCard(`Run ${await discardRun(caller, id, reason)} is given up.`);
    case "run.cancel":
      return cancelledCard(await cancelRun(caller, id));
    case "run.inspect": {
      const inspected = await readInspect(readerOf(caller), id);
      if (!inspected) throw unknownRun(null);
      return inspectCard(inspected);
    }
    case "workflow.run":
      return startedCard((await runNow(caller, id)).number);
    case "firing.run":
      return startedCard((await runLeftOut(caller, value)).number);
    case "workflow.pause":
      return pausedCard(await pauseWorkflow(caller, id, reason));
    case "workflow.resume":
      return resumedCard(await resumeWorkflow(caller, id));
    case "workflow.delete":
      return deletedCard(await deleteWorkflow(caller, id));
    case "workflow.keep":
      return doneCard("It stays as it is.");
    case "memory.correct":
      return pressCorrection(caller, value, text ?? "");
    case "webhook.saved":
      return doneCard(`The secret of ${await hideSecret(caller, id)} is not shown any more.`);
    case "workflow.send_again":
      return sentAgainCard(await sendAgain(caller, value));
    case "workflow.edit":
      return pressEdit(caller, value, text ?? "");
    case "workflow.inspect": {
      const { work, actor } = caller;
      const view = await workflowView(work.tx, actor.workspaceId, id, work.now, openTimesOf(caller));
      if (!view) throw unknownWorkflow(null);
      return workflowCard(view);
    }
    default:
      return assertNever(action, "action");
  }
}
