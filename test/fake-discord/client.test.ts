/** The real discord.js, and what it makes of what happens to it. */
import { Events, GatewayIntentBits, ModalBuilder } from "discord.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Channel, type FakeDiscord, type Person, startFakeDiscord } from "../support/discord/fake-discord.ts";
import { newClient, type RealClient, realClient } from "./real-client.ts";

const V2 = 1 << 15;

let discord: FakeDiscord;
let eng: Channel;
let ada: Person;
let real: RealClient | null = null;

beforeEach(async () => {
  discord = await startFakeDiscord();
  eng = discord.guild.channel("eng");
  ada = discord.guild.person("ada");
});
afterEach(async () => {
  await real?.stop();
  real = null;
  expect(discord.complaints).toEqual([]);
  await discord.close();
});

async function connected(
  ...args: Parameters<typeof realClient> extends [unknown, ...infer Rest] ? Rest : never
): Promise<RealClient> {
  real = await realClient(discord, ...args);
  return real;
}

async function engIn({ client }: RealClient) {
  const channel = await client.channels.fetch(eng.id);
  if (!channel?.isSendable()) throw new Error("nowhere to send");
  return channel;
}

describe("what it does in a day", () => {
  test("commands, a card with a modal behind its button, a thread, a direct message", async () => {
    const it = await connected({
      onInteraction: async (interaction) => {
        if (interaction.isAutocomplete()) await interaction.respond([{ name: "status of all", value: "status" }]);
        if (interaction.isButton()) {
          const input = { type: 4, custom_id: "why", style: 2, required: true };
          const components = [{ type: 18, label: "Why?", component: input }];
          await interaction.showModal(
            new ModalBuilder({ custom_id: "deny", title: "Deny", components: components as never }),
          );
        }
        if (interaction.isModalSubmit() && interaction.isFromMessage()) {
          const why = interaction.fields.getTextInputValue("why");
          await interaction.update({ components: [{ type: 10, content: `Denied: ${why}` }] });
        }
      },
    });
    const request = { type: 3, name: "request", description: "What", autocomplete: true } as const;
    await it.client.application.commands.set([{ name: "claw", description: "Claw", options: [request] }]);
    expect(await ada.completes("/claw sta", { channel: eng })).toEqual([{ name: "status of all", value: "status" }]);

    const channel = await engIn(it);
    const row = { type: 1, components: [{ type: 2, style: 4, label: "Deny", custom_id: "x" }] } as const;
    const container = { type: 17, components: [{ type: 10, content: "May I?" }, row] } as const;
    const body = { flags: V2, components: [container], nonce: "d-1", enforceNonce: true } as const;
    const sent = await channel.send(body);
    expect((await channel.send(body)).id).toBe(sent.id);
    const [card] = ada.sees(eng);
    if (!card) throw new Error("no card");
    await ada.presses("Deny", card);
    const { modal } = ada;
    if (!modal) throw new Error("no modal");
    await ada.submits(modal, { "Why?": "too risky" });
    expect(ada.sees(eng)).toMatchObject([{ words: "Denied: too risky", buttons: [] }]);

    const thread = await sent.startThread({ name: "the thread" });
    await thread.send({ content: "inside", files: [{ attachment: Buffer.from("list"), name: "list.txt" }] });
    expect(ada.sees(eng, card).at(-1)).toMatchObject({
      words: "inside",
      files: [{ name: "list.txt", content: "list" }],
    });
    ada.says("in the thread", { channel: eng, thread: card });
    ada.says("in private", { channel: ada.dm });
    await discord.until("both", () => it.heard.length === 2);
    expect(it.heard).toEqual(["in the thread", "in private"]);
    const user = await it.client.users.fetch(ada.id);
    await user.send("an answer");
    expect(ada.sees(ada.dm).map((each) => each.words)).toEqual(["in private", "an answer"]);
    expect(it.log.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("guilds, members, roles and rights as they are", async () => {
    const lead = discord.guild.role("lead");
    discord.guild.give(ada, lead);
    discord.addGuild("Other");
    discord.guild.deny(eng, "claw", "SEND_MESSAGES");
    const { client } = await connected();
    expect(client.guilds.cache.map((each) => each.name)).toEqual(["Acme", "Other"]);
    const guild = await client.guilds.fetch(discord.guild.id);
    const member = await guild.members.fetch(ada.id);
    expect(member.roles.cache.map((each) => each.name).sort()).toEqual(["@everyone", "lead"]);
    const channel = await guild.channels.fetch(eng.id);
    const me = await guild.members.fetchMe();
    expect(channel?.permissionsFor(me).has("ViewChannel")).toBe(true);
    expect(channel?.permissionsFor(me).has("SendMessages")).toBe(false);
    expect((await client.application.fetch()).flags.toArray()).toEqual(["GatewayMessageContentLimited"]);
  });

  test("refusals have Discord's code", async () => {
    const channel = await engIn(await connected());
    discord.guild.deny(eng, "claw", "SEND_MESSAGES");
    await expect(channel.send("hello")).rejects.toMatchObject({ name: "DiscordAPIError[50013]", status: 403 });
    discord.guild.remove(eng);
    await expect(channel.send("hello")).rejects.toMatchObject({ name: "DiscordAPIError[10003]", status: 404 });
  });
});

describe("what happens to its connection", () => {
  test("a dropped line is resumed, and what was said meanwhile arrives", async () => {
    const { heard } = await connected();
    discord.gateway.drop();
    ada.says("meanwhile", { channel: eng });
    await discord.until("the message", () => heard.includes("meanwhile"));
    expect(discord.gateway.count).toMatchObject({ identified: 1, resumed: 1 });
  });

  test("op 7 and op 9 that can be resumed end in a resume", async () => {
    const { heard } = await connected();
    discord.gateway.reconnect();
    await discord.until("the resume", () => discord.gateway.count.resumed === 1 && discord.gateway.ready.length === 1);
    ada.says("after op 7", { channel: eng });
    await discord.until("the message", () => heard.includes("after op 7"));
    discord.gateway.invalidate({ resumable: true });
    await discord.until("the resume", () => discord.gateway.count.resumed === 2 && discord.gateway.ready.length === 1);
    ada.says("after op 9", { channel: eng });
    await discord.until("the message", () => heard.includes("after op 9"));
    expect(discord.gateway.count.identified).toBe(1);
  });

  test("op 9 that cannot be resumed ends in a new session, and what was said meanwhile is lost", async () => {
    const { heard } = await connected();
    discord.gateway.invalidate({ resumable: false });
    await discord.until(
      "the new session",
      () => discord.gateway.count.identified === 2 && discord.gateway.ready.length === 1,
    );
    ada.says("after", { channel: eng });
    await discord.until("the message", () => heard.includes("after"));
  });

  test("an outage: it comes back by itself", async () => {
    const { heard } = await connected();
    await discord.outage();
    await discord.recover();
    await discord.connected();
    ada.says("after the outage", { channel: eng });
    await discord.until("the message", () => heard.includes("after the outage"));
  });

  test("a connection without answers to its heartbeats is given up and resumed", async () => {
    discord.settings.heartbeatMs = 300;
    await connected();
    discord.gateway.acknowledges = false;
    await discord.until("another connection", () => discord.gateway.count.opened > 1);
    discord.gateway.acknowledges = true;
    await discord.until("the resume", () => discord.gateway.count.resumed >= 1);
  });

  test("an intent that is not switched on ends it with 4014", async () => {
    const client = newClient(discord, [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers]);
    const closed = new Promise<number>((resolve) => client.once(Events.ShardDisconnect, ({ code }) => resolve(code)));
    client.on(Events.Error, () => undefined);
    const login = client.login(discord.token).catch((error: Error) => error.message);
    expect(await closed).toBe(4014);
    expect(await login).toMatch(/intents/i);
    await client.destroy();
  });

  test("a bad token is refused before any connection, and one that was taken back ends it with 4004", async () => {
    const stranger = newClient(discord);
    await expect(stranger.login("a.bad.token")).rejects.toThrow(/token/i);
    const { client } = await connected();
    const closed = new Promise<number>((resolve) => client.once(Events.ShardDisconnect, ({ code }) => resolve(code)));
    client.on(Events.Error, () => undefined);
    discord.revokeToken();
    expect(await closed).toBe(4004);
    expect(discord.gateway.count.identified).toBe(1);
  });
});

describe("what its requests meet", () => {
  test("a 429 is waited for, and the message is there once", async () => {
    const channel = await engIn(await connected());
    discord.faults.add({ route: /POST.*messages/, fault: { kind: "ratelimited", retryAfter: 0.05 } });
    await channel.send("patient");
    expect(ada.sees(eng).map((each) => each.words)).toEqual(["patient"]);
    expect(discord.calls.filter((each) => each.status === 429)).toHaveLength(1);
  });

  test("a full bucket is not tried", async () => {
    discord.limits.rules.set("POST /channels/{channel_id}/messages", { limit: 2, perMs: 200 });
    const channel = await engIn(await connected());
    for (const each of ["1", "2", "3", "4", "5"]) await channel.send(each);
    expect(ada.sees(eng)).toHaveLength(5);
    expect(discord.limits.invalidRequests).toBe(0);
  });

  test("502 with HTML is an error with its status", async () => {
    const channel = await engIn(await connected());
    discord.faults.add({
      route: /POST.*messages/,
      fault: { kind: "status", status: 502, html: "<html>bad gateway</html>" },
    });
    await expect(channel.send("hello")).rejects.toMatchObject({ status: 502 });
  });
});
