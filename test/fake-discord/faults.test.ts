import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Channel, type FakeDiscord, type Person, startFakeDiscord } from "../support/discord/fake-discord.ts";
import { type Api, apiOf } from "./api.ts";

const POST = "POST /channels/{channel_id}/messages";

let discord: FakeDiscord;
let api: Api;
let eng: Channel;
let ada: Person;

beforeEach(async () => {
  discord = await startFakeDiscord();
  api = apiOf(discord);
  eng = discord.guild.channel("eng");
  ada = discord.guild.person("ada");
});
afterEach(async () => {
  expect(discord.complaints).toEqual([]);
  await discord.close();
});

const post = (content = "hello") => api("POST", `/channels/${eng.id}/messages`, { body: { content } });
const words = () => ada.sees(eng).map((each) => each.words);

describe("answers that are none", () => {
  test("500, and 502 with HTML, without effect", async () => {
    discord.faults.add({ route: POST, fault: { kind: "status", status: 500 } });
    discord.faults.add({ route: POST, fault: { kind: "status", status: 502, html: "<html>bad gateway</html>" } });
    expect((await post()).status).toBe(500);
    const second = await post();
    expect([second.status, second.headers.get("content-type"), second.text]).toEqual([
      502,
      "text/html",
      "<html>bad gateway</html>",
    ]);
    expect((await post()).status).toBe(200);
    expect(words()).toEqual(["hello"]);
  });

  test("a reset before it took effect, and one after: the message exists", async () => {
    discord.faults.add({ route: POST, fault: { kind: "reset", when: "before" } });
    await expect(post("first")).rejects.toThrow();
    expect(words()).toEqual([]);
    discord.faults.add({ route: POST, fault: { kind: "reset", when: "after" } });
    await expect(post("second")).rejects.toThrow();
    expect(words()).toEqual(["second"]);
    expect(discord.callsOf(POST)).toMatchObject([{ status: 0, accepted: true }]);
  });

  test("500 after it took effect", async () => {
    discord.faults.add({ route: POST, fault: { kind: "status_after", status: 500 } });
    expect((await post()).status).toBe(500);
    expect(words()).toEqual(["hello"]);
  });

  test("silence, and slowness", async () => {
    discord.faults.add({ route: POST, fault: { kind: "hang", when: "after" } });
    const hanging = post("hangs").catch(() => "cut off");
    await discord.until("the message", () => words().length === 1);
    discord.faults.add({ route: POST, fault: { kind: "slow", ms: 30 } });
    expect((await post("slow")).status).toBe(200);
    await discord.outage();
    expect(await hanging).toBe("cut off");
    await discord.recover();
  });

  test("a refusal of choice, for requests of choice, until it is taken back", async () => {
    const stop = discord.faults.add({
      route: /messages/,
      fault: { kind: "error", status: 403, code: 50013, message: "Missing Permissions" },
      times: Number.POSITIVE_INFINITY,
      when: (body) => JSON.stringify(body).includes("no"),
    });
    expect((await post("no")).json).toEqual({ message: "Missing Permissions", code: 50013 });
    expect((await post("yes")).status).toBe(200);
    expect((await post("no")).status).toBe(403);
    stop();
    expect((await post("no")).status).toBe(200);
  });

  test("an outage: nothing connects, and afterwards everything is as it was", async () => {
    await post("before");
    await discord.outage();
    await expect(post("during")).rejects.toThrow();
    await discord.recover();
    expect((await post("after")).status).toBe(200);
    expect(words()).toEqual(["before", "after"]);
  });
});

describe("rate limits", () => {
  test("every answer tells what is left of its bucket", async () => {
    discord.limits.rules.set(POST, { limit: 2, perMs: 5_000 });
    const { headers } = await post();
    expect(headers.get("x-ratelimit-limit")).toBe("2");
    expect(headers.get("x-ratelimit-remaining")).toBe("1");
    expect(Number(headers.get("x-ratelimit-reset-after"))).toBeGreaterThan(4);
    expect(headers.get("x-ratelimit-bucket")).toMatch(/^[0-9a-f]{32}$/);
    expect(Number(headers.get("x-ratelimit-reset"))).toBeGreaterThan(1e9);
  });

  test("too many in one channel is 429 with the seconds to wait, and other channels are not meant", async () => {
    discord.limits.likeDiscord();
    for (let count = 0; count < 5; count += 1) await post();
    const over = await post();
    expect(over).toMatchObject({ status: 429, json: { message: "You are being rate limited.", global: false } });
    expect(over.json.retry_after).toBeGreaterThan(0);
    expect(over.headers.get("x-ratelimit-scope")).toBe("user");
    expect(over.headers.get("retry-after")).toMatch(/^[1-5]$/);
    const ops = discord.guild.channel("ops");
    expect((await api("POST", `/channels/${ops.id}/messages`, { body: { content: "x" } })).status).toBe(200);
    discord.advance(5_000);
    expect((await post()).status).toBe(200);
    expect(words()).toHaveLength(6);
  });

  test("50 a second in all, which interactions do not count to", async () => {
    const now = await startFakeDiscord({ now: () => 1_700_000_000_000, settings: { globalPerSecond: 3 } });
    const ask = apiOf(now);
    for (let count = 0; count < 3; count += 1) expect((await ask("GET", "/users/@me")).status).toBe(200);
    const over = await ask("GET", "/users/@me");
    expect(over).toMatchObject({ status: 429, json: { global: true, retry_after: 1 } });
    expect([over.headers.get("x-ratelimit-global"), over.headers.get("x-ratelimit-scope")]).toEqual(["true", "global"]);
    expect(
      (await ask("POST", "/interactions/1234567890/x/callback", { body: { type: 5 }, token: null })).json.code,
    ).toBe(10062);
    now.advance(1_000);
    expect((await ask("GET", "/users/@me")).status).toBe(200);
    await now.close();
  });

  test("one on demand, and a shared one that nobody is to blame for", async () => {
    discord.faults.add({ route: POST, fault: { kind: "ratelimited", retryAfter: 0.25 } });
    discord.faults.add({ route: POST, fault: { kind: "ratelimited", retryAfter: 1.5, scope: "shared" } });
    expect((await post()).json.retry_after).toBe(0.25);
    expect(discord.limits.invalidRequests).toBe(1);
    expect((await post()).headers.get("x-ratelimit-scope")).toBe("shared");
    expect(discord.limits.invalidRequests).toBe(1);
  });

  test("10,000 invalid requests in 10 min are a ban", async () => {
    discord.settings.invalidLimit = 3;
    for (let count = 0; count < 3; count += 1) await api("GET", "/users/@me", { token: "wrong" });
    const banned = await api("GET", "/users/@me");
    expect([banned.status, banned.headers.get("content-type")]).toEqual([429, "text/html"]);
    discord.advance(600_001);
    expect((await api("GET", "/users/@me")).status).toBe(200);
  });

  test("a 404 and a 400 are no invalid requests", async () => {
    await api("GET", "/channels/1234567890");
    await post("");
    expect(discord.limits.invalidRequests).toBe(0);
  });
});
