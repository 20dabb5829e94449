/** Instants in words, for where a chat platform shows none of its own. Pure. */
import type { mapInstants } from "../cards/instants.ts";

export type InstantStyle = Parameters<Parameters<typeof mapInstants>[1]>[1];

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `Mon 23 Nov 09:00 UTC`: what is shown where a platform cannot format a date, and in code and files. */
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
