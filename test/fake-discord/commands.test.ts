import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Channel, type FakeDiscord, type Person, startFakeDiscord } from "../support/discord/fake-discord.ts";
import { type Api, apiOf, errorsAt } from "./api.ts";
import { type RealClient, realClient } from "./real-client.ts";

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

const put = (body: unknown, scope = "") => api("PUT", `/applications/${discord.appId}${scope}/commands`, { body });
const option = (parts: object = {}) => ({ type: 3, name: "request", description: "What", ...parts });
const claw = (parts: object = {}) => ({ name: "claw", description: "Claw", ...parts });
const many = (count: number, parts: object = {}) =>
  Array.from({ length: count }, (_, n) => claw({ name: `c${n}`, ...parts }));

describe("the limits of commands", () => {
  test.each<[string, object, string]>([
    ["a name of 33", claw({ name: "x".repeat(33) }), "0.name"],
    ["a name in capitals", claw({ name: "Claw" }), "0.name"],
    ["a name of two words", claw({ name: "the claw" }), "0.name"],
    ["a description of 101", claw({ description: "x".repeat(101) }), "0.description"],
    ["no description", { name: "claw" }, "0.description"],
    ["a description of a message command", { name: "Ask Claw", type: 3, description: "x" }, "0.description"],
    ["options of a message command", { name: "Ask Claw", type: 3, options: [option()] }, "0.options"],
    ["26 options", claw({ options: Array.from({ length: 26 }, (_, n) => option({ name: `o${n}` })) }), "0.options"],
    ["an option twice", claw({ options: [option(), option()] }), "0.options.1.name"],
    ["an option in capitals", claw({ options: [option({ name: "Request" })] }), "0.options.0.name"],
    ["an option without a description", claw({ options: [option({ description: "" })] }), "0.options.0.description"],
    [
      "a required option after another",
      claw({ options: [option({ name: "a" }), option({ required: true })] }),
      "0.options.1",
    ],
    [
      "26 choices",
      claw({ options: [option({ choices: Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` })) })] }),
      "0.options.0.choices",
    ],
    [
      "choices and autocompletion",
      claw({ options: [option({ autocomplete: true, choices: [{ name: "a", value: "a" }] })] }),
      "0.options.0.autocomplete",
    ],
    ["a length of 6001", claw({ options: [option({ max_length: 6001 })] }), "0.options.0.max_length"],
  ])("%s is refused where it stands", async (_, command, at) => {
    const refused = await put([command]);
    expect(refused.json).toMatchObject({ code: 50035 });
    expect(errorsAt(refused, at), JSON.stringify(refused.json)).not.toEqual([]);
    expect(discord.commands()).toEqual([]);
  });

  test("100 of them globally and 100 in a guild, 15 on messages", async () => {
    const scope = `/guilds/${discord.guild.id}`;
    expect((await put(many(100))).json).toHaveLength(100);
    expect((await put(many(100), scope)).json).toHaveLength(100);
    expect((await put(many(101))).json).toMatchObject({ code: 30032 });
    expect((await put(many(101), scope)).json).toMatchObject({ code: 30032 });
    const onMessages = Array.from({ length: 16 }, (_, n) => ({ name: `Ask ${n}`, type: 3 }));
    expect((await put(onMessages)).json).toMatchObject({ code: 30032 });
    expect((await put(onMessages.slice(1))).status).toBe(200);
  });

  test("a name is there once, but once of each kind", async () => {
    expect(errorsAt(await put([claw(), claw()]), "1.name")).toEqual(["APPLICATION_COMMANDS_DUPLICATE_NAME"]);
    expect((await put([claw(), { name: "claw", type: 3 }])).status).toBe(200);
  });
});

describe("registering", () => {
  test("replaces all, keeps the id of a name, and can be asked for", async () => {
    const first = await put([
      claw({ default_member_permissions: "2048", contexts: [0], options: [option({ autocomplete: true })] }),
    ]);
    expect(first.json).toMatchObject([
      { name: "claw", default_member_permissions: "2048", contexts: [0], dm_permission: false },
    ]);
    const again = await put([claw({ description: "Changed" })]);
    expect(again.json[0].id).toBe(first.json[0].id);
    expect(again.json[0].version).not.toBe(first.json[0].version);
    expect((await api("GET", `/applications/${discord.appId}/commands`)).json).toEqual(again.json);
    expect(discord.commands()).toEqual(again.json);
  });

  test("one by one", async () => {
    const path = `/applications/${discord.appId}/commands`;
    const { status, json } = await api("POST", path, { body: claw() });
    expect(status).toBe(201);
    expect((await api("PATCH", `${path}/${json.id}`, { body: { description: "Other" } })).json).toMatchObject({
      id: json.id,
      description: "Other",
    });
    expect((await api("DELETE", `${path}/${json.id}`)).status).toBe(204);
    expect((await api("DELETE", `${path}/${json.id}`)).json).toMatchObject({ code: 10063 });
  });
});

describe("who is offered them", () => {
  let real: RealClient;
  beforeEach(async () => {
    real = await realClient(discord, {
      onInteraction: async (each) => (each.isChatInputCommand() ? each.reply("ok") : null),
    });
  });
  afterEach(() => real.stop());

  test("whoever has the default permissions", async () => {
    const lead = discord.guild.role("lead", { permissions: ["MANAGE_GUILD"] });
    const lin = discord.guild.person("lin", { roles: [lead] });
    await put([claw({ default_member_permissions: "32" })]);
    await expect(ada.types("/claw", { channel: eng })).rejects.toThrow("there is no command /claw");
    expect((await lin.types("/claw", { channel: eng })).acked).toBe(true);
    discord.guild.give(ada, lead);
    expect((await ada.types("/claw", { channel: eng })).acked).toBe(true);
  });

  test("in a DM only where it says so", async () => {
    await put([claw({ contexts: [0] })]);
    await expect(ada.types("/claw", { channel: ada.dm })).rejects.toThrow("there is no command /claw");
    await put([claw({ contexts: [0, 1] })]);
    expect((await ada.types("/claw", { channel: ada.dm })).acked).toBe(true);
  });

  test("only in the guild it is registered for", async () => {
    const other = discord.addGuild("Other");
    other.join(ada);
    const there = other.channel("there");
    await put([claw()], `/guilds/${discord.guild.id}`);
    expect((await ada.types("/claw", { channel: eng })).acked).toBe(true);
    await expect(ada.types("/claw", { channel: there })).rejects.toThrow("there is no command /claw");
  });

  test("and not where commands are forbidden", async () => {
    await put([claw()]);
    discord.guild.deny(eng, "everyone", "USE_APPLICATION_COMMANDS");
    await expect(ada.types("/claw", { channel: eng })).rejects.toThrow("may not use commands");
  });

  test("options are typed as the client does", async () => {
    const options = [
      option({ required: true }),
      option({ name: "count", type: 4 }),
      option({ name: "where", choices: [{ name: "Here", value: "h" }] }),
    ];
    await put([claw({ options })]);
    await expect(ada.types("/claw", { channel: eng })).rejects.toThrow('needs the option "request"');
    await expect(ada.types("/claw request:a where:b", { channel: eng })).rejects.toThrow("none of the choices");
    await ada.types("/claw request:run it: now count:3 where:Here", { channel: eng });
    expect(discord.dispatched("INTERACTION_CREATE").at(-1)?.data.data).toMatchObject({
      options: [
        { name: "request", value: "run it: now" },
        { name: "count", value: 3 },
        { name: "where", value: "h" },
      ],
    });
  });
});
