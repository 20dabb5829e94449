/** Messages as they stand in Slack's answers and events. Pure. */
import { copyOf, isObject, type Json, present, textOf } from "./json.ts";
import { escaped, unescaped } from "./typed.ts";
import type { Channel, Message, StoredFile, Workspace } from "./world.ts";

export interface WireOptions {
  /** Metadata is told only to who asks for it, and in events. */
  readonly metadata: boolean;
  readonly appId: string;
}

/** A message as `conversations.history` shows it: thread figures on a root, `thread_ts` on whatever belongs to a thread. */
export function messageOnWire(
  workspace: Workspace,
  channel: Channel,
  message: Message,
  { metadata, appId }: WireOptions,
): Json {
  const replies = repliesTo(channel, message.ts);
  const root = replies.length > 0;
  const bot = message.botId !== null;
  return present({
    type: "message",
    subtype: message.subtype ?? undefined,
    user: message.user ?? undefined,
    text: message.text,
    ts: message.ts,
    client_msg_id: message.clientMsgId ?? undefined,
    team: bot ? workspace.id : (workspace.users.get(message.user ?? "")?.teamId ?? workspace.id),
    bot_id: message.botId ?? undefined,
    app_id: bot ? appId : undefined,
    bot_profile: bot
      ? {
          id: message.botId,
          app_id: appId,
          name: workspace.users.get(workspace.botUserId)?.name,
          team_id: workspace.id,
        }
      : undefined,
    username: message.username ?? undefined,
    blocks: message.blocks === null ? undefined : asReturned(message.blocks),
    attachments: message.attachments === null ? undefined : copyOf(message.attachments),
    files:
      message.files.length === 0
        ? undefined
        : message.files.flatMap((id) => {
            const file = workspace.files.get(id);
            return file ? [fileOnWire(file)] : [];
          }),
    metadata: metadata && message.metadata !== null ? copyOf(message.metadata) : undefined,
    edited: message.edited === null ? undefined : { ...message.edited },
    reactions:
      message.reactions.size === 0
        ? undefined
        : [...message.reactions].map(([name, users]) => ({ name, users: [...users], count: users.length })),
    pinned_to: channel.pins.includes(message.ts) ? [channel.id] : undefined,
    thread_ts: message.threadTs ?? (root ? message.ts : undefined),
    parent_user_id: message.threadTs === null ? undefined : (rootOf(channel, message)?.user ?? undefined),
    ...(root && {
      reply_count: replies.length,
      reply_users_count: new Set(replies.map((each) => each.user)).size,
      latest_reply: replies.at(-1)?.ts,
      reply_users: [...new Set(replies.map((each) => each.user))],
      is_locked: false,
      subscribed: true,
    }),
  });
}

/** Plain texts come back escaped, though they need not be sent so (bolt-python issue 513). */
export function asReturned<T>(blocks: T): T {
  const copy = copyOf(blocks);
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isObject(value)) return;
    if (value.type === "plain_text") value.text = escaped(unescaped(textOf(value.text)));
    else Object.values(value).forEach(visit);
  };
  visit(copy);
  return copy;
}

export const repliesTo = (channel: Channel, ts: string): Message[] =>
  channel.messages.filter((each) => each.threadTs === ts && !each.deleted && each.onlyFor === null);

const rootOf = (channel: Channel, message: Message): Message | null =>
  channel.messages.find((each) => each.ts === message.threadTs) ?? null;

export function fileOnWire(file: StoredFile): Json {
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    size: file.length,
    user: file.user,
    mimetype: file.name.endsWith(".png") ? "image/png" : "text/plain",
    filetype: file.name.split(".").at(-1) ?? "text",
    mode: "hosted",
    is_external: false,
    is_public: true,
    channels: [...file.channels],
    ...(file.altText !== null && { alt_txt: file.altText }),
    permalink: `https://files.example/${file.id}`,
  };
}

/** Gives every block the id that Slack gives it, and text objects the flags that come back with them. */
export function normalised(blocks: readonly Json[], newId: () => string): Json[] {
  return blocks.map((block) => {
    const copy = copyOf(block);
    if (typeof copy.block_id !== "string" || copy.block_id === "") copy.block_id = newId();
    walk(copy);
    return copy;
  });
}

function walk(value: unknown): void {
  if (Array.isArray(value)) for (const each of value) walk(each);
  if (!isObject(value)) return;
  if (value.type === "plain_text" && value.emoji === undefined) value.emoji = true;
  if (value.type === "mrkdwn" && value.verbatim === undefined) value.verbatim = false;
  for (const each of Object.values(value)) walk(each);
}

/** Where a person looks for it. */
export const permalinkOf = (workspace: Workspace, channel: Channel, message: Message): string => {
  const thread = message.threadTs === null ? "" : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
  return `https://${workspace.domain}.slack.com/archives/${channel.id}/p${message.ts.replace(".", "")}${thread}`;
};
