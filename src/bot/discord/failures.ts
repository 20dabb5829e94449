/** What Discord's answers mean for a message, and what a person can do about them. Pure. */
import { assertNever, type ChannelOutcome, type PostOutcome } from "../../orchestrator/index.ts";

/** How a request ended, other than well. */
export type CallFailure =
  /** Discord said no, with a code of its own. */
  | { readonly kind: "refused"; readonly code: number; readonly status: number; readonly details: string }
  /** Too many of them, or it would have been one: nothing was done. */
  | { readonly kind: "limited"; readonly retryAfterMs: number }
  /** Nothing arrived at Discord. */
  | { readonly kind: "unreachable"; readonly why: string }
  /** It may have arrived. */
  | { readonly kind: "unclear"; readonly why: string };

/** Codes of Discord that Claw does something about. */
export const CODE = {
  unknownChannel: 10_003,
  unknownGuild: 10_004,
  unknownMember: 10_007,
  unknownMessage: 10_008,
  unknownUser: 10_013,
  unknownWebhook: 10_015,
  unknownInteraction: 10_062,
  acknowledged: 40_060,
  missingAccess: 50_001,
  noDirect: 50_007,
  missingPermissions: 50_013,
  invalidForm: 50_035,
  archived: 50_083,
  hasThread: 160_004,
  locked: 160_005,
} as const;

const WORDS: Readonly<Record<number, string>> = {
  [CODE.unknownChannel]: "that channel or thread was deleted, or Claw cannot see it",
  [CODE.unknownGuild]: "Claw was removed from that server; invite it again",
  [CODE.unknownMember]: "that person is not in this server",
  [CODE.unknownMessage]: "that message was deleted",
  [CODE.unknownUser]: "Discord knows no such person",
  [CODE.unknownWebhook]: "the answer came too late for Discord; type the command again",
  [CODE.unknownInteraction]: "the answer came too late for Discord; type the command again",
  20016: "slow mode holds Claw back in that channel; give it the permission Manage Messages",
  20028: "the channel takes no more messages at the moment",
  30033: "that thread has no room for more members",
  30046: "old messages are edited too often; Discord takes no more edits for now",
  160006: "the server has as many open threads as Discord allows; archive some",
  10014: "there is no emoji of that name",
  30003: "that channel has as many pins as Discord allows; take one away",
  30010: "that message has as many reactions as Discord allows",
  90001: "whoever wrote that message takes no reactions from Claw",
  [CODE.missingAccess]: "Claw cannot see that channel; allow it View Channel there",
  50005: "that message is not Claw's to change",
  [CODE.noDirect]:
    "that person takes no direct messages from Claw; they can allow them in the privacy settings of the server",
  50008: "nothing can be written in that kind of channel",
  [CODE.missingPermissions]:
    "Claw may not do that there; allow it View Channel, Send Messages, Create Public Threads, Send Messages in Threads, Attach Files and Read Message History",
  50024: "that is not possible in that kind of channel",
  [CODE.invalidForm]: "Discord refused the form of the message",
  [CODE.archived]: "that thread is archived and Claw may not open it again; open it, or allow Claw Manage Threads",
  40005: "a file is too large for Discord",
  40067: "that forum wants a tag and has none that Claw may use; add one, or make tags optional",
  [CODE.hasThread]: "its thread was deleted; create the workflow again, which gives it another",
  [CODE.locked]: "that thread is locked; unlock it, or create the workflow again, which gives it another",
  240000: "the server's automatic moderation blocked the message",
  200000: "the server's automatic moderation blocked the message",
  200001: "the server's automatic moderation blocked the name of the thread",
  0: "Discord does not accept the token; check DISCORD_BOT_TOKEN",
  40001: "Discord does not accept the token; check DISCORD_BOT_TOKEN",
};

/** In words a person can do something with. */
export const wordsFor = (code: number, details = ""): string =>
  `Discord: ${WORDS[code] ?? (details === "" ? `error ${code}` : details.replace(/\.$/u, ""))}.`;

/** A token that does not work now, and may again once somebody has seen to it. */
export const isTokenTrouble = (failure: CallFailure): boolean => failure.kind === "refused" && failure.status === 401;

/** @returns whether Discord refused with that code */
export const isCode = (failure: CallFailure, ...codes: readonly number[]): boolean =>
  failure.kind === "refused" && codes.includes(failure.code);

/** An hour at most: who asks for more is asked again. */
const MAX_RETRY_AFTER_MS = 3_600_000;
const UNREACHABLE_RETRY_MS = 2_000;
const TOKEN_RETRY_MS = 30_000;
/** What passes by itself: slow mode, full channels, many threads, many edits of an old message. */
const PASSING: Readonly<Record<number, number>> = {
  20016: 10_000,
  20028: 10_000,
  30046: 60_000,
  160006: 600_000,
  130000: 10_000,
};

/** What becomes of a message whose request failed. */
export function outcomeOf(failure: CallFailure): Exclude<PostOutcome, { kind: "posted" }> {
  switch (failure.kind) {
    case "limited":
      return { kind: "later", afterMs: Math.min(Math.max(failure.retryAfterMs, 50), MAX_RETRY_AFTER_MS) };
    case "unreachable":
      return retry(UNREACHABLE_RETRY_MS, `Discord cannot be reached (${failure.why}).`);
    case "unclear":
      return {
        kind: "unknown",
        failure: { code: "platform_unavailable", message: `Discord did not answer (${failure.why}).` },
      };
    case "refused": {
      if (isTokenTrouble(failure)) return retry(TOKEN_RETRY_MS, wordsFor(0));
      const message = wordsFor(failure.code, failure.details);
      const passesIn = PASSING[failure.code];
      if (passesIn !== undefined) return retry(passesIn, message);
      return { kind: "refused", failure: { code: "platform_refused", message } };
    }
    default:
      return assertNever(failure, "call failure");
  }
}

const retry = (afterMs: number, message: string): PostOutcome & { kind: "retry" } => ({
  kind: "retry",
  afterMs,
  failure: { code: "platform_unavailable", message },
});

const MAY_NOT =
  "Discord: Claw may not do that there. Reading wants Read Message History, pinning Pin Messages, reacting Add Reactions; allow it in the channel's settings.";

/** What becomes of work in a channel whose request failed. All of it may be done again: what is unclear is tried again. */
export function channelOutcomeOf(failure: CallFailure): Exclude<ChannelOutcome<never>, { kind: "done" }> {
  if (isCode(failure, CODE.missingPermissions)) {
    return { kind: "refused", failure: { code: "platform_refused", message: MAY_NOT } };
  }
  const outcome = outcomeOf(failure);
  switch (outcome.kind) {
    case "refused":
      return {
        kind: "refused",
        failure: outcome.failure,
        ...(isCode(failure, CODE.unknownMessage) ? { gone: true as const } : {}),
      };
    case "retry":
      return outcome;
    case "later":
      return {
        kind: "retry",
        afterMs: outcome.afterMs,
        failure: { code: "platform_unavailable", message: "Discord asks for fewer requests." },
        limited: true,
      };
    case "unknown":
      return { kind: "retry", afterMs: UNREACHABLE_RETRY_MS, failure: outcome.failure };
    default:
      return assertNever(outcome, "outcome");
  }
}
