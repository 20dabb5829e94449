/**
 * Blocks of messages, modals and Home tabs, refused where Slack refuses them. Kinds that Slack has and Claw has no use
 * for (`card`, `carousel`, `plan`, …) are refused as unsupported, which is stricter than Slack. Pure.
 */
import { isObject, type Json } from "../json.ts";
import {
  also,
  alternatives,
  bool,
  byType,
  type Check,
  list,
  object,
  oneOf,
  opt,
  req,
  type Say,
  text,
  unique,
} from "./check.ts";
import { accessory, actionElement, contextAction, image, inputElement } from "./elements.ts";
import { anyText, eitherImage, imageFields, mrkdwn, plainText } from "./objects.ts";
import { richText, tableCell } from "./rich-text.ts";

const block = (type: string, fields: Parameters<typeof object>[0], ...further: readonly Check[]): Check =>
  object({ type: req(oneOf(type)), block_id: opt(text({ max: 255 })), ...fields }, ...further);

/** Ids of actions differ within a block; two blocks may use the same. */
const differentActions = also((value, pointer, say) => {
  const elements = Array.isArray(value.elements) ? value.elements : [];
  unique(
    elements.map((each, index) => [
      isObject(each) ? each.action_id : undefined,
      `${pointer}/elements/${index}/action_id`,
    ]),
    "action_id",
    say,
  );
});

const everywhere: Readonly<Record<string, Check>> = {
  section: block(
    "section",
    {
      text: opt(anyText(3000)),
      fields: opt(list(anyText(2000), { min: 1, max: 10 })),
      accessory: opt(accessory),
      expand: opt(bool),
    },
    also((value, pointer, say) => {
      if (value.text === undefined && value.fields === undefined) {
        say("must define either `text` or `fields`", pointer);
      }
    }),
  ),
  divider: block("divider", {}),
  header: block("header", { text: req(plainText(150)), level: opt(oneOf(1, 2, 3, 4)) }),
  image: block("image", { ...imageFields, title: opt(plainText(2000)) }, eitherImage),
  actions: block("actions", { elements: req(list(actionElement, { min: 1, max: 25 })) }, differentActions),
  context: block("context", {
    elements: req(
      list(alternatives(byType({ image, plain_text: plainText(3000), mrkdwn: mrkdwn(3000) })), { min: 1, max: 10 }),
    ),
  }),
  input: block("input", {
    label: req(plainText(2000)),
    element: req(inputElement),
    hint: opt(plainText(2000)),
    optional: opt(bool),
    dispatch_action: opt(bool),
  }),
  rich_text: richText,
  video: block("video", {
    video_url: req(text({ max: 3000 })),
    thumbnail_url: req(text({ max: 3000 })),
    alt_text: req(text({ min: 1, max: 2000 })),
    title: req(plainText(199)),
    title_url: opt(text({ max: 3000 })),
    author_name: opt(text({ max: 49 })),
    provider_name: opt(text({ max: 255 })),
    provider_icon_url: opt(text({ max: 3000 })),
    description: opt(plainText(199)),
  }),
};

const onlyInMessages: Readonly<Record<string, Check>> = {
  markdown: block("markdown", { text: req(text({ min: 1, max: 12_000 })) }),
  context_actions: block(
    "context_actions",
    { elements: req(list(contextAction, { min: 1, max: 5 })) },
    differentActions,
  ),
  table: block("table", {
    rows: req(list(list(tableCell, { min: 1, max: 20 }), { min: 1, max: 100 })),
    column_settings: opt(
      list(object({ align: opt(oneOf("left", "center", "right")), is_wrapped: opt(bool) }), { max: 20 }),
    ),
  }),
  file: block("file", { external_id: req(text({ max: 255 })), source: req(oneOf("remote")) }),
};

const messageBlock = byType({ ...everywhere, ...onlyInMessages });
const viewBlock = byType(everywhere);

const blockList = (check: Check, max: number): Check => {
  const each = list(check, { max });
  return (value, pointer, say) => {
    each(value, pointer, say);
    if (!Array.isArray(value)) return;
    unique(
      value.map((one, index) => [isObject(one) ? one.block_id : undefined, `${pointer}/${index}/block_id`]),
      "block_id",
      say,
    );
    const tables = value.filter((one) => isObject(one) && one.type === "table").length;
    if (tables > 1) say("only one `table` block is allowed", pointer);
  };
};

const messageBlocks = blockList(messageBlock, 50);
const viewBlocks = blockList(viewBlock, 100);

const viewFields = {
  blocks: req(viewBlocks),
  private_metadata: opt(text({ max: 3000 })),
  callback_id: opt(text({ max: 255 })),
  external_id: opt(text({ max: 255 })),
};

const submitForInputs = also((value, pointer, say) => {
  const blocks = Array.isArray(value.blocks) ? value.blocks : [];
  blocks.forEach((each, index) => {
    if (isObject(each) && each.type === "input" && value.submit === undefined) {
      say("must define `submit` to use an `input` block in modals", `${pointer}/blocks/${index}/input`);
    }
  });
});

const view = alternatives(
  byType({
    modal: object(
      {
        type: req(oneOf("modal")),
        title: req(plainText(24)),
        submit: opt(plainText(24)),
        close: opt(plainText(24)),
        clear_on_close: opt(bool),
        notify_on_close: opt(bool),
        ...viewFields,
      },
      submitForInputs,
    ),
    home: object({ type: req(oneOf("home")), ...viewFields }),
  }),
);

/** Every complaint in the order of the blocks; none means Slack takes them. @param root such as `/blocks` */
export function complaintsAboutBlocks(blocks: unknown, root = "/blocks"): string[] {
  return collect((say) => messageBlocks(blocks, root, say));
}

/** The same for a view as it is given to `views.open`. */
export function complaintsAboutView(value: Json): string[] {
  return collect((say) => view(value, "/view", say));
}

function collect(check: (say: Say) => void): string[] {
  const found: string[] = [];
  check((problem, pointer) => found.push(`${problem} [json-pointer:${pointer}]`));
  return found;
}
