/** What people do at a page that answers "not recorded, try again", or not at all: they do it again. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { SeenMessage } from "../bot/console/visitor.ts";
import type { Person } from "./claw-process.ts";

const AGAIN_AFTER_MS = 500;

/** The composer keeps its line, and the line its key, until it is recorded. */
export async function say(person: Person, text: string, channel = "general"): Promise<void> {
  const body = { key: randomUUID(), channel, thread: null, text };
  while (!(await recorded(person, "/api/messages", body))) await sleep(AGAIN_AFTER_MS);
}

/** Whoever is told that a press was not recorded presses again, which is another press. */
export async function press(person: Person, message: SeenMessage, label: string): Promise<void> {
  const { messageId, buttons, words } = message;
  const button = buttons.find((each) => each.label === label);
  if (!button) throw new Error(`no button "${label}" on: ${words}`);
  const { action, value } = button;
  const pressed = () => ({ key: randomUUID(), messageId, action, value, text: null });
  while (!(await recorded(person, "/api/actions", pressed()))) await sleep(AGAIN_AFTER_MS);
}

async function recorded(person: Person, path: string, body: object): Promise<boolean> {
  const answer = await person.visitor.post(path, body).catch(() => null);
  if (answer === null || answer.status === 503) return false;
  if (answer.status === 200) return true;
  throw new Error(`the console answered ${answer.status}: ${answer.text}`);
}
