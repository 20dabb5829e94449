/** What Slack sends, as what it means to Claw. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { InboundBody, InboundEvent } from "../../orchestrator/index.ts";
import { commandOf, reacted, said } from "./heard.ts";
import { keyOfBlock } from "./keys.ts";
import { DRY_RUN_KEY } from "./live-views.ts";
import { type FormOrigin, originOf } from "./origin.ts";
import { BlockActions, EventCallback, MessageAction, SlashCommand, ViewSubmission } from "./payloads.ts";
import { channelIdOf, memberIdOf, messageIdOf, threadIdOf, workspaceIdOf } from "./places.ts";
import { readActionId } from "./render-blocks.ts";
import { readAsk } from "./views-ask.ts";
import { type Memory, readMemory, type ViewState } from "./views-modal.ts";
import { wordsOf } from "./words.ts";

/** Who Claw is in Slack, as `auth.test` says. */
export interface Identity {
  readonly team: string;
  readonly teamName: string;
  /** The bot's user id. */
  readonly user: string;
}

export type Incoming =
  /** To be stored, then acknowledged. `from` says how its sender hears that it was not. */
  | {
      readonly kind: "event";
      readonly from: "command" | "said" | "press" | "form" | "person";
      readonly event: InboundEvent;
      /** A trigger for the modal that its answer is shown in; absent: it is a message only. */
      readonly showIn?: string;
    }
  /** A button that asks for text: its form is to be opened. */
  | { readonly kind: "ask"; readonly triggerId: string; readonly key: string | null; readonly origin: FormOrigin }
  /** Other arguments for a call: to be checked, then stored. `state` is what the form holds. */
  | {
      readonly kind: "arguments";
      readonly approvalId: string;
      readonly state: ViewState;
      readonly ref: string;
      /** The event, with the arguments as JSON. */
      readonly eventOf: (text: string) => InboundEvent;
    }
  /** A workflow in fields: to be looked at, shown, and stored once it was shown. */
  | {
      readonly kind: "edit";
      readonly workflowId: string;
      readonly memberId: string;
      readonly state: ViewState;
      readonly memory: Memory;
      /** The event, with the form as JSON. */
      readonly eventOf: (text: string) => InboundEvent;
    }
  | { readonly kind: "about"; readonly triggerId: string; readonly origin: FormOrigin }
  | { readonly kind: "show_all"; readonly triggerId: string; readonly key: string; readonly user: string }
  | { readonly kind: "home"; readonly user: string }
  /** What was known of channels, people and groups may be wrong by now. */
  | { readonly kind: "changed" }
  /** The app was removed, or its token taken back. */
  | { readonly kind: "gone"; readonly why: string }
  | { readonly kind: "nothing" };

export const NOTHING: Incoming = { kind: "nothing" };

/** The one action that is no button's: its text is a line to Claw. */
const ABOUT = "about";
const ABOUT_CALLBACK = "ask_claw";

/** @param now milliseconds since the epoch */
export function read(body: unknown, identity: Identity, now: number): Incoming {
  const type = z.object({ type: z.string().optional(), command: z.string().optional() }).safeParse(body);
  if (!type.success) return NOTHING;
  if (type.data.command !== undefined) return parsed(SlashCommand, body, (command) => slash(command, identity, now));
  switch (type.data.type) {
    case "event_callback":
      return parsed(EventCallback, body, (callback) => event(callback, identity, now));
    case "block_actions":
      return parsed(BlockActions, body, (pressed) => press(pressed, identity, now));
    case "view_submission":
      return parsed(ViewSubmission, body, (submitted) => submission(submitted, identity, now));
    case "message_action":
      return parsed(MessageAction, body, about);
    default:
      return NOTHING;
  }
}

function parsed<T>(schema: z.ZodType<T>, body: unknown, then: (value: T) => Incoming): Incoming {
  const result = schema.safeParse(body);
  return result.success ? then(result.data) : NOTHING;
}

interface Where {
  readonly user: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly replyToken?: string | undefined;
}

export const inbound = (
  identity: Identity,
  at: number,
  key: string,
  where: Where,
  body: InboundBody,
): InboundEvent => ({
  workspaceId: workspaceIdOf(identity.team),
  platform: "slack",
  key,
  actor: { memberId: memberIdOf(identity.team, where.user), name: where.user },
  channelId: channelIdOf(identity.team, where.channel),
  threadId: where.thread === null ? null : threadIdOf(identity.team, where.channel, where.thread),
  at,
  body,
  ...(where.replyToken === undefined ? {} : { replyToken: where.replyToken }),
});

/** Short and the same each time, whatever Slack's own id looks like. */
export const digest = (...parts: readonly string[]): string =>
  createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 24);

function slash(command: SlashCommand, identity: Identity, now: number): Incoming {
  const { user_id: user, channel_id: channel, response_url: replyToken } = command;
  const said = wordsOf(command.text, identity.user);
  const where = { user, channel, thread: null, replyToken };
  const key = `command:${digest(command.trigger_id, user)}`;
  return {
    kind: "event",
    from: "command",
    event: inbound(identity, now, key, where, commandOf(said, identity)),
  };
}

function event(callback: EventCallback, identity: Identity, now: number): Incoming {
  const { event } = callback;
  switch (event.type) {
    case "message":
    case "app_mention":
      return said(event, identity);
    case "reaction_added":
      return reacted(event, identity);
    case "app_home_opened":
      return event.tab === "home" ? { kind: "home", user: event.user } : NOTHING;
    case "user_change": {
      if (!event.user.deleted) return { kind: "changed" };
      const where = { user: event.user.id, channel: event.user.id, thread: null };
      const name = event.user.real_name ?? event.user.id;
      const body = {
        kind: "introduction",
        introduction: { name, timezone: null, role: "viewer", standing: "gone" },
      } as const;
      return {
        kind: "event",
        from: "person",
        event: inbound(identity, now, `event:${digest(callback.event_id)}`, where, body),
      };
    }
    case "app_uninstalled":
      return { kind: "gone", why: "the app was removed from the workspace" };
    case "tokens_revoked":
      return { kind: "gone", why: "the app's token was revoked" };
    default:
      return { kind: "changed" };
  }
}

function press(pressed: BlockActions, identity: Identity, now: number): Incoming {
  const [action] = pressed.actions;
  const meant = action ? readActionId(action.action_id) : null;
  if (!action || !meant) return NOTHING;
  const { container } = pressed;
  const user = pressed.user.id;
  // From the App Home the answer goes to the conversation with Claw.
  const channel = pressed.channel?.id ?? container.channel_id ?? user;
  const thread = container.thread_ts ?? pressed.message?.thread_ts ?? null;
  const message = container.message_ts === undefined ? null : messageIdOf(channel, container.message_ts);
  const key = keyOfBlock(action.block_id);
  if (meant.kind === "show_all") {
    return { kind: "show_all", triggerId: pressed.trigger_id, key: action.value, user };
  }
  if (meant.kind === "ask") {
    const replyToken = pressed.response_url ?? null;
    const origin = { action: meant.action, value: action.value, channel, thread, message, replyToken, quote: null };
    return { kind: "ask", triggerId: pressed.trigger_id, key, origin };
  }
  const where = { user, channel, thread, replyToken: pressed.response_url };
  const body: InboundBody = {
    kind: "action",
    action: meant.action,
    value: action.value,
    text: null,
    messageId: message,
  };
  const once = digest(user, message ?? "", action.action_id, action.action_ts);
  if (meant.action === "draft.dry_run") {
    const event = inbound(identity, now, `${DRY_RUN_KEY}${once}`, where, body);
    return { kind: "event", from: "press", event, showIn: pressed.trigger_id };
  }
  return { kind: "event", from: "press", event: inbound(identity, now, `press:${once}`, where, body) };
}

function about(shortcut: MessageAction): Incoming {
  if (shortcut.callback_id !== ABOUT_CALLBACK) return NOTHING;
  const { channel, message } = shortcut;
  const origin = {
    action: ABOUT,
    value: "",
    channel: channel.id,
    thread: message.thread_ts ?? message.ts,
    message: null,
    replyToken: shortcut.response_url ?? null,
    quote: message.text,
  };
  return { kind: "about", triggerId: shortcut.trigger_id, origin };
}

function submission(submitted: ViewSubmission, identity: Identity, now: number): Incoming {
  const { view } = submitted;
  const isOurs = ["ask", "arguments", "edit"].includes(view.callback_id);
  const memory = isOurs ? readMemory(view.private_metadata) : null;
  const origin = memory && originOf(memory.ref);
  if (!origin) return NOTHING;
  const { action, value, channel, thread, message, replyToken, quote } = origin;
  const where = { user: submitted.user.id, channel, thread, ...(replyToken === null ? {} : { replyToken }) };
  const formEvent = (body: InboundBody) => inbound(identity, now, `form:${digest(view.id)}`, where, body);
  const eventOf = (text: string) => formEvent({ kind: "action", action, value, text, messageId: message });
  const state = view.state.values;
  if (view.callback_id === "arguments") {
    return { kind: "arguments", approvalId: value, state, ref: memory.ref, eventOf };
  }
  if (view.callback_id === "edit") {
    const memberId = memberIdOf(identity.team, submitted.user.id);
    return { kind: "edit", workflowId: value, memberId, state, memory, eventOf };
  }
  const typed = readAsk(state);
  if (action !== ABOUT) return { kind: "event", from: "form", event: eventOf(typed.trim()) };
  const text = aboutLine(typed, wordsOf(quote ?? "", identity.user).words);
  return { kind: "event", from: "form", event: formEvent({ kind: "command", text }) };
}

const aboutLine = (typed: string, quote: string): string =>
  `now ${typed.trim().replace(/^now\b\s*/i, "")}${quote === "" ? "" : `: "${quote}"`}`;
