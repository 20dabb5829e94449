/** The console: Claw's own chat platform, a page on this machine. */
import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ClawError, type Inbox } from "../../orchestrator/index.ts";
import { createAdapter } from "./adapter.ts";
import { type Assets, loadAssets } from "./assets.ts";
import { within } from "./deadline.ts";
import type { Console, ConsoleDeps } from "./deps.ts";
import { csrf, type Env, inUrl, sameSite, securityHeaders } from "./guard.ts";
import { createListeners } from "./listeners.ts";
import { createLive } from "./live.ts";
import { createPages } from "./pages/routes.tsx";
import { type Listening, listen } from "./server.ts";
import { createEntry } from "./sessions/entry.tsx";
import { LoginKeys } from "./sessions/keys.ts";
import { Sessions } from "./sessions/sessions.ts";
import { CHANGES } from "./store.ts";
import { Streams } from "./stream.ts";

const BODY_LIMIT = 64 * 1024;
/** Together under the 3 s that stopping may take. */
const GRACE_MS = 2_000;
const UNLISTEN_MS = 500;

interface Running {
  readonly inbox: Inbox;
  readonly server: Listening;
  readonly unlisten: () => Promise<void>;
}

interface AppDeps {
  readonly console: ConsoleDeps;
  readonly assets: Assets;
  readonly keys: LoginKeys;
  readonly streams: Streams;
  readonly inbox: () => Inbox;
  readonly port: () => number;
  readonly loginUrl: () => string;
}

function createApp(app: AppDeps): Hono<Env> {
  const { console: deps, assets, streams, port } = app;
  const sessions = new Sessions({ ...deps, workspaceId: deps.workspace.id });
  const entry = createEntry({ ...deps, ...app, sessions });
  const hono = new Hono<Env>();
  hono.use(securityHeaders);
  // Before the check of the host name: those who probe it know it by names of their own.
  hono.get("/healthz", (c) => c.text("ok"));
  hono.use(sameSite(deps.host, port));
  hono.use(bodyLimit({ maxSize: BODY_LIMIT, onError: (c) => c.json({ status: "invalid", message: TOO_LONG }, 413) }));
  hono.route("/", assets.routes);
  hono.get("/favicon.ico", (c) => c.body(null, 204));
  hono.route("/", entry.outside);
  hono.use(entry.inside);
  hono.use(csrf);
  hono.route("/", entry.leaving);
  hono.route("/api", createListeners({ ...deps, inbox: app.inbox }));
  hono.route("/", createLive({ ...deps, sessions, streams }));
  hono.route("/", createPages({ ...deps, assets }));
  hono.onError((error, c) => {
    deps.log.error({ err: error, path: c.req.path }, "console request failed");
    if (c.req.path.startsWith("/api/")) {
      return c.json({ status: "not_recorded", message: "Not recorded, try again." }, 503);
    }
    return c.text("Claw could not answer just now; its log says why. Try again in a moment.\n", 503);
  });
  return hono;
}

const TOO_LONG = "Too long: at most 64 KiB.";

/**
 * Makes the console; nothing listens before `start`.
 * `start` rejects with a ClawError that names the setting to change when its port cannot be had.
 */
export function createConsole(deps: ConsoleDeps): Console {
  const keys = new LoginKeys(deps.token, () => randomBytes(16).toString("base64url"));
  const streams = new Streams();
  let running: Running | null = null;
  let stopping: Promise<void> | null = null;

  const port = () => running?.server.port ?? deps.port;
  const url = () => `http://${inUrl(["0.0.0.0", "::"].includes(deps.host) ? "127.0.0.1" : deps.host)}:${port()}`;
  const loginUrl = () => `${url()}/?key=${keys.current()}`;
  const inbox = (): Inbox => {
    if (running) return running.inbox;
    throw new ClawError("bug", "the console was asked before it was started");
  };
  const app = createApp({ console: deps, assets: loadAssets(deps.publicDir), keys, streams, inbox, port, loginUrl });

  const stop = async ({ server, unlisten }: Running): Promise<void> => {
    streams.close();
    await server.close(GRACE_MS);
    await within(UNLISTEN_MS, unlisten()).catch((error) => deps.log.warn({ err: error }, "console unlisten failed"));
  };

  return {
    name: "console",
    ...createAdapter(deps),
    url,
    loginUrl,
    async start(heard) {
      if (running) throw new ClawError("bug", "the console was started twice");
      const server = await listen(app, deps.host, deps.port);
      try {
        const unlisten = await deps.listen(CHANGES, (workspaceId) => {
          if (workspaceId === deps.workspace.id) streams.wake();
        });
        running = { inbox: heard, server, unlisten };
      } catch (error) {
        await server.close(0);
        throw error;
      }
    },
    async stop() {
      if (running && !stopping) stopping = stop(running);
      await stopping;
    },
  };
}
