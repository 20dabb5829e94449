/** The world outside: pages to read and effects to cause, with faults; it remembers every effect it accepted. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dice } from "./random.ts";

export const WORLD_FAULTS = ["none", "error", "reset_before", "reset_after", "slow", "stall"] as const;
export type WorldFault = (typeof WORLD_FAULTS)[number];

export interface World {
  readonly url: string;
  /** How often each effect was accepted, by its id. */
  readonly effects: ReadonlyMap<string, number>;
  readonly reads: () => number;
  /** Every other request has this fault from now on. */
  misbehave(fault: WorldFault): void;
  close(): Promise<void>;
}

export async function startWorld(dice: Dice): Promise<World> {
  const effects = new Map<string, number>();
  const state = { fault: "none" as WorldFault, reads: 0 };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = state.fault !== "none" && dice.next() < 0.5 ? state.fault : "none";
    if (fault === "reset_before") return void request.socket.destroy();
    if (fault === "error") return void response.writeHead(503).end("down");
    if (fault === "stall") return;
    if (fault === "slow") await sleep(dice.between(200, 2_000));
    const id = /^\/effect\/([\w-]+)$/.exec(request.url ?? "")?.[1];
    if (id && request.method === "POST") effects.set(id, (effects.get(id) ?? 0) + 1);
    else state.reads++;
    if (fault === "reset_after") return void request.socket.destroy();
    response.writeHead(200, { "content-type": "text/plain" }).end(id ? `made ${id}` : "fine");
  }

  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => void answer(request, response).catch(() => request.socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    effects,
    reads: () => state.reads,
    misbehave: (fault) => {
      state.fault = fault;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
