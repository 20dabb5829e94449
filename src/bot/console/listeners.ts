/** What people do on the page, handed to the inbox: read, recorded, then acknowledged. */
import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import type { Inbox } from "../../orchestrator/index.ts";
import { within } from "./deadline.ts";
import type { ConsoleDeps } from "./deps.ts";
import type { Env } from "./guard.ts";
import { Pressed, pressedEvent, read, Typed, typedEvent } from "./normalize.ts";
import { channelIdOf, threadIdOf } from "./places.ts";
import { findRoot, insertMessage, readMessage, reserveSeq } from "./store.ts";

type ListenerDeps = Pick<ConsoleDeps, "db" | "clock" | "log" | "workspace" | "channels" | "completions"> & {
  readonly inbox: () => Inbox;
};

const DATABASE_LIMIT_MS = 1_500;
const COMPLETIONS = 12;

type Reply =
  | { readonly status: "stored" | "duplicate" }
  | { readonly status: "not_recorded" | "invalid"; readonly message: string };

const NOT_RECORDED: Reply = { status: "not_recorded", message: "Not recorded, try again." };

const invalid = (c: Context, message: string, code: 400 | 404 = 400) =>
  c.json<Reply>({ status: "invalid", message }, code);

/** The same for the same key, so that a message sent again has the id that its event told. */
const messageIdOf = (workspaceId: string, key: string): string =>
  createHash("sha256").update(`${workspaceId} ${key}`).digest("hex").slice(0, 32);

export function createListeners(deps: ListenerDeps): Hono<Env> {
  const { db, clock, workspace } = deps;
  const app = new Hono<Env>();

  const notRecorded = (c: Context<Env>, error: unknown) => {
    deps.log.warn({ err: error, path: c.req.path }, "console could not record what a person did");
    return c.json(NOT_RECORDED, 503);
  };
  const answer = (c: Context<Env>, status: Awaited<ReturnType<Inbox["receive"]>>) =>
    status === "not_recorded"
      ? c.json(NOT_RECORDED, 503)
      : c.json<Reply>({ status: status === "ignored" ? "stored" : status });

  app.post("/messages", async (c) => {
    const body = Typed.safeParse(await c.req.json().catch(() => null));
    if (!body.success) return invalid(c, "That was not a message.");
    const { key, channel, thread, text } = body.data;
    if (!deps.channels.includes(channel)) return invalid(c, "There is no such channel.", 404);
    const reading = read(text);
    if (reading.kind === "empty") return invalid(c, "Type something first.");
    const { person } = c.get("session");
    const channelId = channelIdOf(workspace.id, channel);
    const place = { workspaceId: workspace.id, channelId };
    try {
      const root = thread === null ? null : await within(DATABASE_LIMIT_MS, findRoot(db, place, thread));
      const hidden = root !== null && root.privateTo !== null && root.privateTo !== person.memberId;
      if (thread !== null && (root === null || hidden)) return invalid(c, "There is no such thread.", 404);
      // Its place on the page is taken first, so that it stands above the answer, and it is stored only once its event
      // is: what was not recorded is not shown as said.
      const seq = await within(DATABASE_LIMIT_MS, reserveSeq(db));
      const at = clock.now();
      const happened = {
        workspaceId: workspace.id,
        key,
        actor: { memberId: person.memberId, name: person.name },
        channelId,
        threadId: thread === null ? null : threadIdOf(channelId, thread),
        at,
      };
      const storedKey = `said:${person.memberId}:${key}`;
      const id = messageIdOf(workspace.id, storedKey);
      const status = await deps.inbox().receive(typedEvent(happened, reading, id));
      if (status === "not_recorded") return answer(c, status);
      const aside = reading.kind === "command" && reading.aside;
      const message = {
        ...place,
        id,
        seq,
        threadId: happened.threadId,
        author: { id: person.memberId, name: person.name },
        text: reading.shown,
        card: null,
        key: storedKey,
        privateTo: aside ? person.memberId : (root?.privateTo ?? null),
        at: new Date(at),
      };
      await within(DATABASE_LIMIT_MS, insertMessage(db, message));
      return answer(c, status);
    } catch (error) {
      return notRecorded(c, error);
    }
  });

  app.post("/actions", async (c) => {
    const body = Pressed.safeParse(await c.req.json().catch(() => null));
    if (!body.success) return invalid(c, "That was not a button.");
    const { person } = c.get("session");
    try {
      const message = await within(
        DATABASE_LIMIT_MS,
        readMessage(db, workspace.id, person.memberId, body.data.messageId),
      );
      // Whether the button is still on the card does not matter: a press that comes late is to be answered too.
      if (!message?.card) return invalid(c, "That message is gone.", 404);
      const happened = {
        workspaceId: workspace.id,
        key: body.data.key,
        actor: { memberId: person.memberId, name: person.name },
        channelId: message.channelId,
        threadId: message.threadId,
        at: clock.now(),
      };
      return answer(c, await deps.inbox().receive(pressedEvent(happened, body.data)));
    } catch (error) {
      return notRecorded(c, error);
    }
  });

  app.get("/complete", async (c) => {
    const text = (c.req.query("text") ?? "").slice(0, 200);
    return c.json((await deps.completions(text)).slice(0, COMPLETIONS));
  });

  return app;
}
