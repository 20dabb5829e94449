/**
 * A fake Slack that speaks the real protocol: the Web API, Socket Mode, signed HTTP, `response_url`, uploads. The real
 * `@slack/bolt` and `@slack/web-api` connect to it. It refuses what Slack refuses, in Slack's words.
 *
 * ```ts
 * const slack = await startFakeSlack();                       // Socket Mode; { mode: "http" } for signed HTTP
 * const { team } = slack;
 * const ada = team.person("ada", { isAdmin: true });
 * const eng = team.channel("eng", [ada, "claw"]);             // "claw" is the app; { private: true }, { readOnly: true }
 * team.group("platform-leads", [ada]);
 *
 * const app = new App({
 *   token: team.botToken,
 *   appToken: slack.appToken, socketMode: true,               // or signingSecret: slack.signingSecret
 *   clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
 *   deferInitialization: true,
 * });
 * await app.init(); await app.start();
 * await slack.connected();                                    // a socket is open
 * slack.http.requestUrl = "http://127.0.0.1:3000/slack/events"; // HTTP mode, once the app listens
 *
 * const typed = await ada.types("/claw status", { channel: eng }); // { acked, response, trouble, delivery }
 * const asked = ada.says("@claw status", { channel: eng });        // tells the app: message.channels and app_mention
 * const card = await slack.until("the card", () => ada.sees(eng).find((each) => each.buttons.includes("Approve")));
 * await ada.presses("Approve", card);                              // refuses a button that is not there (any more)
 * await ada.presses("Approve", card, { stale: true });             // pressed a moment too late
 * const modal = await slack.until("the modal", () => ada.modal);
 * await ada.submits(modal, { "Why?": "too risky" });               // by label, action id or block id
 * await ada.uses("Ask Claw about this", asked);  ada.opensHome();  ada.home;  ada.says("hi", { channel: ada.dm });
 * ada.sees(eng, asked);                                            // a thread, its root first
 *
 * slack.faults.add({ method: "chat.postMessage", fault: { kind: "reset", when: "after" } });
 * slack.socket.drop();  slack.deliveries.duplicateNext();  await slack.outage();  await slack.recover();
 * slack.links.expireTriggers();  team.revokeToken();  team.archive(eng);  team.remove(eng, "claw");
 * slack.eventsOf(asked);  await slack.deliveries.again(typed.delivery);  // what was brought; once more
 * slack.callsOf("chat.postMessage");                               // what took effect; all attempts are in `calls`
 * slack.complaints;                                                // what no error tells: look at it at the end
 * await slack.close();
 * ```
 *
 * Pass `manifest` (a parsed app manifest) to give the app only the scopes, events, commands and shortcuts it asks for.
 * `settings` shorten Slack's times (acknowledgement, trigger, retries) and switch its paces and windows on.
 */

import { EventEmitter } from "node:events";
import { PATIENCE_MS } from "../patience.ts";
import { type AppConfig, appOfManifest, GENEROUS_APP } from "./app.ts";
import { Deliveries, type Delivery } from "./deliveries.ts";
import { Faults } from "./faults.ts";
import { Ids } from "./ids.ts";
import type { Json } from "./json.ts";
import { Links } from "./links.ts";
import type { SeenMessage } from "./seen.ts";
import { SlackServer } from "./server.ts";
import { SignedHttp } from "./signed.ts";
import { SocketMode } from "./socket.ts";
import type { Call, Settings, State } from "./state.ts";
import { Team } from "./team.ts";
import { Workspace } from "./world.ts";

export type { Delivery } from "./deliveries.ts";
export type { Person } from "./person.ts";
export type { SeenMessage, SeenView } from "./seen.ts";
export type { Team } from "./team.ts";
export type { Channel } from "./world.ts";

export interface FakeSlackOptions {
  /** How the app is reached; by default what the app's manifest says. */
  readonly mode?: "socket" | "http";
  /** A parsed app manifest; without one the app has every scope and event that this fake knows. */
  readonly manifest?: unknown;
  readonly settings?: Partial<Settings>;
  /** Milliseconds; the machine's clock when left out. */
  readonly now?: () => number;
}

const SLACKS_OWN: Settings = {
  ackLimitMs: 3_000,
  triggerLifeMs: 3_000,
  responseUrlLifeMs: 30 * 60_000,
  retryDelaysMs: [0, 60_000, 300_000],
  messageEveryMs: null,
  editWindowMs: null,
  missingThread: "refuse",
  pingEveryMs: 10_000,
};

export class FakeSlack {
  readonly faults = new Faults();
  readonly socket: SocketMode;
  readonly http: SignedHttp;
  /** The first workspace. */
  readonly team: Team;
  private readonly state: State;
  private readonly server: SlackServer;

  constructor({ mode, manifest, settings = {}, now = () => Date.now() }: FakeSlackOptions) {
    const ids = new Ids();
    const all: Settings = { ...SLACKS_OWN, ...settings };
    const app: AppConfig = manifest === undefined ? GENEROUS_APP : appOfManifest(manifest);
    const state: State = {
      app,
      appId: "A0FAKECLAW",
      clientId: "1111.2222",
      clientSecret: "fake-client-secret",
      signingSecret: "fake-signing-secret",
      verificationToken: "fake-verification-token",
      appTokens: new Set(["xapp-1-A0FAKECLAW-1-fake"]),
      ids,
      settings: all,
      workspaces: new Map(),
      calls: [],
      complaints: [],
      links: new Links(ids, all, now),
      deliveries: new Deliveries(() => state),
      changes: new EventEmitter().setMaxListeners(0),
      oauthCodes: new Map(),
      now,
      url: () => this.server.url,
      socketUrl: () => {
        if (!this.socket.enabled) return null;
        return `${this.server.url.replace("http", "ws")}/link/?ticket=${this.socket.ticket()}&app_id=${state.appId}`;
      },
    };
    this.state = state;
    this.socket = new SocketMode(state);
    this.http = new SignedHttp(state, null);
    this.server = new SlackServer(state, this.faults, (request, socket) => this.socket.upgrade(request, socket));
    state.deliveries.transport = (mode ?? (app.socketMode ? "socket" : "http")) === "socket" ? this.socket : this.http;
    this.team = this.addTeam("Acme");
  }

  /** Another workspace with the app installed. */
  addTeam(name: string): Team {
    const { ids, app, now, workspaces } = this.state;
    const install = {
      botToken: `xoxb-fake-${ids.opaque(24)}`,
      botUserId: ids.next("U"),
      botId: ids.next("B"),
      scopes: new Set(app.botScopes),
      tokenState: "valid" as const,
    };
    const workspace = new Workspace(ids.next("T"), name, name.toLowerCase(), install, ids, now);
    workspace.addUser({ id: install.botUserId, name: app.displayName, isBot: true });
    workspaces.set(workspace.id, workspace);
    return new Team(this.state, workspace);
  }

  /** Base URL, without a slash at the end. */
  get url(): string {
    return this.server.url;
  }

  /** For `clientOptions.slackApiUrl`. */
  get apiUrl(): string {
    return `${this.server.url}/api/`;
  }

  /** For Socket Mode. */
  get appToken(): string {
    return [...this.state.appTokens][0] ?? "";
  }

  get signingSecret(): string {
    return this.state.signingSecret;
  }

  get clientId(): string {
    return this.state.clientId;
  }

  get clientSecret(): string {
    return this.state.clientSecret;
  }

  get appId(): string {
    return this.state.appId;
  }

  /** Can be changed at any time. */
  get settings(): Settings {
    return this.state.settings;
  }

  get links(): Links {
    return this.state.links;
  }

  get deliveries(): Deliveries {
    return this.state.deliveries;
  }

  /** Every call that came, also those that a fault kept from taking effect. */
  get calls(): readonly Call[] {
    return this.state.calls;
  }

  /** What the app did that Slack has no error for, such as a body in the acknowledgement of an event. */
  get complaints(): readonly string[] {
    return this.state.complaints;
  }

  /** The calls of a method that took effect, whatever the caller was told. */
  callsOf(method: string): Call[] {
    return this.state.calls.filter((each) => each.method === method && each.accepted);
  }

  /** What was brought to the app, by the `type` of the payload, or of the event in it, or the command. */
  delivered(type: string): Delivery[] {
    return this.state.deliveries.all.filter(({ payload }) => {
      const { event } = payload as { readonly event?: Json };
      return payload.type === type || event?.type === type || payload.command === type;
    });
  }

  /** The events that told the app of a message: `message`, and `app_mention` where it was named. */
  eventsOf(seen: SeenMessage): Delivery[] {
    return this.delivered("message")
      .concat(this.delivered("app_mention"))
      .filter(({ payload }) => {
        const { event } = payload as { readonly event: Json };
        return event.ts === seen.ts && event.channel === seen.channelId;
      });
  }

  /** Waits until something is there. @throws Error that says what was waited for */
  async until<T>(
    what: string,
    look: () => T | null | undefined | false,
    { withinMs = PATIENCE_MS }: { readonly withinMs?: number } = {},
  ): Promise<T> {
    const giveUpAt = Date.now() + withinMs;
    for (;;) {
      const found = look();
      if (found !== null && found !== undefined && found !== false) return found;
      if (Date.now() > giveUpAt) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
      await this.nextChange();
    }
  }

  /** Waits until the app has this many sockets open. */
  async connected(sockets = 1): Promise<void> {
    await this.until(`${sockets} sockets`, () => this.socket.open.length >= sockets);
  }

  /** Nothing can connect from now on, and what was connected is cut off. */
  async outage(): Promise<void> {
    this.socket.drop();
    await this.server.close();
  }

  /** Back on the same port. */
  async recover(): Promise<void> {
    await this.server.listen();
  }

  /** The app-level token is void from now on. */
  revokeAppToken(): void {
    this.state.appTokens.clear();
  }

  async start(): Promise<void> {
    await this.server.listen();
  }

  /** Stops. A second call does no harm. */
  async close(): Promise<void> {
    this.state.deliveries.stop();
    this.socket.stop();
    await this.server.close();
  }

  /** The next change, or a moment for what changes without telling. */
  private nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.state.changes.off("change", done);
        setImmediate(resolve);
      };
      const timer = setTimeout(done, 25);
      this.state.changes.once("change", done);
    });
  }
}

export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const slack = new FakeSlack(options);
  await slack.start();
  return slack;
}
