/** What a person sees: words as Slack draws them, buttons by their labels. */
import { elementsOf, viewOnWire } from "./api/views.ts";
import { isObject, type Json, objectsOf, textOf } from "./json.ts";
import { messageOnWire } from "./message.ts";
import { pingsOf } from "./pings.ts";
import type { State } from "./state.ts";
import { unescaped } from "./typed.ts";
import { type ViewState, valueGiven } from "./view-state.ts";
import type { Channel, Message, StoredView, Workspace } from "./world.ts";

export interface SeenControl {
  /** A button's label, a menu's placeholder, an input's label. */
  readonly label: string;
  readonly type: string;
  readonly blockId: string;
  readonly actionId: string;
  /** Of a button; null without one. */
  readonly value: string | null;
  readonly style: string | null;
  /** What Slack asks before it lets the press through; null: nothing. */
  readonly confirm: string | null;
  readonly element: Json;
}

export interface SeenMessage {
  readonly channelId: string;
  readonly ts: string;
  /** Null of what stands in the channel itself. */
  readonly threadTs: string | null;
  /** Name of who wrote it. */
  readonly author: string;
  /** Blocks as words where there are any, else the text. */
  readonly words: string;
  /** What a notification shows. */
  readonly text: string;
  readonly controls: readonly SeenControl[];
  /** Labels of the buttons. */
  readonly buttons: readonly string[];
  /** Only this person sees it. */
  readonly ephemeral: boolean;
  readonly edited: boolean;
  /** A reply that stands in the channel too. */
  readonly broadcast: boolean;
  readonly files: readonly { readonly name: string; readonly title: string; readonly content: string }[];
  readonly replies: number;
  /** Whom it notifies by name: ids of people and groups, `here`, `channel`, `everyone`. */
  readonly pings: readonly string[];
  /** As the Web API tells it, metadata included. */
  readonly raw: Json;
}

export interface SeenView {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly words: string;
  readonly controls: readonly SeenControl[];
  readonly buttons: readonly string[];
  /** Label of the button that submits; null without one. */
  readonly submit: string | null;
  /** Messages under inputs after a submission that was turned down, by block id. */
  readonly errors: Readonly<Record<string, string>>;
  readonly state: ViewState;
  readonly raw: Json;
}

export function seenMessage(state: State, workspace: Workspace, channel: Channel, message: Message): SeenMessage {
  const blocks = [
    ...(message.blocks ?? []),
    ...objectsOf(message.attachments).flatMap((each) => objectsOf(each.blocks)),
  ];
  const controls = controlsOf(blocks);
  return {
    channelId: channel.id,
    ts: message.ts,
    threadTs: message.threadTs,
    author: message.username ?? workspace.users.get(message.user ?? "")?.name ?? "",
    words: blocks.length > 0 ? wordsOf(workspace, blocks) : drawn(workspace, message.text),
    text: message.text,
    controls,
    buttons: labelsOf(controls),
    ephemeral: message.onlyFor !== null,
    edited: message.edited !== null,
    broadcast: message.subtype === "thread_broadcast",
    files: message.files.flatMap((id) => {
      const file = workspace.files.get(id);
      return file ? [{ name: file.name, title: file.title, content: file.content?.toString("utf8") ?? "" }] : [];
    }),
    pings: pingsOf(blocks.length > 0 ? blocks : message.text),
    replies: channel.messages.filter((each) => each.threadTs === message.ts && !each.deleted).length,
    raw: messageOnWire(workspace, channel, message, { metadata: true, appId: state.appId }),
  };
}

export function seenView(
  state: State,
  workspace: Workspace,
  stored: StoredView,
  errors: Readonly<Record<string, string>> = {},
): SeenView {
  const blocks = objectsOf(stored.view.blocks);
  const controls = controlsOf(blocks);
  return {
    id: stored.id,
    type: textOf(stored.view.type),
    title: plain(stored.view.title),
    words: wordsOf(workspace, blocks),
    controls,
    buttons: labelsOf(controls),
    submit: stored.view.submit === undefined ? null : plain(stored.view.submit),
    errors,
    state: stored.state,
    raw: viewOnWire(state, workspace, stored),
  };
}

const labelsOf = (controls: readonly SeenControl[]): string[] =>
  controls.filter((each) => each.type === "button").map((each) => each.label);

const plain = (value: unknown): string => (isObject(value) ? unescaped(textOf(value.text)) : "");

export function controlsOf(blocks: readonly Json[]): SeenControl[] {
  return blocks.flatMap((block) =>
    elementsOf(block).map((element) => ({
      label: plain(element.text) || plain(block.label) || plain(element.placeholder),
      type: textOf(element.type),
      blockId: textOf(block.block_id),
      actionId: textOf(element.action_id),
      value: typeof element.value === "string" ? element.value : null,
      style: typeof element.style === "string" ? element.style : null,
      confirm: isObject(element.confirm) ? plain(element.confirm.text) : null,
      element,
    })),
  );
}

/** The control of this label or action id. @throws Error that lists what is there */
export function controlNamed(controls: readonly SeenControl[], name: string, where: string): SeenControl {
  const fitting = controls.filter((each) => each.label === name);
  const found = fitting[0] ?? controls.find((each) => each.actionId === name || each.blockId === name);
  if (fitting.length > 1) throw new Error(`${fitting.length} controls are called "${name}" on: ${where}`);
  if (found) return found;
  const there = controls.map((each) => `"${each.label}"`).join(", ") || "none at all";
  throw new Error(`no control "${name}" (there are ${there}) on: ${where}`);
}

/** What choosing in a control sends, and holds afterwards. */
export function chosenIn(control: SeenControl, given: string | readonly string[] | null): Json {
  return valueGiven(control.element, given);
}

function wordsOf(workspace: Workspace, blocks: readonly Json[]): string {
  return blocks
    .map((block) => blockWords(workspace, block))
    .filter((each) => each !== "")
    .join("\n");
}

function blockWords(workspace: Workspace, block: Json): string {
  const text = (value: unknown): string => {
    if (!isObject(value)) return "";
    return value.type === "plain_text" ? unescaped(textOf(value.text)) : drawn(workspace, textOf(value.text));
  };
  switch (block.type) {
    case "section":
      return [text(block.text), ...objectsOf(block.fields).map(text)].filter((each) => each !== "").join("\n");
    case "header":
      return text(block.text);
    case "context":
      return objectsOf(block.elements)
        .map((each) => (each.type === "image" ? textOf(each.alt_text) : text(each)))
        .join(" ");
    case "image":
      return [text(block.title), textOf(block.alt_text)].filter((each) => each !== "").join("\n");
    case "input":
      return [text(block.label), text(block.hint)].filter((each) => each !== "").join("\n");
    case "markdown":
      return textOf(block.text);
    case "rich_text":
    case "table":
      return richWords(workspace, block.elements ?? block.rows);
    default:
      return "";
  }
}

function richWords(workspace: Workspace, value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => richWords(workspace, each)).join("");
  if (!isObject(value)) return "";
  switch (value.type) {
    case "text":
    case "raw_text":
    case "raw_number":
      return textOf(value.text);
    case "link":
      return textOf(value.text) || textOf(value.url);
    case "user":
      return drawn(workspace, `<@${textOf(value.user_id)}>`);
    case "channel":
      return drawn(workspace, `<#${textOf(value.channel_id)}>`);
    case "broadcast":
      return `@${textOf(value.range)}`;
    case "date":
      return textOf(value.fallback);
    case "emoji":
      return `:${textOf(value.name)}:`;
    default:
      return `${richWords(workspace, value.elements)}${value.type === "rich_text" ? "" : "\n"}`;
  }
}

/** mrkdwn with its tokens read: who, where, when, links by their label; `&lt;` is `<` again. */
export function drawn(workspace: Workspace, mrkdwn: string): string {
  return unescaped(
    mrkdwn.replace(/<([^<>\n]+)>/g, (_, token: string) => {
      const [head = "", label] = split(token);
      if (head.startsWith("@")) return `@${workspace.users.get(head.slice(1))?.name ?? label ?? head.slice(1)}`;
      if (head.startsWith("#")) return `#${workspace.channels.get(head.slice(1))?.name ?? label ?? head.slice(1)}`;
      if (head.startsWith("!subteam^")) return `@${workspace.groups.get(head.slice(9))?.handle ?? label ?? "group"}`;
      if (head.startsWith("!date^")) return label ?? "";
      if (head.startsWith("!")) return `@${head.slice(1)}`;
      return label ?? head;
    }),
  );
}

function split(token: string): [string, string?] {
  const at = token.indexOf("|");
  return at < 0 ? [token] : [token.slice(0, at), token.slice(at + 1)];
}
