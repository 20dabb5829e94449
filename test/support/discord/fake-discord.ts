/**
 * A fake Discord that speaks the real protocol: the REST API (v10) and the gateway. The real `discord.js` connects to
 * it. It refuses what Discord refuses, with Discord's codes, and holds requests and its own answers against Discord's
 * published description.
 *
 * ```ts
 * const discord = await startFakeDiscord();                   // { privileged: ["MESSAGE_CONTENT"] } by default
 * const { guild } = discord;                                  // discord.addGuild("Other") for more
 * const leads = guild.role("leads");
 * const ada = guild.person("ada", { roles: [leads] });
 * const eng = guild.channel("eng");                           // { only: [ada, "claw"] }, { type: "announcement" }
 * const ideas = guild.forum("ideas", { tags: ["bug"], requiresTag: true });
 *
 * const client = new Client({ intents, partials, rest: { api: discord.apiUrl, retries: 0 } });
 * await client.login(discord.token);
 * await discord.connected();                                  // a session is there
 *
 * const typed = await ada.types("/claw status", { channel: eng });   // { acked, answer, response, trouble }
 * const offered = await ada.completes("/claw sta", { channel: eng });
 * const asked = ada.says("@claw status", { channel: eng });          // thread: a message, replyTo: a message
 * const card = await discord.until("the card", () => ada.sees(eng).find((each) => each.buttons.includes("Approve")));
 * await ada.presses("Approve", card);                         // refuses a button that is not there (any more)
 * await ada.presses("Approve", card, { stale: true });        // pressed a moment too late
 * await ada.chooses("Which?", "open-prs", card);
 * const modal = await discord.until("the modal", () => ada.modal);
 * await ada.submits(modal, { "Why?": "too risky" });          // by label or custom id
 * await ada.uses("Ask Claw about this", asked);  ada.says("hi", { channel: ada.dm });  ada.reacts("👍", card);
 * ada.sees(eng, asked);                                       // a thread, the message it begins with first
 *
 * discord.faults.add({ route: "POST /channels/{channel_id}/messages", fault: { kind: "reset", when: "after" } });
 * discord.limits.likeDiscord();  discord.limits.invalidRequests;
 * discord.gateway.drop();  .close(4014);  .reconnect();  .invalidate({ resumable: false });  .sendRaw("{not json");
 * discord.gateway.acknowledges = false;  discord.gateway.mute = "hello";  discord.gateway.again(event);
 * await discord.outage();  await discord.recover();  discord.advance(15 * 60_000);  discord.revokeToken();
 * discord.again(typed);  discord.again(asked);                // the same once more
 * guild.deny(eng, "claw", "SEND_MESSAGES");  guild.archive(thread, { locked: true });  guild.remove(eng);  guild.kick("claw");
 * discord.callsOf("POST /channels/{channel_id}/messages");    // what took effect; all attempts are in `calls`
 * discord.complaints;                                         // what no error tells: look at it at the end
 * await discord.close();
 * ```
 */

import { EventEmitter } from "node:events";
import { PATIENCE_MS } from "../patience.ts";
import { type Community, newGuild } from "./community.ts";
import { Faults } from "./faults.ts";
import { type Dispatched, Gateway } from "./gateway.ts";
import { Interactions, type Outcome } from "./interactions.ts";
import { RateLimits } from "./limits.ts";
import type { Permission } from "./permissions.ts";
import { archiveIdle } from "./routes/threads.ts";
import type { SeenMessage } from "./seen.ts";
import { DiscordServer } from "./server.ts";
import { Snowflakes } from "./snowflakes.ts";
import type { App, Call, PrivilegedIntent, Settings, State } from "./state.ts";
import { World } from "./world.ts";

export type { Community } from "./community.ts";
export type { Dispatched } from "./gateway.ts";
export type { Outcome } from "./interactions.ts";
export type { Person } from "./person.ts";
export type { SeenMessage } from "./seen.ts";
export type { Call } from "./state.ts";
export type { Channel } from "./world.ts";

export interface FakeDiscordOptions {
  /** What is switched on in the developer portal. */
  readonly privileged?: readonly PrivilegedIntent[];
  /** What the app's role may do in the first guild. */
  readonly permissions?: readonly Permission[];
  readonly settings?: Partial<Settings>;
  /** Milliseconds; the machine's clock when left out. */
  readonly now?: () => number;
}

const DISCORDS_OWN: Settings = {
  ackLimitMs: 3_000,
  tokenLifeMs: 15 * 60_000,
  nonceLifeMs: 5 * 60_000,
  heartbeatMs: 41_250,
  lockedThread: 160005,
  identifyEveryMs: null,
  resumeLifeMs: 3 * 60_000,
  globalPerSecond: 50,
  invalidLimit: 10_000,
};

export class FakeDiscord {
  readonly faults = new Faults();
  readonly limits: RateLimits;
  /** The first guild. */
  readonly guild: Community;
  private readonly state: State;
  private readonly server: DiscordServer;
  private offset = 0;

  constructor({
    privileged = ["MESSAGE_CONTENT"],
    permissions,
    settings = {},
    now: base = () => Date.now(),
  }: FakeDiscordOptions) {
    const now = () => base() + this.offset;
    const ids = new Snowflakes(now);
    const all: Settings = { ...DISCORDS_OWN, ...settings };
    const world = new World(ids, now);
    const bot = world.addUser({ username: "claw", bot: true });
    const app: App = {
      id: bot.id,
      botId: bot.id,
      name: "claw",
      token: tokenFor(bot.id),
      privileged: new Set(privileged),
    };
    this.limits = new RateLimits(all, now);
    const state: State = {
      app,
      world,
      ids,
      settings: all,
      calls: [],
      complaints: [],
      commands: new Map(),
      changes: new EventEmitter().setMaxListeners(0),
      now,
      url: () => this.server.url,
      get gateway() {
        return gateway;
      },
      get interactions() {
        return interactions;
      },
    };
    const gateway = new Gateway(state);
    const interactions = new Interactions(state);
    this.state = state;
    this.server = new DiscordServer(state, this.faults, this.limits);
    this.guild = newGuild(state, "Acme", permissions);
  }

  /** Another guild with the app in it. */
  addGuild(name: string, permissions?: readonly Permission[]): Community {
    return newGuild(this.state, name, permissions);
  }

  /** Base URL, without a slash at the end. */
  get url(): string {
    return this.server.url;
  }

  /** For `rest.api` of the real client. */
  get apiUrl(): string {
    return `${this.server.url}/api`;
  }

  /** The bot's, without `Bot` before it. */
  get token(): string {
    return this.state.app.token;
  }

  get appId(): string {
    return this.state.app.id;
  }

  get botId(): string {
    return this.state.app.botId;
  }

  get gateway(): Gateway {
    return this.state.gateway;
  }

  /** Can be changed at any time. */
  get settings(): Settings {
    return this.state.settings;
  }

  /** Switched on in the developer portal; can be changed at any time. */
  get privileged(): Set<PrivilegedIntent> {
    return this.state.app.privileged;
  }

  get world(): World {
    return this.state.world;
  }

  /** Every request that came, also those that a fault kept from taking effect. */
  get calls(): readonly Call[] {
    return this.state.calls;
  }

  /** What the app did that Discord has no error for, and where the fake left the description. */
  get complaints(): readonly string[] {
    return this.state.complaints;
  }

  /** The requests of a route that took effect, whatever the caller was told. */
  callsOf(route: string): Call[] {
    return this.state.calls.filter((each) => each.route === route && each.accepted);
  }

  /** Registered commands as the API tells them. @param guild null: the global ones */
  commands(guild: Community | null = null): readonly Readonly<Record<string, unknown>>[] {
    return this.state.commands.get(guild?.id ?? "global") ?? [];
  }

  /** The events of a type that went out. */
  dispatched(type: string): Dispatched[] {
    return this.state.gateway.dispatched.filter((each) => each.type === type);
  }

  /** Sends the event of something that a person did once more, as Discord does now and then. */
  again(what: Outcome | SeenMessage): void {
    if ("events" in what) return void this.state.interactions.again(what);
    const event = this.dispatched("MESSAGE_CREATE").find((each) => each.data.id === what.id);
    if (!event) throw new Error("nobody was told of that message");
    this.state.gateway.again(event);
  }

  /** Moves the clock on, and with it everything that expires; idle threads are archived. */
  advance(ms: number): void {
    this.offset += ms;
    this.state.interactions.sweep();
    archiveIdle(this.state);
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

  /** Waits until this many sessions have a socket. */
  async connected(sessions = 1): Promise<void> {
    await this.until(`${sessions} sessions`, () => this.state.gateway.ready.length >= sessions);
  }

  /** Nothing can connect from now on, and what was connected is cut off. */
  async outage(): Promise<void> {
    this.state.gateway.drop();
    await this.server.close();
  }

  /** Back on the same port. */
  async recover(): Promise<void> {
    await this.server.listen();
  }

  /** The token is void from now on: 401, and 4004 on the gateway. @returns the new one */
  revokeToken(): string {
    this.state.app.token = tokenFor(this.state.app.id, this.state.ids.secret(38));
    this.state.gateway.close(4004);
    return this.state.app.token;
  }

  async start(): Promise<void> {
    await this.server.listen();
  }

  /** Stops. A second call does no harm. */
  async close(): Promise<void> {
    this.state.gateway.drop();
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

/** In the shape of the real ones, whose first part is the bot's id. */
const tokenFor = (id: string, secret = "fake-secret-of-the-bot-0123456789abcdef"): string =>
  `${Buffer.from(id).toString("base64url")}.Gfake1.${secret}`;

export async function startFakeDiscord(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
  const discord = new FakeDiscord(options);
  await discord.start();
  return discord;
}
