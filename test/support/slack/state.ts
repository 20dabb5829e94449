/** What all parts of the fake share: one app, its workspaces, the settings, and the record of what happened. */
import type { EventEmitter } from "node:events";
import type { AppConfig } from "./app.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Ids } from "./ids.ts";
import type { Json } from "./json.ts";
import type { Links } from "./links.ts";
import type { Workspace } from "./world.ts";

export interface Settings {
  /** How long the app has to acknowledge. Slack: 3 s. */
  ackLimitMs: number;
  /** Slack: 3 s. */
  triggerLifeMs: number;
  /** Slack: 30 min, and 5 uses. */
  responseUrlLifeMs: number;
  /** When an event that was not acknowledged is sent again. Slack: at once, after 1 min, after 5 min. */
  retryDelaysMs: readonly number[];
  /** Refuses what comes faster to one channel with a 429; null lets everything through. Slack: 1000. */
  messageEveryMs: number | null;
  /** How long the app may edit its messages; null is for ever, as in most workspaces. */
  editWindowMs: number | null;
  /** What a `thread_ts` that no message has does: Slack has done both. */
  missingThread: "refuse" | "top_level";
  /** How often Slack pings a socket. Slack: about 10 s. */
  pingEveryMs: number;
}

/** One call of the Web API, of a `response_url` or of an upload URL, as it came. */
export interface Call {
  /** `chat.postMessage`; `response_url` and `upload` for those. */
  readonly method: string;
  /** Without the token; JSON arguments are parsed. */
  readonly args: Json;
  /** Milliseconds. */
  readonly at: number;
  readonly teamId: string | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Null while it hangs, or when a fault kept it from being carried out. */
  response: Json | null;
  /** What the caller got; 0 is a broken connection. */
  status: number;
  /** True when it took effect, whatever the caller was told. */
  accepted: boolean;
}

export interface State {
  readonly app: AppConfig;
  readonly appId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
  readonly verificationToken: string;
  readonly appTokens: Set<string>;
  readonly ids: Ids;
  readonly settings: Settings;
  readonly workspaces: Map<string, Workspace>;
  readonly calls: Call[];
  /** What the app did that Slack would not have liked and has no error for, a sentence each. */
  readonly complaints: string[];
  readonly links: Links;
  readonly deliveries: Deliveries;
  /** Emits `change` whenever anything may have become true that a test waits for. */
  readonly changes: EventEmitter;
  /** OAuth codes that a person's consent produced: by code, the workspace. */
  readonly oauthCodes: Map<string, Workspace>;
  now(): number;
  /** `http://127.0.0.1:4711` */
  url(): string;
  /** The URL of a new socket, with a ticket that is good once; null when Socket Mode is off. */
  socketUrl(): string | null;
}
