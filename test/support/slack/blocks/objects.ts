/** Composition objects of Block Kit. Pure. */
import { also, alternatives, bool, byType, type Check, list, object, oneOf, opt, req, text } from "./check.ts";

export const plainText = (max: number, min = 1): Check =>
  object({ type: req(oneOf("plain_text")), text: req(text({ min, max })), emoji: opt(bool) });

export const mrkdwn = (max: number): Check =>
  object({ type: req(oneOf("mrkdwn")), text: req(text({ min: 1, max })), verbatim: opt(bool) });

/** Either kind of text. */
export const anyText = (max: number): Check =>
  alternatives(byType({ plain_text: plainText(max), mrkdwn: mrkdwn(max) }));

export const url = text({ min: 1, max: 3000, pattern: /^(?:https?|mailto|slack|tel):/ });

export const confirm = object({
  title: opt(plainText(100)),
  text: req(anyText(300)),
  confirm: opt(plainText(30)),
  deny: opt(plainText(30)),
  style: opt(oneOf("primary", "danger")),
});

const optionFields = {
  value: req(text({ min: 1, max: 150 })),
  description: opt(plainText(75)),
};

/** Of selects and overflow menus, whose text is plain. */
export const option = object({ text: req(plainText(75)), ...optionFields });
export const overflowOption = object({ text: req(plainText(75)), ...optionFields, url: opt(url) });

/** Of checkboxes and radio buttons. */
export const richOption = object({ text: req(anyText(75)), ...optionFields, description: opt(anyText(75)) });

const optionGroup = object({ label: req(plainText(75)), options: req(list(option, { min: 1, max: 100 })) });

export const options = opt(list(option, { min: 1, max: 100 }));
export const optionGroups = opt(list(optionGroup, { min: 1, max: 100 }));

/** A static menu has options or groups of them, not both and not neither. */
export const eitherOptions = also((value, pointer, say) => {
  const both = value.options !== undefined && value.option_groups !== undefined;
  const neither = value.options === undefined && value.option_groups === undefined;
  if (both || neither) say("must define either `options` or `option_groups` as a list", pointer);
});

const slackFile = also((value, pointer, say) => {
  if ((value.id === undefined) === (value.url === undefined)) say("must define either `id` or `url`", pointer);
});

export const imageFields = {
  type: req(oneOf("image")),
  alt_text: req(text({ min: 1, max: 2000 })),
  image_url: opt(text({ min: 1, max: 3000, pattern: /^https?:/ })),
  slack_file: opt(object({ id: opt(text({ max: 255 })), url: opt(text({ max: 3000 })) }, slackFile)),
};

export const eitherImage = also((value, pointer, say) => {
  if ((value.image_url === undefined) === (value.slack_file === undefined)) {
    say("must define either `image_url` or `slack_file`", pointer);
  }
});

export const conversationFilter = object(
  {
    include: opt(list(oneOf("im", "mpim", "private", "public"), { min: 1, max: 4 })),
    exclude_external_shared_channels: opt(bool),
    exclude_bot_users: opt(bool),
  },
  also((value, pointer, say) => {
    if (Object.keys(value).length === 0) say("must provide at least one filter", pointer);
  }),
);
