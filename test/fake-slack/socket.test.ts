import { WebSocket } from "undici";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Channel, type FakeSlack, type Person, startFakeSlack } from "../support/slack/fake-slack.ts";
import { type BoltApp, startBolt } from "./bolt-app.ts";
import { answer, clientOf, saidBy } from "./client.ts";

let slack: FakeSlack;
let bolt: BoltApp | null;
let ada: Person;
let eng: Channel;

beforeEach(async () => {
  slack = await startFakeSlack({ settings: { retryDelaysMs: [0, 50, 50], ackLimitMs: 1_000 } });
  ada = slack.team.person("ada");
  eng = slack.team.channel("eng", [ada, "claw"]);
  bolt = null;
});
afterEach(async () => {
  await bolt?.stop();
  await slack.close();
});

/** A socket that the test itself holds. */
async function rawSocket() {
  const opened = await answer(clientOf(slack.apiUrl, slack.appToken), "apps.connections.open");
  const socket = new WebSocket(String(opened.url));
  const heard: Record<string, unknown>[] = [];
  socket.addEventListener("message", (event) => void heard.push(JSON.parse(String(event.data))));
  await slack.until("hello", () => heard.length > 0);
  return { socket, heard, url: String(opened.url) };
}

const eventIdOf = (envelope: Record<string, unknown> | undefined) =>
  (envelope?.payload as { readonly event_id: string } | undefined)?.event_id;

test("says hello, and a ticket opens one socket", async () => {
  const { socket, heard, url } = await rawSocket();
  expect(heard[0]).toMatchObject({ type: "hello", num_connections: 1, connection_info: { app_id: slack.appId } });
  const second = new WebSocket(url);
  await new Promise((resolve) => second.addEventListener("error", resolve));
  expect(slack.socket.open).toHaveLength(1);
  socket.close();
});

test("sends an event again until it is acknowledged, and says why", async () => {
  const { socket, heard } = await rawSocket();
  ada.says("hello", { channel: eng });
  await slack.until("three tries", () => heard.length >= 4, { withinMs: 30_000 });
  const tries = heard.slice(1, 4) as { retry_attempt: number; retry_reason: string; payload: { event_id: string } }[];
  expect(tries.map((each) => [each.retry_attempt, each.retry_reason])).toEqual([
    [0, ""],
    [1, "timeout"],
    [2, "timeout"],
  ]);
  expect(new Set(tries.map((each) => each.payload.event_id)).size).toBe(1);
  socket.send(JSON.stringify({ envelope_id: heard[3]?.envelope_id, payload: {} }));
  await slack.until("the acknowledgement", () => slack.delivered("message")[0]?.acknowledged === true);
  socket.close();
});

test("tells a person when the app is not there or too slow, and does not try a click again", async () => {
  const missing = await ada.types("/claw status", { channel: eng });
  expect(missing).toMatchObject({ acked: false, trouble: '/claw failed with the error "dispatch_failed"' });
  const { socket, heard } = await rawSocket();
  const typed = await ada.types("/claw status", { channel: eng });
  expect(typed.trouble).toBe('/claw failed with the error "operation_timeout"');
  expect(typed.delivery.attempts).toHaveLength(1);
  socket.send(JSON.stringify({ envelope_id: heard[1]?.envelope_id }));
  await slack.until("the late word", () => typed.delivery.attempts[0]?.lateAckAfterMs !== null);
  socket.close();
});

test("notes what is no acknowledgement", async () => {
  const { socket, heard } = await rawSocket();
  socket.send(JSON.stringify({ envelope_id: "nobody's" }));
  socket.send("hi");
  ada.says("hello", { channel: eng });
  const sent = await slack.until("the event", () => heard[1]);
  socket.send(JSON.stringify({ envelope_id: sent.envelope_id, payload: { text: "thanks" } }));
  await slack.until("three complaints", () => slack.complaints.length === 3);
  socket.close();
});

test("brings each envelope to one of two sockets", async () => {
  const first = await rawSocket();
  const second = await rawSocket();
  expect(second.heard[0]).toMatchObject({ num_connections: 2 });
  for (let count = 0; count < 4; count += 1) void ada.types("/claw status", { channel: eng });
  await slack.until("all four", () => first.heard.length + second.heard.length === 6);
  expect([first.heard.length, second.heard.length]).toEqual([3, 3]);
  first.socket.close();
  second.socket.close();
});

test("brings an event again that a dropped socket took with it", async () => {
  const first = await rawSocket();
  ada.says("hello", { channel: eng });
  await slack.until("the event", () => first.heard[1]);
  const second = await rawSocket();
  slack.socket.drop(slack.socket.open[0]);
  const again = await slack.until("the event again", () => second.heard[1]);
  expect(again).toMatchObject({ retry_attempt: 1, payload: { event_id: eventIdOf(first.heard[1]) } });
  second.socket.close();
});

test("sends large envelopes, and takes acknowledgements in pieces", async () => {
  const { socket, heard } = await rawSocket();
  const long = "ü".repeat(70_000);
  const typed = ada.types(`/claw ${long}`, { channel: eng });
  const sent = await slack.until("the command", () => heard[1]);
  expect((sent.payload as { text: string }).text).toBe(long);
  socket.send(JSON.stringify({ envelope_id: sent.envelope_id, payload: { text: "y".repeat(30_000) } }));
  expect(await typed).toMatchObject({ acked: true });
  expect(ada.sees(eng).at(-1)).toMatchObject({ ephemeral: true, words: "y".repeat(30_000) });
  socket.close();
});

test("the real client comes back after a dropped socket, and what happened meanwhile reaches it", async () => {
  slack.settings.retryDelaysMs = Array.from({ length: 40 }, () => 100);
  bolt = await startBolt(slack, "socket", 1_000);
  slack.socket.drop();
  ada.says("while you were out", { channel: eng });
  await slack.until("the message", () => bolt?.heard.includes("message plain in channel"));
  expect(slack.socket.opened).toBeGreaterThan(1);
});

test.each(["refresh_requested", "warning"] as const)("the real client changes sockets on %s", async (reason) => {
  bolt = await startBolt(slack, "socket", 1_000);
  slack.socket.disconnect(reason);
  await slack.until("the second socket", () => slack.socket.opened > 1 && slack.socket.open.length === 1);
  slack.settings.retryDelaysMs = Array.from({ length: 100 }, () => 100);
  ada.says("still there?", { channel: eng });
  await slack.until("the message", () => bolt?.heard.includes("message plain in channel"));
});

test("a link that an admin disabled opens no more", async () => {
  const { socket } = await rawSocket();
  slack.socket.disconnect("link_disabled");
  await slack.until("the end", () => slack.socket.open.length === 0);
  const opened = await answer(clientOf(slack.apiUrl, slack.appToken), "apps.connections.open");
  expect(saidBy(opened)).toBe("forbidden_team");
  socket.close();
});

test("a duplicate comes twice at once", async () => {
  bolt = await startBolt(slack, "socket");
  slack.deliveries.duplicateNext();
  ada.says("hello", { channel: eng });
  await slack.until("both", () => bolt?.heard.filter((each) => each === "message plain in channel").length === 2);
  const [delivery] = slack.delivered("message");
  expect(delivery?.attempts.map((each) => each.retryNum)).toEqual([0, 1]);
  slack.deliveries.duplicateNext();
  const typed = await ada.types("/claw status", { channel: eng });
  expect(typed.delivery.attempts.map((each) => each.outcome?.kind)).toEqual(["acked", "acked"]);
});
