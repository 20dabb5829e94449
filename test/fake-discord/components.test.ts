import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Channel, type FakeDiscord, type Person, startFakeDiscord } from "../support/discord/fake-discord.ts";
import { type Api, apiOf, errorsAt } from "./api.ts";

const V2 = 1 << 15;

let discord: FakeDiscord;
let api: Api;
let eng: Channel;
let ada: Person;

beforeEach(async () => {
  discord = await startFakeDiscord();
  api = apiOf(discord);
  eng = discord.guild.channel("eng");
  ada = discord.guild.person("ada");
});
afterEach(async () => {
  expect(discord.complaints).toEqual([]);
  await discord.close();
});

const post = (body: unknown, files?: Record<string, string>) =>
  api("POST", `/channels/${eng.id}/messages`, { body, ...(files && { files }) });
const v2 = (...components: unknown[]) => post({ flags: V2, components });
const button = (parts: object = {}) => ({ type: 2, style: 1, label: "Approve", custom_id: "a", ...parts });
const row = (...components: object[]) => ({ type: 1, components });
const text = (content: string) => ({ type: 10, content });
const buttons = (count: number) => Array.from({ length: count }, (_, index) => button({ custom_id: `b${index}` }));
const menu = (parts: object = {}) => ({ type: 3, custom_id: "m", options: [{ label: "One", value: "1" }], ...parts });

describe("the limits of components", () => {
  test.each<[string, unknown[], string, string]>([
    [
      "a label of 81",
      [row(button({ label: "x".repeat(81) }))],
      "components.0.components.0.label",
      "BASE_TYPE_MAX_LENGTH",
    ],
    [
      "a custom id of 101",
      [row(button({ custom_id: "x".repeat(101) }))],
      "components.0.components.0.custom_id",
      "BASE_TYPE_MAX_LENGTH",
    ],
    [
      "a custom id twice",
      [row(button(), button())],
      "components.0.components.1.custom_id",
      "COMPONENT_CUSTOM_ID_DUPLICATED",
    ],
    [
      "a custom id twice in two rows",
      [row(button()), row(button())],
      "components.1.components.0.custom_id",
      "COMPONENT_CUSTOM_ID_DUPLICATED",
    ],
    [
      "an id twice",
      [
        { ...text("a"), id: 7 },
        { ...text("b"), id: 7 },
      ],
      "components.1.id",
      "COMPONENT_ID_DUPLICATED",
    ],
    ["6 buttons in a row", [row(...buttons(6))], "components.0.components", "BASE_TYPE_MAX_LENGTH"],
    ["a button beside a menu", [row(menu(), button())], "components.0.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"],
    [
      "a button without an id",
      [row({ type: 2, style: 1, label: "x" })],
      "components.0.components.0.custom_id",
      "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
    ],
    [
      "a link without a url",
      [row({ type: 2, style: 5, label: "x" })],
      "components.0.components.0.url",
      "BASE_TYPE_REQUIRED",
    ],
    [
      "a button without words",
      [row({ type: 2, style: 1, custom_id: "x" })],
      "components.0.components.0.label",
      "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
    ],
    ["an unknown style", [row(button({ style: 9 }))], "components.0.components.0.style", "BASE_TYPE_CHOICES"],
    ["an empty row", [row()], "components.0.components", "BASE_TYPE_MIN_LENGTH"],
    [
      "26 options",
      [row(menu({ options: Array.from({ length: 26 }, (_, n) => ({ label: `${n}`, value: `${n}` })) }))],
      "components.0.components.0.options",
      "BASE_TYPE_MAX_LENGTH",
    ],
    ["no option", [row(menu({ options: [] }))], "components.0.components.0.options", "BASE_TYPE_MIN_LENGTH"],
    [
      "an option's value twice",
      [
        row(
          menu({
            options: [
              { label: "a", value: "1" },
              { label: "b", value: "1" },
            ],
          }),
        ),
      ],
      "components.0.components.0.options.1.value",
      "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ],
    [
      "an option's label of 101",
      [row(menu({ options: [{ label: "x".repeat(101), value: "1" }] }))],
      "components.0.components.0.options.0.label",
      "BASE_TYPE_MAX_LENGTH",
    ],
    [
      "a placeholder of 151",
      [row(menu({ placeholder: "x".repeat(151) }))],
      "components.0.components.0.placeholder",
      "BASE_TYPE_MAX_LENGTH",
    ],
    ["an unknown type", [{ type: 99 }], "components.0.type", "UNION_TYPE_CHOICES"],
    [
      "a container in a container",
      [{ type: 17, components: [{ type: 17, components: [text("x")] }] }],
      "components.0.components.0.type",
      "UNION_TYPE_CHOICES",
    ],
    ["a bare button", [button()], "components.0.type", "UNION_TYPE_CHOICES"],
    ["text of no length", [text("")], "components.0.content", "BASE_TYPE_MIN_LENGTH"],
    [
      "a section without its accessory",
      [{ type: 9, components: [text("x")] }],
      "components.0.accessory",
      "BASE_TYPE_REQUIRED",
    ],
    [
      "a section of 4 texts",
      [{ type: 9, components: ["1", "2", "3", "4"].map(text), accessory: button() }],
      "components.0.components",
      "BASE_TYPE_MAX_LENGTH",
    ],
    [
      "a file that is not there",
      [{ type: 13, file: { url: "attachment://no.txt" } }],
      "components.0.file",
      "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ],
    [
      "text of 4001 in all",
      [text("x".repeat(2000)), { type: 17, components: [text("x".repeat(2001))] }],
      "components",
      "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ],
    [
      "41 with the nested ones",
      [{ type: 17, components: Array.from({ length: 40 }, () => text("x")) }],
      "components",
      "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ],
  ])("%s is refused where it stands", async (_, components, at, code) => {
    const refused = await v2(...components);
    expect(refused).toMatchObject({ status: 400, json: { code: 50035 } });
    expect(errorsAt(refused, at), JSON.stringify(refused.json)).toContain(code);
    expect(ada.sees(eng)).toEqual([]);
  });

  test("40 components, 4000 characters and 5 buttons a row are fine", async () => {
    expect((await v2({ type: 17, components: Array.from({ length: 39 }, () => text("x")) })).status).toBe(200);
    expect((await v2(text("x".repeat(4000)))).status).toBe(200);
    expect((await v2(row(...buttons(5)))).status).toBe(200);
  });
});

test("4000 characters of three bytes each are a 500, as on the real one", async () => {
  expect((await v2(text("語".repeat(3386)))).status).toBe(200);
  expect(await v2(text("語".repeat(3387)))).toMatchObject({ status: 500, json: { code: 0 } });
});

describe("with and without the V2 flag", () => {
  test("with it a file shows only where a component shows it", async () => {
    const components = [text("see")];
    await post({ flags: V2, components }, { "a.txt": "a" });
    expect(ada.sees(eng)[0]?.files).toEqual([]);
    await post(
      { flags: V2, components: [...components, { type: 13, file: { url: "attachment://a.txt" } }] },
      { "a.txt": "a" },
    );
    expect(ada.sees(eng)[1]?.files).toEqual([{ name: "a.txt", content: "a" }]);
  });

  test("text, containers and the like need it", async () => {
    const refused = await post({ content: "x", components: [text("hello")] });
    expect(errorsAt(refused, "components.0.type")).toEqual(["UNION_TYPE_CHOICES"]);
    const rows = Array.from({ length: 6 }, (_, index) => row(button({ custom_id: `r${index}` })));
    expect(errorsAt(await post({ content: "x", components: rows }), "components")).toEqual(["BASE_TYPE_MAX_LENGTH"]);
    expect((await post({ content: "x", components: rows.slice(1) })).status).toBe(200);
  });

  test.each([{ content: "no" }, { embeds: [{ title: "no" }] }])("with it there is no %j", async (legacy) => {
    const refused = await post({ flags: V2, components: [text("x")], ...legacy });
    const [key = ""] = Object.keys(legacy);
    expect(errorsAt(refused, key)).toEqual(["MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"]);
  });

  test("an edit can set it when it empties the content, and nothing takes it away", async () => {
    const { json } = await post({ content: "old" });
    const path = `/channels/${eng.id}/messages/${json.id}`;
    const refused = await api("PATCH", path, { body: { flags: V2, components: [text("new")] } });
    expect(errorsAt(refused, "content")).toEqual(["MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"]);
    const edited = await api("PATCH", path, { body: { flags: V2, content: null, components: [text("new")] } });
    expect(edited.json).toMatchObject({ content: "", flags: V2 });
    expect((await api("PATCH", path, { body: { flags: 0, components: [text("newer")] } })).json.flags).toBe(V2);
    expect(errorsAt(await api("PATCH", path, { body: { content: "old" } }), "content")).toHaveLength(1);
    expect(ada.sees(eng)).toMatchObject([{ words: "newer" }]);
  });

  test("nothing in it is 50006", async () => {
    expect((await v2()).json).toMatchObject({ code: 50006 });
  });
});

test("posted components have ids and their defaults, and the words are seen in order", async () => {
  const { json } = await post(
    {
      flags: V2,
      components: [
        {
          type: 17,
          accent_color: 0xff0000,
          components: [
            text("# May I?"),
            { type: 9, components: [text("two"), text("three")], accessory: button({ custom_id: "s", label: "More" }) },
            { type: 14 },
            { type: 13, file: { url: "attachment://a.txt" } },
            row(menu({ placeholder: "Which?" })),
            row(button(), button({ custom_id: "b", label: "Deny", style: 4 }), {
              type: 2,
              style: 5,
              label: "Open",
              url: "https://example.com",
            }),
          ],
        },
      ],
    },
    { "a.txt": "content" },
  );
  const [container] = json.components;
  expect(container).toMatchObject({ type: 17, spoiler: false });
  expect(container.components[2]).toMatchObject({ type: 14, divider: true, spacing: 1 });
  expect(container.components[3].file.url).toBe(json.attachments[0].url);
  const ids = JSON.stringify(json.components).match(/"id":\d+/g) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
  const [seen] = ada.sees(eng);
  expect(seen?.words).toBe("# May I?\ntwo\nthree");
  expect(seen?.buttons).toEqual(["More", "Approve", "Deny"]);
  expect(seen?.controls.map((each) => [each.kind, each.label])).toEqual([
    ["button", "More"],
    ["select", "Which?"],
    ["button", "Approve"],
    ["button", "Deny"],
    ["link", "Open"],
  ]);
});
