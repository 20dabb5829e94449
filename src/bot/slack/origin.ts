/** Where a form was opened from, carried by the form until it is sent. Pure. */
import { z } from "zod";

export const FormOrigin = z.object({
  action: z.string(),
  value: z.string(),
  channel: z.string(),
  thread: z.string().nullable(),
  message: z.string().nullable(),
  replyToken: z.string().nullable(),
  /** The message that it is about, in words, when there is no button behind it. */
  quote: z.string().nullable(),
});
export type FormOrigin = z.infer<typeof FormOrigin>;

/** What a form can carry, in characters of base64. */
const MAX_REF = 2_900;

/** As a modal's reference. A quote is cut so that the whole fits. */
export function refOf(origin: FormOrigin): string {
  for (let most = MAX_REF / 2; ; most = Math.floor(most / 2)) {
    const quote = origin.quote === null ? null : origin.quote.slice(0, most);
    const ref = Buffer.from(JSON.stringify({ ...origin, quote })).toString("base64url");
    if (ref.length <= MAX_REF || most === 0) return ref;
  }
}

/** Null for what is not ours. */
export function originOf(ref: string): FormOrigin | null {
  try {
    return FormOrigin.safeParse(JSON.parse(Buffer.from(ref, "base64url").toString())).data ?? null;
  } catch {
    return null;
  }
}
