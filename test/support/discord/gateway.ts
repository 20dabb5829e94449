/** The gateway: sockets, sessions, sequence numbers, replay; and what a test breaks in it. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { isObject, type Json, parseJson, textOf } from "../slack/json.ts";
import { WebSocketConnection } from "../slack/websocket.ts";
import { guildCreate, membersChunk, readyData } from "./greeting.ts";
import { disallowed, KNOWN_INTENTS } from "./intents.ts";
import type { State } from "./state.ts";

/** https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-opcodes */
const OP = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  presence: 3,
  resume: 6,
  reconnect: 7,
  members: 8,
  invalid: 9,
  hello: 10,
  ack: 11,
} as const;

/** An event as it went to a session. */
export interface Dispatched {
  readonly type: string;
  readonly data: Json;
  readonly seq: number;
  readonly sessionId: string;
  readonly at: number;
}

export interface Session {
  readonly id: string;
  readonly intents: number;
  /** Whether a lost connection can be taken up again. */
  resumable: boolean;
  lostAt: number | null;
  seq: number;
  readonly events: { readonly seq: number; readonly text: string }[];
  link: Link | null;
}

export interface Link {
  readonly connection: WebSocketConnection;
  /** What the client sent, parsed. */
  readonly received: Json[];
  session: Session | null;
  readonly sentAt: number[];
}

export class Gateway {
  /** Open sockets, oldest first. */
  readonly links: Link[] = [];
  readonly sessions: Session[] = [];
  readonly dispatched: Dispatched[] = [];
  /** How many sockets were ever opened, sessions begun, sessions resumed. */
  readonly count = { opened: 0, identified: 0, resumed: 0 };
  /** False: heartbeats stay unanswered, as of a zombied connection. */
  acknowledges = true;
  /** What a new socket waits for in vain: the greeting, or READY. */
  mute: "hello" | "ready" | null = null;
  /** Milliseconds by which everything it says comes later. */
  delayMs = 0;

  private identifiedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly state: State) {}

  /** Sessions that have a socket. */
  get ready(): Session[] {
    return this.sessions.filter((each) => each.link !== null);
  }

  upgrade(request: IncomingMessage, stream: Duplex): void {
    const connection = WebSocketConnection.accept(request, stream, {
      text: (message) => this.hear(link, message),
      closed: (code) => this.forget(link, code),
    });
    if (!connection) return;
    const link: Link = { connection, received: [], session: null, sentAt: [] };
    this.links.push(link);
    this.count.opened += 1;
    const { searchParams } = new URL(request.url ?? "/", "ws://fake");
    const spoken = searchParams.get("encoding") ?? "json";
    if (spoken !== "json" || searchParams.has("compress")) {
      this.state.complaints.push(`the gateway here speaks uncompressed JSON only, not ${request.url ?? ""}`);
      connection.close(4002);
      return;
    }
    if (searchParams.get("v") !== "10") return void connection.close(4012);
    if (this.mute !== "hello") {
      this.send(link, { op: OP.hello, d: { heartbeat_interval: this.state.settings.heartbeatMs, _trace: [] } });
    }
    this.state.changes.emit("change");
  }

  /**
   * Tells every session what happened, also those whose socket is lost, which hear it when they resume.
   * @param intents any of them entitles to it; 0: everyone hears it
   * @param data null of what this session is not told
   */
  dispatch(type: string, intents: number, data: Json | ((session: Session) => Json | null)): Dispatched[] {
    const sent = this.sessions
      .filter((each) => intents === 0 || (each.intents & intents) !== 0)
      .flatMap((session) => {
        const told = typeof data === "function" ? data(session) : data;
        return told === null ? [] : [this.tell(session, type, told)];
      });
    this.state.changes.emit("change");
    return sent;
  }

  /** Sends the same event once more, with a number of its own. */
  again(event: Dispatched): void {
    for (const session of this.sessions) this.tell(session, event.type, event.data);
  }

  /** Cuts all sockets without a word. */
  drop(): void {
    for (const { connection } of [...this.links]) connection.drop();
  }

  /** Closes all sockets with a code, such as 4000 (resume), 4004 (bad token), 4009 (session timed out), 4014. */
  close(code: number): void {
    if ([4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014].includes(code)) this.expireSessions();
    for (const { connection } of [...this.links]) connection.close(code);
  }

  /** Op 7: the client has to connect again and resume. */
  reconnect(): void {
    for (const link of this.links) this.send(link, { op: OP.reconnect, d: null });
  }

  /** Op 9: the session is over; with `resumable` it may be taken up on another connection. */
  invalidate({ resumable }: { readonly resumable: boolean }): void {
    const links = [...this.links];
    if (!resumable) this.expireSessions();
    for (const link of links) {
      // The socket stays, and the client resumes or identifies on it or on another.
      this.part(link);
      this.send(link, { op: OP.invalid, d: resumable });
    }
    this.clear();
  }

  /** Whoever resumes from now on is told to identify again. */
  expireSessions(): void {
    for (const session of this.sessions) session.resumable = false;
  }

  /** Sends a text as it is, such as one that is no JSON. */
  sendRaw(text: string): void {
    for (const { connection } of this.links) connection.send(text);
  }

  private hear(link: Link, text: string): void {
    const message = parseJson(text);
    const { state } = this;
    // https://discord.com/developers/docs/events/gateway#sending-events: 4096 bytes at most.
    if (!isObject(message) || Buffer.byteLength(text) > 4096 || typeof message.op !== "number")
      return void link.connection.close(4002);
    link.received.push(message);
    const now = state.now();
    link.sentAt.push(now);
    // https://discord.com/developers/docs/events/gateway#rate-limiting
    if (link.sentAt.filter((at) => now - at < 60_000).length > 120) return void link.connection.close(4008);
    const known = Object.values(OP) as readonly number[];
    if (!known.includes(message.op)) return void link.connection.close(4001);
    const data = isObject(message.d) ? message.d : {};
    switch (message.op) {
      case OP.heartbeat:
        if (this.acknowledges) this.send(link, { op: OP.ack });
        break;
      case OP.identify:
        this.identify(link, data);
        break;
      case OP.resume:
        this.resume(link, data);
        break;
      default:
        if (!link.session) return void link.connection.close(4003);
        if (message.op === OP.members) membersChunk(state, link.session, data, (chunk) => this.tellOne(link, chunk));
    }
    state.changes.emit("change");
  }

  private tellOne(link: Link, chunk: Json): void {
    if (link.session) this.tell(link.session, "GUILD_MEMBERS_CHUNK", chunk);
  }

  private identify(link: Link, data: Json): void {
    const { state } = this;
    if (link.session) return void link.connection.close(4005);
    if (data.token !== state.app.token) return void link.connection.close(4004);
    const [shard = 0, shards = 1] = Array.isArray(data.shard) ? (data.shard as number[]) : [];
    if (shard !== 0 || shards !== 1) return void link.connection.close(4010);
    const { intents } = data;
    if (typeof intents !== "number" || (intents & ~KNOWN_INTENTS) !== 0 || !isObject(data.properties)) {
      return void link.connection.close(isObject(data.properties) ? 4013 : 4002);
    }
    if (disallowed(intents, state.app.privileged).length > 0) return void link.connection.close(4014);
    const { identifyEveryMs } = state.settings;
    if (identifyEveryMs !== null && state.now() - this.identifiedAt < identifyEveryMs) {
      return void this.send(link, { op: OP.invalid, d: false });
    }
    this.identifiedAt = state.now();
    if (this.mute === "ready") return;
    const session: Session = {
      id: state.ids.secret(),
      intents,
      resumable: true,
      lostAt: null,
      seq: 0,
      events: [],
      link,
    };
    this.sessions.push(session);
    link.session = session;
    this.count.identified += 1;
    this.tell(session, "READY", readyData(state, session));
    for (const guild of state.world.guilds.values()) {
      if (guild.available && guild.members.has(state.app.botId))
        this.tell(session, "GUILD_CREATE", guildCreate(state, guild, session));
    }
  }

  private resume(link: Link, data: Json): void {
    const { state } = this;
    if (link.session) return void link.connection.close(4005);
    if (data.token !== state.app.token) return void link.connection.close(4004);
    const session = this.sessions.find((each) => each.id === textOf(data.session_id));
    const lostFor = session?.lostAt == null ? 0 : state.now() - session.lostAt;
    if (!session?.resumable || lostFor > state.settings.resumeLifeMs)
      return void this.send(link, { op: OP.invalid, d: false });
    const { seq } = data;
    if (typeof seq !== "number" || seq > session.seq) return void link.connection.close(4007);
    session.link?.connection.close(4009);
    session.link = link;
    session.lostAt = null;
    link.session = session;
    this.count.resumed += 1;
    for (const event of session.events) if (event.seq > seq) this.write(link, event.text);
    this.tell(session, "RESUMED", { _trace: [] });
  }

  private tell(session: Session, type: string, data: Json): Dispatched {
    session.seq += 1;
    const text = JSON.stringify({ op: OP.dispatch, t: type, s: session.seq, d: data });
    session.events.push({ seq: session.seq, text });
    if (session.link) this.write(session.link, text);
    const event = { type, data, seq: session.seq, sessionId: session.id, at: this.state.now() };
    this.dispatched.push(event);
    return event;
  }

  private send(link: Link, message: Json): void {
    this.write(link, JSON.stringify({ t: null, s: null, ...message }));
  }

  private write({ connection }: Link, text: string): void {
    if (this.delayMs === 0) connection.send(text);
    else setTimeout(() => connection.send(text), this.delayMs).unref();
  }

  private forget(link: Link, code: number | null): void {
    const index = this.links.indexOf(link);
    if (index >= 0) this.links.splice(index, 1);
    const session = this.part(link);
    if (session) {
      // https://discord.com/developers/docs/events/gateway#initiating-a-disconnect: these two end the session.
      if (code === 1000 || code === 1001) session.resumable = false;
    }
    this.clear();
    this.state.changes.emit("change");
  }

  /** A session loses its socket. @returns the session, if it was this socket's */
  private part(link: Link): Session | null {
    const { session } = link;
    link.session = null;
    if (session?.link !== link) return null;
    session.link = null;
    session.lostAt = this.state.now();
    return session;
  }

  /** Sessions that nobody can come back to are gone. */
  private clear(): void {
    const over = (each: Session) => each.link === null && !each.resumable;
    for (const each of this.sessions.filter(over)) this.sessions.splice(this.sessions.indexOf(each), 1);
  }
}
