/** The parts that cards are put together from. Pure. */
import type { Role, RunFigures, RunRef, WorkflowRef } from "../../orchestrator/index.ts";
import type { CardRow, CardState, Fact } from "./card.ts";
import { duration, money } from "./figures.ts";
import { cut, plain, prose, withInstants } from "./plain.ts";

const MAX_TITLE = 150;
/** What fits a field on every platform. */
const MAX_FACT = 1_000;
const MAX_ROWS = 20;
/** Signs that say how something ended (circles, ticks, crosses, bars): they are the card's to give, not a report's. */
const STATE_MARKS = /^(?:[\s\u25CF\u2705\u2713-\u2718\u274C\u2016]|\uFE0F)+/u;

/** A title from text of ours, with data that went through `plain` already. */
export const heading = (text: string): string => cut(text, MAX_TITLE);

/** A fact, or none when there is nothing to say. The value is text of ours, or data that went through `plain`. */
export const fact = (label: string, value: string | null): readonly Fact[] =>
  value === null || value === "" ? [] : [{ label, value: cut(value, MAX_FACT) }];

export const row = (state: CardState, title: string, text = "", buttons: CardRow["buttons"] = []): CardRow => ({
  state,
  title: heading(title),
  text: cut(text, MAX_FACT),
  buttons,
});

/** The first of many, and a sentence about the rest. */
export function firstOf<T>(
  things: readonly T[],
  most = MAX_ROWS,
): { readonly shown: readonly T[]; readonly rest: string } {
  const more = things.length - most;
  return { shown: things.slice(0, most), rest: more > 0 ? `and ${more} more` : "" };
}

export const workflowName = (workflow: WorkflowRef): string => cut(plain(workflow.name), 60);
export const runName = (run: RunRef): string => `${workflowName(run)}, run ${run.number}`;

/** `run 41 · 18 s · $0.03`. */
export const runAside = (run: RunRef, figures: RunFigures): string => `run ${run.number} · ${figuresOf(figures)}`;
export const figuresOf = (figures: RunFigures): string =>
  `${duration(figures.durationMs)} · ${money(figures.costMicros)}`;

/** Who may act. */
export const whoMay = {
  viewer: "anybody here",
  member: "any member",
  approver: "an approver or an admin",
  admin: "an admin",
} as const satisfies Record<Role, string>;

/** Parts of a sentence that are there, with dots between. */
export const dotted = (...parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null && part !== "").join(" · ");

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/**
 * A failure's message or a note as a title ends with it; what does not fit the title is the text.
 * @param times how instants in the message are shown; by default in the reader's zone
 */
export function titled(
  lead: string,
  message: string,
  times: (text: string) => string = withInstants,
): { readonly title: string; readonly text: string } {
  const whole = lead + times(plain(message));
  const title = heading(whole);
  return { title, text: title === whole ? "" : times(prose(message)) };
}

/** A markdown report: its first line is the fact, without marks; the text is the rest, or all of it when the title lost some. */
export function headline(markdown: string): { readonly title: string; readonly text: string } {
  const text = prose(markdown);
  const [first = ""] = text.split("\n", 1);
  const unmarked = first
    .replace(/^\s*(?:#{1,6}|>|[-*•])\s+/u, "")
    .replace(/\*\*|__|`/gu, "")
    .replace(STATE_MARKS, "");
  const said = plain(unmarked.replace(/!?\[([^\]]*)\]\([^)]*\)/gu, "$1"));
  const title = heading(said);
  const lost = title !== plain(unmarked);
  return { title: title === "" ? "Report" : title, text: lost ? text : text.slice(first.length).trim() };
}
