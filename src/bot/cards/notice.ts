/** Every meaning Claw tells people, as a card. Pure. */
import { assertNever, type Notice } from "../../orchestrator/index.ts";
import { approvalCard } from "./approval.ts";
import { budgetCard } from "./budget.ts";
import { type Card, card } from "./card.ts";
import { dryRanCard } from "./dry-run.ts";
import { effectCard } from "./effect.ts";
import { cancelledCard, failureCard } from "./failure.ts";
import { outageCard } from "./outage.ts";
import { askedAgainCard, askedCard } from "./question.ts";
import { reminderCard } from "./reminder.ts";
import { replayedCard } from "./replay.ts";
import { postedCard, progressCard, reportCard } from "./run.ts";
import { lateCard } from "./schedule.ts";
import { suspendedCard } from "./stops.ts";
import { checkFailingCard, sealedCard, secretCard } from "./trigger.ts";
import { homeMovedCard, undeliveredCard } from "./undelivered.ts";
import { versionCard } from "./version.ts";
import { createdCard, heartbeatCard, missedCard, pausedCard } from "./workflow.ts";

/**
 * @param now milliseconds since the epoch, for what is offered only from a time on; null: as if that time had come
 */
export function noticeCard(notice: Notice, now: number | null = null): Card {
  switch (notice.kind) {
    case "reply":
      return replyCard(notice.card);
    case "workflowCreated":
      return createdCard(notice);
    case "runProgress":
      return progressCard(notice);
    case "runReported":
      return reportCard(notice);
    case "channelPosted":
      return postedCard(notice);
    case "approvalRequested":
      return approvalCard(notice);
    case "approvalReminder":
      return reminderCard(notice);
    case "questionAsked":
      return askedCard(notice);
    case "questionReminder":
      return askedAgainCard(notice);
    case "runSuspended":
      return suspendedCard(notice);
    case "budgetAsked":
      return budgetCard(notice);
    case "unknownEffectAsked":
      return effectCard(notice, now);
    case "versionChanged":
      return versionCard(notice);
    case "runFailed":
      return failureCard(notice);
    case "serviceDown":
      return outageCard(notice);
    case "runCancelled":
      return cancelledCard(notice);
    case "slotsMissed":
      return missedCard(notice);
    case "workflowPaused":
      return pausedCard(notice);
    case "replayed":
      return replayedCard(notice);
    case "dryRan":
      return dryRanCard(notice);
    case "startLate":
      return lateCard(notice);
    case "undelivered":
      return undeliveredCard(notice);
    case "webhookSecret":
      return secretCard(notice);
    case "webhookSealed":
      return sealedCard(notice);
    case "checkFailing":
      return checkFailingCard(notice);
    case "homeMoved":
      return homeMovedCard(notice);
    case "heartbeat":
      return heartbeatCard(notice);
    default:
      return assertNever(notice, "notice");
  }
}

/** A card that the bot made itself and the orchestrator carried; a stored one of an older Claw may lack parts. */
function replyCard(stored: unknown): Card {
  const parts = typeof stored === "object" && stored !== null ? (stored as Partial<Card>) : {};
  return card({ ...parts, title: typeof parts.title === "string" ? parts.title : "Done" });
}
