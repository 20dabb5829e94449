/**
 * What people do reaches Claw here: stored in one statement, acknowledged, then handled in one transaction with its
 * reply, so that however often it is delivered or its handler is killed, it happens once.
 */
import type { Log } from "../../log.ts";
import type { Caller, UseCaseDeps } from "../caller.ts";
import type { Database } from "../db/client.ts";
import { inWork, type Work } from "../db/work.ts";
import { announce } from "../delivery/store.ts";
import { ClawError } from "../errors.ts";
import { findWorkspace, meet } from "../members/store.ts";
import type { InboundEvent, Inbox } from "../ports.ts";
import { bodyWithoutSecret } from "../secrets/pasted.ts";
import { concernsSomebody, hear, isHeard } from "../triggers/heard.ts";
import { type Asked, type AskingDeps, ask } from "./asking.ts";
import { keepMessage } from "./kept.ts";
import { markRefused, markTried, readEvent, reopenRefused, takeEvent, takeLeftOver } from "./store.ts";
import { createStoring } from "./storing.ts";
import { createTurns, type Turns } from "./turns.ts";

/** Longer than that and the platform is not told that the event was taken; milliseconds (Slack and Discord allow 3 s). */
const STORE_MS = 1_500;
/** A handler that fails for its own reasons is tried that often. */
const TRIES = 5;
const TOO_LATE = {
  code: "database_unavailable",
  message: "It was stored after its sender was told it was not.",
} as const;
/** Events that are handled at the same time: those that come meanwhile are to be stored before these are through. */
const HANDLED_AT_ONCE = 6;
const BUG = { code: "bug", message: "Claw failed in a way it should not; the log says how." } as const;

/** What to answer: cards made by the bot, carried unread. */
export interface Reply {
  readonly card: unknown;
  /** The message it belongs in: the same key again edits that message. Null: a message of its own. */
  readonly key: string | null;
}

/** Turns an event into use cases and a reply. Throws a ClawError for what a person did wrong; nothing else is their fault. */
export interface InboundHandler {
  handle(caller: Caller): Promise<Reply[]>;
  /** The card for an error, with what to type instead. */
  explain(error: ClawError, event: InboundEvent): unknown;
}

export interface InboxDeps extends UseCaseDeps, AskingDeps {
  /** Connections that no handler holds: what people do is stored in time also while many handlers wait for each other. */
  readonly urgent: Database;
  readonly handler: InboundHandler;
  readonly log: Log;
}

export interface InboxService extends Inbox {
  /** Handles what lost processes left behind: what is not handled `graceMs` milliseconds after it came. */
  sweep(graceMs: number): Promise<void>;
  /** Resolves when nothing is being handled. */
  settled(): Promise<void>;
}

export function createInbox(deps: InboxDeps): InboxService {
  const underWay = new Set<Promise<void>>();
  const insert = createStoring(deps.urgent);
  const turns = createTurns(HANDLED_AT_ONCE);
  /** @param event null: it is read first */
  const handleSoon = (id: string, event: InboundEvent | null): Promise<void> => {
    const handling: Promise<void> = handle({ ...deps, turns }, id, event).finally(() => underWay.delete(handling));
    underWay.add(handling);
    return handling;
  };
  /** What is being refused because it came late. The same event sent again waits for that, or it would share its fate. */
  const refusals = new Map<string, Promise<void>>();
  const store = async (event: InboundEvent): Promise<string | null> => {
    await refusals.get(event.key);
    const at = new Date(deps.clock.now());
    const id = deps.ids.next();
    const isNew = await insert({ id, event, receivedAt: at });
    return isNew ? id : reopenRefused(deps.urgent, event, TOO_LATE, at);
  };
  return {
    async receive(received) {
      const event = { ...received, body: bodyWithoutSecret(received.body) };
      const storing = concernsSomebody(deps.urgent, event).then((does) => (does ? store(event) : "ignored"));
      try {
        const stored = await within(STORE_MS, storing);
        if (stored === null) return "duplicate";
        if (stored === "ignored") return stored;
        void handleSoon(stored, event);
        return "stored";
      } catch (error) {
        deps.log.error({ key: event.key, err: error }, "inbound event not recorded");
        // It may yet arrive. A message is welcome then; a person who was told to try again must not have it done twice.
        if (isAnswered(event.body) || event.body.kind === "webhook") {
          const refusing: Promise<void> = storing
            .then((late) =>
              late !== null && late !== "ignored" ? markRefused(deps.urgent, late, TOO_LATE) : undefined,
            )
            .catch(() => {})
            .finally(() => {
              if (refusals.get(event.key) === refusing) refusals.delete(event.key);
            });
          refusals.set(event.key, refusing);
        }
        return "not_recorded";
      }
    },
    async sweep(graceMs) {
      const before = new Date(deps.clock.now() - graceMs);
      for (const { id, attempts } of await takeLeftOver(deps.db, before, 100)) {
        if (attempts > TRIES) await giveUp(deps, id);
        else await handleSoon(id, null);
      }
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** Somebody waits for an answer to it. */
const isAnswered = (body: InboundEvent["body"]): boolean => body.kind !== "message" && !isHeard(body);

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ClawError("database_unavailable", `not stored within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function handle(
  deps: InboxDeps & { readonly turns: Turns },
  id: string,
  received: InboundEvent | null,
): Promise<void> {
  try {
    const event = received ?? (await readEvent(deps.db, id));
    if (!event) return;
    const asked = await ask(deps, event);
    try {
      await deps.turns(() => inWork(deps, (work) => handleIn(deps, work, id, asked, null)));
    } catch (error) {
      if (!(error instanceof ClawError) || error.code === "bug") throw error;
      // What the use case had begun is undone; the answer says why.
      await deps.turns(() => inWork(deps, (work) => handleIn(deps, work, id, asked, error)));
    }
  } catch (error) {
    // The sweep tries again, and counts.
    deps.log.error({ eventId: id, err: error }, "inbound event could not be handled");
  }
}

/** It was tried often enough: nothing was done, and its sender hears so. */
async function giveUp(deps: InboxDeps, id: string): Promise<void> {
  try {
    await inWork(deps, async (work) => {
      const event = await markTried(work.tx, id, TRIES, BUG);
      if (!event) return;
      deps.log.error({ eventId: id }, "inbound event given up");
      if (!isAnswered(event.body)) return;
      const card = deps.handler.explain(new ClawError("bug", `Nothing was done. ${BUG.message}`), event);
      await reply(deps, work, event, { card, key: null }, 0);
    });
  } catch (error) {
    deps.log.warn({ eventId: id, err: error }, "inbound event stays for the sweep");
  }
}

/** @param refused what the first try was refused with: then only the answer is written */
async function handleIn(
  deps: InboxDeps,
  work: Work,
  id: string,
  asked: Asked,
  refused: ClawError | null,
): Promise<void> {
  const event = await takeEvent(work.tx, id, work.now);
  if (!event) return;
  const workspace = await findWorkspace(work.tx, event.workspaceId);
  if (!workspace) {
    deps.log.warn({ workspaceId: event.workspaceId, key: event.key }, "event of an unknown workspace dropped");
    return;
  }
  if (isHeard(event.body)) {
    const { actor, message, sights } = asked;
    const isBot = actor === null ? null : actor.isBot === true;
    return hear(deps, work, event, { name: actor?.name ?? event.actor.name, isBot, message, sights });
  }
  const member = await meet(work.tx, {
    workspaceId: workspace.id,
    id: event.actor.memberId,
    known: asked.actor,
    at: work.now,
  });
  const { body } = event;
  if (body.kind === "introduction") return;
  if (refused || !member) {
    // To a message nobody waits for an answer; it is kept all the same.
    if (body.kind === "message") {
      if (member) await keepMessage(work, event, body, member.name);
      return;
    }
    await reply(deps, work, event, { card: deps.handler.explain(refused ?? stranger(asked), event), key: null }, 0);
    return;
  }
  // It may be an answer where something was asked.
  if (body.kind === "message" && !(await keepMessage(work, event, body, member.name))) return;
  const caller: Caller = {
    deps,
    work,
    actor: { workspaceId: workspace.id, memberId: member.id, name: member.name, role: member.role },
    zone: member.timezone ?? workspace.timezone,
    workspaceZone: workspace.timezone,
    event,
    cannotPost: asked.cannotPost,
    channels: asked.channels.seen,
    unseen: asked.channels.unseen,
  };
  const replies = await deps.handler.handle(caller);
  for (const [index, said] of replies.entries()) await reply(deps, work, event, said, index);
}

const stranger = ({ actor }: Asked): ClawError =>
  actor === null
    ? new ClawError(
        "service_unavailable",
        "I cannot look up who you are at the moment. Nothing was done; try again in a minute.",
      )
    : new ClawError("forbidden", "You are no longer a member of this workspace.");

async function reply(deps: InboxDeps, work: Work, event: InboundEvent, said: Reply, index: number): Promise<void> {
  const ownKey = `reply:${event.key}:${index}`;
  const sayAs = (key: string): Promise<boolean> =>
    announce(work, {
      id: deps.ids.next(),
      workspaceId: event.workspaceId,
      key,
      channelId: event.channelId,
      place: event.threadId === null ? { kind: "channel" } : { kind: "thread", threadId: event.threadId },
      workflowId: null,
      runId: null,
      privateTo: event.actor.memberId,
      replyToken: event.replyToken,
      notice: { kind: "reply", card: said.card },
    });
  const isNew = await sayAs(said.key ?? ownKey);
  // Whoever asks again sees it again: the one that stands unchanged may be far above, or dismissed.
  if (!isNew && said.key !== null && event.body.kind === "command") await sayAs(ownKey);
}
