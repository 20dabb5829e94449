/** What all parts of the fake share: one app, the world, the settings, and the record of what happened. */
import type { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import type { Json } from "../slack/json.ts";
import type { Gateway } from "./gateway.ts";
import type { Interactions } from "./interactions.ts";
import type { Snowflakes } from "./snowflakes.ts";
import type { MessageView } from "./wire.ts";
import type { World } from "./world.ts";

export interface Settings {
  /** How long the app has to answer an interaction. Discord: 3 s. */
  ackLimitMs: number;
  /** How long an interaction's token lives. Discord: 15 min. */
  tokenLifeMs: number;
  /** How long a nonce is remembered. Discord: "the past few minutes". */
  nonceLifeMs: number;
  /** Discord: 41.25 s. */
  heartbeatMs: number;
  /** What a locked thread answers: the documentation has 160005, those who met it tell of 50083. */
  lockedThread: 160005 | 50083;
  /** How far apart two sessions have to begin, else op 9; null lets all begin. Discord: 5 s. */
  identifyEveryMs: number | null;
  /** How long after a lost connection a session can be resumed. Discord does not say; minutes. */
  resumeLifeMs: number;
  /** Discord: 50; null lets everything through. */
  globalPerSecond: number | null;
  /** Requests that were answered 401, 403 or 429, in 10 min, until Cloudflare bans the address. Discord: 10,000. */
  invalidLimit: number;
}

export type PrivilegedIntent = "GUILD_MEMBERS" | "GUILD_PRESENCES" | "MESSAGE_CONTENT";

export interface App {
  readonly id: string;
  readonly name: string;
  readonly botId: string;
  token: string;
  /** What is switched on in the developer portal. */
  readonly privileged: Set<PrivilegedIntent>;
}

/** One request as it came. */
export interface Call {
  /** `POST /channels/{channel_id}/messages`; `unknown` for what is no route. */
  readonly route: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** JSON; of a form its `payload_json`. */
  readonly body: unknown;
  readonly files: readonly string[];
  /** Milliseconds. */
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  /** Null while it hangs, when it is a 204, or when a fault kept it from being carried out. */
  response: unknown;
  /** What the caller got; 0 is a broken connection. */
  status: number;
  /** True when it took effect, whatever the caller was told. */
  accepted: boolean;
}

export interface State {
  readonly app: App;
  readonly world: World;
  readonly ids: Snowflakes;
  readonly settings: Settings;
  readonly calls: Call[];
  /** What the app did that Discord has no error for, and where the fake itself left the description; a sentence each. */
  readonly complaints: string[];
  readonly interactions: Interactions;
  readonly gateway: Gateway;
  /** Registered commands as the API tells them, by guild id or `global`. */
  readonly commands: Map<string, Json[]>;
  /** Emits `change` whenever anything may have become true that a test waits for. */
  readonly changes: EventEmitter;
  now(): number;
  /** `http://127.0.0.1:4711` */
  url(): string;
}

/** Messages as the app sees them over REST, where the portal's switch counts. */
export const viewOf = (state: State, contentAllowed = state.app.privileged.has("MESSAGE_CONTENT")): MessageView => ({
  world: state.world,
  appId: state.app.id,
  base: state.url(),
  botId: state.app.botId,
  contentAllowed,
});
