/** Instants as Slack shows them: in the reader's own zone, today as "today". Pure. */
import type { mapInstants } from "../cards/instants.ts";

export type InstantStyle = Parameters<Parameters<typeof mapInstants>[1]>[1];

const FORMATS = {
  time: "{time}",
  date_time: "{date_short_pretty} {time}",
  // The only format with a weekday.
  day_time: "{date_long_pretty} {time}",
} as const satisfies Record<InstantStyle, string>;

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `Mon 23 Nov 09:00 UTC`: what is shown where Slack cannot format a date, and in code and files. */
export function utcInstant(iso: string, style: InstantStyle): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso.replace(/[^0-9T:.Z+-]/gu, "");
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
  if (style === "time") return time;
  const date = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ""}`;
  return style === "day_time"
    ? `${DAYS[at.getUTCDay()] ?? ""} ${date} ${time}`
    : `${date} ${at.getUTCFullYear()} ${time}`;
}

/** An instant in mrkdwn: every reader sees it in a zone and a format of their own. */
export function dateToken(iso: string, style: InstantStyle): string {
  const seconds = Math.floor(Date.parse(iso) / 1_000);
  const shown = utcInstant(iso, style);
  return Number.isSafeInteger(seconds) && seconds > 0 ? `<!date^${seconds}^${FORMATS[style]}|${shown}>` : shown;
}
