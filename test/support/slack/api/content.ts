/** The content of a message, as every way of posting gives it, checked as Slack checks it. */
import { complaintsAboutBlocks } from "../blocks/blocks.ts";
import { isObject, type Json } from "../json.ts";
import { normalised } from "../message.ts";
import type { State } from "../state.ts";
import { type Args, Refusal, refusalWith } from "./method.ts";

export interface Content {
  /** Null when it was not given. */
  readonly text: string | null;
  /** Null when not given, empty when given empty. */
  readonly blocks: Json[] | null;
  readonly attachments: Json[] | null;
}

export interface ContentLimits {
  /** Characters of `text`. Slack takes 40,000 in a new message and 4,000 in an update. */
  readonly text: number;
  /**
   * Characters of all blocks together as JSON. Slack documents no such limit and refuses between 13,200 and 13,300
   * (bolt-js issues 2509 and 2867) with `msg_blocks_too_long`; not on a `response_url`. Null: no limit.
   */
  readonly blocks: number | null;
}

export const NEW_MESSAGE: ContentLimits = { text: 40_000, blocks: 13_200 };
export const UPDATE: ContentLimits = { text: 4_000, blocks: 13_200 };
export const RESPONSE_URL: ContentLimits = { text: 40_000, blocks: null };

/** @throws Refusal for what Slack does not take: blocks out of their limits, too long or nothing at all */
export function contentOf(state: State, args: Args, limits: ContentLimits): Content {
  const markdown = args.text("markdown_text");
  if (markdown !== null && (args.has("text") || args.has("blocks"))) throw new Refusal("markdown_text_conflict");
  if (markdown !== null && markdown.length > 12_000) throw new Refusal("msg_too_long");
  const text = markdown ?? args.text("text");
  if (text !== null && text.length > limits.text) throw new Refusal("msg_too_long");
  return {
    text,
    blocks: blocksOf(state, args, limits),
    attachments: attachmentsOf(state, args),
  };
}

/** @throws Refusal no_text */
export function refuseNothing({ text, blocks, attachments }: Content, files = 0): void {
  const something = (text ?? "") !== "" || (blocks?.length ?? 0) > 0 || (attachments?.length ?? 0) > 0 || files > 0;
  if (!something) throw new Refusal("no_text");
}

function blocksOf(state: State, args: Args, limits: ContentLimits): Json[] | null {
  if (!args.has("blocks")) return null;
  const value = args.json("blocks");
  if (value === null) return null;
  if (!Array.isArray(value) || value.some((each) => !isObject(each))) throw new Refusal("invalid_blocks_format");
  const complaints = complaintsAboutBlocks(value);
  if (complaints.length > 0) throw refusalWith("invalid_blocks", complaints);
  if (limits.blocks !== null && JSON.stringify(value).length > limits.blocks) throw new Refusal("msg_blocks_too_long");
  refuseUnknownFiles(state, value);
  return normalised(value as Json[], () => state.ids.opaque(5));
}

function refuseUnknownFiles(state: State, blocks: readonly unknown[]): void {
  const named = [...JSON.stringify(blocks).matchAll(/"slack_file":\{"id":"([^"]+)"/g)].map((each) => each[1] ?? "");
  const known = (id: string) => [...state.workspaces.values()].some((each) => each.files.get(id)?.completed === true);
  const index = named.findIndex((id) => !known(id));
  if (index >= 0) throw refusalWith("invalid_blocks", [`invalid slack file [json-pointer:/blocks]`]);
}

function attachmentsOf(state: State, args: Args): Json[] | null {
  if (!args.has("attachments")) return null;
  const value = args.json("attachments");
  if (value === null) return null;
  if (!Array.isArray(value) || value.some((each) => !isObject(each))) throw new Refusal("invalid_attachments");
  if (value.length > 100) throw new Refusal("too_many_attachments");
  return (value as Json[]).map((attachment, index) => {
    if (attachment.blocks === undefined) return attachment;
    const complaints = complaintsAboutBlocks(attachment.blocks, `/attachments/${index}/blocks`);
    if (complaints.length > 0) throw refusalWith("invalid_blocks", complaints);
    return { ...attachment, blocks: normalised(attachment.blocks as Json[], () => state.ids.opaque(5)) };
  });
}

/** Null when not given; an empty object takes the metadata away. @throws Refusal invalid_metadata_format, metadata_too_large */
export function metadataOf(args: Args): Json | null {
  if (!args.has("metadata")) return null;
  const value = args.json("metadata");
  if (!isObject(value)) throw new Refusal("invalid_metadata_format");
  if (Object.keys(value).length === 0) return value;
  const known = Object.keys(value).every((key) => ["event_type", "event_payload", "entities"].includes(key));
  if (!known || typeof value.event_type !== "string" || value.event_type === "" || !isObject(value.event_payload)) {
    throw new Refusal("invalid_metadata_format");
  }
  if (JSON.stringify(value).length > 8000) throw new Refusal("metadata_too_large");
  return value;
}
