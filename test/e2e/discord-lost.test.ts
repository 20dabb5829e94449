/** What cannot be delivered in Discord reaches a person all the same, and an outage costs nothing. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SeenMessage } from "../support/discord/fake-discord.ts";
import { type DiscordCase, discordCase } from "./discord-case.ts";

let c: DiscordCase;
beforeEach(async () => {
  c = await discordCase();
});
afterEach(() => c.close());

/** A workflow of sam's in the channel. */
async function created(): Promise<{ readonly name: string; readonly root: SeenMessage }> {
  const { sam } = c.people;
  await sam.types("/claw every day at 3 remind us of the stand-up", { channel: c.eng });
  await sam.presses("Create", await c.sees(sam, /Create this workflow\?/));
  const root = await c.sees(sam, /runs every day/);
  return { name: /([\w-]+) runs every day/.exec(root.words)?.[1] ?? "", root };
}

it("tells the owner in a direct message that the channel was deleted, once", async () => {
  const { sam } = c.people;
  const { name } = await created();
  const ops = c.discord.guild.channel("ops");
  c.discord.guild.remove(c.eng);
  await sam.types(`/claw run ${name}`, { channel: ops });
  const told = await c.sees(sam, /deleted|cannot post|not delivered/, ops);
  expect(told.channelId).toBe(sam.dm.id);
  expect(told.words).toContain(name);
});

it("delivers after an outage what was said meanwhile, once and in its thread", async () => {
  const { sam } = c.people;
  const { name, root } = await created();
  const slow = c.discord.faults.add({
    route: /messages$/,
    fault: { kind: "status", status: 503 },
    times: Number.POSITIVE_INFINITY,
  });
  await sam.types(`/claw run ${name}`, { channel: c.eng });
  await c.discord.outage();
  slow();
  await c.discord.recover();
  const report = await c.sees(sam, /stand-up/);
  expect([root.id, null]).toContain(report.threadId);
  await c.discord.until("the report in its thread", () =>
    c.discord.guild.threadOf(root) ? sam.sees(c.eng, root).slice(1).length > 0 : false,
  );
  const inThread = sam.sees(c.eng, root).slice(1);
  expect(new Set(inThread.map(({ words }) => words)).size).toBe(inThread.length);
});
