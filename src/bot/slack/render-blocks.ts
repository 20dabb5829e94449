/** Blocks that Slack takes: each is within its limits, whatever it is made of. Pure. */
import type { types } from "@slack/bolt";
import type { Button } from "../cards/card.ts";
import { plainWithin } from "../chat/text.ts";
import { LIMITS } from "./limits.ts";
import type { Mrkdwn } from "./mrkdwn.ts";

export type Block =
  | types.SectionBlock
  | types.ContextBlock
  | types.ActionsBlock
  | types.HeaderBlock
  | types.DividerBlock;

/** Slack changes nothing in it by itself: channel names stay words, and bare domains too. */
export const mrkdwnText = (text: Mrkdwn): types.MrkdwnElement => ({ type: "mrkdwn", text, verbatim: true });

export const plainText = (text: string, most: number, whenEmpty?: string): types.PlainTextElement => ({
  type: "plain_text",
  text: plainWithin(text, most, whenEmpty),
  emoji: false,
});

/** Never folded by Slack: what is to be decided on has to be seen. @param text at most 3,000 characters */
export const section = (text: Mrkdwn, accessory?: types.Button): types.SectionBlock => ({
  type: "section",
  text: mrkdwnText(text),
  expand: true,
  ...(accessory === undefined ? {} : { accessory }),
});

export const context = (text: Mrkdwn): types.ContextBlock => ({ type: "context", elements: [mrkdwnText(text)] });

export const header = (text: string): types.HeaderBlock => ({ type: "header", text: plainText(text, 150) });

export const divider: types.DividerBlock = { type: "divider" };

const PRESS = "press:";
const ASK = "ask:";
const SHOW_ALL = "show_all";

/** What a press on one of our elements means. */
export type PressedId =
  /** Send it as an action. */
  | { readonly kind: "press"; readonly action: string }
  /** Open the form of that button first: its text goes with the action. */
  | { readonly kind: "ask"; readonly action: string }
  /** Upload or open what was left out; the value is what `RenderContext.showAll` was. */
  | { readonly kind: "show_all" }
  | null;

/** Reads an `action_id` of ours; null for any other. */
export function readActionId(actionId: string): PressedId {
  const [, kind, action] = /^(press|ask):([a-z_]{1,40}(?:\.[a-z_]{1,40})?):\d{1,4}$/u.exec(actionId) ?? [];
  if (action !== undefined) return { kind: kind === "ask" ? "ask" : "press", action };
  return actionId === SHOW_ALL ? { kind: "show_all" } : null;
}

/**
 * Buttons as elements. One whose value Slack cannot carry is left out: cut, it would mean something else.
 * @param from number of the first in its message, since ids may not repeat
 */
export function buttonElements(buttons: readonly Button[], from: number): types.Button[] {
  return buttons
    .filter(
      ({ value, action }) => value !== "" && value.length <= LIMITS.buttonValue && /^[a-z_.]{1,81}$/u.test(action),
    )
    .map((button, n) => ({
      type: "button",
      action_id: `${button.input ? ASK : PRESS}${button.action}:${from + n}`,
      text: plainText(labelOf(button), LIMITS.buttonText, button.action),
      value: button.value,
      ...(button.style === "plain" ? {} : { style: button.style }),
    }));
}

const labelOf = ({ label, input }: Button): string => (input && !label.endsWith("…") ? `${label}…` : label);

export const showAllElement = (value: string): types.Button => ({
  type: "button",
  action_id: SHOW_ALL,
  text: plainText("Show all", LIMITS.buttonText),
  value,
});

/** As many blocks as that many buttons need. */
export function actions(elements: readonly types.Button[]): types.ActionsBlock[] {
  const blocks: types.ActionsBlock[] = [];
  for (let at = 0; at < elements.length; at += LIMITS.actionsElements) {
    blocks.push({ type: "actions", elements: elements.slice(at, at + LIMITS.actionsElements) });
  }
  return blocks;
}
