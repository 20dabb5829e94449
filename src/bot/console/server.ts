/** The HTTP server: it listens, and it stops within a bound. */
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { ClawError } from "../../orchestrator/index.ts";
import type { Env } from "./guard.ts";

const SWEEP_MS = 20;

export interface Listening {
  readonly port: number;
  /** Lets requests in flight end, for up to `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

function explain(error: unknown, host: string, port: number): ClawError {
  const what = (() => {
    switch (codeOf(error)) {
      case "EADDRINUSE":
        return `Port ${port} is in use, by another Claw or another program. Stop it, or set CLAW_CONSOLE_PORT to a free port.`;
      case "EACCES":
        return `Port ${port} may not be used by this account. Set CLAW_CONSOLE_PORT to one above 1023.`;
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
        return `This machine has no address "${host}". Set CLAW_CONSOLE_HOST to one it has, such as 127.0.0.1.`;
      default:
        return `The console cannot listen on ${host}, port ${port}. Check CLAW_CONSOLE_HOST and CLAW_CONSOLE_PORT.`;
    }
  })();
  return new ClawError("conflict", what, { cause: error });
}

/** @throws ClawError that names the setting to change when it cannot listen */
export async function listen(app: Hono<Env>, host: string, port: number): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, host, port)));
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: (graceMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        // A connection whose last answer has just ended would otherwise be kept for the next request.
        const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(sweep);
          resolve();
        });
      }),
  };
}
