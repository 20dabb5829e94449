/** What a person did on the page, as an {@link InboundEvent}. Pure. */
import { z } from "zod";
import { type InboundBody, type InboundEvent, withoutPastedSecret } from "../../orchestrator/index.ts";
import { clean } from "./cleaning.ts";

/** Made by the page for each thing a person does, the same when the page sends it again. */
const Key = z.string().regex(/^[\w-]{8,64}$/);

export const Typed = z.object({
  key: Key,
  channel: z.string().max(80),
  /** Id of the thread's first message; null in the channel itself. */
  thread: z.string().max(64).nullable(),
  text: z.string(),
});
export type Typed = z.infer<typeof Typed>;

export const Pressed = z.object({
  key: Key,
  messageId: z.string().max(64),
  action: z.string().min(1).max(80),
  value: z.string().max(80),
  text: z.string().nullable(),
});
export type Pressed = z.infer<typeof Pressed>;

export type Reading =
  | { readonly kind: "empty" }
  /** `aside`: typed as `/claw …`, which like any slash command only its author sees. */
  | { readonly kind: "command"; readonly text: string; readonly shown: string; readonly aside: boolean }
  | { readonly kind: "message"; readonly shown: string };

/** How a typed text is meant: `/claw …` and `@claw …` speak to Claw, anything else to everybody. */
export function read(raw: string): Reading {
  const shown = clean(raw).trim();
  if (shown === "") return { kind: "empty" };
  for (const [form, aside] of TO_CLAW) {
    const said = form.exec(shown)?.[0];
    if (said === undefined) continue;
    const text = withoutPastedSecret(shown.slice(said.length), true);
    return { kind: "command", text, shown: said + text, aside };
  }
  return { kind: "message", shown: withoutPastedSecret(shown, false) };
}

/** `aside` beside each, see {@link Reading}. */
const TO_CLAW = [
  [/^\/claw(?:\s+|$)/i, true],
  [/^@claw(?:[:,]?\s+|$)/i, false],
] as const;

interface Happened {
  readonly workspaceId: string;
  readonly key: string;
  readonly actor: { readonly memberId: string; readonly name: string };
  readonly channelId: string;
  readonly threadId: string | null;
  readonly at: number;
}

const event = (happened: Happened, body: InboundBody): InboundEvent => ({
  workspaceId: happened.workspaceId,
  platform: "console",
  // Under the person's own name, so that nobody can use up a key of somebody else.
  key: `${happened.actor.memberId}:${happened.key}`,
  actor: happened.actor,
  channelId: happened.channelId,
  threadId: happened.threadId,
  at: happened.at,
  body,
});

export function typedEvent(
  happened: Happened,
  reading: Exclude<Reading, { kind: "empty" }>,
  messageId: string,
): InboundEvent {
  if (reading.kind === "command") return event(happened, { kind: "command", text: reading.text });
  if (happened.threadId === null) {
    return event(happened, { kind: "channelMessage", text: reading.shown, messageId, byBot: false });
  }
  return event(happened, { kind: "message", text: reading.shown, messageId });
}

export function pressedEvent(happened: Happened, pressed: Pressed): InboundEvent {
  return event(happened, {
    kind: "action",
    action: clean(pressed.action),
    value: clean(pressed.value),
    text: pressed.text === null ? null : clean(pressed.text).trim(),
    messageId: pressed.messageId,
  });
}
