import { afterEach, beforeEach, expect, test } from "vitest";
import { type HttpServer, httpServer, send } from "../support/http-server.ts";
import { type Channel, type FakeSlack, type Person, startFakeSlack } from "../support/slack/fake-slack.ts";
import type { Json } from "../support/slack/json.ts";
import { postCard } from "./card.ts";
import { answer, clientOf, saidBy, type WebClient } from "./client.ts";

let slack: FakeSlack;
let app: HttpServer;
let client: WebClient;
let ada: Person;
let eng: Channel;

beforeEach(async () => {
  slack = await startFakeSlack({ mode: "http", settings: { retryDelaysMs: [] } });
  app = await httpServer();
  app.page("/slack", send(""));
  slack.http.requestUrl = `${app.url}/slack`;
  client = clientOf(slack.apiUrl, slack.team.botToken);
  ada = slack.team.person("ada");
  eng = slack.team.channel("eng", [ada, "claw"]);
});
afterEach(async () => {
  await app.close();
  await slack.close();
});

const call = (method: string, args: Json = {}) => answer(client, method, args);
const plain = (text: string) => ({ type: "plain_text", text });
const lastPayload = (): Json => {
  const delivery = slack.deliveries.all.findLast((each) => each.kind !== "event");
  if (!delivery) throw new Error("nothing was delivered");
  return delivery.payload;
};

const card = () => postCard(client, ada, eng);

const respond = async (body: Json, url: unknown = lastPayload().response_url) => {
  const response = await fetch(String(url), { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  return `${response.status} ${text.startsWith("{") ? (JSON.parse(text) as Json).error : text}`;
};

test("answers privately or to all, five times", async () => {
  await ada.types("/claw status", { channel: eng });
  expect(await respond({ text: "private" })).toBe("200 ok");
  expect(ada.sees(eng).at(-1)).toMatchObject({ words: "private", ephemeral: true });
  expect(await respond({ text: "public", response_type: "in_channel" })).toBe("200 ok");
  expect(ada.sees(eng).at(-1)).toMatchObject({ words: "public", ephemeral: false });
  for (let count = 0; count < 3; count += 1) await respond({ text: "x" });
  expect(await respond({ text: "sixth" })).toBe("404 used_url");
});

test("replaces and deletes the message it came from", async () => {
  const seen = await card();
  await ada.presses("Approve & go", seen);
  expect(await respond({ replace_original: true, text: "done" })).toBe("200 ok");
  expect(ada.sees(eng).at(-1)).toMatchObject({ ts: seen.ts, words: "done", buttons: [] });
  expect(await respond({ delete_original: true })).toBe("200 ok");
  expect(ada.sees(eng)).toEqual([]);
});

test("replaces what only one person sees", async () => {
  const button = { type: "actions", elements: [{ type: "button", text: plain("Create"), action_id: "create" }] };
  await call("chat.postEphemeral", { channel: eng.id, user: ada.id, text: "draft", blocks: [button] });
  const [draft] = ada.sees(eng);
  if (!draft) throw new Error("no draft");
  await ada.presses("Create", draft);
  expect(lastPayload()).toMatchObject({ container: { is_ephemeral: true } });
  expect(lastPayload()).not.toHaveProperty("message");
  expect(saidBy(await call("chat.update", { channel: eng.id, ts: draft.ts, text: "x" }))).toBe("message_not_found");
  await respond({ replace_original: true, text: "created" });
  expect(ada.sees(eng)).toMatchObject([{ words: "created", ephemeral: true }]);
});

test("refuses what a message may not be, and what is too late", async () => {
  await ada.types("/claw status", { channel: eng });
  expect(await respond({})).toBe("400 no_text");
  expect(await respond({ text: "x", blocks: [{ type: "header" }] })).toBe("400 invalid_blocks");
  expect(await respond({ text: "x", colour: "red" })).toBe("400 invalid_payload");
  slack.settings.responseUrlLifeMs = -1;
  expect(await respond({ text: "x" })).toBe("404 expired_url");
});
