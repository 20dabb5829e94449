/** A thread comes to be. */
import type { Json } from "../../slack/json.ts";
import { messageEvent, threadEvent } from "../events.ts";
import { INTENTS } from "../intents.ts";
import type { State } from "../state.ts";
import { threadMember } from "../wire.ts";
import { CHANNEL, type Channel, FLAGS, type Message } from "../world.ts";

export interface ThreadParts {
  /** Of the message it starts from, which it shares; a new one when left out. */
  readonly id?: string;
  readonly type: number;
  readonly ownerId: string;
  readonly body: Json;
}

export function addThread(state: State, parent: Channel, { id, type, ownerId, body }: ThreadParts): Channel {
  const now = state.now();
  return state.world.addChannel({
    ...(id !== undefined && { id }),
    type,
    guildId: parent.guildId,
    name: String(body.name),
    thread: {
      parentId: parent.id,
      ownerId,
      archived: false,
      locked: false,
      autoArchive: typeof body.auto_archive_duration === "number" ? body.auto_archive_duration : 4320,
      archivedAt: now,
      createdAt: now,
      invitable: body.invitable !== false,
      members: new Set([ownerId]),
      tags: [],
      totalSent: 0,
    },
  });
}

/** A thread on a message, whose id it shares. */
export function addThreadOn(state: State, channel: Channel, root: Message, ownerId: string, body: Json): Channel {
  const type = channel.type === CHANNEL.announcement ? 10 : 11;
  const thread = addThread(state, channel, { id: root.id, type, ownerId, body });
  root.flags |= FLAGS.hasThread;
  const reference = { type: 0, channelId: channel.id, messageId: root.id };
  state.world.addMessage(thread, { type: 21, authorId: ownerId, reference });
  threadEvent(state, "CREATE", thread);
  messageEvent(state, "MESSAGE_UPDATE", channel, root);
  return thread;
}

/** Someone is let into a thread, of which the app hears where it is itself meant or may know members. */
export function letIn(state: State, channel: Channel, userId: string): void {
  const { thread } = channel;
  if (!thread || thread.members.has(userId)) return;
  const app = userId === state.app.botId;
  thread.members.add(userId);
  // https://discord.com/developers/docs/topics/threads#thread-access: it may be new to whoever comes in.
  if (app) threadEvent(state, "CREATE", channel, false);
  state.gateway.dispatch("THREAD_MEMBERS_UPDATE", app ? INTENTS.GUILDS : INTENTS.GUILD_MEMBERS, {
    id: channel.id,
    guild_id: channel.guildId,
    member_count: Math.min(50, thread.members.size),
    added_members: [threadMember(channel, userId)],
    removed_member_ids: [],
  });
}

/** Archives what nobody wrote in for as long as was set. */
export function archiveIdle(state: State): void {
  for (const channel of state.world.channels.values()) {
    const { thread } = channel;
    if (!thread || thread.archived) continue;
    const last = Math.max(thread.createdAt, thread.archivedAt, ...channel.messages.map((each) => each.createdAt));
    if (state.now() - last < thread.autoArchive * 60_000) continue;
    thread.archived = true;
    thread.archivedAt = state.now();
    threadEvent(state, "UPDATE", channel);
  }
}
