/** Instants as Slack shows them: in the reader's own zone, today as "today". Pure. */
import { type InstantStyle, utcInstant } from "../chat/dates.ts";

const FORMATS = {
  time: "{time}",
  date_time: "{date_short_pretty} {time}",
  // The only format with a weekday.
  day_time: "{date_long_pretty} {time}",
} as const satisfies Record<InstantStyle, string>;

/** An instant in mrkdwn: every reader sees it in a zone and a format of their own. */
export function dateToken(iso: string, style: InstantStyle): string {
  const seconds = Math.floor(Date.parse(iso) / 1_000);
  const shown = utcInstant(iso, style);
  return Number.isSafeInteger(seconds) && seconds > 0 ? `<!date^${seconds}^${FORMATS[style]}|${shown}>` : shown;
}
