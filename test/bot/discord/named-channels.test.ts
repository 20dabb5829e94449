/** Channels that people and tools name. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { channelIdOf } from "../../../src/bot/discord/places.ts";
import { namedChannels } from "../../../src/orchestrator/triggers/named.ts";
import type { Channel } from "../../support/discord/fake-discord.ts";
import { type AdapterCase, adapterCase, signal, told } from "./discord-case.ts";

let c: AdapterCase;
beforeEach(async () => {
  c = await adapterCase();
});
afterEach(() => c.close());

const idOf = (channel: Channel) => channelIdOf(c.discord.guild.id, channel.id);
const named = async (name: string) => c.platform.channelNamed?.(name, c.workspaceId);

test("a channel is found by its name, with or without its emoji, and a new name counts at once", async () => {
  const ops = c.discord.guild.channel("📣・ops-alerts");
  await expect.poll(() => named("#ops-alerts")).toBe(idOf(ops));
  expect(await named("#📣・ops-alerts")).toBe(idOf(ops));
  expect(await named("#Eng")).toBe(idOf(c.eng));
  expect(await named("#nowhere")).toBeNull();
  const exact = c.discord.guild.channel("ops-alerts");
  await expect.poll(() => named("#ops-alerts")).toBe(idOf(exact));
});

test("of several with one name it is said which there are, and nothing is posted", async () => {
  const twins = [c.discord.guild.channel("ops"), c.discord.guild.channel("ops")];
  await expect.poll(async () => JSON.stringify(await named("#ops"))).toContain("2 channels have that name");
  const said = JSON.stringify(await named("#ops"));
  for (const { id } of twins) expect(said).toContain(id);
  const to = { ...c.target(c.eng), channelId: `${c.workspaceId}:ops` };
  expect(await c.platform.post(to, told("hi"), "d1", signal)).toMatchObject({
    kind: "refused",
    failure: { message: expect.stringContaining("2 channels have that name") },
  });
});

test("what Claw may not see, and what is in another server, has no name", async () => {
  c.discord.guild.channel("secret", { only: [c.ada] });
  const other = c.discord.addGuild("Other");
  other.channel("theirs");
  const mine = c.discord.guild.channel("mine");
  await expect.poll(() => named("#mine")).toBe(idOf(mine));
  expect(await named("#secret")).toBeNull();
  expect(await named("#theirs")).toBeNull();
});

test("a tool posts to a channel by its name", async () => {
  const ops = c.discord.guild.channel("🔥ops");
  await expect.poll(() => named("#ops")).toBe(idOf(ops));
  const to = { ...c.target(c.eng), channelId: `${c.workspaceId}:ops` };
  expect(await c.platform.post(to, told("deployed"), "d1", signal)).toMatchObject({ kind: "posted" });
  expect(c.ada.sees(ops).map(({ words }) => words)).toEqual([expect.stringContaining("deployed")]);
  expect((await c.platform.find(to, "d1", signal)).kind).toBe("found");
  const nowhere = { ...to, channelId: `${c.workspaceId}:nowhere` };
  expect(await c.platform.post(nowhere, told("x"), "d2", signal)).toMatchObject({ kind: "refused" });
});

test("a line that waits for a message in a channel finds it by a name that people read, emoji and all", async () => {
  const ops = c.discord.guild.channel("📣ops");
  await expect.poll(() => named("#ops")).toBe(idOf(ops));
  await c.ada.types('/claw when a message in #📣ops matches "down" tell me', { channel: c.eng });
  const [event] = c.inbox.heard;
  if (!event) throw new Error("nothing was heard");
  expect([...(await namedChannels(c.platform, event)).seen.entries()]).toEqual([
    ["#📣ops", { channelId: idOf(ops), cannotPost: null }],
  ]);
});
