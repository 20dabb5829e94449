/** Block elements of Block Kit, each with Slack's limits. Pure. */
import { also, anything, bool, byType, type Check, list, object, oneOf, opt, req, text, whole } from "./check.ts";
import {
  confirm,
  conversationFilter,
  eitherImage,
  eitherOptions,
  imageFields,
  option,
  optionGroups,
  options,
  overflowOption,
  plainText,
  richOption,
  url,
} from "./objects.ts";

const id = opt(text({ max: 255 }));
const placeholder = opt(plainText(150));
const date = text({ max: 10, pattern: /^\d{4}-\d{2}-\d{2}$/ });
const time = text({ max: 5, pattern: /^([01]\d|2[0-3]):[0-5]\d$/ });
const ids = list(text({ max: 255 }), { max: 100 });

const field = (type: string, fields: Parameters<typeof object>[0], ...further: readonly Check[]): Check =>
  object({ type: req(oneOf(type)), action_id: id, focus_on_load: opt(bool), ...fields }, ...further);

const pressable = (type: string, fields: Parameters<typeof object>[0], ...further: readonly Check[]): Check =>
  object({ type: req(oneOf(type)), action_id: id, confirm: opt(confirm), ...fields }, ...further);

const menu = (type: string, fields: Parameters<typeof object>[0], ...further: readonly Check[]): Check =>
  field(type, { placeholder, confirm: opt(confirm), ...fields }, ...further);

const dispatch = opt(
  object({
    trigger_actions_on: opt(list(oneOf("on_enter_pressed", "on_character_entered"), { min: 1, max: 2 })),
  }),
);
const several = { max_selected_items: opt(whole(1, 100)) };

const button = pressable("button", {
  text: req(plainText(75)),
  value: opt(text({ max: 2000 })),
  url: opt(url),
  style: opt(oneOf("primary", "danger")),
  accessibility_label: opt(text({ max: 75 })),
});

/** The first value has to be one of those offered. */
const offered = (key: "initial_option" | "initial_options"): Check =>
  also((value, pointer, say) => {
    const groups = Array.isArray(value.option_groups) ? value.option_groups : [];
    const all = [value, ...groups].flatMap((each) => (Array.isArray(each?.options) ? each.options : []));
    const chosen = key === "initial_option" ? [value[key]] : value[key];
    for (const each of Array.isArray(chosen) ? chosen : []) {
      if (each === undefined) continue;
      if (!all.some((other) => JSON.stringify(other) === JSON.stringify(each))) {
        say(`\`${key}\` must be one of the options provided`, `${pointer}/${key}`);
      }
    }
  });

const boxes = (type: string, initial: Parameters<typeof object>[0], key: "initial_option" | "initial_options") =>
  field(type, { options: req(list(richOption, { min: 1, max: 10 })), confirm: opt(confirm), ...initial }, offered(key));

const menus: Readonly<Record<string, Check>> = {
  static_select: menu(
    "static_select",
    { options, option_groups: optionGroups, initial_option: opt(option) },
    eitherOptions,
    offered("initial_option"),
  ),
  multi_static_select: menu(
    "multi_static_select",
    {
      options,
      option_groups: optionGroups,
      initial_options: opt(list(option, { min: 1, max: 100 })),
      ...several,
    },
    eitherOptions,
    offered("initial_options"),
  ),
  users_select: menu("users_select", { initial_user: opt(text({ max: 255 })) }),
  multi_users_select: menu("multi_users_select", { initial_users: opt(ids), ...several }),
  conversations_select: menu("conversations_select", {
    initial_conversation: opt(text({ max: 255 })),
    default_to_current_conversation: opt(bool),
    response_url_enabled: opt(bool),
    filter: opt(conversationFilter),
  }),
  multi_conversations_select: menu("multi_conversations_select", {
    initial_conversations: opt(ids),
    default_to_current_conversation: opt(bool),
    filter: opt(conversationFilter),
    ...several,
  }),
  channels_select: menu("channels_select", {
    initial_channel: opt(text({ max: 255 })),
    response_url_enabled: opt(bool),
  }),
  multi_channels_select: menu("multi_channels_select", { initial_channels: opt(ids), ...several }),
  checkboxes: boxes("checkboxes", { initial_options: opt(list(richOption, { min: 1, max: 10 })) }, "initial_options"),
  radio_buttons: boxes("radio_buttons", { initial_option: opt(richOption) }, "initial_option"),
  datepicker: menu("datepicker", { initial_date: opt(date) }),
  timepicker: menu("timepicker", { initial_time: opt(time), timezone: opt(text({ max: 100 })) }),
};

const overflow = pressable("overflow", { options: req(list(overflowOption, { min: 1, max: 5 })) });
const datetime = field("datetimepicker", { initial_date_time: opt(whole(1e9, 1e10 - 1)), confirm: opt(confirm) });
const richInput = field("rich_text_input", {
  initial_value: opt(anything),
  dispatch_action_config: dispatch,
  placeholder,
  min_lines: opt(whole(1, 100)),
  max_lines: opt(whole(1, 100)),
});

/** The letters of an input: `plain_text_input` and its stricter brothers. */
const plainInput = field(
  "plain_text_input",
  {
    placeholder,
    initial_value: opt(text({ max: 3000 })),
    multiline: opt(bool),
    min_length: opt(whole(0, 3000)),
    max_length: opt(whole(1, 3000)),
    dispatch_action_config: dispatch,
  },
  also((value, pointer, say) => {
    const { min_length: min, max_length: max, initial_value: initial } = value;
    if (typeof min === "number" && typeof max === "number" && min > max) {
      say("`min_length` must be less than `max_length`", pointer);
    }
    if (typeof initial === "string" && typeof max === "number" && initial.length > max) {
      say(`must be less than ${max + 1} characters`, `${pointer}/initial_value`);
    }
  }),
);

const number = text({ max: 100, pattern: /^-?\d+(?:\.\d+)?$/ });
const inputs: Readonly<Record<string, Check>> = {
  plain_text_input: plainInput,
  email_text_input: field("email_text_input", {
    placeholder,
    initial_value: opt(text({ max: 3000 })),
    dispatch_action_config: dispatch,
  }),
  url_text_input: field("url_text_input", {
    placeholder,
    initial_value: opt(text({ max: 3000 })),
    dispatch_action_config: dispatch,
  }),
  number_input: field("number_input", {
    is_decimal_allowed: req(bool),
    placeholder,
    initial_value: opt(number),
    min_value: opt(number),
    max_value: opt(number),
    dispatch_action_config: dispatch,
  }),
  file_input: object({
    type: req(oneOf("file_input")),
    action_id: id,
    filetypes: opt(list(text({ max: 50 }), { max: 100 })),
    max_files: opt(whole(1, 10)),
  }),
};

export const image = object(imageFields, eitherImage);

/** May stand in an `actions` block. */
export const actionElement = byType({
  button,
  overflow,
  ...menus,
  datetimepicker: datetime,
  rich_text_input: richInput,
});
/** May stand beside a section. */
export const accessory = byType({ button, overflow, image, ...menus });
/** May stand in an `input` block. */
export const inputElement = byType({ ...menus, ...inputs, datetimepicker: datetime, rich_text_input: richInput });

const feedback = object({
  text: req(plainText(75)),
  value: req(text({ min: 1, max: 2000 })),
  accessibility_label: opt(text({ max: 75 })),
});
export const contextAction = byType({
  feedback_buttons: object({
    type: req(oneOf("feedback_buttons")),
    action_id: id,
    positive_button: req(feedback),
    negative_button: req(feedback),
  }),
  icon_button: pressable("icon_button", {
    icon: req(oneOf("trash")),
    text: req(plainText(75)),
    value: opt(text({ max: 2000 })),
    accessibility_label: opt(text({ max: 75 })),
    visible_to_user_ids: opt(list(text({ max: 255 }), { max: 100 })),
  }),
});
