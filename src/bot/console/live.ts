/** The stream an open page follows. */
import { Hono } from "hono";
import type { ConsoleDeps } from "./deps.ts";
import type { Env } from "./guard.ts";
import { channelIdOf } from "./places.ts";
import { messageChange } from "./render.tsx";
import type { Sessions } from "./sessions/sessions.ts";
import { readChanges } from "./store.ts";
import { type Batch, type Streams, sent } from "./stream.ts";

type LiveDeps = Pick<ConsoleDeps, "db" | "log" | "workspace" | "channels"> & {
  readonly sessions: Sessions;
  readonly streams: Streams;
};

const BATCH = 50;

const versionIn = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;

export function createLive(deps: LiveDeps): Hono<Env> {
  const { db, workspace, streams, sessions } = deps;
  const app = new Hono<Env>();

  app.get("/events", (c) => {
    const channel = c.req.query("channel") ?? "";
    if (!deps.channels.includes(channel)) return c.text("There is no such channel.\n", 404);
    if (streams.full) return c.text("Too many open pages.\n", 503, { "retry-after": "10" });
    const session = c.get("session");
    const viewer = session.person.memberId;
    const place = { workspaceId: workspace.id, channelId: channelIdOf(workspace.id, channel) };

    const load = async (after: number): Promise<Batch> => {
      // Asked each time: a page must not go on showing what the person it was opened as may see.
      if (!(await sessions.stillIs(session))) {
        return { text: sent(after, "someone_else", {}), version: after, last: true };
      }
      const changed = await readChanges(db, place, viewer, { after, limit: BATCH });
      const last = changed.at(-1);
      if (!last) return { text: null, version: after, last: false };
      const text = changed.map((m) => sent(m.version, "message", messageChange(m, workspace.id, channel))).join("");
      return { text, version: last.version, last: false };
    };
    const after = versionIn(c.req.header("last-event-id")) ?? versionIn(c.req.query("after")) ?? 0;
    const body = streams.open(after, load, (error) => deps.log.warn({ err: error }, "console stream ended"));
    return c.body(body, 200, {
      "content-type": "text/event-stream; charset=utf-8",
      // Proxies that gather an answer before passing it on would hold it for ever.
      "x-accel-buffering": "no",
    });
  });

  return app;
}
