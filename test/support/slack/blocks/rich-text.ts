/** Rich text of Block Kit, and the cells of tables. Pure. */
import { bool, byType, type Check, list, object, oneOf, opt, req, text, whole } from "./check.ts";

const style = opt(
  object({
    bold: opt(bool),
    italic: opt(bool),
    strike: opt(bool),
    code: opt(bool),
    underline: opt(bool),
    highlight: opt(bool),
    client_highlight: opt(bool),
    unlink: opt(bool),
  }),
);

const inline = (type: string, fields: Parameters<typeof object>[0]): Check =>
  object({ type: req(oneOf(type)), style, ...fields });

const id = text({ min: 1, max: 255 });

const inlines = byType({
  text: inline("text", { text: req(text({ min: 1, max: 40_000 })) }),
  link: inline("link", { url: req(text({ min: 1, max: 3000 })), text: opt(text({ max: 3000 })), unsafe: opt(bool) }),
  emoji: inline("emoji", { name: req(id), unicode: opt(text({ max: 100 })), skin_tone: opt(whole(1, 6)) }),
  user: inline("user", { user_id: req(id) }),
  usergroup: inline("usergroup", { usergroup_id: req(id) }),
  channel: inline("channel", { channel_id: req(id) }),
  broadcast: inline("broadcast", { range: req(oneOf("here", "channel", "everyone")) }),
  color: inline("color", { value: req(id) }),
  date: inline("date", {
    timestamp: req(whole(0, 1e11)),
    format: req(text({ min: 1, max: 255 })),
    url: opt(text({ max: 3000 })),
    fallback: opt(text({ max: 255 })),
  }),
});

const several = list(inlines, { max: 1000 });
const border = opt(oneOf(0, 1));

const section = object({ type: req(oneOf("rich_text_section")), elements: req(several) });

const parts = byType({
  rich_text_section: section,
  rich_text_list: object({
    type: req(oneOf("rich_text_list")),
    elements: req(list(section, { max: 1000 })),
    style: req(oneOf("bullet", "ordered")),
    indent: opt(whole(0, 8)),
    offset: opt(whole(0, 1000)),
    border,
  }),
  rich_text_quote: object({ type: req(oneOf("rich_text_quote")), elements: req(several), border }),
  rich_text_preformatted: object({
    type: req(oneOf("rich_text_preformatted")),
    elements: req(several),
    border,
    language: opt(text({ max: 50 })),
  }),
});

export const richText = object({
  type: req(oneOf("rich_text")),
  block_id: opt(text({ max: 255 })),
  elements: req(list(parts, { max: 1000 })),
});

const raw = (fields: Parameters<typeof object>[0], type: string): Check =>
  object({ type: req(oneOf(type)), text: req(text({ max: 3000 })), ...fields });

export const tableCell = byType({
  rich_text: richText,
  raw_text: raw({}, "raw_text"),
  raw_number: raw({ value: req(() => undefined) }, "raw_number"),
});
