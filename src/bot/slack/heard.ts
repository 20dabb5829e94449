/** What is said and shown in channels, as what it means to Claw. */
import type { InboundBody } from "../../orchestrator/index.ts";
import { digest, type Identity, type Incoming, inbound, NOTHING } from "./normalize.ts";
import type { Reacted, Said } from "./payloads.ts";
import { channelIdOf, isDirect, messageIdOf } from "./places.ts";
import { type Words, wordsOf } from "./words.ts";

export function commandOf({ words, channels }: Words, { team }: Identity): InboundBody {
  const linked = Object.entries(channels).map(([name, id]) => [name, channelIdOf(team, id)]);
  return { kind: "command", text: words, ...(linked.length > 0 ? { channels: Object.fromEntries(linked) } : {}) };
}

/** Subtypes that are a person speaking. */
const SPEAKING = new Set([undefined, "file_share", "thread_broadcast", "me_message"]);

export function said(message: Said, identity: Identity): Incoming {
  const { channel, ts } = message;
  if (message.user === identity.user) return NOTHING;
  if (message.bot_id !== undefined) return saidByBot(message, message.bot_id, identity);
  const { user } = message;
  if (user === undefined || !SPEAKING.has(message.subtype)) return NOTHING;
  const spoken = wordsOf(message.text, identity.user);
  const { words, mentioned } = spoken;
  if (words === "" && !mentioned) return NOTHING;
  const thread = message.thread_ts ?? null;
  const where = { user, channel, thread };
  // A mention in a channel that Claw reads comes twice, as `message` and as `app_mention`.
  const key = `said:${channel}:${ts}`;
  const at = Math.round(Number(ts) * 1_000);
  const isCommand = mentioned || (isDirect(channel) && thread === null);
  const messageId = messageIdOf(channel, ts);
  const body: InboundBody = isCommand
    ? commandOf(spoken, identity)
    : thread === null
      ? { kind: "channelMessage", text: words, messageId, byBot: false }
      : { kind: "message", text: words, messageId };
  return { kind: "event", from: "said", event: inbound(identity, at, key, where, body) };
}

/** What another bot writes in a channel may start a workflow that says so, and nothing else. */
function saidByBot({ user, channel, ts, text, subtype, thread_ts }: Said, bot: string, identity: Identity): Incoming {
  const isSpeaking = subtype === "bot_message" || SPEAKING.has(subtype);
  if (!isSpeaking || thread_ts !== undefined || isDirect(channel)) return NOTHING;
  const { words } = wordsOf(text, identity.user);
  if (words === "") return NOTHING;
  const where = { user: user ?? bot, channel, thread: null };
  const body: InboundBody = {
    kind: "channelMessage",
    text: words,
    messageId: messageIdOf(channel, ts),
    byBot: true,
  };
  const at = Math.round(Number(ts) * 1_000);
  return { kind: "event", from: "said", event: inbound(identity, at, `said:${channel}:${ts}`, where, body) };
}

/** Slack does not say here whether it was a bot; who is asked about the actor knows. */
export function reacted({ user, reaction, item, event_ts }: Reacted, identity: Identity): Incoming {
  if (user === identity.user) return NOTHING;
  const messageId = messageIdOf(item.channel, item.ts);
  const where = { user, channel: item.channel, thread: null };
  const body: InboundBody = { kind: "reaction", emoji: reaction, messageId, byBot: false };
  const at = Math.round(Number(event_ts) * 1_000);
  const key = `reaction:${digest(user, messageId, reaction)}`;
  return { kind: "event", from: "said", event: inbound(identity, at, key, where, body) };
}
