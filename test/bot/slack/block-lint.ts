/**
 * What Slack documents of blocks, messages and views, checked independently of how we make them
 * (docs.slack.dev/reference/block-kit, /reference/views). Answers everything that Slack would refuse.
 */
import { isRecord } from "./record.ts";

type Complaints = string[];

const isWhole = (said: string): boolean => !/\p{Cs}/u.test(said);

const text = (value: unknown, at: string, kinds: readonly string[], most: number): Complaints => {
  if (!isRecord(value)) return [`${at}: no text object`];
  const said = value.text;
  if (typeof said !== "string") return [`${at}: no text`];
  return [
    ...(kinds.includes(String(value.type)) ? [] : [`${at}: ${String(value.type)} where ${kinds.join(" or ")} belongs`]),
    ...(said.length === 0 ? [`${at}: empty`] : []),
    ...(said.length > most ? [`${at}: ${said.length} of ${most} characters`] : []),
    ...(value.type === "mrkdwn" ? mrkdwn(said, at) : []),
    ...(value.type === "mrkdwn" && "emoji" in value ? [`${at}: emoji in mrkdwn`] : []),
    ...(value.type === "plain_text" && "verbatim" in value ? [`${at}: verbatim in plain text`] : []),
    ...(isWhole(said) ? [] : [`${at}: half a character`]),
  ];
};

/** Everything between angle brackets is a link to the web, a date, or a mention of the kind that only we write. */
export function mrkdwn(said: string, at: string, allowed: readonly string[] = []): Complaints {
  const bad: Complaints = [];
  for (const [whole, inner = ""] of said.matchAll(/<([^<>]*)>/gu)) {
    const date = /^!date\^\d{9,11}\^[^|<>^]+\|[^|<>]+$/u.test(inner);
    const link = /^https?:\/\/[^\s|<>]+(?:\|[^<>\n]+)?$/u.test(inner);
    if (!date && !link && !allowed.includes(whole)) bad.push(`${at}: ${whole.slice(0, 80)}`);
  }
  const rest = said.replace(/<[^<>]*>/gu, "");
  if (/[<>]/u.test(rest.replace(/^> /gmu, ""))) bad.push(`${at}: a bare angle bracket`);
  if (/&(?!(?:amp|lt|gt);)/u.test(said)) bad.push(`${at}: a bare ampersand`);
  return bad;
}

const id = (value: unknown, at: string, most = 255): Complaints =>
  typeof value === "string" && value.length > 0 && value.length <= most ? [] : [`${at}: a bad id`];

function button(value: Record<string, unknown>, at: string): Complaints {
  return [
    ...text(value.text, `${at}.text`, ["plain_text"], 75),
    ...id(value.action_id, `${at}.action_id`),
    ...(value.value === undefined || (typeof value.value === "string" && value.value.length <= 2_000)
      ? []
      : [`${at}: value`]),
    ...(value.style === undefined || value.style === "primary" || value.style === "danger" ? [] : [`${at}: style`]),
  ];
}

function input(value: Record<string, unknown>, at: string): Complaints {
  const initial = value.initial_value;
  const common = [
    ...id(value.action_id, `${at}.action_id`),
    ...(initial === undefined || (typeof initial === "string" && initial.length <= 3_000)
      ? []
      : [`${at}: initial_value`]),
    ...(value.placeholder === undefined ? [] : text(value.placeholder, `${at}.placeholder`, ["plain_text"], 150)),
  ];
  switch (value.type) {
    case "plain_text_input": {
      const most = value.max_length;
      return [
        ...common,
        ...(most === undefined || (typeof most === "number" && most >= 1 && most <= 3_000)
          ? []
          : [`${at}: max_length`]),
      ];
    }
    case "number_input":
      return [...common, ...(typeof value.is_decimal_allowed === "boolean" ? [] : [`${at}: is_decimal_allowed`])];
    case "static_select":
    case "radio_buttons": {
      const options = Array.isArray(value.options) ? value.options.filter(isRecord) : [];
      const most = value.type === "static_select" ? 100 : 10;
      const values = options.map((option) => option.value);
      const chosen = value.initial_option;
      return [
        ...common,
        ...(options.length >= 1 && options.length <= most ? [] : [`${at}: ${options.length} options`]),
        ...options.flatMap((option, n) => [
          ...text(option.text, `${at}.options[${n}]`, ["plain_text"], 75),
          ...id(option.value, `${at}.options[${n}]`, 150),
        ]),
        ...(new Set(values).size === values.length ? [] : [`${at}: options repeat`]),
        ...(chosen === undefined || options.some((option) => JSON.stringify(option) === JSON.stringify(chosen))
          ? []
          : [`${at}: initial_option is none of them`]),
      ];
    }
    default:
      return [`${at}: element ${String(value.type)}`];
  }
}

function block(value: unknown, at: string, view: boolean): Complaints {
  if (!isRecord(value)) return [`${at}: no block`];
  const blockId = value.block_id === undefined ? [] : id(value.block_id, `${at}.block_id`);
  switch (value.type) {
    case "section":
      return [
        ...blockId,
        ...(value.text === undefined ? [] : text(value.text, `${at}.text`, ["mrkdwn", "plain_text"], 3_000)),
        ...(value.text === undefined && !Array.isArray(value.fields) ? [`${at}: neither text nor fields`] : []),
        ...(value.accessory === undefined
          ? []
          : isRecord(value.accessory)
            ? button(value.accessory, `${at}.accessory`)
            : [`${at}: accessory`]),
      ];
    case "context": {
      const elements = Array.isArray(value.elements) ? value.elements : [];
      return [
        ...blockId,
        ...(elements.length >= 1 && elements.length <= 10 ? [] : [`${at}: ${elements.length} elements`]),
        ...elements.flatMap((element, n) => text(element, `${at}.elements[${n}]`, ["mrkdwn", "plain_text"], 3_000)),
      ];
    }
    case "actions": {
      const elements = Array.isArray(value.elements) ? value.elements.filter(isRecord) : [];
      const ids = elements.map((element) => element.action_id);
      return [
        ...blockId,
        ...(elements.length >= 1 && elements.length <= 25 ? [] : [`${at}: ${elements.length} elements`]),
        ...(new Set(ids).size === ids.length ? [] : [`${at}: action ids repeat`]),
        ...elements.flatMap((element, n) => button(element, `${at}.elements[${n}]`)),
      ];
    }
    case "header":
      return [...blockId, ...text(value.text, `${at}.text`, ["plain_text"], 150)];
    case "divider":
      return blockId;
    case "input":
      return [
        ...(view ? [] : [`${at}: an input in a message`]),
        ...blockId,
        ...text(value.label, `${at}.label`, ["plain_text"], 2_000),
        ...(value.hint === undefined ? [] : text(value.hint, `${at}.hint`, ["plain_text"], 2_000)),
        ...(isRecord(value.element) ? input(value.element, `${at}.element`) : [`${at}: no element`]),
      ];
    default:
      return [`${at}: block ${String(value.type)}`];
  }
}

function blocks(value: unknown, most: number, view: boolean): Complaints {
  if (!Array.isArray(value)) return ["no blocks"];
  const ids = value.flatMap((one) => (isRecord(one) && one.block_id !== undefined ? [one.block_id] : []));
  return [
    ...(value.length >= 1 && value.length <= most ? [] : [`${value.length} of ${most} blocks`]),
    ...(new Set(ids).size === ids.length ? [] : ["block ids repeat"]),
    ...value.flatMap((one, n) => block(one, `blocks[${n}]`, view)),
  ];
}

/** What `chat.postMessage` would refuse. */
export const messageComplaints = (message: { readonly text: string; readonly blocks: unknown }): Complaints => [
  ...(message.text.length >= 1 && message.text.length <= 4_000 ? [] : [`text: ${message.text.length} characters`]),
  ...mrkdwn(message.text, "text"),
  ...blocks(message.blocks, 50, false),
  ...(JSON.stringify(message.blocks).length <= 13_000
    ? []
    : [`msg_blocks_too_long: ${JSON.stringify(message.blocks).length}`]),
];

/** What `views.open` and `views.publish` would refuse. */
export function viewComplaints(view: unknown): Complaints {
  if (!isRecord(view)) return ["no view"];
  const modal = view.type === "modal";
  const inputs = Array.isArray(view.blocks) && view.blocks.some((one) => isRecord(one) && one.type === "input");
  const optional = (key: string): Complaints =>
    view[key] === undefined ? [] : text(view[key], key, ["plain_text"], 24);
  return [
    ...(modal || view.type === "home" ? [] : [`type ${String(view.type)}`]),
    ...(modal ? text(view.title, "title", ["plain_text"], 24) : []),
    ...optional("submit"),
    ...optional("close"),
    ...(modal && inputs && view.submit === undefined ? ["inputs without submit"] : []),
    ...(view.callback_id === undefined ? [] : id(view.callback_id, "callback_id")),
    ...(view.private_metadata === undefined ||
    (typeof view.private_metadata === "string" && view.private_metadata.length <= 3_000)
      ? []
      : ["private_metadata"]),
    ...blocks(view.blocks, 100, true),
    ...(JSON.stringify(view).length <= 250_000 ? [] : ["view too large"]),
  ];
}
