/** What an interaction leaves behind for its answers: who may still be answered through it, how, and until when. Pure. */
import { z } from "zod";

/** Discord: 15 minutes; less here, so that what is sent in time also arrives in time. */
const LIVES_MS = 14.5 * 60_000;

const Token = z.object({
  app: z.string().regex(/^\d{15,20}$/),
  token: z.string().min(1),
  /** Milliseconds since the epoch. */
  until: z.number(),
  /** `reply`: "thinking…" stands there and becomes the first answer. `press`: answers stand below the message. */
  opened: z.enum(["reply", "press"]),
  /** The message whose button was pressed. */
  message: z.string().nullable(),
});
export type ReplyToken = z.infer<typeof Token>;

/** @param at when the interaction began; milliseconds since the epoch */
export const replyTokenOf = (parts: Omit<ReplyToken, "until">, at: number): string =>
  JSON.stringify({ ...parts, until: at + LIVES_MS } satisfies ReplyToken);

/** Null when there is none, or it can no longer be used. */
export function usableToken(replyToken: string | null, now: number): ReplyToken | null {
  if (replyToken === null) return null;
  try {
    const read = Token.safeParse(JSON.parse(replyToken)).data;
    return read !== undefined && read.until > now ? read : null;
  } catch {
    return null;
  }
}

/** Milliseconds since the interaction began. */
export const ageOf = ({ until }: ReplyToken, now: number): number => now - (until - LIVES_MS);
