/** Socket Mode: sockets with a ticket, envelopes to one of them, acknowledgements by their envelope. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type AttemptOutcome, begin, type Delivery, type Retry, type Transport } from "./deliveries.ts";
import { isObject, parseJson, textOf } from "./json.ts";
import type { State } from "./state.ts";
import { WebSocketConnection } from "./websocket.ts";

export type DisconnectReason = "warning" | "refresh_requested" | "link_disabled";

interface Waiting {
  readonly connection: Socket;
  settle(outcome: AttemptOutcome): void;
  readonly since: number;
  readonly delivery: Delivery;
  over: boolean;
}

export interface Socket {
  readonly number: number;
  readonly connection: WebSocketConnection;
  readonly received: unknown[];
}

export class SocketMode implements Transport {
  /** Those that are open, oldest first. */
  readonly open: Socket[] = [];
  /** How many were ever opened. */
  opened = 0;
  enabled = true;
  private readonly tickets = new Set<string>();
  private readonly waiting = new Map<string, Waiting>();
  private turn = 0;
  private readonly pings: NodeJS.Timeout;

  constructor(private readonly state: State) {
    this.pings = setInterval(() => {
      for (const { connection } of this.open) connection.ping();
    }, state.settings.pingEveryMs).unref();
  }

  /** A ticket opens one socket once. */
  ticket(): string {
    const ticket = this.state.ids.opaque(24);
    this.tickets.add(ticket);
    return ticket;
  }

  /** Takes an upgrade request. */
  upgrade(request: IncomingMessage, stream: Duplex): void {
    const ticket = new URL(request.url ?? "/", "ws://fake").searchParams.get("ticket") ?? "";
    if (!this.enabled || !this.tickets.delete(ticket)) {
      stream.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
      return;
    }
    const connection = WebSocketConnection.accept(request, stream, {
      text: (message) => this.hear(socket, message),
      closed: () => this.forget(socket),
    });
    if (!connection) return;
    this.opened += 1;
    const socket: Socket = { number: this.opened, connection, received: [] };
    this.open.push(socket);
    connection.send(
      JSON.stringify({
        type: "hello",
        num_connections: this.open.length,
        debug_info: { host: "applink-fake", build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: this.state.appId },
      }),
    );
    this.state.changes.emit("change");
  }

  async attempt(delivery: Delivery, retry: Retry | null): Promise<AttemptOutcome> {
    const { state } = this;
    const envelopeId = `${state.ids.opaque(8)}-${state.ids.opaque(12)}`;
    const attempt = begin(state, delivery, retry, envelopeId);
    // Each envelope goes to one of the sockets; which one is Slack's choice, so here they take turns.
    const usable = this.open.filter((each) => each.connection.open);
    const socket = usable[this.turn % Math.max(1, usable.length)];
    this.turn += 1;
    if (!socket) {
      attempt.outcome = { kind: "failed", reason: "not_connected", status: 0 };
      return attempt.outcome;
    }
    const outcome = await new Promise<AttemptOutcome>((resolve) => {
      const timer = setTimeout(() => {
        resolve({ kind: "failed", reason: "timeout", status: 0 });
        waiting.over = true;
      }, state.settings.ackLimitMs).unref();
      const waiting: Waiting = {
        connection: socket,
        since: state.now(),
        delivery,
        over: false,
        settle: (settled) => {
          clearTimeout(timer);
          if (waiting.over) attempt.lateAckAfterMs = settled.kind === "acked" ? settled.afterMs : null;
          waiting.over = true;
          resolve(settled);
        },
      };
      this.waiting.set(envelopeId, waiting);
      socket.connection.send(JSON.stringify(envelope(delivery, envelopeId, retry)));
    });
    attempt.outcome = outcome;
    return outcome;
  }

  /**
   * Tells all sockets, or one, to go. Slack hangs up itself when the app has not: at once on a disabled link, some
   * seconds later on a refresh, and never on a mere warning.
   */
  disconnect(reason: DisconnectReason, only?: Socket): void {
    if (reason === "link_disabled") this.enabled = false;
    for (const { connection } of only ? [only] : [...this.open]) {
      connection.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "applink-fake" } }));
      if (reason !== "warning") setTimeout(() => connection.close(), HANG_UP_MS[reason]).unref();
    }
  }

  /** Cuts lines without a word; all of them when none is named. */
  drop(only?: Socket): void {
    for (const { connection } of only ? [only] : [...this.open]) connection.drop();
  }

  stop(): void {
    clearInterval(this.pings);
    this.drop();
  }

  private hear(socket: Socket, text: string): void {
    const message = parseJson(text);
    socket.received.push(message);
    if (!isObject(message) || typeof message.envelope_id !== "string") {
      this.state.complaints.push(`a socket said what is no acknowledgement: ${text.slice(0, 200)}`);
      return;
    }
    const waiting = this.waiting.get(message.envelope_id);
    if (!waiting) {
      this.state.complaints.push(`an acknowledgement of an envelope that nobody sent: ${message.envelope_id}`);
      return;
    }
    if (waiting.connection !== socket) {
      this.state.complaints.push(`an envelope was acknowledged on another socket: ${message.envelope_id}`);
    }
    this.waiting.delete(message.envelope_id);
    const { payload } = message;
    const empty = !isObject(payload) || Object.keys(payload).length === 0;
    if (!empty && waiting.delivery.kind === "event") {
      this.state.complaints.push(`an event was acknowledged with a payload: ${textOf(JSON.stringify(payload))}`);
    }
    waiting.settle({
      kind: "acked",
      afterMs: this.state.now() - waiting.since,
      response: empty ? null : payload,
      status: 200,
    });
  }

  private forget(socket: Socket): void {
    const index = this.open.indexOf(socket);
    if (index >= 0) this.open.splice(index, 1);
    for (const [id, waiting] of this.waiting) {
      if (waiting.connection !== socket) continue;
      this.waiting.delete(id);
      waiting.settle({ kind: "failed", reason: "timeout", status: 0 });
    }
    this.state.changes.emit("change");
  }
}

const HANG_UP_MS = { link_disabled: 50, refresh_requested: 10_000 } as const;
const TYPES = { event: "events_api", command: "slash_commands", interaction: "interactive" } as const;

function envelope(delivery: Delivery, envelopeId: string, retry: Retry | null): object {
  return {
    envelope_id: envelopeId,
    type: TYPES[delivery.kind],
    accepts_response_payload: delivery.kind !== "event",
    payload: delivery.payload,
    ...(delivery.kind === "event" && {
      retry_attempt: retry?.num ?? 0,
      retry_reason: retry === null ? "" : retry.reason,
    }),
  };
}
