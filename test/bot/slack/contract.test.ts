import { expect } from "vitest";
import type { SlackDeps } from "../../../src/bot/slack/deps.ts";
import { channelIdOf, memberIdOf, placeOf, threadIn, workspaceIdOf } from "../../../src/bot/slack/places.ts";
import { createSlack } from "../../../src/bot/slack/slack.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import type { ChatPlatform } from "../../../src/orchestrator/ports.ts";
import type { ContractHarness, Told } from "../../contract/chat-harness.ts";
import { describeChatPlatform } from "../../contract/chat-platform.ts";
import { type Delivery, type Person, startFakeSlack } from "../../support/slack/fake-slack.ts";
import { slackDeps } from "./slack-case.ts";

for (const mode of ["socket", "http"] as const) describeChatPlatform("slack", () => harness(mode), mode);

async function harness(mode: "socket" | "http"): Promise<ContractHarness> {
  const slack = await startFakeSlack({ mode, settings: { retryDelaysMs: [] } });
  const { team } = slack;
  const people = [team.person("ada"), team.person("lin")] as const;
  const channels = [team.channel("eng", [...people, "claw"]), team.channel("ops", [...people, "claw"])] as const;
  const workspaceId = workspaceIdOf(team.id);
  const entry: SlackDeps["entry"] =
    mode === "socket"
      ? { kind: "socket", appToken: slack.appToken }
      : { kind: "http", signingSecret: slack.signingSecret, host: "127.0.0.1", port: 0 };
  const said = new Map<string, Notice>();
  const real = createSlack(slackDeps(slack, { entry }, said));
  const last: { delivery: Delivery | null } = { delivery: null };

  /** Remembers what was said, as Claw's deliveries do, and listens before anybody acts. */
  const platform: ChatPlatform = {
    ...real,
    post(target, notice, key, signal) {
      said.set(key, notice);
      return real.post(target, notice, key, signal);
    },
    async start(inbox) {
      await real.start(inbox);
      slack.http.requestUrl = real.url();
      const [{ id }] = people;
      await expect.poll(() => real.introduce(memberIdOf(team.id, id), workspaceId)).not.toBeNull();
      if (mode === "socket") await slack.connected();
    },
  };
  const personOf = (memberId: string) => {
    const found = people.find(({ id }) => memberIdOf(team.id, id) === memberId);
    if (!found) throw new Error(`nobody is ${memberId}`);
    return found;
  };
  const channelOf = (channelId: string) => {
    const found = channels.find(({ id }) => channelIdOf(team.id, id) === channelId);
    if (!found) throw new Error(`there is no channel ${channelId}`);
    return found;
  };
  const took = (delivery: Delivery): Told => {
    last.delivery = delivery;
    return delivery.acknowledged ? "taken" : "not_recorded";
  };
  /** What a person was told, who may be told that it was not recorded in the answer itself, or in private. */
  const told = ({ delivery, acked, response }: Awaited<ReturnType<Person["types"]>>, aside: string): Told => {
    last.delivery = delivery;
    const answer = `${JSON.stringify(response)} ${aside}`;
    return acked && !answer.includes("Not recorded") ? "taken" : "not_recorded";
  };
  const heard = async (type: string, act: () => void): Promise<Told> => {
    const before = slack.delivered(type).length;
    act();
    const delivery = await slack.until("the delivery", () => slack.delivered(type)[before]);
    await slack.until("its end", () => delivery.acknowledged !== null);
    return took(delivery);
  };
  const sees = (memberId: string, channelId: string, threadId: string | null) => {
    const channel = channelOf(channelId);
    const root = threadId === null ? null : (threadIn(workspaceId, threadId)?.ts ?? null);
    return personOf(memberId).sees(channel, root);
  };

  return {
    platform,
    workspaceId,
    channelId: channelIdOf(team.id, channels[0].id),
    channelName: "#eng",
    otherChannelId: channelIdOf(team.id, channels[1].id),
    unknownChannelId: channelIdOf(team.id, "C0NOWHERE"),
    people: [
      { memberId: memberIdOf(team.id, people[0].id), name: "ada" },
      { memberId: memberIdOf(team.id, people[1].id), name: "lin" },
    ],
    see: async (person, channelId, threadId) =>
      sees(person.memberId, channelId, threadId).map((seen) => ({
        messageId: `${seen.channelId}:${seen.ts}`,
        words: seen.words,
        buttons: seen.buttons,
      })),
    async command(person, channelId, threadId, text) {
      const who = personOf(person.memberId);
      const channel = channelOf(channelId);
      if (threadId === null) return told(await who.types(`/claw ${text}`, { channel }), "");
      const thread = threadIn(workspaceId, threadId)?.ts ?? "";
      return heard("app_mention", () => who.says(`@claw ${text}`, { channel, thread }));
    },
    async say(person, channelId, threadId, text) {
      const thread = threadIn(workspaceId, threadId)?.ts ?? "";
      return heard("message", () => personOf(person.memberId).says(text, { channel: channelOf(channelId), thread }));
    },
    async press(person, messageId, label, text) {
      const who = personOf(person.memberId);
      const place = placeOf(messageId);
      const channel = channels.find(({ id }) => id === place?.channel);
      if (!place || !channel) throw new Error(`no message ${messageId}`);
      const message =
        who.sees(channel).find(({ ts }) => ts === place.ts) ??
        team
          .messages(channel)
          .filter(({ threadTs }) => threadTs !== null)
          .find(({ ts }) => ts === place.ts);
      if (!message) throw new Error(`${who.name} does not see ${messageId}`);
      const shown = message.buttons.find((button) => button.replace("…", "") === label) ?? label;
      const before = who.sees(channel).length;
      const pressed = await who.presses(shown, message);
      if (text === null) {
        const aside = who.sees(channel).slice(before);
        return told(pressed, aside.map(({ words }) => words).join(" "));
      }
      const modal = await slack.until("the form", () => who.modal);
      const [input] = modal.controls.filter(({ type }) => type === "plain_text_input");
      return told(await who.submits(modal, { [input?.label ?? ""]: text }), "");
    },
    async redeliver() {
      if (!last.delivery) throw new Error("nothing was delivered yet");
      const { kind } = await slack.deliveries.again(last.delivery);
      return kind === "acked" ? "taken" : "not_recorded";
    },
    async close() {
      await slack.close();
      if (slack.complaints.length > 0) throw new Error(`Slack complains: ${slack.complaints.join("; ")}`);
    },
  };
}
