/** Answers through the token of an interaction: to the person who acted, and for a quarter of an hour. */
import { Routes } from "discord.js";
import { z } from "zod";
import type { Clock } from "../../orchestrator/index.ts";
import { CODE, isCode } from "./failures.ts";
import { type Messages, type Posted, postedIn, type Show } from "./messages.ts";
import { FLAG } from "./render-parts.ts";
import { ageOf, type ReplyToken } from "./reply-token.ts";
import type { Called, Web } from "./web.ts";

export interface Answers {
  /** A message that only they see: "thinking…" becomes it, or it stands below. Null: the token does not work any more. */
  post(token: ReplyToken, show: Show, signal: AbortSignal): Promise<Called<Posted> | null>;
  /** Changes a message that was given that way. Null: this token cannot. */
  edit(token: ReplyToken, message: string, show: Show, signal: AbortSignal): Promise<Called<Posted> | null>;
  /** An interaction is about to be acknowledged: nothing is answered before that. @returns what to call with how it went */
  acknowledging(token: string): (acknowledged: "thinking" | "silently" | "not") => void;
}

const Loading = z.object({ flags: z.number() });
const MAX_KNOWN = 2_000;
/** Answers that say that the token, or what it could change, is gone. */
const DEAD_STATUS = new Set([401, 404]);
/** A token that is unknown to Discord so soon may just not be acknowledged yet, by another process; milliseconds. */
const FRESH_MS = 5_000;
const AGAIN_MS = 400;

export interface AnswersDeps {
  readonly web: Web;
  readonly messages: Messages;
  readonly clock: Clock;
}

export function createAnswers({ web, messages, clock }: AnswersDeps): Answers {
  /** Tokens whose "thinking…" this process put there, and has not answered. */
  const open = new Set<string>();
  const pending = new Map<string, Promise<void>>();
  const dead = new Set<string>();

  /** Whether "thinking…" stands there still; another process may have put it there. */
  async function isOpen(token: ReplyToken, signal: AbortSignal): Promise<boolean> {
    if (token.opened !== "reply") return false;
    if (open.delete(token.token)) return true;
    const route = Routes.webhookMessage(token.app, token.token);
    const found = await web.call("get", route, { auth: false, signal });
    return found.ok && ((Loading.safeParse(found.value).data?.flags ?? 0) & FLAG.loading) !== 0;
  }

  const unlessDead = (token: ReplyToken, called: Called<unknown>): Called<Posted> | null => {
    if (!called.ok) {
      if (called.failure.kind !== "refused" || !DEAD_STATUS.has(called.failure.status)) return called;
      const isUnknown = isCode(called.failure, CODE.unknownWebhook) && !dead.has(token.token);
      const isFresh = isUnknown && ageOf(token, clock.now()) < FRESH_MS;
      return isFresh ? { ok: false, failure: { kind: "limited", retryAfterMs: AGAIN_MS } } : null;
    }
    const value = postedIn(called.value);
    return value ? { ok: true, value } : { ok: false, failure: { kind: "unclear", why: "Discord named no message" } };
  };

  return {
    async post(token, show, signal) {
      await pending.get(token.token);
      if (dead.has(token.token)) return null;
      if (await isOpen(token, signal)) {
        const route = Routes.webhookMessage(token.app, token.token);
        const answered = unlessDead(token, await messages.send({ method: "patch", route, show, auth: false, signal }));
        // Discord did not take it: the place is still free.
        if (answered !== null && !answered.ok && answered.failure.kind !== "unclear") open.add(token.token);
        return answered;
      }
      const route = Routes.webhook(token.app, token.token);
      return unlessDead(
        token,
        await messages.send({ method: "post", route, show, ephemeral: true, auth: false, signal }),
      );
    },
    async edit(token, message, show, signal) {
      await pending.get(token.token);
      // What was pressed is the original of the press.
      const which = token.message === message ? [] : [message];
      const route = Routes.webhookMessage(token.app, token.token, ...which);
      const changed = await messages.send({ method: "patch", route, show, auth: false, signal });
      return !changed.ok && changed.failure.kind === "refused" && DEAD_STATUS.has(changed.failure.status)
        ? null
        : unlessDead(token, changed);
    },
    acknowledging(token) {
      let done: () => void = () => {};
      const ended = new Promise<void>((resolve) => {
        done = resolve;
      });
      pending.set(token, ended);
      return (acknowledged) => {
        pending.delete(token);
        for (const known of [open, dead]) if (known.size >= MAX_KNOWN) known.clear();
        if (acknowledged === "thinking") open.add(token);
        if (acknowledged === "not") dead.add(token);
        done();
      };
    },
  };
}
