/** Instants as Discord shows them: in the reader's own zone and language. Pure. */
import { type InstantStyle, utcInstant } from "../chat/dates.ts";

const FORMATS = { time: "t", date_time: "f", day_time: "F" } as const satisfies Record<InstantStyle, string>;

/** An instant in a text component: every reader sees it in a zone and a format of their own. */
export function dateToken(iso: string, style: InstantStyle): string {
  const seconds = Math.floor(Date.parse(iso) / 1_000);
  return Number.isSafeInteger(seconds) && seconds > 0 ? `<t:${seconds}:${FORMATS[style]}>` : utcInstant(iso, style);
}
