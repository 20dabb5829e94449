/** Socket Mode, held open: whatever ends a connection, another follows. */
import { SocketModeReceiver } from "@slack/bolt";
import { pause } from "../chat/waiting.ts";
import type { Log } from "./deps.ts";
import type { Arrived } from "./entry.ts";
import { boltLogger, clientOptions } from "./web.ts";

export interface Socket {
  start(): void;
  stop(): Promise<void>;
}

export interface SocketDeps {
  readonly appToken: string;
  readonly apiUrl: string | null;
  readonly log: Log;
  readonly receive: (arrived: Arrived) => Promise<void>;
  /** Milliseconds in [0, 1). */
  readonly random: () => number;
}

/** A connection that Slack has not greeted by then is given up; milliseconds. */
const HELLO_MS = 15_000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** A connection that lasted so long was a good one: the next follows at once. */
const LASTED_MS = 10_000;

export function createSocket(deps: SocketDeps): Socket {
  const stopping = new AbortController();
  const state: { loop: Promise<void> | null } = { loop: null };

  async function hold(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const began = performance.now();
      const why = await connect();
      if (stopping.signal.aborted) return;
      failures = performance.now() - began > LASTED_MS ? 0 : failures + 1;
      const delayMs = failures === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS);
      deps.log.warn({ why, delayMs }, "connection to Slack ended; there will be another");
      await pause(delayMs * (0.5 + deps.random() / 2), stopping.signal);
    }
  }

  /** One connection, from its opening to its end. @returns why it ended */
  async function connect(): Promise<string> {
    // The receiver's own way back gives up on an outage, and its timer then ends the process: each connection is a new one.
    const receiver = new SocketModeReceiver({
      appToken: deps.appToken,
      autoReconnectEnabled: false,
      logger: boltLogger(deps.log),
      installerOptions: { clientOptions: clientOptions(deps.apiUrl) },
      // A failed one is not acknowledged, so that Slack sends it again.
      processEventErrorHandler: async ({ error }) => {
        deps.log.warn({ err: error }, "event of Slack not taken");
        return false;
      },
    });
    // A Bolt App acknowledges events before its listeners run; Claw records them first.
    receiver.init({ processEvent: deps.receive } as never);
    let end: (why: string) => void = () => {};
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    const stop = () => end("stopped");
    stopping.signal.addEventListener("abort", stop, { once: true });
    receiver.client.on("disconnected", (error?: unknown) => end(error instanceof Error ? error.message : "closed"));
    const late = setTimeout(() => end("no greeting"), HELLO_MS);
    try {
      receiver.start().then(
        () => {
          clearTimeout(late);
          deps.log.info({}, "connected to Slack");
        },
        (error: unknown) => end(error instanceof Error ? error.message : String(error)),
      );
      return await ended;
    } finally {
      clearTimeout(late);
      stopping.signal.removeEventListener("abort", stop);
      // It may have ended already, or never have begun.
      receiver.client.disconnect().catch(() => {});
    }
  }

  return {
    start() {
      state.loop ??= hold();
    },
    async stop() {
      stopping.abort();
      await state.loop;
    },
  };
}
