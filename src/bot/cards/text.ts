/** A card as plain text: for logs, notifications, tests and the terminal. Pure. */
import type { Button, Card, CardState } from "./card.ts";
import { mapInstants } from "./instants.ts";

const SYMBOLS = {
  running: "●",
  done: "✓",
  failed: "✕",
  paused: "‖",
  asks: "?",
} as const satisfies Record<NonNullable<CardState>, string>;

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Its lines in the order people read them. The card's own text is indented, so that nothing in it reads as a fact or
 * a button.
 * @param zone IANA zone that times are shown in; they name it when it is UTC
 */
export function cardText(card: Card, zone = "UTC"): string {
  const aside = card.aside === "" ? "" : `  (${card.aside})`;
  const width = Math.max(0, ...card.facts.map(({ label }) => label.length));
  const lines = [
    `${symbol(card.state)}${card.title}${aside}`,
    ...card.facts.map(({ label, value }) => `${label.padEnd(width)}  ${value}`),
    ...card.diff.map((line) => `  ${line}`),
    ...(card.text === "" ? [] : card.text.split("\n").map((line) => `  ${line}`.trimEnd())),
    ...card.rows.flatMap((row) => [
      [`  ${symbol(row.state)}${row.title}`, row.text, buttons(row.buttons)].filter((part) => part !== "").join("  "),
    ]),
    buttons(card.buttons),
    card.footer === "" ? "" : `(${card.footer})`,
  ];
  return mapInstants(lines.filter((line) => line !== "").join("\n"), (iso, style) => shownInstant(iso, style, zone));
}

const symbol = (state: CardState): string => (state === null ? "" : `${SYMBOLS[state]} `);
const buttons = (all: readonly Button[]): string => all.map(({ label }) => `[${label}]`).join(" ");

/** An instant as text: `09:00`, `23 Nov 2026 09:00`, `Mon 23 Nov 09:00`, with `UTC` behind it in that zone. */
function shownInstant(iso: string, style: "time" | "date_time" | "day_time", zone: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const { year, month, day, clock } = zone === "UTC" ? utcParts(at) : partsIn(zone, at);
  const time = `${clock}${zone === "UTC" ? " UTC" : ""}`;
  if (style === "time") return time;
  const date = `${day} ${MONTHS[month - 1] ?? ""}`;
  if (style === "date_time") return `${date} ${year} ${time}`;
  return `${DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? ""} ${date} ${time}`;
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly clock: string;
}

/** By hand: making a formatter takes longer than all the rest of a card. */
const utcParts = (at: Date): Parts => ({
  year: at.getUTCFullYear(),
  month: at.getUTCMonth() + 1,
  day: at.getUTCDate(),
  clock: at.toISOString().slice(11, 16),
});

function partsIn(zone: string, at: Date): Parts {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  const clock = `${part("hour")}:${part("minute")}`;
  return { year: Number(part("year")), month: Number(part("month")), day: Number(part("day")), clock };
}
