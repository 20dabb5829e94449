/** What came of something a person did: what the app answered, and what Slack showed when it did not. */
import { Args, Refusal } from "./api/method.ts";
import { checkedView, openModals, placeView, replaceView } from "./api/views.ts";
import type { Delivery } from "./deliveries.ts";
import { isObject, type Json, objectsOf, textOf } from "./json.ts";
import { respond } from "./response-url.ts";
import type { State } from "./state.ts";
import type { StoredView, Workspace } from "./world.ts";

export interface Outcome {
  readonly delivery: Delivery;
  /** True when the app acknowledged within the limit. */
  readonly acked: boolean;
  /** What came with the acknowledgement; null when nothing did. */
  readonly response: unknown;
  /** What Slack tells the person when something went wrong; null when nothing did. */
  readonly trouble: string | null;
}

export function outcomeOf(delivery: Delivery, what: string): Outcome {
  const acked = delivery.attempts.map((each) => each.outcome).find((each) => each?.kind === "acked");
  if (acked?.kind === "acked") return { delivery, acked: true, response: acked.response, trouble: null };
  const last = delivery.attempts.at(-1)?.outcome;
  const reason = last?.kind === "failed" && last.reason !== "timeout" ? "dispatch_failed" : "operation_timeout";
  return { delivery, acked: false, response: null, trouble: `${what} failed with the error "${reason}"` };
}

/** A command may be answered with the acknowledgement itself, as if on its `response_url`. */
export function applyCommandAnswer(state: State, urlId: string, outcome: Outcome): Outcome {
  const { response } = outcome;
  if (!outcome.acked || response === null) return outcome;
  const url = state.links.use(urlId);
  if (typeof url === "string") return outcome;
  url.uses -= 1;
  const values = isObject(response) ? response : {};
  if (textOf(values.text) === "" && values.blocks === undefined) return outcome;
  try {
    respond(state, url, values);
    return outcome;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { ...outcome, trouble: `the command failed with the error "${refusal.error}"` };
  }
}

const TROUBLE = "We had some trouble connecting. Try again?";

/** What a submitted view does by the app's answer: closes, changes, goes one deeper, or shows what is wrong. */
export function applySubmission(
  state: State,
  workspace: Workspace,
  view: StoredView,
  outcome: Outcome,
): { readonly outcome: Outcome; readonly errors: Readonly<Record<string, string>> } {
  if (!outcome.acked) return { outcome: { ...outcome, trouble: TROUBLE }, errors: {} };
  const response = isObject(outcome.response) ? outcome.response : {};
  try {
    const errors = submissionEffect(state, workspace, view, response);
    state.changes.emit("change");
    return { outcome, errors };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const detail = JSON.stringify({ error: refusal.error, ...refusal.extra });
    state.complaints.push(`a view was answered with what Slack does not take: ${detail}`);
    return { outcome: { ...outcome, trouble: TROUBLE }, errors: {} };
  }
}

function submissionEffect(
  state: State,
  workspace: Workspace,
  view: StoredView,
  response: Json,
): Record<string, string> {
  const known = new Args(response, { response_action: "text?", view: "view?", errors: "json?" });
  const complaints = known.complaints();
  if (complaints.length > 0) throw new Refusal("invalid_response", { messages: complaints });
  switch (response.response_action) {
    case undefined:
      view.closed = true;
      return {};
    case "clear":
      for (const each of openModals(workspace, view.user)) each.closed = true;
      return {};
    case "update":
      replaceView(state, view, checkedView(response.view, "modal"));
      return {};
    case "push":
      if (openModals(workspace, view.user).length >= 3) throw new Refusal("push_limit_reached");
      placeView(state, workspace, checkedView(response.view, "modal"), view.user, view);
      return {};
    case "errors":
      return errorsOf(view, response.errors);
    default:
      throw new Refusal("invalid_response_action");
  }
}

/** Errors stand under input blocks; one for a block that is no input shows nowhere, so Slack refuses all. */
function errorsOf(view: StoredView, value: unknown): Record<string, string> {
  if (!isObject(value) || Object.keys(value).length === 0) throw new Refusal("invalid_errors");
  const inputs = objectsOf(view.view.blocks).filter((each) => each.type === "input");
  for (const [block, message] of Object.entries(value)) {
    if (!inputs.some((each) => each.block_id === block)) throw new Refusal("invalid_errors", { block });
    if (typeof message !== "string" || message === "") throw new Refusal("invalid_errors", { block });
  }
  return value as Record<string, string>;
}
