/** "thinking…" that nobody has answered for a while: Discord shows it for a quarter of an hour, and then says that it failed. */
import { Routes } from "discord.js";
import { z } from "zod";
import { pause } from "../chat/waiting.ts";
import type { DiscordDeps } from "./deps.ts";
import { markdownOf } from "./markdown.ts";
import type { Interaction } from "./payloads.ts";
import { FLAG } from "./render-parts.ts";
import type { Web } from "./web.ts";

/** After so many milliseconds people are told that it takes longer. */
const PATIENCE_MS = 8_000;
/** When Discord does not take that; milliseconds. */
const AGAIN_MS = [2_000, 10_000, 60_000, 240_000] as const;
const LATE =
  "I have it, and it takes longer than usual. The answer comes here, or as a direct message; you need not ask again.";

const Loading = z.object({ flags: z.number() });

/** Whether an answer is still "thinking…". @param original the answer, as Discord showed it */
export const isLoading = (original: unknown): boolean =>
  ((Loading.safeParse(original).data?.flags ?? 0) & FLAG.loading) !== 0;

export interface OverdueDeps extends Pick<DiscordDeps, "log" | "patienceMs"> {
  readonly web: Web;
  /** Ends waiting. */
  readonly stopped: AbortSignal;
}

/** @returns what to call once "thinking…" stands there; it waits, and never throws */
export function createOverdue(deps: OverdueDeps): (interaction: Interaction) => Promise<void> {
  const { web, log, stopped } = deps;

  /** @returns whether it is over: somebody answered, it was said, or nobody can say it any more */
  async function end({ application_id: app, token }: Interaction): Promise<boolean> {
    const found = await web.call("get", Routes.webhookMessage(app, token), { auth: false, signal: stopped });
    if (!found.ok) return found.failure.kind === "refused";
    if (!isLoading(found.value)) return true;
    // A new message takes the place of "thinking…", and never that of an answer which came in this moment.
    const body = { content: markdownOf(LATE), flags: FLAG.ephemeral, allowed_mentions: { parse: [] } };
    const said = await web.call("post", Routes.webhook(app, token), { auth: false, body, signal: stopped });
    if (said.ok) return true;
    log.warn({ ...said.failure }, "Discord did not take that an answer is late");
    return said.failure.kind === "refused";
  }

  return async (interaction) => {
    for (const ms of [deps.patienceMs ?? PATIENCE_MS, ...AGAIN_MS]) {
      await pause(ms, stopped);
      if (stopped.aborted || (await end(interaction))) return;
    }
  };
}
