/** Messages as Discord is asked to post and change them: in the form it takes, with the files it takes. */
import type { RouteLike } from "discord.js";
import { z } from "zod";
import { type CallFailure, CODE, isCode } from "./failures.ts";
import type { Rendered } from "./render.ts";
import { FLAG } from "./render-parts.ts";
import type { Called, CallOptions, Web } from "./web.ts";

/** A card, as it looks in one of the forms that Discord may take. */
export type Show = (how: { readonly files: "attached" | "none"; readonly form: "v2" | "classic" }) => Rendered;

export interface Posted {
  readonly id: string;
  readonly channel_id: string;
}

const PostedMessage = z.object({ id: z.string(), channel_id: z.string() });

export interface Sending {
  readonly method: "post" | "patch";
  readonly route: RouteLike;
  readonly show: Show;
  /** Beside what the card is: nonce, reference. */
  readonly also?: Readonly<Record<string, unknown>>;
  /** Wraps the message in another body, as posts of forums are. */
  readonly within?: (message: Record<string, unknown>) => unknown;
  /** Only the person of the interaction sees it. */
  readonly ephemeral?: boolean;
  readonly auth?: false;
  readonly signal?: AbortSignal;
}

export interface Messages {
  /** @returns the answer as it came; a new form is tried when one is refused, so nothing is posted twice */
  send(sending: Sending): Promise<Called<unknown>>;
}

export function createMessages(web: Web): Messages {
  async function attempt(sending: Sending, rendered: Rendered): Promise<Called<unknown>> {
    const { method, route, also, ephemeral, within, auth, signal } = sending;
    const isEdit = method === "patch";
    const flags = rendered.flags | (ephemeral === true && !isEdit ? FLAG.ephemeral : 0);
    const message = {
      // A message that had a text keeps it unless it is taken away.
      ...(rendered.content === undefined ? (isEdit ? { content: null } : {}) : { content: rendered.content }),
      ...(flags === 0 ? {} : { flags }),
      components: rendered.components,
      allowed_mentions: { parse: [] },
      ...(rendered.files.length > 0 || isEdit
        ? { attachments: rendered.files.map(({ filename }, id) => ({ id, filename })) }
        : {}),
      ...also,
    };
    const options: CallOptions = {
      body: within ? within(message) : message,
      files: rendered.files,
      ...(auth === undefined ? {} : { auth }),
      ...(signal === undefined ? {} : { signal }),
    };
    return web.call(method, route, options);
  }

  return {
    async send(sending) {
      const { show } = sending;
      const first = show({ files: "attached", form: "v2" });
      const sent = await attempt(sending, first);
      if (sent.ok) return sent;
      // Discord checks the form before it does anything, and permissions too.
      if (first.files.length > 0 && isFileTrouble(sent.failure)) {
        const bare = await attempt(sending, show({ files: "none", form: "v2" }));
        if (bare.ok || !isCode(bare.failure, CODE.invalidForm)) return bare;
      }
      if (!isCode(sent.failure, CODE.invalidForm)) return sent;
      const classic = await attempt(sending, show({ files: "none", form: "classic" }));
      return classic.ok ? classic : sent;
    },
  };
}

const isFileTrouble = (failure: CallFailure): boolean => isCode(failure, CODE.missingPermissions, 40_005);

/** The message in an answer; null when there is none. */
export const postedIn = (value: unknown): Posted | null => PostedMessage.safeParse(value).data ?? null;
