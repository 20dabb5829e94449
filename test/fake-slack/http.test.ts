import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HttpServer, hang, httpServer, json, send } from "../support/http-server.ts";
import { type Channel, type FakeSlack, type Person, startFakeSlack } from "../support/slack/fake-slack.ts";
import { type BoltApp, startBolt } from "./bolt-app.ts";

let slack: FakeSlack;
let bolt: BoltApp | null;
let app: HttpServer;
let ada: Person;
let eng: Channel;

beforeEach(async () => {
  slack = await startFakeSlack({ mode: "http", settings: { retryDelaysMs: [0, 20, 20], ackLimitMs: 1_000 } });
  ada = slack.team.person("ada");
  eng = slack.team.channel("eng", [ada, "claw"]);
  app = await httpServer();
  slack.http.requestUrl = `${app.url}/slack`;
  bolt = null;
});
afterEach(async () => {
  await bolt?.stop();
  await app.close();
  await slack.close();
});

test("signs what it sends, and sends it in the form of its kind", async () => {
  app.page("/slack", send(""));
  await ada.types("/claw status & more", { channel: eng });
  ada.says("hello", { channel: eng });
  await slack.until("both", () => app.requests.length === 2);
  for (const { headers, body } of app.requests) {
    const base = `v0:${headers["x-slack-request-timestamp"]}:${body}`;
    const signature = `v0=${createHmac("sha256", slack.signingSecret).update(base).digest("hex")}`;
    expect(headers["x-slack-signature"]).toBe(signature);
  }
  const [command, event] = app.requests;
  expect(new URLSearchParams(command?.body).get("text")).toBe("status &amp; more");
  expect(JSON.parse(event?.body ?? "")).toMatchObject({ type: "event_callback", event: { text: "hello" } });
});

test("tries an event again on errors and silence, with a number and a reason", async () => {
  app.page("/slack", send("oops", { status: 500 }));
  ada.says("hello", { channel: eng });
  await slack.until("four tries", () => app.requests.length === 4);
  expect(app.requests.map((each) => each.headers["x-slack-retry-num"])).toEqual([undefined, "1", "2", "3"]);
  expect(app.requests[1]?.headers["x-slack-retry-reason"]).toBe("http_error");
  app.page("/slack", hang);
  ada.says("hello again", { channel: eng });
  await slack.until("a retry", () =>
    app.requests.find((each) => each.headers["x-slack-retry-reason"] === "http_timeout"),
  );
  app.page("/slack", send("", { status: 500, headers: { "x-slack-no-retry": "1" } }));
  const before = app.requests.length;
  ada.says("third", { channel: eng });
  await slack.until("the end", () => slack.delivered("message")[2]?.acknowledged === false);
  expect(app.requests.slice(before).filter((each) => each.body.includes("third"))).toHaveLength(1);
});

test("sends once more whenever asked to, and the same bytes for a replay", async () => {
  app.page("/slack", send(""));
  ada.says("hello", { channel: eng });
  await slack.until("the first", () => app.requests.length === 1);
  const [delivery] = slack.delivered("message");
  if (!delivery) throw new Error("no delivery");
  await slack.deliveries.again(delivery);
  await slack.http.replay(delivery);
  const [first, second, replayed] = app.requests;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers["x-slack-retry-num"]).toBe("1");
  const signed = (each: typeof first) => [
    each?.body,
    each?.headers["x-slack-signature"],
    each?.headers["x-slack-retry-num"],
  ];
  expect(signed(replayed)).toEqual(signed(first));
});

test("the real Bolt tells a forgery from a message, but not the future nor a replay", async () => {
  bolt = await startBolt(slack, "http");
  expect(await slack.http.verify()).toBe(true);
  ada.says("hello", { channel: eng });
  await slack.until("the message", () => bolt?.heard.length === 1);
  const [delivery] = slack.delivered("message");
  if (!delivery) throw new Error("no delivery");
  const forged = async (tampering: Parameters<typeof slack.http.forge>[1]) =>
    (await slack.http.forge(delivery, tampering)).status;
  expect(await forged({ wrongSecret: true })).toBe(401);
  expect(await forged({ unsigned: true })).toBe(401);
  expect(await forged({ alteredBody: true })).toBe(401);
  expect(await forged({ timestampOffset: -600 })).toBe(401);
  expect(bolt.heard).toHaveLength(1);
  // Bolt leaves both to the app.
  expect(await forged({ timestampOffset: 600 })).toBe(200);
  expect((await slack.http.replay(delivery)).status).toBe(200);
  await slack.until("both", () => bolt?.heard.length === 3);
});

test("shows what the answer to a command says, and what a person is told when there is none", async () => {
  app.page("/slack", json({ response_type: "in_channel", text: "for all" }));
  await ada.types("/claw status", { channel: eng });
  expect(ada.sees(eng).at(-1)).toMatchObject({ words: "for all", ephemeral: false });
  app.page("/slack", send("just words"));
  await ada.types("/claw status", { channel: eng });
  expect(ada.sees(eng).at(-1)).toMatchObject({ words: "just words", ephemeral: true });
  app.page("/slack", send("oops", { status: 500 }));
  expect((await ada.types("/claw status", { channel: eng })).trouble).toContain("dispatch_failed");
  app.page("/slack", hang);
  expect((await ada.types("/claw status", { channel: eng })).trouble).toContain("operation_timeout");
  await expect(ada.types("/clow status", { channel: eng })).rejects.toThrow("/clow is not a valid command");
  const root = ada.says("root", { channel: eng });
  await expect(ada.types("/claw status", { channel: eng, thread: root })).rejects.toThrow("not supported in threads");
});
