/** The app itself: who it is, where the gateway is, and its commands. */
import { isObject, type Json } from "../../slack/json.ts";
import { listOf, type Schema, schemaOf } from "../description.ts";
import { applicationFlags } from "../greeting.ts";
import { invalidField, Refusal } from "../refusal.ts";
import { knownUser, userOnWire } from "../wire.ts";
import type { ApiRequest, Route } from "./route.ts";

const COMMANDS = "/applications/{application_id}/commands";
const GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands";
const COMMAND = schemaOf("ApplicationCommandResponse");

export const APPLICATION_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/users/@me",
    answer: schemaOf("UserPIIResponse"),
    handle: ({ state, botId }) => ({
      ...userOnWire(knownUser(state.world, botId)),
      mfa_enabled: false,
      locale: "en-US",
      premium_type: 0,
      email: null,
      verified: true,
    }),
  },
  {
    method: "GET",
    path: "/users/{user_id}",
    answer: schemaOf("UserResponse"),
    handle: (request) => {
      const user = request.state.world.users.get(request.id("user_id"));
      if (!user) throw new Refusal("unknownUser");
      return userOnWire(user);
    },
  },
  { method: "GET", path: "/applications/@me", answer: schemaOf("PrivateApplicationResponse"), handle: application },
  {
    method: "GET",
    path: "/oauth2/applications/@me",
    answer: schemaOf("PrivateApplicationResponse"),
    handle: application,
  },
  {
    method: "GET",
    path: "/gateway",
    answer: schemaOf("GatewayResponse"),
    handle: ({ state }) => ({ url: gatewayUrl(state.url()) }),
  },
  {
    method: "GET",
    path: "/gateway/bot",
    answer: schemaOf("GatewayBotResponse"),
    handle: ({ state }) => ({
      url: gatewayUrl(state.url()),
      shards: 1,
      session_start_limit: {
        total: 1000,
        remaining: Math.max(0, 1000 - state.gateway.count.identified),
        reset_after: 86_400_000,
        max_concurrency: 1,
      },
    }),
  },
  ...[COMMANDS, GUILD_COMMANDS].flatMap((path): Route[] => [
    { method: "GET", path, answer: listOf("ApplicationCommandResponse"), handle: (request) => commandsOf(request) },
    { method: "PUT", path, answer: listOf("ApplicationCommandResponse"), handle: replaceCommands },
    { method: "POST", path, answer: COMMAND, status: 201, handle: createCommand },
    { method: "GET", path: `${path}/{command_id}`, answer: COMMAND, handle: (request) => oneCommand(request) },
    { method: "PATCH", path: `${path}/{command_id}`, answer: COMMAND, handle: changeCommand },
    { method: "DELETE", path: `${path}/{command_id}`, answer: null, handle: deleteCommand },
  ]),
];

export const gatewayUrl = (base: string): string => base.replace("http", "ws");

function application({ state, botId }: ApiRequest): Json {
  const bot = userOnWire(knownUser(state.world, botId));
  return {
    id: state.app.id,
    name: state.app.name,
    icon: null,
    description: "",
    type: null,
    flags: applicationFlags(state),
    flags_new: String(applicationFlags(state)),
    bot,
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: "f".repeat(64),
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: { ...bot, username: "owner", bot: false },
    approximate_guild_count: [...state.world.guilds.values()].filter((each) => each.members.has(botId)).length,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: [],
  };
}

function scopeOf(request: ApiRequest): string {
  request.application();
  return request.params.guild_id === undefined ? "global" : request.guild().id;
}

function commandsOf(request: ApiRequest): Json[] {
  return request.state.commands.get(scopeOf(request)) ?? [];
}

function oneCommand(request: ApiRequest): Json {
  const found = commandsOf(request).find((each) => each.id === request.id("command_id"));
  if (!found) throw new Refusal("unknownCommand");
  return found;
}

function replaceCommands(request: ApiRequest): Json[] {
  const scope = scopeOf(request);
  const given: unknown = request.json;
  if (!Array.isArray(given)) throw invalidField([], "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
  const before = request.state.commands.get(scope) ?? [];
  const schema = schemaOf("ApplicationCommandUpdateRequest");
  const bodies = given.map((each, index) => valid(request, schema, each, [String(index)]));
  const seen = new Set<string>();
  for (const [index, body] of bodies.entries()) {
    const key = `${body.type ?? 1} ${String(body.name)}`;
    if (seen.has(key)) {
      throw invalidField(
        [String(index), "name"],
        "APPLICATION_COMMANDS_DUPLICATE_NAME",
        "Application command names must be unique",
      );
    }
    seen.add(key);
  }
  full(bodies);
  const after = bodies.map((body) => made(request, scope, body, before));
  request.state.commands.set(scope, after);
  request.state.changes.emit("change");
  return after;
}

function createCommand(request: ApiRequest): Json {
  const scope = scopeOf(request);
  const body = valid(request, schemaOf("ApplicationCommandCreateRequest"), request.json ?? {}, []);
  const before = request.state.commands.get(scope) ?? [];
  const command = made(request, scope, body, before);
  const after = [...before.filter((each) => each.id !== command.id), command];
  full(after);
  request.state.commands.set(scope, after);
  return command;
}

function changeCommand(request: ApiRequest): Json {
  const scope = scopeOf(request);
  const old = oneCommand(request);
  const body = valid(request, schemaOf("ApplicationCommandPatchRequestPartial"), request.json ?? {}, []);
  const command = made(request, scope, { ...old, ...body }, [old]);
  const all = request.state.commands.get(scope) ?? [];
  request.state.commands.set(
    scope,
    all.map((each) => (each.id === old.id ? { ...command, id: old.id } : each)),
  );
  return command;
}

function deleteCommand(request: ApiRequest): void {
  const scope = scopeOf(request);
  const old = oneCommand(request);
  request.state.commands.set(
    scope,
    commandsOf(request).filter((each) => each !== old),
  );
}

/** https://discord.com/developers/docs/interactions/application-commands#registering-a-command: 100 of slash, 15 of each other kind. */
function full(commands: readonly Json[]): void {
  const count = (type: number) => commands.filter((each) => (each.type ?? 1) === type).length;
  if (count(1) > 100 || count(2) > 15 || count(3) > 15) throw new Refusal("maxCommands");
}

/** https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming */
const SLASH_NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

function valid(request: ApiRequest, schema: Schema, given: unknown, at: readonly string[]): Json {
  const body = request.bodyAs(schema, at, given);
  const slash = (body.type ?? 1) === 1;
  const invalid = (path: readonly (string | number)[]) =>
    invalidField(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
  if (slash && typeof body.name === "string") {
    if (!SLASH_NAME.test(body.name) || body.name !== body.name.toLowerCase()) throw invalid([...at, "name"]);
    const description = body.description ?? "";
    if (description === "" && !("id" in body))
      throw invalidField([...at, "description"], "BASE_TYPE_REQUIRED", "This field is required");
  }
  if (!slash && typeof body.description === "string" && body.description !== "") {
    throw invalidField(
      [...at, "description"],
      "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED",
      "Context menu commands cannot have description",
    );
  }
  const options = Array.isArray(body.options) ? body.options.filter(isObject) : [];
  if (!slash && options.length > 0) {
    throw invalidField(
      [...at, "options"],
      "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_NOT_ALLOWED",
      "Context menu commands cannot have options",
    );
  }
  checkOptions(options, [...at, "options"]);
  return body;
}

function checkOptions(options: readonly Json[], at: readonly (string | number)[]): void {
  const names = options.map((each) => each.name);
  options.forEach((option, index) => {
    const here = [...at, index];
    const name = String(option.name);
    if (!SLASH_NAME.test(name) || name !== name.toLowerCase()) {
      throw invalidField([...here, "name"], "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
    if (names.indexOf(option.name) !== index) {
      throw invalidField(
        [...here, "name"],
        "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE",
        "Option names must be unique",
      );
    }
    if (option.required === true && options.slice(0, index).some((each) => each.required !== true)) {
      throw invalidField(
        here,
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        "Required options must be placed before non-required options",
      );
    }
    const choices = Array.isArray(option.choices) ? option.choices.length : 0;
    if (option.autocomplete === true && choices > 0) {
      throw invalidField(
        [...here, "autocomplete"],
        "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
        "Choices and autocomplete exclude each other",
      );
    }
    if (Array.isArray(option.options)) checkOptions(option.options.filter(isObject), [...here, "options"]);
  });
}

/** The command as the API tells it; one of the same name keeps its id. */
function made({ state }: ApiRequest, scope: string, body: Json, before: readonly Json[]): Json {
  const type = body.type ?? 1;
  const same = before.find((each) => each.name === body.name && each.type === type);
  const permissions = body.default_member_permissions;
  const contexts = body.contexts ?? (body.dm_permission === false ? [0] : null);
  const options = body.options ?? undefined;
  return {
    id: same?.id ?? state.ids.next(),
    application_id: state.app.id,
    version: state.ids.next(),
    default_member_permissions: permissions == null ? null : String(permissions),
    type,
    name: body.name,
    name_localizations: body.name_localizations ?? null,
    description: body.description ?? "",
    description_localizations: body.description_localizations ?? null,
    ...(scope === "global"
      ? {
          contexts,
          dm_permission: contexts === null || (contexts as number[]).includes(1),
          integration_types: body.integration_types ?? [0],
        }
      : { guild_id: scope }),
    ...(options !== undefined && { options: withoutNulls(options) }),
    nsfw: false,
  };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === null ? [] : [[key, withoutNulls(each)]])),
  );
}
