/** What a `response_url` and the body of an acknowledgement can do: post, replace or delete a message. */
import { type Content, contentOf, RESPONSE_URL, refuseNothing } from "./api/content.ts";
import { Args, Refusal, refusalWith } from "./api/method.ts";
import { messageChanged, messageDeleted, messagePosted } from "./events.ts";
import type { Json } from "./json.ts";
import type { ResponseUrl } from "./links.ts";
import { messageOnWire } from "./message.ts";
import type { State } from "./state.ts";

const ARGS = {
  text: "text?",
  blocks: "list?",
  attachments: "list?",
  response_type: "text?",
  replace_original: "flag?",
  delete_original: "flag?",
  thread_ts: "text?",
  metadata: "json?",
  mrkdwn: "flag?",
  unfurl_links: "flag?",
  unfurl_media: "flag?",
} as const;

/** Carries out what was posted to a `response_url`. @throws Refusal when Slack would not */
export function respond(state: State, url: ResponseUrl, values: Json): void {
  const args = new Args(values, ARGS);
  const complaints = args.complaints();
  if (complaints.length > 0) throw refusalWith("invalid_payload", complaints);
  const { workspace, channel, message } = url;
  const type = args.text("response_type") ?? "ephemeral";
  if (type !== "ephemeral" && type !== "in_channel") throw new Refusal("invalid_payload");
  if (args.flag("delete_original")) {
    if (!message) throw new Refusal("no_original");
    const before = wire(state, url);
    message.deleted = true;
    if (message.onlyFor === null) messageDeleted(state, workspace, channel, message, before);
    else state.changes.emit("change");
    return;
  }
  const parts = contentOf(state, args, RESPONSE_URL);
  refuseNothing(parts);
  if (args.flag("replace_original")) {
    replace(state, url, parts);
    return;
  }
  const posted = workspace.addMessage(channel, {
    user: workspace.botUserId,
    botId: workspace.install.botId,
    text: parts.text ?? "",
    blocks: parts.blocks,
    attachments: parts.attachments,
    threadTs: args.text("thread_ts") ?? (type === "ephemeral" ? (message?.threadTs ?? null) : null),
    onlyFor: type === "ephemeral" ? url.userId : null,
  });
  if (type === "in_channel") messagePosted(state, workspace, channel, posted);
  else state.changes.emit("change");
}

function replace(state: State, url: ResponseUrl, parts: Content): void {
  const { workspace, channel, message } = url;
  if (!message || message.deleted) throw new Refusal("no_original");
  const before = wire(state, url);
  message.text = parts.text ?? "";
  message.blocks = parts.blocks;
  message.attachments = parts.attachments;
  message.edited = { user: workspace.botUserId, ts: `${Math.floor(state.now() / 1000)}.000000` };
  if (message.onlyFor === null) messageChanged(state, workspace, channel, message, before);
  else state.changes.emit("change");
}

function wire(state: State, { workspace, channel, message }: ResponseUrl): Json {
  return message ? messageOnWire(workspace, channel, message, { metadata: true, appId: state.appId }) : {};
}
