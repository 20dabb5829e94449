/** What Slack's answers mean for a message, and what a person can do about them. Pure. */
import type { ChannelOutcome, PostOutcome } from "../../orchestrator/index.ts";
import { assertNever } from "../../orchestrator/index.ts";

/** How a call of the Web API ended, other than well. */
export type CallFailure =
  /** Slack said no, with a code of its own. */
  | { readonly kind: "refused"; readonly error: string; readonly details: string }
  /** 429. */
  | { readonly kind: "limited"; readonly retryAfterMs: number }
  /** Nothing arrived at Slack. */
  | { readonly kind: "unreachable"; readonly why: string }
  /** It may have arrived. */
  | { readonly kind: "unclear"; readonly why: string };

/** Slack's own trouble, and what passes: try again. */
const PASSING = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "ratelimited",
  "rate_limited",
  "message_limit_exceeded",
  "team_added_to_org",
]);

/** A token that does not work now, and may again once somebody has seen to it. */
const TOKEN = new Set([
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "no_permission",
  "org_login_required",
  "ekm_access_denied",
  "team_access_not_granted",
  "missing_scope",
  "not_allowed_token_type",
]);

const WORDS: Readonly<Record<string, string>> = {
  channel_not_found:
    "Slack shows Claw no such channel: it was deleted, or it is private and Claw was not invited (/invite @claw)",
  not_in_channel: "Claw is not in that channel; invite it with /invite @claw",
  is_archived: "that channel is archived; unarchive it or move the workflow to another",
  restricted_action: "an admin restricts who may post in that channel",
  restricted_action_read_only_channel: "that channel is read-only",
  restricted_action_thread_only_channel: "that channel allows only replies in threads",
  restricted_action_non_threadable_channel: "that channel allows no threads",
  restricted_action_thread_locked: "that thread is locked",
  thread_not_found: "that thread was deleted; create the workflow again, which gives it another",
  cannot_reply_to_message: "that message takes no replies",
  message_not_found: "that message was deleted",
  cant_update_message: "that message is not Claw's to change",
  edit_window_closed: "Slack no longer lets that message be changed",
  msg_too_long: "the message is too long for Slack",
  msg_blocks_too_long: "the message is too long for Slack",
  invalid_blocks: "Slack refused the form of the message",
  user_not_found: "Slack knows no such person",
  user_not_in_channel: "that person is not in that channel",
  user_disabled: "that person's account is deactivated",
  cannot_dm_bot: "bots get no direct messages",
  messages_tab_disabled: "the app's Messages tab is off; switch it on in the app's settings",
  missing_scope: "the app lacks a scope; claw doctor names it",
  token_revoked: "the token was revoked; install the app again",
  invalid_auth: "the token is not valid; check SLACK_BOT_TOKEN",
  account_inactive: "the app was removed from the workspace; install it again",
  not_pinnable: "that message cannot be pinned",
  not_reactable: "that message takes no reactions",
  permission_denied: "Claw may not do that in that channel",
  invalid_name: "there is no emoji of that name",
  too_many_emoji: "that message has as many different emoji as Slack allows",
  too_many_reactions: "that message has as many reactions as Slack allows",
  thread_locked: "that thread is locked",
  expired_url: "the answer came too late for Slack; type the command again",
  used_url: "the answer came too late for Slack; type the command again",
};

/** In words a person can do something with. */
export const wordsFor = (error: string, details = ""): string =>
  `Slack: ${WORDS[error] ?? [error.replaceAll("_", " "), details].filter(Boolean).join(", ")}.`;

/** An hour at most: who asks for more is asked again. */
const MAX_RETRY_AFTER_MS = 3_600_000;
const UNREACHABLE_RETRY_MS = 2_000;
const TOKEN_RETRY_MS = 60_000;

export const isTokenTrouble = (error: string): boolean => TOKEN.has(error);

/** What becomes of a message whose call failed. */
export function outcomeOf(failure: CallFailure): Exclude<PostOutcome, { kind: "posted" }> {
  switch (failure.kind) {
    case "limited":
      return {
        kind: "retry",
        afterMs: Math.min(failure.retryAfterMs, MAX_RETRY_AFTER_MS),
        failure: { code: "platform_unavailable", message: "Slack asks for fewer messages." },
      };
    case "unreachable":
      return {
        kind: "retry",
        afterMs: UNREACHABLE_RETRY_MS,
        failure: { code: "platform_unavailable", message: `Slack cannot be reached (${failure.why}).` },
      };
    case "unclear":
      return {
        kind: "unknown",
        failure: { code: "platform_unavailable", message: `Slack did not answer (${failure.why}).` },
      };
    case "refused": {
      const message = wordsFor(failure.error, failure.details);
      if (PASSING.has(failure.error) || TOKEN.has(failure.error)) {
        const afterMs = TOKEN.has(failure.error) ? TOKEN_RETRY_MS : UNREACHABLE_RETRY_MS;
        return { kind: "retry", afterMs, failure: { code: "platform_unavailable", message } };
      }
      return { kind: "refused", failure: { code: "platform_refused", message } };
    }
    default:
      return assertNever(failure, "call failure");
  }
}

/** What is not there, whichever way it is named. */
const GONE = new Set(["message_not_found", "thread_not_found", "no_item_specified", "bad_timestamp"]);

/** What becomes of work in a channel whose call failed. All of it may be done again: what is unclear is tried again. */
export function channelOutcomeOf(failure: CallFailure): Exclude<ChannelOutcome<never>, { kind: "done" }> {
  if (failure.kind === "refused" && failure.error === "missing_scope") {
    const message = `Slack: the app lacks a scope for that (${failure.details}). Add it in the app's settings and install it again; claw doctor names all that are missing.`;
    return { kind: "refused", failure: { code: "platform_refused", message } };
  }
  const outcome = outcomeOf(failure);
  switch (outcome.kind) {
    case "refused":
      return failure.kind === "refused" && GONE.has(failure.error)
        ? { kind: "refused", failure: outcome.failure, gone: true }
        : { kind: "refused", failure: outcome.failure };
    case "retry":
      return { ...outcome, ...(failure.kind === "limited" ? { limited: true as const } : {}) };
    case "later":
      return { kind: "retry", afterMs: outcome.afterMs, failure: NOT_NOW };
    case "unknown":
      return { kind: "retry", afterMs: UNREACHABLE_RETRY_MS, failure: outcome.failure };
    default:
      return assertNever(outcome, "outcome");
  }
}

const NOT_NOW = { code: "platform_unavailable", message: "Slack asks for fewer messages." } as const;
