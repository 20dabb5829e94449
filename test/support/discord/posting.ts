/** Messages come to be, change and go: the same for the app's posts, its answers to interactions, and people. */
import type { Json } from "../slack/json.ts";
import { type Composed, composed } from "./content.ts";
import { messageDeleted, messageEvent, threadEvent } from "./events.ts";
import { allowedOf, mentionableText, mentionsIn, pingsOf } from "./mentions.ts";
import type { UploadedFile } from "./multipart.ts";
import { may } from "./permissions.ts";
import { Refusal } from "./refusal.ts";
import type { State } from "./state.ts";
import { type Channel, FLAGS, type Message } from "./world.ts";

export interface Post {
  readonly body: Json;
  readonly files: readonly UploadedFile[];
  readonly settable: number;
  readonly parts?: Partial<Message>;
  /** Where the body stands in the request. */
  readonly at?: readonly string[];
}

/** A new message of the app. @throws Refusal for what may not be posted */
export function postByApp(
  state: State,
  channel: Channel,
  { body, files, settable, parts = {}, at = [] }: Post,
): Message {
  const content = composed(state, { body, files, channelId: channel.id, settable, before: null, at });
  const mentions = mentionsOf(state, channel, content, body, parts);
  const message = state.world.addMessage(channel, {
    ...parts,
    ...content,
    flags: content.flags | (parts.flags ?? 0),
    authorId: state.app.botId,
    mentions,
    pings: (content.flags & FLAGS.suppressNotifications) === 0 ? pingsOf(mentions) : [],
  });
  arrived(state, channel, message);
  return message;
}

/**
 * https://discord.com/developers/docs/topics/threads#locked-threads: nobody writes in one without MANAGE_THREADS.
 * @throws Refusal 160005 or 50083
 */
export function refuseLocked(state: State, channel: Channel): void {
  const { thread } = channel;
  if (!thread?.locked || may(state.world, state.app.botId, channel, "MANAGE_THREADS")) return;
  const archived = thread.archived || state.settings.lockedThread === 50083;
  throw new Refusal(archived ? "threadClosed" : "threadLocked");
}

/** Tells of a message, and wakes an archived thread with it. */
export function arrived(state: State, channel: Channel, message: Message): void {
  const { thread } = channel;
  messageEvent(state, "MESSAGE_CREATE", channel, message);
  if (thread?.archived === true && message.onlyFor === null) {
    thread.archived = false;
    thread.archivedAt = state.now();
    threadEvent(state, "UPDATE", channel);
  }
}

/** Changes a message. Only a deferred answer that is filled for the first time notifies anyone. */
export function editByApp(
  state: State,
  channel: Channel,
  message: Message,
  { body, files, settable, at = [] }: Post,
): void {
  const content = composed(state, { body, files, channelId: channel.id, settable, before: message, at });
  const loading = (message.flags & FLAGS.loading) !== 0;
  const mentions = mentionsOf(state, channel, content, body, message);
  Object.assign(message, content, { mentions, flags: content.flags & ~FLAGS.loading });
  message.editedAt = loading ? null : state.now();
  if (loading) message.pings = pingsOf(mentions);
  messageEvent(state, "MESSAGE_UPDATE", channel, message);
}

export function deleteMessage(state: State, channel: Channel, message: Message): void {
  message.deleted = true;
  messageDeleted(state, channel, message);
  state.changes.emit("change");
}

function mentionsOf(
  state: State,
  channel: Channel,
  content: Composed,
  body: Json,
  parts: Partial<Message>,
): Message["mentions"] {
  const allowed = allowedOf(body.allowed_mentions);
  const text = mentionableText(content.content, content.components);
  const named = mentionsIn(state.world, channel, state.app.botId, text, allowed);
  const { reference, type } = parts;
  const replied =
    type === 19 && reference?.messageId != null && allowed.repliedUser
      ? state.world.messageIn(channel, reference.messageId)?.authorId
      : undefined;
  if (replied === undefined || named.users.includes(replied)) return named;
  return { ...named, users: [...named.users, replied] };
}
