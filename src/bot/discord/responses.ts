/** What an interaction is answered with, within the three seconds that Discord gives. */
import { Routes } from "discord.js";
import { type CallFailure, CODE, isCode } from "./failures.ts";
import { LIMITS } from "./limits.ts";
import type { Markdown } from "./markdown.ts";
import type { Interaction } from "./payloads.ts";
import { FLAG } from "./render-parts.ts";
import type { Modal } from "./views-modal.ts";
import type { Web } from "./web.ts";

/** Numbers of Discord's kinds of answers. */
const KIND = { message: 4, thinking: 5, nothing: 6, choices: 8, modal: 9 } as const;
/** Of which two fit into the time there is; milliseconds. */
const LIMIT_MS = 1_200;

export type Acknowledged = "done" | "too_late";

export interface Responses {
  /** A sentence that only they see. */
  say(interaction: Interaction, sentence: Markdown): Promise<Acknowledged>;
  /** "thinking…", seen by them only, until there is an answer. */
  think(interaction: Interaction): Promise<Acknowledged>;
  /** Taken, without a word. */
  take(interaction: Interaction): Promise<Acknowledged>;
  offer(
    interaction: Interaction,
    choices: readonly { readonly name: string; readonly value: string }[],
  ): Promise<Acknowledged>;
  open(interaction: Interaction, modal: Modal): Promise<Acknowledged>;
}

export function createResponses(web: Web): Responses {
  const send = async ({ id, token }: Interaction, type: number, data?: unknown): Promise<CallFailure | null> => {
    const body = data === undefined ? { type } : { type, data };
    const signal = AbortSignal.timeout(LIMIT_MS);
    const sent = await web.call("post", Routes.interactionCallback(id, token), { auth: false, body, signal });
    return sent.ok ? null : sent.failure;
  };

  async function respond(interaction: Interaction, type: number, data?: unknown): Promise<Acknowledged> {
    let failure = await send(interaction, type, data);
    // What may not have arrived is sent again: Discord takes the first.
    if (failure !== null && failure.kind !== "refused") failure = await send(interaction, type, data);
    return failure === null || isCode(failure, CODE.acknowledged) ? "done" : "too_late";
  }

  return {
    say: (interaction, sentence) =>
      respond(interaction, KIND.message, {
        content: sentence.slice(0, LIMITS.content),
        flags: FLAG.ephemeral,
        allowed_mentions: { parse: [] },
      }),
    think: (interaction) => respond(interaction, KIND.thinking, { flags: FLAG.ephemeral }),
    take: (interaction) => respond(interaction, KIND.nothing),
    offer: (interaction, choices) => respond(interaction, KIND.choices, { choices }),
    open: (interaction, modal) => respond(interaction, KIND.modal, modal),
  };
}
