/** What Discord sends, as what it means to Claw. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { InboundBody, InboundEvent } from "../../orchestrator/index.ts";
import { ABOUT_FORM, readCustomId, readFormId } from "./custom-ids.ts";
import {
  COMMAND,
  enteredIn,
  INTERACTION,
  type Interaction,
  isThread,
  type MemberRemoved,
  type Message,
  type Reaction,
  type User,
} from "./payloads.ts";
import { channelIdOf, directIdOf, madeAt, memberIdOf, messageIdOf, threadIdOf, workspaceIdOf } from "./places.ts";
import { replyTokenOf } from "./reply-token.ts";
import { readAbout, readText } from "./views-ask.ts";
import { wordsOf } from "./words.ts";

/** A server, and where in it something happened; a conversation with one person is named by them. */
export interface Where {
  readonly guild: string;
  /** The channel, `@U` for a conversation with somebody, and the thread in it. */
  readonly channel: string;
  readonly thread: string | null;
}

export type Incoming =
  /** To be stored, then acknowledged. */
  | { readonly kind: "event"; readonly from: "command" | "press" | "form"; readonly event: InboundEvent }
  /** A button that asks for text: its form is to be opened. */
  | {
      readonly kind: "ask";
      readonly action: string;
      readonly value: string;
      readonly messageId: string;
      readonly guild: string;
    }
  /** Other arguments for a call: to be checked, then stored. */
  | {
      readonly kind: "arguments";
      readonly guild: string;
      readonly approvalId: string;
      readonly entered: ReadonlyMap<string, string>;
      /** The event, with the arguments as JSON. */
      readonly eventOf: (text: string) => InboundEvent;
    }
  /** The form of *Ask Claw about this* is to be opened. */
  | { readonly kind: "about"; readonly quote: string }
  | { readonly kind: "complete"; readonly guild: string; readonly memberId: string; readonly typed: string }
  | { readonly kind: "nothing" };

const NOTHING: Incoming = { kind: "nothing" };
export const SLASH_NAME = "claw";
export const ABOUT_NAME = "Ask Claw about this";

/** Who did it. */
export const userOf = (interaction: Interaction): User | null => interaction.member?.user ?? interaction.user ?? null;

/** @param where null when it is not known which server a conversation with one person belongs to */
export function readInteraction(interaction: Interaction, where: Where, self: string): Incoming {
  const user = userOf(interaction);
  const { data, type } = interaction;
  if (!user || !data) return NOTHING;
  const named = nameOf(interaction, user);
  const eventOf = (body: InboundBody, opened: "reply" | "press"): InboundEvent =>
    inbound(where, `interaction:${interaction.id}`, named, madeAt(interaction.id), body, {
      app: interaction.application_id,
      token: interaction.token,
      opened,
      message: interaction.message?.id ?? null,
    });
  switch (type) {
    case INTERACTION.autocomplete: {
      const typed = data.options?.find(({ focused }) => focused === true)?.value;
      const memberId = memberIdOf(where.guild, user.id);
      return { kind: "complete", guild: where.guild, memberId, typed: typeof typed === "string" ? typed : "" };
    }
    case INTERACTION.command: {
      if (data.type === COMMAND.message && data.name === ABOUT_NAME) return about(data, self);
      const line = data.options?.find(({ name }) => name === "request")?.value;
      if (data.name !== SLASH_NAME || typeof line !== "string") return NOTHING;
      const text = wordsOf(line, self, new Map()).words;
      return { kind: "event", from: "command", event: eventOf(commandOf(text, where), "reply") };
    }
    case INTERACTION.component: {
      const pressed = readCustomId(data.custom_id ?? "");
      const messageId = pressedMessage(interaction);
      if (!pressed || messageId === null) return NOTHING;
      const { kind, action, value } = pressed;
      if (kind === "ask") return { kind: "ask", action, value, messageId, guild: where.guild };
      const body = { kind: "action", action, value, text: null, messageId } as const;
      return { kind: "event", from: "press", event: eventOf(body, "press") };
    }
    case INTERACTION.modal:
      return form(interaction, where, eventOf);
    default:
      return NOTHING;
  }
}

function form(
  interaction: Interaction,
  where: Where,
  eventOf: (body: InboundBody, opened: "reply" | "press") => InboundEvent,
): Incoming {
  const id = interaction.data?.custom_id ?? "";
  const entered = enteredIn(interaction.data?.components);
  const opened = interaction.message ? "press" : "reply";
  if (id === ABOUT_FORM) {
    return { kind: "event", from: "form", event: eventOf({ kind: "command", text: readAbout(entered) }, "reply") };
  }
  const read = readFormId(id);
  if (!read) return NOTHING;
  const { action, value } = read;
  const messageId = pressedMessage(interaction);
  const asAction = (text: string) => eventOf({ kind: "action", action, value, text, messageId }, opened);
  if (read.form === "arguments") {
    return { kind: "arguments", guild: where.guild, approvalId: value, entered, eventOf: asAction };
  }
  return { kind: "event", from: "form", event: asAction(readText(entered).trim()) };
}

function pressedMessage({ message, channel_id }: Interaction): string | null {
  const channel = message?.channel_id ?? channel_id;
  return message && channel ? messageIdOf(channel, message.id) : null;
}

function about(data: NonNullable<Interaction["data"]>, self: string): Incoming {
  const message = data.target_id === undefined ? undefined : data.resolved?.messages?.[data.target_id];
  return { kind: "about", quote: wordsOf(message?.content ?? "", self, new Map()).words };
}

const nameOf = ({ member }: Interaction, user: User): { readonly id: string; readonly name: string } => ({
  id: user.id,
  name: member?.nick || user.global_name || user.username || user.id,
});

function inbound(
  { guild, channel, thread }: Where,
  key: string,
  actor: { readonly id: string; readonly name: string },
  at: number,
  body: InboundBody,
  token: Parameters<typeof replyTokenOf>[0] | null,
): InboundEvent {
  const isDirect = channel.startsWith("@");
  return {
    workspaceId: workspaceIdOf(guild),
    platform: "discord",
    key,
    actor: { memberId: memberIdOf(guild, actor.id), name: actor.name },
    channelId: isDirect ? directIdOf(guild, channel.slice(1)) : channelIdOf(guild, channel),
    threadId: thread === null ? null : threadIdOf(guild, channel, thread),
    at,
    body,
    ...(token === null ? {} : { replyToken: replyTokenOf(token, at) }),
  };
}

/** Kinds of messages that are a person speaking: one of its own, a reply. */
const SPEAKING = new Set([0, 19]);

/**
 * A message that somebody wrote, as what it means. Null when it is none of Claw's business.
 * @param where null when nothing is known of the server it belongs to
 */
export function readMessage(message: Message, where: Where, self: string): InboundEvent | null {
  const { author } = message;
  if (author.id === self || !SPEAKING.has(message.type)) return null;
  const byBot = author.bot === true || Boolean(message.webhook_id);
  const names = new Map(message.mentions.map(({ id, global_name, username }) => [id, global_name || username]));
  const said = wordsOf(message.content, self, names);
  const isDirect = where.channel.startsWith("@");
  // A reply pings whom it answers without a word of it in the text.
  const mentioned = said.mentioned;
  if (said.words === "" && !mentioned) return null;
  const isCommand = !byBot && (mentioned || (isDirect && where.thread === null));
  // What another bot writes in a channel may start a workflow that says so, and nothing else.
  if (byBot && (isDirect || where.thread !== null || said.words === "")) return null;
  const messageId = messageIdOf(message.channel_id, message.id);
  const body: InboundBody = isCommand
    ? commandOf(said.words, where)
    : where.thread === null
      ? { kind: "channelMessage", text: said.words, messageId, byBot }
      : { kind: "message", text: said.words, messageId };
  const actor = { id: author.id, name: author.global_name || author.username || author.id };
  return inbound(where, `said:${message.id}`, actor, madeAt(message.id), body, null);
}

/** A line, with the channels that it links: `#123` is that channel's id. */
function commandOf(text: string, { guild }: Where): InboundBody {
  const linked = [...text.matchAll(/#(\d{15,20})\b/gu)].map(([, id = ""]) => [id, channelIdOf(guild, id)]);
  return { kind: "command", text, ...(linked.length > 0 ? { channels: Object.fromEntries(linked) } : {}) };
}

/** Somebody put an emoji to a message. Null when it was Claw, or it is none of a server's. */
export function readReaction(reaction: Reaction, self: string, now: number): InboundEvent | null {
  const { user_id: user, guild_id: guild, channel_id: channel, emoji, member } = reaction;
  if (!guild || user === self || !emoji.name) return null;
  const messageId = messageIdOf(channel, reaction.message_id);
  const once = createHash("sha256")
    .update(`${user} ${messageId} ${emoji.id ?? emoji.name}`)
    .digest("hex")
    .slice(0, 24);
  const byBot = member?.user.bot === true;
  const body: InboundBody = { kind: "reaction", emoji: emoji.name, messageId, byBot };
  const actor = { id: user, name: member?.nick || member?.user.global_name || member?.user.username || user };
  return inbound({ guild, channel, thread: null }, `reaction:${once}`, actor, now, body, null);
}

/** Where an interaction in a server happened; null when it was not in one. */
export function whereOf(interaction: Interaction): Where | null {
  const { guild_id: guild, channel, channel_id } = interaction;
  const at = channel?.id ?? channel_id;
  if (!guild || !at) return null;
  const parent = channel && isThread(channel.type) ? channel.parent_id : null;
  return parent ? { guild, channel: parent, thread: at } : { guild, channel: at, thread: null };
}

/** The first message of the exchange that a message answers in, where there are no threads. */
export const answeredBy = ({ message_reference, referenced_message }: Message): string | null =>
  message_reference?.type === 1
    ? null
    : (referenced_message?.message_reference?.message_id ?? message_reference?.message_id ?? null);

/** Somebody left a server. @param nth which event of the gateway it was, the same when it is sent again */
export function readLeft({ guild_id, user }: z.infer<typeof MemberRemoved>, nth: string, now: number): InboundEvent {
  const name = user.global_name || user.username || user.id;
  const key = `left:${createHash("sha256").update(`${user.id} ${nth}`).digest("hex").slice(0, 24)}`;
  const where = { guild: guild_id, channel: `@${user.id}`, thread: null };
  const introduction = { name, timezone: null, role: "viewer", standing: "gone" } as const;
  return inbound(where, key, { id: user.id, name }, now, { kind: "introduction", introduction }, null);
}
