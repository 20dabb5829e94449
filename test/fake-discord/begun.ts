/** A person who waits for an answer, and an app that gives it by hand. */
import { GatewayIntentBits } from "discord.js";
import {
  type Channel,
  type FakeDiscord,
  type Outcome,
  type Person,
  type SeenMessage,
  startFakeDiscord,
} from "../support/discord/fake-discord.ts";
import { type Answer, type Api, apiOf } from "./api.ts";
import { type RealClient, realClient } from "./real-client.ts";

export const V2 = 1 << 15;
export const EPHEMERAL = 64;

const COMMANDS = [
  {
    name: "claw",
    description: "Claw",
    options: [{ type: 3, name: "request", description: "What", autocomplete: true }],
  },
  { name: "Ask Claw about this", type: 3 },
];

export interface Begun {
  readonly id: string;
  readonly token: string;
  /** Of the INTERACTION_CREATE. */
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what a test is about.
  readonly data: any;
  readonly outcome: Promise<Outcome>;
  callback(body: unknown, withResponse?: boolean): Promise<Answer>;
  webhook(method: string, path?: string, body?: unknown): Promise<Answer>;
}

export interface Waiting {
  readonly discord: FakeDiscord;
  readonly api: Api;
  readonly eng: Channel;
  readonly ada: Person;
  readonly lin: Person;
  real: RealClient;
  /** What a person began that waits for its answer. */
  begun(act: () => Promise<unknown>): Promise<Begun>;
  command(line?: string): Promise<Begun>;
  /** A message with a button, or with other components. */
  card(components?: unknown[]): Promise<SeenMessage>;
  close(): Promise<void>;
}

const BUTTON = [{ type: 1, components: [{ type: 2, style: 1, label: "Go", custom_id: "go" }] }];

/** A client is connected that only listens: what is answered is each test's own business. */
export async function waiting(): Promise<Waiting> {
  const discord = await startFakeDiscord();
  const api = apiOf(discord);
  const eng = discord.guild.channel("eng");
  const ada = discord.guild.person("ada");
  const w: Waiting = {
    discord,
    api,
    eng,
    ada,
    lin: discord.guild.person("lin"),
    real: await realClient(discord, { intents: [GatewayIntentBits.Guilds] }),
    async begun(act) {
      const before = discord.dispatched("INTERACTION_CREATE").length;
      const outcome = act() as Promise<Outcome>;
      const { data } = await discord.until("the interaction", () => discord.dispatched("INTERACTION_CREATE")[before]);
      const { id, token } = data as { readonly id: string; readonly token: string };
      return {
        id,
        token,
        data,
        outcome,
        callback: (body, withResponse = false) => {
          const query = withResponse ? "?with_response=true" : "";
          return api("POST", `/interactions/${id}/${token}/callback${query}`, { body, token: null });
        },
        webhook: (method, path = "", body) =>
          api(method, `/webhooks/${discord.appId}/${token}${path}`, {
            token: null,
            ...(body !== undefined && { body }),
          }),
      };
    },
    command: (line = "/claw status") => w.begun(() => ada.types(line, { channel: eng })),
    async card(components = BUTTON) {
      await api("POST", `/channels/${eng.id}/messages`, { body: { content: "a card", components } });
      const seen = ada.sees(eng).at(-1);
      if (!seen) throw new Error("no card");
      return seen;
    },
    async close() {
      await w.real.stop();
      await discord.close();
      if (discord.complaints.length > 0) throw new Error(`Discord complains: ${discord.complaints.join("; ")}`);
    },
  };
  await api("PUT", `/applications/${discord.appId}/commands`, { body: COMMANDS });
  return w;
}
