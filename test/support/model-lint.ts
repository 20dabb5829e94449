/** What OpenAI would refuse in a Chat Completions request. As strict as the real one, so that a fake does not hide a fault. */

export interface Complaint {
  readonly message: string;
  readonly param: string | null;
  readonly code: string | null;
}

type Json = Record<string, unknown>;

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const TYPES = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);
const MESSAGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  system: ["content", "name"],
  developer: ["content", "name"],
  user: ["content", "name"],
  assistant: ["content", "name", "refusal", "tool_calls"],
  tool: ["content", "tool_call_id"],
};
const KEYS = new Set(
  `model messages tools tool_choice max_tokens max_completion_tokens stream stream_options temperature top_p n stop seed
  user metadata store parallel_tool_calls response_format reasoning_effort frequency_penalty presence_penalty logit_bias
  logprobs top_logprobs service_tier prompt_cache_key safety_identifier verbosity`.split(/\s+/),
);

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Collects complaints; the first is what the server answers. */
type Say = (param: string | null, message: string, code?: string) => void;

/** @returns the first thing wrong with a request's body; null when it would be taken */
export function complaintAbout(body: unknown): Complaint | null {
  const found: Complaint[] = [];
  const say: Say = (param, message, code) => found.push({ message, param, code: code ?? null });
  if (!isObject(body)) {
    say(null, "We could not parse the JSON body of your request.");
    return found[0] ?? null;
  }
  for (const key of Object.keys(body)) {
    if (!KEYS.has(key)) say(key, `Unrecognized request argument supplied: ${key}`, "unknown_parameter");
  }
  if (typeof body.model !== "string" || body.model === "") say("model", "you must provide a model parameter");
  lintMessages(body.messages, say);
  lintTools(body, say);
  lintLimits(body, say);
  return found[0] ?? null;
}

function lintLimits(body: Json, say: Say): void {
  for (const key of ["max_tokens", "max_completion_tokens"]) {
    const value = body[key];
    if (value !== undefined && !(Number.isInteger(value) && Number(value) >= 1)) say(key, `Invalid '${key}'`);
  }
  if (body.max_tokens !== undefined && body.max_completion_tokens !== undefined) {
    say("max_tokens", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.");
  }
  if (body.stream !== undefined && typeof body.stream !== "boolean") say("stream", "Invalid type for 'stream'");
  if (body.stream_options === undefined) return;
  if (body.stream !== true) say("stream_options", "'stream_options' is only allowed when 'stream' is enabled.");
  const options = body.stream_options;
  if (!isObject(options) || typeof options.include_usage !== "boolean") say("stream_options", "Invalid stream_options");
}

function lintMessages(messages: unknown, say: Say): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    say("messages", "Invalid 'messages': empty array. Expected an array with minimum length 1.");
    return;
  }
  let open = new Set<string>();
  messages.forEach((message: unknown, index) => {
    const at = `messages.[${index}]`;
    const role = isObject(message) ? message.role : undefined;
    const keys = typeof role === "string" ? MESSAGE_KEYS[role] : undefined;
    if (!isObject(message) || !keys) {
      say(`${at}.role`, `Invalid value: '${String(role)}'. Supported values are: ${Object.keys(MESSAGE_KEYS).join()}.`);
      return;
    }
    for (const key of Object.keys(message)) {
      if (key !== "role" && !keys.includes(key)) say(`${at}.${key}`, `Unknown parameter: '${at}.${key}'.`);
    }
    if (role === "tool") {
      const id = message.tool_call_id;
      if (typeof id !== "string") say(`${at}.tool_call_id`, `Missing required parameter: '${at}.tool_call_id'.`);
      else if (!open.delete(id)) {
        say(at, "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.");
      }
    } else if (open.size > 0) {
      say(at, `An assistant message with 'tool_calls' must be followed by tool messages. Missing: ${[...open].join()}`);
      open = new Set();
    }
    const calls = role === "assistant" ? message.tool_calls : undefined;
    if (calls !== undefined) open = lintCalls(calls, `${at}.tool_calls`, say);
    const mayBeEmpty = role === "assistant" && calls !== undefined;
    if (typeof message.content !== "string" && !(mayBeEmpty && (message.content ?? null) === null)) {
      say(`${at}.content`, `Invalid value for 'content': expected a string, got ${String(message.content)}.`);
    }
  });
  if (open.size > 0) {
    say(
      "messages",
      `An assistant message with 'tool_calls' must be followed by tool messages. Missing: ${[...open].join()}`,
    );
  }
}

/** @returns the ids that need a tool message */
function lintCalls(calls: unknown, at: string, say: Say): Set<string> {
  const ids = new Set<string>();
  if (!Array.isArray(calls) || calls.length === 0) say(at, `Invalid '${at}': empty array.`);
  for (const [index, call] of (Array.isArray(calls) ? calls : []).entries()) {
    const here = `${at}[${index}]`;
    const fn = isObject(call) ? call.function : undefined;
    if (!isObject(call) || call.type !== "function" || !isObject(fn)) {
      say(here, `Invalid '${here}': expected a function call.`);
      continue;
    }
    if (typeof call.id !== "string" || call.id === "" || call.id.length > 40) say(`${here}.id`, `Invalid '${here}.id'`);
    else if (ids.has(call.id)) say(`${here}.id`, `Duplicate value for 'tool_call_id' of '${call.id}'`);
    else ids.add(call.id);
    if (typeof fn.name !== "string" || !NAME.test(fn.name)) {
      say(`${here}.function.name`, `Invalid '${here}.function.name': string does not match pattern '${NAME.source}'.`);
    }
    if (typeof fn.arguments !== "string")
      say(`${here}.function.arguments`, `Invalid type for '${here}.function.arguments'`);
  }
  return ids;
}

function lintTools(body: Json, say: Say): void {
  const { tools, tool_choice: choice } = body;
  const names = new Set<string>();
  if (tools !== undefined) {
    if (!Array.isArray(tools) || tools.length === 0) say("tools", "Invalid 'tools': empty array.");
    else if (tools.length > 128) say("tools", "Invalid 'tools': array too long.");
    for (const [index, tool] of (Array.isArray(tools) ? tools : []).entries())
      lintTool(tool, `tools[${index}]`, names, say);
  }
  if (choice === undefined) return;
  if (names.size === 0) say("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
  if (["none", "auto", "required"].includes(String(choice))) return;
  const fn = isObject(choice) && choice.type === "function" ? choice.function : undefined;
  if (!isObject(fn) || typeof fn.name !== "string" || !names.has(fn.name)) {
    say("tool_choice", "Tool choice must name one of the 'tools'.");
  }
}

function lintTool(tool: unknown, at: string, names: Set<string>, say: Say): void {
  const fn = isObject(tool) && tool.type === "function" ? tool.function : undefined;
  if (!isObject(fn)) {
    say(`${at}.type`, `Missing required parameter: '${at}.function'.`);
    return;
  }
  const { name, description, parameters } = fn;
  if (typeof name !== "string" || !NAME.test(name)) {
    say(`${at}.function.name`, `Invalid '${at}.function.name': string does not match pattern '${NAME.source}'.`);
  } else if (names.has(name)) say(`${at}.function.name`, `Duplicate function name: ${name}`);
  else names.add(name);
  if (description !== undefined && (typeof description !== "string" || description.length > 1024)) {
    say(`${at}.function.description`, `Invalid '${at}.function.description': string too long.`);
  }
  if (parameters === undefined) return;
  const wrong =
    isObject(parameters) && parameters.type === "object"
      ? schemaFault(parameters, parameters)
      : "its type must be object";
  if (wrong !== null) {
    say(
      `${at}.function.parameters`,
      `Invalid schema for function '${String(name)}': ${wrong}`,
      "invalid_function_parameters",
    );
  }
}

/** @returns what is no JSON schema in it; null when it is one */
function schemaFault(schema: unknown, root: Json): string | null {
  if (typeof schema === "boolean") return null;
  if (!isObject(schema)) return `${JSON.stringify(schema)} is not of type 'object', 'boolean'`;
  const { type, properties, required, items, pattern, $ref: ref } = schema;
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const unknown = types.find((each) => !TYPES.has(String(each)));
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is not a type`;
  if (types.includes("array") && items === undefined) return "array schema missing items";
  if (properties !== undefined && !isObject(properties)) return "properties is not an object";
  const listed = Array.isArray(required) && required.every((key) => typeof key === "string");
  if (required !== undefined && !listed) return "required is not a list of names";
  if (schema.enum !== undefined && !(Array.isArray(schema.enum) && schema.enum.length > 0)) return "enum is empty";
  if (pattern !== undefined && !isPattern(pattern)) return `${String(pattern)} is not a regex`;
  if (ref !== undefined && !resolves(ref, root)) return `${String(ref)} does not resolve`;
  const parts = [
    ...Object.values(isObject(properties) ? properties : {}),
    ...[items, schema.additionalProperties, schema.not].filter((each) => each !== undefined),
    ...["anyOf", "oneOf", "allOf"].flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as unknown[]) : [])),
    ...Object.values(isObject(schema.$defs) ? schema.$defs : {}),
  ];
  return parts.map((part) => schemaFault(part, root)).find((fault) => fault !== null) ?? null;
}

function isPattern(pattern: unknown): boolean {
  try {
    return typeof pattern === "string" && new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function resolves(ref: unknown, root: Json): boolean {
  if (typeof ref !== "string" || !ref.startsWith("#")) return false;
  const path = ref.split("/").slice(1);
  return path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), root) !== undefined;
}
