/** Slack away, Slack cutting, Slack refusing: Claw goes on, and is back by itself. */
import { afterEach, describe, expect, it } from "vitest";
import { memberIdOf } from "../../../src/bot/slack/places.ts";
import { type AdapterCase, adapterCase } from "./slack-case.ts";

let c: AdapterCase;
afterEach(() => c.close());

const works = async (line: string): Promise<void> => {
  const before = c.inbox.heard.length;
  expect(await c.ada.types(`/claw ${line}`, { channel: c.eng })).toMatchObject({ acked: true });
  expect(c.inbox.heard.slice(before).map(({ body }) => body)).toEqual([{ kind: "command", text: line }]);
};

describe("a socket", () => {
  it("that is dropped is followed by another", async () => {
    c = await adapterCase();
    await works("status");
    for (let times = 0; times < 3; times++) {
      c.slack.socket.drop();
      await c.slack.until("the socket is gone", () => c.slack.socket.open.length === 0);
      await c.slack.connected();
      await works("list");
    }
  });

  it("that Slack asks to renew is renewed", async () => {
    c = await adapterCase();
    c.slack.socket.disconnect("refresh_requested");
    await c.slack.until("another socket", () => c.slack.callsOf("apps.connections.open").length === 2);
    await c.slack.connected();
    await works("status");
  });

  it("is opened again after an outage, however that began", async () => {
    c = await adapterCase();
    await c.slack.outage();
    await c.slack.until("the sockets are gone", () => c.slack.socket.open.length === 0);
    expect(await c.post("d-1", "hello")).not.toMatchObject({ kind: "posted" });
    await c.slack.recover();
    await c.slack.connected();
    await works("status");
  });
});

it("starts while Slack is away, and is there when Slack is", async () => {
  c = await adapterCase("socket", () => ({}), false);
  await c.platform.stop();
  await c.slack.close();
  const away = c;
  c = await adapterCase(
    "socket",
    (slack) => {
      slack.faults.add({ method: "auth.test", fault: { kind: "status", status: 503 }, times: 1 });
      return {};
    },
    false,
  );
  expect(c.slack.url).not.toBe(away.slack.url);
  await c.ready();
  await works("status");
});

describe("a token", () => {
  it("that is not valid keeps nothing from stopping, and nothing from being said", async () => {
    const said: string[] = [];
    const log = {
      info() {},
      warn() {},
      error: (fields: object, message: string) => void said.push(`${JSON.stringify(fields)} ${message}`),
    };
    c = await adapterCase("socket", () => ({ botToken: "xoxb-not-a-token", log }), false);
    await expect.poll(() => said.join()).toMatch(/check SLACK_BOT_TOKEN/);
    expect(said.join()).not.toContain("xoxb-not-a-token");
    const outcome = await c.post("d-1", "hello");
    expect(outcome).toMatchObject({ kind: "retry" });
  });

  it("that is revoked is said, and so is the app's removal", async () => {
    const said: string[] = [];
    const log = { info() {}, warn() {}, error: (fields: object) => void said.push(JSON.stringify(fields)) };
    c = await adapterCase("socket", () => ({ log }));
    c.slack.team.uninstall();
    await expect.poll(() => said.join()).toMatch(/removed from the workspace/);
  });
});

it("stops in time although Slack hangs", async () => {
  c = await adapterCase();
  c.slack.faults.add({ method: /.*/, fault: { kind: "hang", when: "before" }, times: Number.POSITIVE_INFINITY });
  const posting = c.post("d-1", "hello");
  void c.platform.introduce(memberIdOf(c.slack.team.id, "U0NEW"), c.workspaceId);
  await c.platform.stop();
  await posting;
}, 10_000);
