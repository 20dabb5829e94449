import { expect } from "vitest";
import {
  channelIdOf,
  memberIdOf,
  messageIdOf,
  placeOf,
  threadIn,
  workspaceIdOf,
} from "../../../src/bot/discord/places.ts";
import type { ChatPlatform, Inbox } from "../../../src/orchestrator/ports.ts";
import type { ContractHarness, Told } from "../../contract/chat-harness.ts";
import { describeChatPlatform } from "../../contract/chat-platform.ts";
import type { Outcome, SeenMessage } from "../../support/discord/fake-discord.ts";
import { startFakeDiscord } from "../../support/discord/fake-discord.ts";
import { remembering } from "./discord-case.ts";

describeChatPlatform("discord", harness);

async function harness(): Promise<ContractHarness> {
  const discord = await startFakeDiscord();
  const { guild } = discord;
  const people = [guild.person("ada"), guild.person("lin")] as const;
  const channels = [guild.channel("eng"), guild.channel("ops")] as const;
  const workspaceId = workspaceIdOf(guild.id);
  const real = remembering(discord);
  const received: string[] = [];
  const last: { did: Outcome | SeenMessage | null } = { did: null };

  const platform: ChatPlatform = {
    ...real,
    async start(inbox) {
      const heard: Inbox = {
        async receive(event) {
          const answer = await inbox.receive(event);
          received.push(answer);
          return answer;
        },
      };
      await real.start(heard);
      const [{ id }] = people;
      await expect.poll(() => real.introduce(memberIdOf(guild.id, id), workspaceId)).not.toBeNull();
      await discord.connected();
      await discord.until("the commands", () => discord.commands().length > 0);
    },
  };
  const personOf = (memberId: string) => {
    const found = people.find(({ id }) => memberIdOf(guild.id, id) === memberId);
    if (!found) throw new Error(`nobody is ${memberId}`);
    return found;
  };
  const channelOf = (channelId: string) => {
    const found = channels.find(({ id }) => channelIdOf(guild.id, id) === channelId);
    if (!found) throw new Error(`there is no channel ${channelId}`);
    return found;
  };
  const rootOf = (channelId: string, threadId: string): SeenMessage => {
    const id = threadIn(workspaceId, threadId)?.thread;
    const channel = channelOf(channelId);
    const root = people[0].sees(channel).find((seen) => seen.id === id);
    if (!root) throw new Error(`no message ${threadId}`);
    return root;
  };
  /** Threads are opened by whoever speaks in them first. */
  const opened = (person: (typeof people)[number], channelId: string, threadId: string): SeenMessage => {
    const root = rootOf(channelId, threadId);
    if (!guild.threadOf(root)) guild.thread(person, "a thread", channelOf(channelId), root);
    return root;
  };
  const told = (outcome: Outcome): Told => {
    last.did = outcome;
    return outcome.acked && !JSON.stringify(outcome.response).includes("Not recorded") ? "taken" : "not_recorded";
  };
  const heard = async (act: () => SeenMessage | undefined): Promise<Told> => {
    const before = received.length;
    last.did = act() ?? last.did;
    await discord.until("the message to be heard", () => received.length > before);
    return received.at(-1) === "not_recorded" ? "not_recorded" : "taken";
  };

  return {
    platform,
    workspaceId,
    channelId: channelIdOf(guild.id, channels[0].id),
    channelName: "#eng",
    otherChannelId: channelIdOf(guild.id, channels[1].id),
    unknownChannelId: channelIdOf(guild.id, "999999999999999999"),
    people: [
      { memberId: memberIdOf(guild.id, people[0].id), name: "ada" },
      { memberId: memberIdOf(guild.id, people[1].id), name: "lin" },
    ],
    async see(person, channelId, threadId) {
      const who = personOf(person.memberId);
      const channel = channelOf(channelId);
      const root = threadId === null ? null : rootOf(channelId, threadId);
      const there = root === null ? who.sees(channel) : guild.threadOf(root) ? who.sees(channel, root) : [root];
      const apart = threadId === null && channel === channels[0] ? who.sees(who.dm) : [];
      return [...there, ...apart].map((seen) => ({
        messageId: messageIdOf(seen.channelId, seen.id),
        words: seen.words,
        buttons: seen.buttons,
      }));
    },
    async command(person, channelId, threadId, text) {
      const who = personOf(person.memberId);
      const channel = channelOf(channelId);
      if (threadId === null) return told(await who.types(`/claw ${text}`, { channel }));
      const thread = opened(who, channelId, threadId);
      return told(await who.types(`/claw ${text}`, { channel, thread }));
    },
    async say(person, channelId, threadId, text) {
      const who = personOf(person.memberId);
      const thread = opened(who, channelId, threadId);
      return heard(() => who.says(text, { channel: channelOf(channelId), thread }));
    },
    async press(person, messageId, label, text) {
      const who = personOf(person.memberId);
      const place = placeOf(messageId);
      const everywhere = channels.flatMap((channel) =>
        who.sees(channel).flatMap((root) => [root, ...(guild.threadOf(root) ? who.sees(channel, root) : [])]),
      );
      const message = everywhere.find(({ id }) => id === place?.message);
      if (!message) throw new Error(`${who.name} does not see ${messageId}`);
      const shown = message.buttons.find((button) => button.replace("…", "") === label) ?? label;
      const pressed = await who.presses(shown, message);
      if (text === null) return told(pressed);
      const modal = await discord.until("the form", () => who.modal);
      const [input] = modal.controls.filter(({ kind }) => kind === "text");
      return told(await who.submits(modal, { [input?.label ?? ""]: text }));
    },
    async redeliver() {
      const { did } = last;
      if (!did) throw new Error("nothing was done yet");
      return heard(() => {
        discord.again(did);
        return undefined;
      });
    },
    async close() {
      await discord.close();
      if (discord.complaints.length > 0) throw new Error(`Discord complains: ${discord.complaints.join("; ")}`);
    },
  };
}
