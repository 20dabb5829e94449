/** files.*: uploads in three steps, as Slack wants them: ask for a URL, put the bytes there, say where it belongs. */
import { messagePosted } from "../events.ts";
import type { Json } from "../json.ts";
import { textOf } from "../json.ts";
import { fileOnWire } from "../message.ts";
import type { StoredFile } from "../world.ts";
import { contentOf, NEW_MESSAGE } from "./content.ts";
import { type CallContext, type MethodSpec, Refusal, visible } from "./method.ts";

export const files: Readonly<Record<string, MethodSpec>> = {
  "files.getUploadURLExternal": {
    token: "bot",
    scopes: ["files:write"],
    args: { filename: "text", length: "count", alt_text: "text?", snippet_type: "text?" },
    handle: ({ state, workspace, args }) => {
      const length = args.count("length", 0);
      if (length <= 0) throw new Refusal("file_upload_size_restricted");
      const id = state.ids.next("F");
      workspace.files.set(id, {
        id,
        name: args.the("filename"),
        title: args.the("filename"),
        length,
        content: null,
        completed: false,
        channels: [],
        user: workspace.botUserId,
        altText: args.text("alt_text"),
        snippetType: args.text("snippet_type"),
      });
      return { upload_url: `${state.url()}/upload/v1/${id}`, file_id: id };
    },
  },
  "files.completeUploadExternal": {
    token: "bot",
    scopes: ["files:write"],
    args: {
      files: "list",
      channel_id: "text?",
      channels: "text?",
      initial_comment: "text?",
      thread_ts: "text?",
      blocks: "list?",
    },
    handle: complete,
  },
  "files.info": {
    token: "bot",
    scopes: ["files:read"],
    args: { file: "text", cursor: "text?", limit: "count?", count: "count?", page: "count?" },
    handle: ({ workspace, args }) => {
      const file = workspace.files.get(args.the("file"));
      if (!file?.completed) throw new Refusal("file_not_found");
      return { file: fileOnWire(file), comments: [] };
    },
  },
  "files.delete": {
    token: "bot",
    scopes: ["files:write"],
    args: { file: "text" },
    handle: ({ workspace, args }) => {
      const file = workspace.files.get(args.the("file"));
      if (!file?.completed) throw new Refusal("file_not_found");
      workspace.files.delete(file.id);
      return {};
    },
  },
};

function complete(context: CallContext): Json {
  const { state, workspace, args } = context;
  const named = args.objects("files");
  if (named.length === 0) throw new Refusal("invalid_arguments");
  const uploaded = named.map((each): readonly [StoredFile, Json] => {
    const file = workspace.files.get(textOf(each.id));
    // Bytes that never came, or that were completed before, are no file.
    if (!file || file.content === null || file.completed) throw new Refusal("file_not_found");
    return [file, each];
  });
  const channelId = args.text("channel_id") ?? args.text("channels");
  const comment = args.text("initial_comment");
  const parts = contentOf(state, args, NEW_MESSAGE);
  if (channelId === null) {
    for (const [file, each] of uploaded) finish(file, each, null);
    return { files: uploaded.map(([{ id, title }]) => ({ id, title })) };
  }
  const channel = visible(workspace, channelId);
  if (!channel) throw new Refusal("channel_not_found");
  if (channel.archived) throw new Refusal("is_archived");
  if (!channel.members.has(workspace.botUserId)) throw new Refusal("not_in_channel");
  const thread = args.text("thread_ts");
  if (thread !== null && !workspace.messageAt(channel, thread)) throw new Refusal("invalid_thread_ts");
  for (const [file, each] of uploaded) finish(file, each, channel.id);
  // The app is not told the message's ts: it comes later, with an event.
  const message = workspace.addMessage(channel, {
    user: workspace.botUserId,
    botId: workspace.install.botId,
    text: comment ?? "",
    blocks: parts.blocks,
    files: uploaded.map(([file]) => file.id),
    threadTs: thread,
    subtype: null,
  });
  messagePosted(state, workspace, channel, message);
  return { files: uploaded.map(([{ id, title }]) => ({ id, title })) };
}

function finish(file: StoredFile, given: Json, channelId: string | null): void {
  file.completed = true;
  file.title = textOf(given.title) || file.name;
  if (channelId !== null) file.channels.push(channelId);
}
