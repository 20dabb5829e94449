/** The real discord.js, connected to the fake one. */
import { Client, Events, GatewayIntentBits, type Interaction, type Message, Partials } from "discord.js";
import type { FakeDiscord } from "../support/discord/fake-discord.ts";

export interface RealClient {
  readonly client: Client<true>;
  /** What people wrote, in the order it came. */
  readonly heard: string[];
  /** Debug lines, errors and warnings. */
  readonly log: string[];
  stop(): Promise<void>;
}

export interface ClientOptions {
  readonly intents?: readonly GatewayIntentBits[];
  readonly onInteraction?: (interaction: Interaction) => Promise<unknown>;
  readonly onMessage?: (message: Message) => void;
}

export const INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.MessageContent,
  GatewayIntentBits.DirectMessages,
  GatewayIntentBits.GuildMessageReactions,
] as const;

/** Not logged in yet. */
export function newClient(discord: FakeDiscord, intents: readonly GatewayIntentBits[] = INTENTS): Client {
  return new Client({
    intents: [...intents],
    partials: [Partials.Channel, Partials.Message, Partials.Reaction],
    rest: { api: discord.apiUrl, retries: 0 },
  });
}

/** Logged in and ready. */
export async function realClient(discord: FakeDiscord, options: ClientOptions = {}): Promise<RealClient> {
  const client = newClient(discord, options.intents);
  const heard: string[] = [];
  const log: string[] = [];
  client.on(Events.Error, (error) => log.push(`error ${error.message}`));
  client.on(Events.Debug, (line) => log.push(line));
  client.on(Events.MessageCreate, (message) => {
    if (!message.author.bot) heard.push(message.content);
    options.onMessage?.(message);
  });
  client.on(Events.InteractionCreate, (interaction) => {
    options.onInteraction?.(interaction).catch((error: Error) => log.push(`error ${error.message}`));
  });
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(discord.token);
  return { client: await ready, heard, log, stop: () => client.destroy() };
}
