/** The Web API: which method, by whom, with which scopes and arguments; then the method itself. */
import { isObject, type Json, parseJson } from "../json.ts";
import type { State } from "../state.ts";
import type { TokenState, Workspace } from "../world.ts";
import { auth } from "./auth.ts";
import { chat } from "./chat.ts";
import { conversations } from "./conversations.ts";
import { files } from "./files.ts";
import { Args, type MethodSpec, missingScope, Refusal, refusalWith } from "./method.ts";
import { pins } from "./pins.ts";
import { users } from "./users.ts";
import { views } from "./views.ts";

/** Every other method is an `unknown_method`. */
const METHODS: Readonly<Record<string, MethodSpec>> = {
  ...auth,
  ...chat,
  ...conversations,
  ...files,
  ...pins,
  ...users,
  ...views,
};

export interface Answer {
  readonly body: Json;
  readonly retryAfter: number | null;
  /** Null before it was known whose token it is. */
  readonly workspace: Workspace | null;
  readonly acceptedScopes: readonly string[];
}

/** Carries out a call. It does not throw: what Slack refuses is an answer with `ok: false`. */
export function answerTo(state: State, method: string, values: Json, token: string | null): Answer {
  const spec = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  const acceptedScopes = [...(spec?.scopes ?? []), ...(spec?.anyScope ?? [])];
  let workspace: Workspace | null = null;
  try {
    if (!spec) throw new Refusal("unknown_method", { req_method: method });
    const caller = callerOf(state, spec, token);
    workspace = caller;
    checkScopes(caller, spec);
    const args = new Args(values, spec.args);
    const complaints = args.complaints();
    if (complaints.length > 0) throw refusalWith("invalid_arguments", complaints);
    const body = { ok: true, ...spec.handle({ state, workspace: caller, args }) };
    state.changes.emit("change");
    return { body, retryAfter: null, workspace, acceptedScopes };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const body = { ok: false, error: refusal.error, ...refusal.extra };
    return { body, retryAfter: refusal.retryAfter, workspace, acceptedScopes };
  }
}

const DEAD: Readonly<Record<Exclude<TokenState, "valid">, string>> = {
  revoked: "token_revoked",
  inactive: "account_inactive",
  uninstalled: "account_inactive",
};

/** @throws Refusal not_authed, invalid_auth, not_allowed_token_type, token_revoked, account_inactive */
function callerOf(state: State, spec: MethodSpec, token: string | null): Workspace {
  const [first] = state.workspaces.values();
  if (!first) throw new Refusal("internal_error");
  if (spec.token === "none") return first;
  if (token === null || token === "") throw new Refusal("not_authed");
  if (state.appTokens.has(token)) {
    if (spec.token !== "app") throw new Refusal("not_allowed_token_type");
    return first;
  }
  const workspace = [...state.workspaces.values()].find((each) => each.install.botToken === token);
  if (!workspace) throw new Refusal("invalid_auth");
  if (spec.token !== "bot") throw new Refusal("not_allowed_token_type");
  const { tokenState } = workspace.install;
  if (tokenState !== "valid") throw new Refusal(DEAD[tokenState]);
  return workspace;
}

function checkScopes(workspace: Workspace, spec: MethodSpec): void {
  if (spec.token !== "bot") return;
  const { scopes } = workspace.install;
  const missing = spec.scopes.filter((each) => !scopes.has(each));
  if (missing.length > 0) throw missingScope(workspace, missing.join(","));
  if (spec.anyScope && !spec.anyScope.some((each) => scopes.has(each))) {
    throw missingScope(workspace, spec.anyScope.join(","));
  }
}

/**
 * The arguments of a request, from its query and body.
 * @throws Refusal invalid_json, json_not_object, invalid_post_type
 */
export function valuesOf(contentType: string, body: string, query: URLSearchParams): Json {
  const values: Json = Object.fromEntries(query);
  if (body === "") return values;
  if (contentType.startsWith("application/json")) {
    const value = parseJson(body);
    if (value === undefined) throw new Refusal("invalid_json");
    if (!isObject(value)) throw new Refusal("json_not_object");
    return { ...values, ...value };
  }
  if (contentType.startsWith("application/x-www-form-urlencoded")) {
    return { ...values, ...Object.fromEntries(new URLSearchParams(body)) };
  }
  throw new Refusal(contentType === "" ? "missing_post_type" : "invalid_post_type");
}
