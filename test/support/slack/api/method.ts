/** What a method of the Web API is: who may call it, with what, and what it answers. */
import type { Json } from "../json.ts";
import { isObject, objectsOf, parseJson } from "../json.ts";
import type { State } from "../state.ts";
import type { Channel, User, Workspace } from "../world.ts";

/** An answer with `ok: false`. */
export class Refusal extends Error {
  constructor(
    readonly error: string,
    /** Besides `ok` and `error`. */
    readonly extra: Json = {},
    /** 429 comes with a `Retry-After`. */
    readonly retryAfter: number | null = null,
  ) {
    super(error);
  }
}

/** @param messages without `[ERROR] ` in front */
export const refusalWith = (error: string, messages: readonly string[]): Refusal =>
  new Refusal(error, {
    errors: [...messages],
    response_metadata: { messages: messages.map((each) => `[ERROR] ${each}`) },
  });

type ArgKind = "text" | "flag" | "count" | "json" | "list" | "view";
/** `text?` is an optional text. */
export type ArgSpec = Readonly<Record<string, ArgKind | `${ArgKind}?`>>;

export interface MethodSpec {
  readonly token: "bot" | "app" | "none";
  /** All of these are needed. */
  readonly scopes: readonly string[];
  /** One of these is enough; which one may depend on the channel, see {@link needsScope}. */
  readonly anyScope?: readonly string[];
  readonly args: ArgSpec;
  readonly handle: (context: CallContext) => Json;
}

export interface CallContext {
  readonly state: State;
  readonly workspace: Workspace;
  readonly args: Args;
}

/** Arguments by their kinds, whether they came as a form (all texts) or as JSON. */
export class Args {
  constructor(
    private readonly values: Json,
    private readonly spec: ArgSpec,
  ) {}

  /** Complaints, as Slack words them, about what is missing, unknown or of the wrong kind. */
  complaints(): string[] {
    const found: string[] = [];
    for (const [name, kind] of Object.entries(this.spec)) {
      const value = this.values[name];
      if (value === undefined || value === null) {
        if (!kind.endsWith("?")) found.push(`missing required field: ${name}`);
      } else {
        const wrong = wrongKind(kind.replace("?", "") as ArgKind, value);
        if (wrong !== null) found.push(`${wrong} [json-pointer:/${name}]`);
      }
    }
    for (const name of Object.keys(this.values)) {
      // Every method takes these two; `token` was looked at before.
      if (name !== "token" && name !== "team_id" && !Object.hasOwn(this.spec, name)) {
        found.push(`invalid additional property: ${name}`);
      }
    }
    return found;
  }

  has(name: string): boolean {
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  /** Null when it was not given. */
  text(name: string): string | null {
    const value = this.values[name];
    return value === undefined || value === null ? null : String(value);
  }

  /** For a required one. */
  the(name: string): string {
    return this.text(name) ?? "";
  }

  flag(name: string): boolean {
    return ["true", "1"].includes(String(this.values[name]));
  }

  count(name: string, otherwise: number): number {
    const value = this.text(name);
    return value === null || value === "" ? otherwise : Number(value);
  }

  /** Parsed JSON; null when it was not given, undefined when it is none. */
  json(name: string): unknown {
    const value = this.values[name];
    if (value === undefined || value === null || value === "") return null;
    return typeof value === "string" ? parseJson(value) : value;
  }

  objects(name: string): Json[] {
    return objectsOf(this.json(name));
  }

  /** Names separated by commas, or a JSON list. */
  names(name: string): string[] {
    const value = this.values[name];
    if (Array.isArray(value)) return value.map(String);
    const text = this.text(name);
    if (text === null || text === "") return [];
    const parsed = text.startsWith("[") ? parseJson(text) : undefined;
    return Array.isArray(parsed) ? parsed.map(String) : text.split(",").map((each) => each.trim());
  }
}

function wrongKind(kind: ArgKind, value: unknown): string | null {
  switch (kind) {
    case "text":
      return typeof value === "string" || typeof value === "number" ? null : "must provide a string";
    case "flag":
      return ["true", "false", "1", "0"].includes(String(value)) ? null : "must provide a boolean";
    case "count":
      return /^\d*$/.test(String(value)) ? null : "must provide an integer";
    case "view":
      return isObject(typeof value === "string" ? parseJson(value) : value) ? null : "must provide an object";
    // Blocks, attachments and metadata have errors of their own.
    case "json":
    case "list":
      return null;
    default:
      return kind satisfies never;
  }
}

/**
 * The channel an argument names, as far as the app can see it: a private one without it is as if it were not there.
 * @throws Refusal channel_not_found
 */
export function channelOf({ workspace, args }: CallContext, name = "channel"): Channel {
  const channel = visible(workspace, args.the(name));
  if (!channel) throw new Refusal("channel_not_found");
  return channel;
}

export function visible(workspace: Workspace, id: string): Channel | null {
  const channel = workspace.channels.get(id);
  if (!channel) return null;
  return channel.kind === "public" || channel.members.has(workspace.botUserId) ? channel : null;
}

/** @throws Refusal user_not_found */
export function userOf({ workspace, args }: CallContext, name = "user"): User {
  const user = workspace.users.get(args.the(name));
  if (!user) throw new Refusal("user_not_found");
  return user;
}

const FAMILY = { public: "channels", private: "groups", im: "im", mpim: "mpim" } as const;

/** `channels:read` of a public channel, `groups:read` of a private one, and so on. @throws Refusal missing_scope */
export function needsScope(
  { workspace }: CallContext,
  kind: Channel["kind"],
  right: "read" | "history" | "write",
): void {
  const scope = `${FAMILY[kind]}:${right}`;
  if (workspace.install.scopes.has(scope)) return;
  throw missingScope(workspace, scope);
}

export const missingScope = (workspace: Workspace, needed: string): Refusal =>
  new Refusal("missing_scope", { needed, provided: [...workspace.install.scopes].join(",") });

/** A page of a list, with the cursor of the next. @throws Refusal invalid_cursor, invalid_limit */
export function page<T>(
  { args }: CallContext,
  all: readonly T[],
  { otherwise, max = 1000 }: { readonly otherwise: number; readonly max?: number },
): { readonly items: T[]; readonly nextCursor: string } {
  const limit = args.count("limit", otherwise);
  if (limit < 1 || limit > max) throw new Refusal("invalid_limit");
  const cursor = args.text("cursor") ?? "";
  const from = cursor === "" ? 0 : Number(/^next:(\d+)$/.exec(Buffer.from(cursor, "base64").toString("utf8"))?.[1]);
  if (Number.isNaN(from)) throw new Refusal("invalid_cursor");
  const end = from + limit;
  const nextCursor = end < all.length ? Buffer.from(`next:${end}`).toString("base64") : "";
  return { items: all.slice(from, end), nextCursor };
}
