/** The pages of a session. */
import { type Context, Hono } from "hono";
import type { Assets } from "../assets.ts";
import type { ConsoleDeps } from "../deps.ts";
import type { Env } from "../guard.ts";
import { channelIdOf, channelOf, rootOf, threadIdOf } from "../places.ts";
import { lastVersion, readMessage, readPage } from "../store.ts";
import { AuditPage } from "./audit.tsx";
import { ChatPage, type ChatProps } from "./chat.tsx";
import { Notice, type Visit } from "./layout.tsx";
import { RunPage } from "./run.tsx";
import { WorkflowDetailPage, WorkflowsPage } from "./workflows.tsx";

type PageDeps = Pick<ConsoleDeps, "db" | "workspace" | "people" | "channels" | "pages"> & { readonly assets: Assets };

const MESSAGES = 60;
const REPLIES = 200;

/** A positive whole number of a query or path, or null. */
const numberIn = (text: string | undefined): number | null =>
  text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;

export function createPages(deps: PageDeps): Hono<Env> {
  const { db, workspace, assets, channels } = deps;
  const app = new Hono<Env>();

  const visit = (c: Context<Env>): Visit => ({
    assets,
    workspace,
    people: deps.people,
    person: c.get("session").person,
    csrf: c.get("session").csrf,
    path: c.req.path,
  });
  const html = (c: Context<Env>, page: unknown) => c.html(`<!doctype html>${page}`);
  const missing = (c: Context<Env>, what: string) =>
    c.html(
      `<!doctype html>${(
        <Notice assets={assets} title="Not found">
          <p>{what}</p>
          <p>
            <a href="/">Back to the chat</a>
          </p>
        </Notice>
      )}`,
      404,
    );

  const chat = async (c: Context<Env>, channel: string, rootId: string | null) => {
    if (!channels.includes(channel)) return missing(c, "There is no such channel.");
    const viewer = c.get("session").person.memberId;
    const channelId = channelIdOf(workspace.id, channel);
    const place = { workspaceId: workspace.id, channelId };
    const before = numberIn(c.req.query("before"));
    // Before the messages: what changes between the two reads comes once more with the stream, and does no harm.
    const version = await lastVersion(db, place);
    const page = { before: rootId === null ? before : null, limit: MESSAGES };
    const messages = await readPage(db, { ...place, threadId: null }, viewer, page);
    let thread: ChatProps["thread"] = null;
    if (rootId !== null) {
      const root = await readMessage(db, workspace.id, viewer, rootId);
      if (!root || root.threadId !== null || root.channelId !== channelId) {
        return missing(c, "There is no such thread, or it is not yours to see.");
      }
      const inThread = { ...place, threadId: threadIdOf(channelId, rootId) };
      const replies = await readPage(db, inThread, viewer, { before, limit: REPLIES });
      thread = { root, replies, older: replies.length === REPLIES ? (replies[0]?.seq ?? null) : null };
    }
    const older = messages.length === MESSAGES ? (messages[0]?.seq ?? null) : null;
    const props: ChatProps = {
      visit: visit(c),
      channels,
      channel,
      messages,
      older,
      live: before === null,
      version,
      thread,
    };
    return html(c, <ChatPage {...props} />);
  };

  app.get("/", (c) => chat(c, channels[0] ?? "", null));
  app.get("/channels/:channel", (c) => chat(c, c.req.param("channel"), null));
  app.get("/channels/:channel/:root", (c) => chat(c, c.req.param("channel"), c.req.param("root")));

  app.get("/workflows", async (c) =>
    html(c, <WorkflowsPage visit={visit(c)} workflows={await deps.pages.workflows(workspace.id)} />),
  );

  app.get("/workflows/:name", async (c) => {
    const workflow = await deps.pages.workflow(workspace.id, c.req.param("name"));
    if (!workflow) return missing(c, "There is no such workflow.");
    const channel = channelOf(workspace.id, workflow.channelId, channels);
    const root = workflow.threadId === null ? null : rootOf(workflow.channelId, workflow.threadId);
    const home = channel !== null && root !== null ? { channel, root } : null;
    return html(c, <WorkflowDetailPage visit={visit(c)} workflow={workflow} home={home} />);
  });

  app.get("/runs/:number", async (c) => {
    const number = numberIn(c.req.param("number"));
    const inspected = number === null ? null : await deps.pages.run(workspace.id, number);
    if (!inspected) return missing(c, "There is no such run.");
    return html(c, <RunPage visit={visit(c)} inspected={inspected} />);
  });

  app.get("/audit", async (c) => {
    const events = await deps.pages.audit(workspace.id, numberIn(c.req.query("before")));
    return html(c, <AuditPage visit={visit(c)} events={events} />);
  });

  app.get("*", (c) => missing(c, "There is no such page."));
  return app;
}
