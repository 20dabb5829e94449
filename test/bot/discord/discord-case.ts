/** A Discord adapter beside a fake Discord. */
import { expect } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import type { Discord, DiscordDeps, Said } from "../../../src/bot/discord/deps.ts";
import { createDiscord } from "../../../src/bot/discord/discord.ts";
import { channelIdOf, memberIdOf, workspaceIdOf } from "../../../src/bot/discord/places.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import type { ChatPlatform, PostOutcome, PostTarget } from "../../../src/orchestrator/ports.ts";
import { RecordingInbox } from "../../contract/recording-inbox.ts";
import { quietLog } from "../../support/database.ts";
import {
  type Channel,
  type FakeDiscord,
  type FakeDiscordOptions,
  type Person,
  startFakeDiscord,
} from "../../support/discord/fake-discord.ts";

/** @param said by message: what a real Claw would have in its database */
export const discordDeps = (
  discord: FakeDiscord,
  parts: Partial<DiscordDeps> = {},
  said: ReadonlyMap<string, Said> = new Map(),
): DiscordDeps => ({
  botToken: discord.token,
  apiUrl: discord.apiUrl,
  roles: {},
  clock: { now: () => Date.now() },
  log: quietLog,
  random: () => 0,
  progressEveryMs: 0,
  noticeCard: (notice) => noticeCard(notice),
  saidIn: async (messageId) => said.get(messageId) ?? null,
  callToChange: async () => null,
  workflowToEdit: async () => null,
  planEdit: async () => ({ kind: "gone" }),
  ensureWorkspace: async () => {},
  choices: async () => [],
  ...parts,
});

/** The adapter, remembering what was said in which message as Claw's deliveries do. */
export function remembering(discord: FakeDiscord, parts: Partial<DiscordDeps> = {}): ChatPlatform {
  const said = new Map<string, Said>();
  const real: Discord = createDiscord(discordDeps(discord, parts, said));
  const note = (outcome: PostOutcome, workspaceId: string, notice: Notice): PostOutcome => {
    if (outcome.kind === "posted") said.set(outcome.messageId, { workspaceId, notice });
    return outcome;
  };
  return {
    ...real,
    post: async (target, notice, key, signal) =>
      note(await real.post(target, notice, key, signal), target.workspaceId, notice),
    edit: async (target, messageId, notice, key, signal) =>
      note(await real.edit(target, messageId, notice, key, signal), target.workspaceId, notice),
  };
}

export interface AdapterCase {
  readonly discord: FakeDiscord;
  readonly platform: ChatPlatform;
  readonly inbox: RecordingInbox;
  readonly workspaceId: string;
  readonly ada: Person;
  readonly lin: Person;
  readonly eng: Channel;
  target(channel: Channel, parts?: Partial<PostTarget>): PostTarget;
  post(key: string, title: string, to?: PostTarget): Promise<PostOutcome>;
  /** Waits until the adapter knows who it is, and is connected. */
  ready(): Promise<void>;
  /** @param complaints how many the fake may have; any other number is an error */
  close(complaints?: number): Promise<void>;
}

export const told = (title: string): Notice => ({ kind: "reply", card: card({ title }) });
export const signal = new AbortController().signal;

export async function adapterCase(
  parts: Partial<DiscordDeps> = {},
  options: FakeDiscordOptions = {},
  waits = true,
): Promise<AdapterCase> {
  const discord = await startFakeDiscord(options);
  const { guild } = discord;
  const ada = guild.person("ada");
  const lin = guild.person("lin");
  const eng = guild.channel("eng");
  const platform = remembering(discord, parts);
  const inbox = new RecordingInbox();
  const workspaceId = workspaceIdOf(guild.id);
  const c: AdapterCase = {
    discord,
    platform,
    inbox,
    workspaceId,
    ada,
    lin,
    eng,
    target: (channel, more = {}) => ({
      workspaceId,
      channelId: channelIdOf(guild.id, channel.id),
      threadId: null,
      privateTo: null,
      replyToken: null,
      ...more,
    }),
    post: (key, title, to = c.target(eng)) => platform.post(to, told(title), key, signal),
    async ready() {
      const known = () => platform.introduce(memberIdOf(guild.id, ada.id), workspaceId);
      await expect.poll(known).not.toBeNull();
      await discord.connected();
      await discord.until("the commands", () => discord.commands().length > 0);
    },
    async close(complaints = 0) {
      await platform.stop();
      await discord.close();
      if (discord.complaints.length !== complaints)
        throw new Error(`Discord complains: ${discord.complaints.join("; ")}`);
    },
  };
  await platform.start(inbox);
  if (waits) await c.ready();
  return c;
}
