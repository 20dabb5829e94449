import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/fake-discord.ts";
import { type Api, apiOf, errorsAt } from "./api.ts";

let discord: FakeDiscord;
let api: Api;

beforeEach(async () => {
  discord = await startFakeDiscord();
  api = apiOf(discord);
});
afterEach(() => discord.close());

describe("who asks", () => {
  test("a wrong token is 401, and so is none", async () => {
    for (const token of ["wrong", null]) {
      const { status, json } = await api("GET", "/users/@me", { token });
      expect({ status, json }).toEqual({ status: 401, json: { message: "401: Unauthorized", code: 0 } });
    }
    expect(discord.limits.invalidRequests).toBe(2);
  });

  test("a token that was taken back is 401 from then on, and the new one is not", async () => {
    const fresh = discord.revokeToken();
    expect((await api("GET", "/users/@me", { token: "old" })).status).toBe(401);
    expect((await api("GET", "/users/@me", { token: fresh })).status).toBe(200);
  });

  test("the app knows itself", async () => {
    const { json } = await api("GET", "/applications/@me");
    expect(json).toMatchObject({ id: discord.appId, flags: 1 << 19 });
    expect((await api("GET", "/oauth2/applications/@me")).json.id).toBe(discord.appId);
    expect((await api("GET", "/users/@me")).json).toMatchObject({ id: discord.botId, bot: true });
    expect((await api("GET", "/users/@me/guilds")).json).toMatchObject([{ name: "Acme", owner: false }]);
    expect(discord.complaints).toEqual([]);
  });
});

describe("what is asked", () => {
  test("an unknown route is 404 with code 0, another method 405", async () => {
    expect(await api("GET", "/nowhere")).toMatchObject({ status: 404, json: { message: "404: Not Found", code: 0 } });
    expect(await api("PUT", "/gateway/bot")).toMatchObject({ status: 405, json: { code: 0 } });
    expect(discord.complaints).toEqual([]);
  });

  test("a route that Discord has and this fake has not is told of", async () => {
    expect((await api("GET", "/voice/regions")).status).toBe(404);
    expect(discord.complaints).toEqual(["this fake has no GET /voice/regions, which Discord has"]);
  });

  test("another version of the API is refused", async () => {
    const response = await fetch(`${discord.apiUrl}/v6/users/@me`, {
      headers: { authorization: `Bot ${discord.token}` },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 50041 });
  });

  test("what is no JSON is refused, and what is no id", async () => {
    const eng = discord.guild.channel("eng");
    const refused = await api("POST", `/channels/${eng.id}/messages`, { body: "{not json" });
    expect(refused).toMatchObject({ status: 400, json: { code: 50109 } });
    const bad = await api("GET", "/channels/eng");
    expect(bad).toMatchObject({ status: 400, json: { code: 50035, message: "Invalid Form Body" } });
    expect(errorsAt(bad, "channel_id")).toEqual(["NUMBER_TYPE_COERCE"]);
  });

  test("a field that Discord does not know is ignored there and told of here", async () => {
    const eng = discord.guild.channel("eng");
    const { status } = await api("POST", `/channels/${eng.id}/messages`, {
      body: { content: "x", colour: "red", tts: false },
    });
    expect(status).toBe(200);
    expect(discord.complaints).toEqual([
      "POST /channels/{channel_id}/messages was sent what Discord does not know: colour",
    ]);
  });

  test("an answer without a body has no content type", async () => {
    const eng = discord.guild.channel("eng");
    const { status, headers, text } = await api("POST", `/channels/${eng.id}/typing`);
    expect([status, headers.get("content-type"), text]).toEqual([204, null, ""]);
  });

  test("every request stands in the record, with what it carried and what it got", async () => {
    const eng = discord.guild.channel("eng");
    await api("POST", `/channels/${eng.id}/messages`, { body: { content: "hello" } });
    await api("POST", `/channels/${eng.id}0/messages`, { body: { content: "nowhere" } });
    const route = "POST /channels/{channel_id}/messages";
    expect(discord.callsOf(route)).toMatchObject([
      { body: { content: "hello" }, params: { channel_id: eng.id }, status: 200 },
    ]);
    expect(discord.calls.map((each) => [each.status, each.accepted])).toEqual([
      [200, true],
      [404, false],
    ]);
  });
});

describe("where", () => {
  test("unknown things have their own codes", async () => {
    const eng = discord.guild.channel("eng");
    const ada = discord.guild.person("ada");
    const elsewhere = discord.addGuild("Other");
    const cases: readonly (readonly [string, string, number])[] = [
      ["GET", "/channels/1234567890", 10003],
      ["GET", `/channels/${eng.id}/messages/1234567890`, 10008],
      ["GET", "/guilds/1234567890", 10004],
      ["GET", `/guilds/${discord.guild.id}/members/1234567890`, 10013],
      ["GET", `/guilds/${elsewhere.id}/members/${ada.id}`, 10007],
      ["GET", "/users/1234567890", 10013],
      ["GET", "/applications/1234567890/commands", 10002],
      ["GET", `/applications/${discord.appId}/commands/1234567890`, 10063],
    ];
    for (const [method, path, code] of cases) expect((await api(method, path)).json, path).toMatchObject({ code });
  });

  test("a channel out of sight is 50001, a missing right 50013", async () => {
    const secret = discord.guild.channel("secret", { only: [discord.guild.person("ada")] });
    const eng = discord.guild.channel("eng");
    discord.guild.deny(eng, "claw", "SEND_MESSAGES");
    const say = (id: string) => api("POST", `/channels/${id}/messages`, { body: { content: "hello" } });
    expect(await say(secret.id)).toMatchObject({ status: 403, json: { code: 50001, message: "Missing Access" } });
    expect(await say(eng.id)).toMatchObject({ status: 403, json: { code: 50013, message: "Missing Permissions" } });
    discord.guild.allow(eng, "claw", "SEND_MESSAGES");
    expect((await say(eng.id)).status).toBe(200);
  });

  test("a guild that the app was thrown out of is 50001", async () => {
    discord.guild.kick("claw");
    expect((await api("GET", `/guilds/${discord.guild.id}`)).json).toMatchObject({ code: 50001 });
  });

  test("members are listed only with the privileged intent, and found by their name without", async () => {
    const lead = discord.guild.role("lead");
    const ada = discord.guild.person("ada", { roles: [lead] });
    const { id } = discord.guild;
    expect((await api("GET", `/guilds/${id}/members?limit=10`)).json).toMatchObject({ code: 50001 });
    expect((await api("GET", `/guilds/${id}/members/search?query=ad`)).json).toMatchObject([{ user: { id: ada.id } }]);
    discord.privileged.add("GUILD_MEMBERS");
    expect((await api("GET", `/guilds/${id}/members?limit=10`)).json).toHaveLength(3);
    expect((await api("GET", `/guilds/${id}/members/${ada.id}`)).json.roles).toEqual([lead.id]);
    const names = (await api("GET", `/guilds/${id}/roles`)).json.map((each: { name: string }) => each.name);
    expect(names).toEqual(["@everyone", "claw", "lead"]);
    expect((await api("GET", `/guilds/${id}?with_counts=true`)).json.approximate_member_count).toBe(3);
    expect(errorsAt(await api("GET", `/guilds/${id}/members?limit=1001`), "limit")).toEqual(["NUMBER_TYPE_MAX"]);
    expect(discord.complaints).toEqual([]);
  });
});
