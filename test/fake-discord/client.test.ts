import { Client, Events, GatewayIntentBits, MessageFlags, ModalBuilder, Partials } from "discord.js";
import { expect, test } from "vitest";
import { startFakeDiscord } from "../support/discord/fake-discord.ts";

test("the real client", async () => {
  const discord = await startFakeDiscord();
  const { guild } = discord;
  const ada = guild.person("ada");
  const eng = guild.channel("eng");
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.MessageContent,
      GatewayIntentBits.DirectMessages,
    ],
    partials: [Partials.Channel],
    rest: { api: discord.apiUrl, retries: 0 },
  });
  const heard: string[] = [];
  client.on(Events.Error, (error) => heard.push(`error ${error}`));
  client.on(Events.MessageCreate, (message) => {
    if (!message.author.bot) heard.push(message.content);
  });
  client.on(Events.InteractionCreate, async (interaction) => {
    try {
      if (interaction.isChatInputCommand()) {
        await interaction.deferReply({ flags: MessageFlags.Ephemeral });
        await interaction.editReply({ content: `you typed ${interaction.options.getString("request")}` });
        await interaction.followUp({ content: "and more" });
      }
      if (interaction.isAutocomplete()) await interaction.respond([{ name: "status", value: "status" }]);
      if (interaction.isButton()) {
        const modal = new ModalBuilder({
          custom_id: "m",
          title: "Why?",
          components: [{ type: 1, components: [{ type: 4, custom_id: "why", label: "Why?", style: 1 }] }],
        });
        await interaction.showModal(modal);
      }
      if (interaction.isModalSubmit()) await interaction.deferUpdate();
    } catch (error) {
      heard.push(`error ${error}`);
    }
  });
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(discord.token);
  await ready;
  await client.application?.commands.set([
    {
      name: "claw",
      description: "Claw",
      options: [{ type: 3, name: "request", description: "What", autocomplete: true }],
    },
  ]);
  const said = ada.says("hello @claw", { channel: eng });
  await discord.until("it", () => heard.length > 0);
  const channel = await client.channels.fetch(eng.id);
  if (!channel?.isSendable()) throw new Error("no");
  const outcome = await ada.types("/claw status x", { channel: eng });
  expect(outcome).toMatchObject({ acked: true, answer: 5 });
  await discord.until("and more", () => ada.sees(eng).some((each) => each.words === "and more"));
  expect(await ada.completes("/claw sta", { channel: eng })).toEqual([{ name: "status", value: "status" }]);
  const sent = await channel.send({
    flags: MessageFlags.IsComponentsV2,
    components: [
      {
        type: 17,
        components: [
          { type: 10, content: "# Hello" },
          { type: 1, components: [{ type: 2, style: 1, label: "Deny", custom_id: "x" }] },
        ],
      },
    ],
    nonce: "abc",
    enforceNonce: true,
  });
  await sent.startThread({ name: "the thread" });
  const card = ada.sees(eng).at(-1);
  if (!card) throw new Error("no card");
  const pressed = await ada.presses("Deny", card);
  expect(pressed).toMatchObject({ answer: 9 });
  const modal = ada.modal;
  if (!modal) throw new Error("no modal");
  await ada.submits(modal, { "Why?": "because" });
  ada.says("in thread", { channel: eng, thread: card });
  ada.says("in dm", { channel: ada.dm });
  await discord.until("dm", () => heard.includes("in dm"));
  expect(discord.complaints).toEqual([]);
  await client.destroy();
  await discord.close();
});
