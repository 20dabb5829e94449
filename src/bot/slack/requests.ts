/** Events over HTTP, signed by Slack. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HTTPReceiver } from "@slack/bolt";
import type { Clock } from "../../orchestrator/index.ts";
import type { Log } from "./deps.ts";
import type { Arrived } from "./entry.ts";
import { boltLogger } from "./web.ts";

export const REQUESTS_PATH = "/slack/events";

export interface Requests {
  start(): Promise<void>;
  stop(): Promise<void>;
  url(): string | null;
}

export interface RequestsDeps {
  readonly signingSecret: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly receive: (arrived: Arrived) => Promise<void>;
}

/** Clocks differ by less; a timestamp further ahead is not Slack's. Bolt itself refuses old ones only. */
const AHEAD_MS = 60_000;

export function createRequests(deps: RequestsDeps): Requests {
  const receiver = new HTTPReceiver({
    signingSecret: deps.signingSecret,
    endpoints: [REQUESTS_PATH],
    logger: boltLogger(deps.log),
    processEventErrorHandler: async ({ error, response }) => {
      deps.log.warn({ err: error }, "event of Slack not taken");
      // Not acknowledged, so that Slack sends it again.
      if (!response.headersSent) response.writeHead(503).end();
      return false;
    },
    dispatchErrorHandler: async ({ response }) => {
      if (!response.headersSent) response.writeHead(404).end();
    },
  });
  // A Bolt App acknowledges events before its listeners run; Claw records them first.
  receiver.init({ processEvent: deps.receive } as never);
  const server: Server = createServer((request, response) => {
    const sentAt = Number(request.headers["x-slack-request-timestamp"]) * 1_000;
    if (sentAt > deps.clock.now() + AHEAD_MS) {
      deps.log.warn({ sentAt }, "request refused: its timestamp is in the future");
      response.writeHead(401).end();
      return;
    }
    try {
      receiver.requestListener(request, response);
    } catch {
      if (!response.headersSent) response.writeHead(404).end();
    }
  });
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(deps.port, deps.host, () => resolve());
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1_000).unref();
      }),
    url() {
      const address = server.address() as AddressInfo | null;
      return address === null ? null : `http://${deps.host}:${address.port}${REQUESTS_PATH}`;
    },
  };
}
