/** The gateway, held open: whatever ends a connection, another follows, and takes up what was missed where it can. */
import { type SessionInfo, SimpleIdentifyThrottler } from "@discordjs/ws";
import { Routes } from "discord.js";
import { z } from "zod";
import { pause } from "../chat/waiting.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { Log } from "./deps.ts";
import { isTokenTrouble, wordsFor } from "./failures.ts";
import { intentNames } from "./intents.ts";
import type { Web } from "./web.ts";

export interface Gateway {
  start(): void;
  /** Ends every connection; another follows at once, with what the application may hear by now. */
  reconnect(): Promise<void>;
  stop(): Promise<void>;
}

export interface GatewayDeps {
  readonly web: Web;
  readonly token: string;
  readonly log: Log;
  /** Milliseconds in [0, 1). */
  readonly random: () => number;
  readonly intents: () => number;
  /** Discord refused what was to be heard. */
  readonly onIntentsRefused: () => void;
  readonly onEvent: (type: string, data: unknown, nth: string) => void;
}

const Info = z.object({
  url: z.string().regex(/^wss?:\/\/\S+$/),
  shards: z.number().int().min(1).max(1_000).default(1),
  session_start_limit: z.object({
    total: z.number(),
    remaining: z.number(),
    reset_after: z.number(),
    max_concurrency: z.number().int().min(1),
  }),
});

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
const TOKEN_EVERY_MS = 30_000;
/** A connection that lasted so long was a good one: the next follows at once. */
const LASTED_MS = 10_000;
/** Source: docs.discord.com/developers/topics/opcodes-and-status-codes. */
const CLOSED = { token: 4004, shard: 4010, sharding: 4011, version: 4012, intents: 4013, disallowed: 4014 } as const;

export function createGateway(deps: GatewayDeps): Gateway {
  const { web, log } = deps;
  const stopping = new AbortController();
  const open = new Map<number, Connection>();
  const state: { loop: Promise<unknown> | null; throttler: SimpleIdentifyThrottler | null } = {
    loop: null,
    throttler: null,
  };

  async function ask(): Promise<z.infer<typeof Info> | "token" | null> {
    const asked = await web.call("get", Routes.gatewayBot());
    if (!asked.ok) {
      if (isTokenTrouble(asked.failure)) return "token";
      log.warn({ ...asked.failure }, "Discord does not say where its gateway is; asked again soon");
      return null;
    }
    return Info.safeParse(asked.value).data ?? null;
  }

  const backOff = (failures: number): Promise<void> => {
    const delayMs = failures === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS);
    return pause(delayMs * (0.5 + deps.random() / 2), stopping.signal);
  };

  async function hold(shard: number, shards: number): Promise<void> {
    const session: { current: SessionInfo | null } = { current: null };
    for (let failures = 0; !stopping.signal.aborted; ) {
      const info = await ask();
      if (stopping.signal.aborted) return;
      if (info === null || info === "token") {
        if (info === "token") await refusedToken();
        else await backOff(++failures);
        continue;
      }
      const { remaining, reset_after, max_concurrency } = info.session_start_limit;
      if (session.current === null && remaining < 1) {
        log.error({ reset_after }, "Discord lets Claw connect no more for now; it was begun too often");
        await pause(Math.min(Math.max(reset_after, 1_000), 600_000), stopping.signal);
        continue;
      }
      const began = performance.now();
      const intents = deps.intents();
      state.throttler ??= new SimpleIdentifyThrottler(max_concurrency);
      const { throttler } = state;
      const connection = openConnection({
        shard,
        shards,
        token: deps.token,
        intents,
        gateway: info as never,
        session,
        mayIdentify: (id, signal) => throttler.waitForIdentify(id, signal),
        onEvent: deps.onEvent,
        onOpen: (how) => log.info({ how, shard }, "connected to Discord"),
        log,
      });
      open.set(shard, connection);
      const stop = () => void connection.close();
      stopping.signal.addEventListener("abort", stop, { once: true });
      const { code, why } = await connection.ended;
      stopping.signal.removeEventListener("abort", stop);
      open.delete(shard);
      if (stopping.signal.aborted) return;
      failures = performance.now() - began > LASTED_MS ? 0 : failures + 1;
      if (code === CLOSED.token) {
        await refusedToken();
      } else if (code === CLOSED.disallowed || code === CLOSED.intents) {
        log.error(
          { intents: intentNames(intents) },
          "Discord refuses what Claw is to hear: switch on Message Content Intent (and Server Members Intent) in the developer portal, section Bot; until then Claw hears only commands, buttons and what mentions it",
        );
        deps.onIntentsRefused();
        await backOff(failures);
      } else if (code !== null && code >= CLOSED.shard && code <= CLOSED.version) {
        log.error({ code }, "Discord refuses the connection; tried again in a while");
        await pause(MAX_DELAY_MS, stopping.signal);
      } else {
        log.warn({ why, resumes: session.current !== null }, "connection to Discord ended; there will be another");
        // Discord wants a pause before a session that it ended is begun anew.
        if (session.current === null && code !== null) await pause(1_000 + deps.random() * 2_000, stopping.signal);
        await backOff(failures);
      }
    }
  }

  async function refusedToken(): Promise<void> {
    log.error({ why: wordsFor(0) }, "Discord does not accept the bot token; Discord is off until it does");
    await pause(TOKEN_EVERY_MS, stopping.signal);
  }

  /** A bot in very many servers has several connections, and Discord says how many. */
  async function holdAll(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const info = await ask();
      if (info !== null && info !== "token") {
        const { shards } = info;
        await Promise.all(Array.from({ length: shards }, (_, shard) => hold(shard, shards)));
        return;
      }
      if (info === "token") await refusedToken();
      else await backOff(++failures);
    }
  }

  return {
    start() {
      state.loop ??= holdAll();
    },
    async reconnect() {
      await Promise.all([...open.values()].map((connection) => connection.close()));
    },
    async stop() {
      stopping.abort();
      await state.loop;
    },
  };
}
