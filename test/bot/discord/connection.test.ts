import { afterEach, expect, test } from "vitest";
import { COMMANDS } from "../../../src/bot/discord/app-commands.ts";
import type { DiscordDeps } from "../../../src/bot/discord/deps.ts";
import type { FakeDiscordOptions } from "../../support/discord/fake-discord.ts";
import { type AdapterCase, adapterCase } from "./discord-case.ts";

/** What an operator would read. */
interface Said {
  readonly lines: string[];
  readonly log: DiscordDeps["log"];
}

function said(): Said {
  const lines: string[] = [];
  const say = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { lines, log: { info: say, warn: say, error: say } };
}

const open: { c: AdapterCase | null } = { c: null };
afterEach(async () => {
  await open.c?.close();
  open.c = null;
});

async function begin(log: Said = said(), options: FakeDiscordOptions = {}, waits = true): Promise<AdapterCase> {
  open.c = await adapterCase({ log: log.log }, options, waits);
  return open.c;
}

/** Claw hears commands: the connection does what it is there for. */
async function hears(c: AdapterCase): Promise<void> {
  const before = c.inbox.heard.length;
  await c.discord.connected();
  await expect
    .poll(async () => (await c.ada.types("/claw status", { channel: c.eng })).acked, { interval: 200 })
    .toBe(true);
  expect(c.inbox.heard.length).toBeGreaterThan(before);
}

test("a dropped connection is taken up again, and what was said meanwhile is heard once", async () => {
  const c = await begin();
  const root = c.ada.says("@claw list", { channel: c.eng });
  await expect.poll(() => c.inbox.heard.length).toBe(1);
  c.discord.gateway.drop();
  c.ada.says("@claw status", { channel: c.eng });
  await expect.poll(() => c.inbox.heard.map(({ body }) => body)).toMatchObject([{ text: "list" }, { text: "status" }]);
  c.discord.again(root);
  await expect.poll(() => c.inbox.answers.at(-1)).toBe("duplicate");
}, 60_000);

test("Discord's wish for a new connection is followed, and nothing is lost", async () => {
  const c = await begin();
  c.discord.gateway.reconnect();
  c.ada.says("@claw status", { channel: c.eng });
  await expect.poll(() => c.inbox.heard.length).toBe(1);
  await hears(c);
}, 60_000);

test.each([true, false])(
  "a session that Discord ends (resumable %s) is followed by another",
  async (resumable) => {
    const c = await begin();
    c.discord.gateway.invalidate({ resumable });
    await hears(c);
  },
  60_000,
);

test.each([4000, 4007, 4009, 1000, 1001])(
  "after close code %i Claw is back by itself",
  async (code) => {
    const c = await begin();
    c.discord.gateway.close(code);
    await hears(c);
  },
  60_000,
);

test("payloads that are none do not end the process, and what follows them is heard", async () => {
  const c = await begin();
  const nasty = [
    "{not json",
    "null",
    "5",
    '{"op":0,"t":"MESSAGE_CREATE","s":900,"d":null}',
    '{"op":0,"t":"INTERACTION_CREATE","s":901,"d":{"id":5}}',
    '{"op":0,"t":"GUILD_CREATE","s":902,"d":[]}',
    '{"op":0,"t":"error","s":903,"d":{}}',
    '{"op":0,"t":"READY","s":904,"d":null}',
  ];
  for (const raw of nasty) c.discord.gateway.sendRaw(raw);
  await hears(c);
  c.discord.gateway.sendRaw('{"op":9,"d":null}');
  await hears(c);
  c.discord.gateway.sendRaw('{"op":10,"d":null}');
  await hears(c);
}, 90_000);

test("a gateway that greets nobody does not keep Claw from stopping in time", async () => {
  const c = await begin(said(), {}, false);
  c.discord.gateway.mute = "hello";
  await c.platform.stop();
}, 3_500);

test("an intent that is off is named; Claw hears commands without it, and more once it is on", async () => {
  const log = said();
  const c = await begin(log, { privileged: [] });
  expect(log.lines.join("\n")).toMatch(/switch on Message Content Intent in the developer portal/);
  await hears(c);
}, 60_000);

test("Discord's refusal of an intent is told with its name, and Claw goes on without it", async () => {
  const log = said();
  const c = await begin(log);
  c.discord.gateway.close(4014);
  await expect.poll(() => log.lines.join("\n")).toMatch(/Message Content/);
  await hears(c);
}, 60_000);

test("a bad token is said in the log, and nothing else of Claw waits for it", async () => {
  const log = said();
  open.c = await adapterCase({ log: log.log, botToken: "bad.token" }, {}, false);
  await expect.poll(() => log.lines.join("\n")).toMatch(/does not accept the bot token/);
  expect(await open.c.post("d1", "x")).toMatchObject({ kind: "retry" });
}, 30_000);

test("an outage ends by itself: Claw connects again, and what was to be said can be", async () => {
  const c = await begin();
  await c.discord.outage();
  expect((await c.post("d1", "through")).kind).toBe("retry");
  await c.discord.recover();
  await hears(c);
  expect((await c.post("d1", "through")).kind).toBe("posted");
}, 60_000);

test("Claw starts while Discord is away, and is there when it is back", async () => {
  const c = await begin(said(), {}, false);
  await c.discord.outage();
  await c.discord.recover();
  await c.ready();
  await hears(c);
}, 60_000);

test("commands are registered when they are not as they should be, and left alone otherwise", async () => {
  const c = await begin();
  const put = "PUT /applications/{application_id}/commands";
  expect(c.discord.callsOf(put)).toHaveLength(1);
  const registered = c.discord.commands();
  expect(registered.map(({ name, default_member_permissions: needs }) => [name, needs])).toEqual(
    COMMANDS.map(({ name, default_member_permissions: needs }) => [name, needs]),
  );
  await c.platform.stop();
  const { createDiscord } = await import("../../../src/bot/discord/discord.ts");
  const { discordDeps } = await import("./discord-case.ts");
  const again = createDiscord(discordDeps(c.discord));
  await again.start(c.inbox);
  const asked = () => c.discord.callsOf("GET /applications/{application_id}/commands").length;
  await expect.poll(asked).toBeGreaterThanOrEqual(2);
  await c.discord.connected();
  await again.stop();
  expect(c.discord.callsOf(put)).toHaveLength(1);
}, 60_000);
