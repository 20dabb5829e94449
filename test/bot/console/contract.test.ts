import { afterAll, beforeAll } from "vitest";
import { channelIdOf, channelOf, rootOf } from "../../../src/bot/console/places.ts";
import type { Person, Told } from "../../contract/chat-harness.ts";
import { describeChatPlatform } from "../../contract/chat-platform.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { ADA, consoleOn, LIN, WORKSPACE } from "./console-harness.ts";
import { type Answer, Visitor } from "./visitor.ts";

const CHANNELS = ["general", "ops"] as const;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describeChatPlatform("console", async () => {
  await database.sql`truncate console_messages, console_sessions`;
  const platform = consoleOn(database);
  const visitors = new Map<string, Visitor>();
  let last: Visitor | null = null;
  let keys = 0;

  const visitorOf = async (person: Person): Promise<Visitor> => {
    const known = visitors.get(person.memberId);
    if (known) return known;
    const visitor = new Visitor(platform.url());
    await visitor.signIn(platform.loginUrl());
    await visitor.actAs(person.memberId);
    visitors.set(person.memberId, visitor);
    return visitor;
  };
  const key = () => {
    keys += 1;
    return `key-000${keys}`;
  };
  const told = (answer: Answer): Told => {
    if (answer.status === 200) return "taken";
    const { status } = JSON.parse(answer.text) as { status: string };
    if (answer.status === 503 && status === "not_recorded") return "not_recorded";
    throw new Error(`the console answered ${answer.status}: ${answer.text}`);
  };
  const place = (channelId: string, threadId: string | null) => ({
    channel: channelOf(WORKSPACE, channelId, CHANNELS) ?? "",
    thread: threadId === null ? null : rootOf(channelId, threadId),
  });
  const type = async (person: Person, channelId: string, threadId: string | null, text: string) => {
    last = await visitorOf(person);
    return told(await last.post("/api/messages", { key: key(), ...place(channelId, threadId), text }));
  };

  return {
    platform,
    workspaceId: WORKSPACE,
    channelId: channelIdOf(WORKSPACE, "general"),
    channelName: "#general",
    otherChannelId: channelIdOf(WORKSPACE, "ops"),
    unknownChannelId: channelIdOf(WORKSPACE, "nowhere"),
    people: [ADA, LIN],
    see: async (person, channelId, threadId) => {
      const { channel, thread } = place(channelId, threadId);
      const messages = await (await visitorOf(person)).see(channel, thread);
      return messages.map((m) => ({ ...m, buttons: m.buttons.map((button) => button.label) }));
    },
    command: (person, channelId, threadId, text) => type(person, channelId, threadId, `/claw ${text}`),
    say: type,
    press: async (person, messageId, label, text) => {
      last = await visitorOf(person);
      const page = await last.get("/channels/general");
      const inThread = /data-thread="([^"]+)"/.exec(page.text)?.[1] ?? null;
      const seen = [...(await last.see("general", null)), ...(await last.see("general", inThread))];
      const button = seen
        .find((message) => message.messageId === messageId)
        ?.buttons.find((b) => b.label.replace("…", "") === label);
      if (!button) throw new Error(`nobody sees a button ${label} there`);
      const { action, value } = button;
      return told(await last.post("/api/actions", { key: key(), messageId, action, value, text }));
    },
    redeliver: async () => {
      if (!last) throw new Error("nothing was delivered yet");
      return told(await last.again());
    },
    close: async () => {},
  };
});
