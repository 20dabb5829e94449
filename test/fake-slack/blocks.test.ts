import { describe, expect, test } from "vitest";
import { complaintsAboutBlocks, complaintsAboutView } from "../support/slack/blocks/blocks.ts";
import type { Json } from "../support/slack/json.ts";

const plain = (text: string) => ({ type: "plain_text", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const section = (parts: Json = {}) => ({ type: "section", text: mrkdwn("hi"), ...parts });
const button = (parts: Json = {}) => ({ type: "button", text: plain("Go"), action_id: "go", ...parts });
const actions = (...elements: Json[]) => ({ type: "actions", elements });
const option = (value: string, text = value) => ({ text: plain(text), value });
const select = (parts: Json = {}) => ({ type: "static_select", options: [option("a"), option("b")], ...parts });
const input = (element: Json, parts: Json = {}) => ({ type: "input", label: plain("Why?"), element, ...parts });
const textInput = (parts: Json = {}) => ({ type: "plain_text_input", action_id: "text", ...parts });
const many = (count: number, make: (index: number) => Json) => Array.from({ length: count }, (_, index) => make(index));
const long = (length: number) => "x".repeat(length);

describe("what Slack takes", () => {
  test.each<[string, Json[]]>([
    ["nothing", []],
    ["a section to the brim", [section({ text: mrkdwn(long(3000)) })]],
    ["fields to the brim", [{ type: "section", fields: many(10, () => mrkdwn(long(2000))) }]],
    ["50 blocks", many(50, () => ({ type: "divider" }))],
    ["25 buttons", [actions(...many(25, (index) => button({ action_id: `a${index}` })))]],
    ["a button to the brim", [actions(button({ text: plain(long(75)), value: long(2000), action_id: long(255) }))]],
    ["one action id in two blocks", [actions(button()), actions(button())]],
    ["a header to the brim", [{ type: "header", text: plain(long(150)) }]],
    ["a context", [{ type: "context", elements: many(10, () => mrkdwn("x")) }]],
    ["a select of 100", [actions(select({ options: many(100, (index) => option(`o${index}`)) }))]],
    [
      "a select of groups",
      [actions(select({ options: undefined, option_groups: [{ label: plain("g"), options: [option("a")] }] }))],
    ],
    ["a select with its first value", [actions(select({ initial_option: option("b") }))]],
    [
      "a confirmation",
      [
        actions(
          button({
            confirm: { title: plain("Sure?"), text: mrkdwn("*really*"), confirm: plain("Yes"), deny: plain("No") },
          }),
        ),
      ],
    ],
    ["an accessory", [section({ accessory: button() })]],
    ["a picture", [{ type: "image", image_url: "https://x.example/a.png", alt_text: "costs" }]],
    ["a picture of Slack's", [{ type: "image", slack_file: { id: "F1" }, alt_text: "costs" }]],
    ["markdown", [{ type: "markdown", text: "# hi" }]],
    [
      "rich text",
      [{ type: "rich_text", elements: [{ type: "rich_text_preformatted", elements: [{ type: "text", text: "x" }] }] }],
    ],
    ["an input in a message", [input(textInput())]],
    ["a table", [{ type: "table", rows: [[{ type: "raw_text", text: "a" }]] }]],
  ])("%s", (_, blocks) => expect(complaintsAboutBlocks(blocks)).toEqual([]));
});

describe("what Slack refuses in a message, in its words", () => {
  const at = (pointer: string) => ` [json-pointer:/blocks${pointer}]`;
  test.each<[string, Json[], string[]]>([
    ["51 blocks", many(51, () => ({ type: "divider" })), [`no more than 50 items allowed${at("")}`]],
    [
      "a section too long",
      [section({ text: mrkdwn(long(3001)) })],
      [`failed to match all allowed schemas${at("/0/text")}`, `must be less than 3001 characters${at("/0/text/text")}`],
    ],
    [
      "an empty text",
      [section({ text: mrkdwn("") })],
      [`failed to match all allowed schemas${at("/0/text")}`, `must be more than 0 characters${at("/0/text/text")}`],
    ],
    ["a section of nothing", [{ type: "section" }], [`must define either \`text\` or \`fields\`${at("/0")}`]],
    [
      "11 fields",
      [section({ fields: many(11, () => mrkdwn("x")) })],
      [`no more than 10 items allowed${at("/0/fields")}`],
    ],
    [
      "a label too long",
      [actions(button({ text: plain(long(76)) }))],
      [`must be less than 76 characters${at("/0/elements/0/text/text")}`],
    ],
    [
      "a label in mrkdwn",
      [actions(button({ text: mrkdwn("*Go*") }))],
      [`must be a valid enum value${at("/0/elements/0/text/type")}`],
    ],
    [
      "a value too long",
      [actions(button({ value: long(2001) }))],
      [`must be less than 2001 characters${at("/0/elements/0/value")}`],
    ],
    [
      "an action id too long",
      [actions(button({ action_id: long(256) }))],
      [`must be less than 256 characters${at("/0/elements/0/action_id")}`],
    ],
    [
      "a style of its own",
      [actions(button({ style: "warning" }))],
      [`must be a valid enum value${at("/0/elements/0/style")}`],
    ],
    [
      "an action id twice",
      [actions(button(), button())],
      [`\`action_id\` "go" already exists${at("/0/elements/1/action_id")}`],
    ],
    [
      "a block id twice",
      [section({ block_id: "b" }), section({ block_id: "b" })],
      [`\`block_id\` "b" already exists${at("/1/block_id")}`],
    ],
    ["no buttons", [actions()], [`must provide at least 1 items${at("/0/elements")}`]],
    [
      "26 buttons",
      [actions(...many(26, (index) => button({ action_id: `a${index}` })))],
      [`no more than 25 items allowed${at("/0/elements")}`],
    ],
    [
      "a header too long",
      [{ type: "header", text: plain(long(151)) }],
      [`must be less than 151 characters${at("/0/text/text")}`],
    ],
    [
      "11 in a context",
      [{ type: "context", elements: many(11, () => mrkdwn("x")) }],
      [`no more than 10 items allowed${at("/0/elements")}`],
    ],
    ["an unknown block", [{ type: "nonsense" }], [`unsupported type: nonsense${at("/0/type")}`]],
    ["an unknown element", [actions({ type: "knob" })], [`unsupported type: knob${at("/0/elements/0/type")}`]],
    ["an unknown key", [section({ colour: "red" })], [`invalid additional property: colour${at("/0")}`]],
    ["a missing key", [{ type: "header" }], [`missing required field: text${at("/0")}`]],
    [
      "101 options",
      [actions(select({ options: many(101, (index) => option(`o${index}`)) }))],
      [`no more than 100 items allowed${at("/0/elements/0/options")}`],
    ],
    [
      "an option too long",
      [actions(select({ options: [option("a", long(76))] }))],
      [`must be less than 76 characters${at("/0/elements/0/options/0/text/text")}`],
    ],
    [
      "an option's value too long",
      [actions(select({ options: [option(long(151), "a")] }))],
      [`must be less than 151 characters${at("/0/elements/0/options/0/value")}`],
    ],
    [
      "a menu without options",
      [actions(select({ options: undefined }))],
      [`must define either \`options\` or \`option_groups\` as a list${at("/0/elements/0")}`],
    ],
    [
      "a first value that is not offered",
      [actions(select({ initial_option: option("z") }))],
      [`\`initial_option\` must be one of the options provided${at("/0/elements/0/initial_option")}`],
    ],
    [
      "six in an overflow",
      [actions({ type: "overflow", options: many(6, (index) => option(`o${index}`)) })],
      [`no more than 5 items allowed${at("/0/elements/0/options")}`],
    ],
    [
      "11 boxes",
      [actions({ type: "checkboxes", options: many(11, (index) => option(`o${index}`)) })],
      [`no more than 10 items allowed${at("/0/elements/0/options")}`],
    ],
    [
      "a confirmation too long",
      [
        actions(
          button({
            confirm: { title: plain(long(101)), text: plain("x"), confirm: plain(long(31)), deny: plain("No") },
          }),
        ),
      ],
      [
        `must be less than 101 characters${at("/0/elements/0/confirm/title/text")}`,
        `must be less than 31 characters${at("/0/elements/0/confirm/confirm/text")}`,
      ],
    ],
    [
      "a picture without words",
      [{ type: "image", image_url: "https://x.example/a.png" }],
      [`missing required field: alt_text${at("/0")}`],
    ],
    ["a text that is a string", [{ type: "header", text: "hi" }], [`must provide an object${at("/0/text")}`]],
  ])("%s", (_, blocks, complaints) => expect(complaintsAboutBlocks(blocks)).toEqual(complaints));
});

describe("views", () => {
  const modal = (parts: Json = {}) => ({ type: "modal", title: plain("Deny"), blocks: [section()], ...parts });
  const complaints = (view: Json) => complaintsAboutView(view).slice(1);

  test.each<[string, Json]>([
    ["a modal", modal()],
    ["a modal with inputs", modal({ submit: plain("Deny"), blocks: [input(textInput({ max_length: 3000 }))] })],
    ["100 blocks", modal({ blocks: many(100, () => ({ type: "divider" })) })],
    ["a Home tab", { type: "home", blocks: [] }],
    [
      "what a view carries",
      modal({ private_metadata: long(3000), callback_id: long(255), external_id: "e", notify_on_close: true }),
    ],
  ])("%s is taken", (_, view) => expect(complaintsAboutView(view)).toEqual([]));

  test.each<[string, Json, string]>([
    [
      "a title too long",
      modal({ title: plain(long(25)) }),
      "must be less than 25 characters [json-pointer:/view/title/text]",
    ],
    [
      "a submit too long",
      modal({ submit: plain(long(25)) }),
      "must be less than 25 characters [json-pointer:/view/submit/text]",
    ],
    [
      "101 blocks",
      modal({ blocks: many(101, () => ({ type: "divider" })) }),
      "no more than 100 items allowed [json-pointer:/view/blocks]",
    ],
    [
      "too much metadata",
      modal({ private_metadata: long(3001) }),
      "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ],
    [
      "an input without submit",
      modal({ blocks: [input(textInput())] }),
      "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]",
    ],
    [
      "a block of messages",
      modal({ blocks: [{ type: "markdown", text: "x" }] }),
      "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
    ],
    [
      "a title on the Home tab",
      { type: "home", title: plain("x"), blocks: [] },
      "invalid additional property: title [json-pointer:/view]",
    ],
    [
      "an input longer than it may be",
      modal({ submit: plain("x"), blocks: [input(textInput({ max_length: 2, initial_value: "abc" }))] }),
      "must be less than 3 characters [json-pointer:/view/blocks/0/element/initial_value]",
    ],
    [
      "a button as an input",
      modal({ submit: plain("x"), blocks: [input(button())] }),
      "unsupported type: button [json-pointer:/view/blocks/0/element/type]",
    ],
  ])("%s is refused", (_, view, complaint) => expect(complaints(view)).toEqual([complaint]));
});
