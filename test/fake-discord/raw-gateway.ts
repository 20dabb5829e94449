/** A gateway client without anything that would know better. */
import { WebSocket } from "undici";
import type { FakeDiscord } from "../support/discord/fake-discord.ts";

interface Received {
  readonly op: number;
  readonly t: string | null;
  readonly s: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what a test is about.
  readonly d: any;
}

export interface RawGateway {
  readonly received: readonly Received[];
  /** Texts that were no JSON. */
  readonly garbled: readonly string[];
  /** Null while it is open. */
  readonly closedWith: number | null;
  send(message: unknown): void;
  identify(intents: number, parts?: object): void;
  resume(sessionId: string, seq: number, token?: string): void;
  /** Waits for a message of this type or opcode. */
  next(what: string | number): Promise<Received>;
  closed(): Promise<number>;
  close(code?: number): void;
}

export async function rawGateway(discord: FakeDiscord, query = "?v=10&encoding=json"): Promise<RawGateway> {
  const socket = new WebSocket(`${discord.url.replace("http", "ws")}/${query}`);
  const received: Received[] = [];
  const garbled: string[] = [];
  let closedWith: number | null = null;
  socket.addEventListener("message", ({ data }) => {
    try {
      received.push(JSON.parse(String(data)) as Received);
    } catch {
      garbled.push(String(data));
    }
  });
  socket.addEventListener("close", ({ code }) => {
    closedWith = code;
  });
  await new Promise<void>((resolve) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("close", () => resolve());
  });
  const send = (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message));
  return {
    received,
    garbled,
    get closedWith() {
      return closedWith;
    },
    send,
    identify: (intents, parts = {}) => {
      const properties = { os: "linux", browser: "test", device: "test" };
      send({ op: 2, d: { token: discord.token, intents, properties, ...parts } });
    },
    resume: (sessionId, seq, token = discord.token) => send({ op: 6, d: { token, session_id: sessionId, seq } }),
    next: (what) =>
      discord.until(`${what}`, () => received.find((each) => each.t === what || (each.t === null && each.op === what))),
    closed: () => discord.until("the close", () => closedWith),
    close: (code = 1000) => socket.close(code),
  };
}
