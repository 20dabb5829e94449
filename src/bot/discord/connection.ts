/** One connection to Discord's gateway, from its opening to its end. What follows it is somebody else's to say. */
import { type IContextFetchingStrategy, type SessionInfo, WebSocketShard, WebSocketShardEvents } from "@discordjs/ws";
import { inTime } from "../chat/waiting.ts";
import type { Log } from "./deps.ts";

export interface ConnectionOptions {
  readonly shard: number;
  readonly shards: number;
  readonly token: string;
  readonly intents: number;
  /** Checked: it is a WebSocket's address. */
  readonly gateway: IContextFetchingStrategy["options"]["gatewayInformation"];
  /** What a lost connection can be taken up again by. */
  readonly session: { current: SessionInfo | null };
  /** Resolves when this shard may introduce itself. */
  readonly mayIdentify: (shard: number, signal: AbortSignal) => Promise<void>;
  /** What Discord says, with where it stands in the session. */
  readonly onEvent: (type: string, data: unknown, nth: string) => void;
  /** Begun anew, or taken up where it was left. */
  readonly onOpen: (how: "ready" | "resumed") => void;
  readonly log: Log;
}

export interface Ended {
  /** As the socket was closed; null when it was not, or never opened. */
  readonly code: number | null;
  readonly why: string;
}

export interface Connection {
  readonly ended: Promise<Ended>;
  /** Never takes more than a second. */
  close(): Promise<void>;
}

/** A connection that Discord has not greeted by then is given up; milliseconds. */
const OPEN_MS = 30_000;
const CLOSE_MS = 1_000;

export function openConnection(options: ConnectionOptions): Connection {
  const { session, log } = options;
  const state = { ended: false, greeted: false, opened: false };
  const shard = new WebSocketShard(
    {
      options: {
        compression: null,
        encoding: "json" as never,
        gatewayInformation: options.gateway,
        handshakeTimeout: 10_000,
        helloTimeout: 15_000,
        readyTimeout: OPEN_MS,
        identifyProperties: { os: process.platform, browser: "claw", device: "claw" },
        initialPresence: null,
        intents: options.intents as never,
        largeThreshold: null,
        shardCount: options.shards,
        token: options.token,
        version: "10",
      },
      // The shard's own way back asks for this first: once the connection has ended there is none.
      retrieveSessionInfo: () => (state.ended ? new Promise<never>(() => {}) : session.current),
      updateSessionInfo(_, next) {
        // A connection that never came about, or has ended, says nothing about the session.
        if (next !== null || (state.greeted && !state.ended)) session.current = next;
      },
      waitForIdentify: options.mayIdentify,
    },
    options.shard,
  );
  guard(shard, (error) => {
    log.warn({ err: error }, "Discord's gateway said something that cannot be read");
    end({ code: null, why: "malformed" });
  });

  let settle: (ended: Ended) => void = () => {};
  const ended = new Promise<Ended>((resolve) => {
    settle = resolve;
  });
  const late = setTimeout(() => end({ code: null, why: "no greeting" }), OPEN_MS).unref();
  function end(how: Ended): void {
    if (state.ended) return;
    state.ended = true;
    // Discord was there and would not take it up: it is begun anew.
    if (state.greeted && !state.opened) session.current = null;
    clearTimeout(late);
    void shut().finally(() => settle(how));
  }
  /** The shard may hang while it closes, and leaves a socket that is not open yet alone. */
  async function shut(): Promise<void> {
    await inTime(
      CLOSE_MS,
      shard.destroy().catch(() => {}),
      null,
    );
    const socket: unknown = Reflect.get(shard, "connection");
    if (
      typeof socket === "object" &&
      socket !== null &&
      "terminate" in socket &&
      typeof socket.terminate === "function"
    ) {
      socket.terminate();
    }
  }

  shard.on(WebSocketShardEvents.Hello, () => {
    state.greeted = true;
  });
  const opened = (how: "ready" | "resumed") => () => {
    clearTimeout(late);
    state.opened = true;
    options.onOpen(how);
  };
  shard.on(WebSocketShardEvents.Ready, opened("ready"));
  shard.on(WebSocketShardEvents.Resumed, opened("resumed"));
  shard.on(WebSocketShardEvents.Closed, ({ code }) => end({ code, why: `closed with ${code}` }));
  shard.on(WebSocketShardEvents.Error, ({ error }) => end({ code: null, why: error.message }));
  shard.on(WebSocketShardEvents.Dispatch, ({ data }) => {
    if (!state.ended) options.onEvent(data.t, data.d, `${session.current?.sessionId ?? ""}:${data.s}`);
  });
  shard.connect().catch(() => {});
  return {
    ended,
    async close() {
      end({ code: null, why: "closed by Claw" });
      await ended;
    },
  };
}

/** What the shard throws while it reads a message would end the process. */
function guard(shard: WebSocketShard, onError: (error: unknown) => void): void {
  const original: unknown = Reflect.get(shard, "onMessage");
  if (typeof original !== "function") return;
  Reflect.set(shard, "onMessage", async (...given: unknown[]) => {
    try {
      await original.apply(shard, given);
    } catch (error) {
      onError(error);
    }
  });
}
