/** What a press on one of our elements means, in the hundred characters that Discord carries with it. Pure. */
import type { Button } from "../cards/card.ts";
import { LIMITS } from "./limits.ts";

export interface Pressed {
  /** `ask`: its form is to be opened first, whose text goes with the action. */
  readonly kind: "press" | "ask";
  readonly action: string;
  /** Opaque id of what it is about. */
  readonly value: string;
}

const ACTION = /^[a-z_]{1,40}(?:\.[a-z_]{1,40})?$/u;

/**
 * @param n number of the button in its message: two buttons may mean the same, their ids may not be the same
 * @returns null when Discord cannot carry it: cut, it would mean something else
 */
export function customIdOf({ action, value, input }: Pick<Button, "action" | "value" | "input">, n: number) {
  const id = `${input ? "a" : "p"}${n}:${action}:${value}`;
  return value === "" || !ACTION.test(action) || id.length > LIMITS.customId ? null : id;
}

/** Null for what is not ours. */
export function readCustomId(customId: string): Pressed | null {
  const [, kind, action = "", value = ""] = /^([ap])\d{1,3}:([a-z_.]{1,81}):(.+)$/su.exec(customId) ?? [];
  if (kind === undefined || !ACTION.test(action)) return null;
  return { kind: kind === "a" ? "ask" : "press", action, value };
}

/** The form behind a button; the message that it stood on comes with it. */
export const formIdOf = (form: "text" | "arguments", { action, value }: Pick<Pressed, "action" | "value">): string =>
  `${form === "text" ? "t" : "j"}:${action}:${value}`.slice(0, LIMITS.customId);

export function readFormId(
  customId: string,
): { readonly form: "text" | "arguments"; readonly action: string; readonly value: string } | null {
  const [, form, action = "", value = ""] = /^([tj]):([a-z_.]{1,81}):(.+)$/su.exec(customId) ?? [];
  if (form === undefined || !ACTION.test(action)) return null;
  return { form: form === "t" ? "text" : "arguments", action, value };
}

/** The form of *Ask Claw about this*. */
export const ABOUT_FORM = "about";
