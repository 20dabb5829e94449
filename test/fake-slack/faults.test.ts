import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Channel, type FakeSlack, type Person, startFakeSlack } from "../support/slack/fake-slack.ts";
import type { Json } from "../support/slack/json.ts";
import { startBolt } from "./bolt-app.ts";
import { answer, clientOf, saidBy, silent, WebClient } from "./client.ts";

let slack: FakeSlack;
let client: WebClient;
let ada: Person;
let eng: Channel;

beforeEach(async () => {
  slack = await startFakeSlack({ settings: { retryDelaysMs: [] } });
  client = clientOf(slack.apiUrl, slack.team.botToken);
  ada = slack.team.person("ada");
  eng = slack.team.channel("eng", [ada, "claw"]);
});
afterEach(() => slack.close());

const post = (text = "hello") => answer(client, "chat.postMessage", { channel: eng.id, text });
const words = () => ada.sees(eng).map((each) => each.words);

describe("a call that breaks", () => {
  test("before it took effect leaves nothing behind", async () => {
    slack.faults.add({ method: "chat.postMessage", fault: { kind: "reset", when: "before" } });
    await expect(post()).rejects.toThrow();
    slack.faults.add({ method: /^chat\./, fault: { kind: "status", status: 503 } });
    await expect(post()).rejects.toThrow("503");
    slack.faults.add({ method: "chat.postMessage", fault: { kind: "error", error: "internal_error" } });
    expect(saidBy(await post())).toBe("internal_error");
    expect(words()).toEqual([]);
    expect(slack.calls.map((each) => [each.method, each.accepted])).toEqual(
      Array.from({ length: 3 }, () => ["chat.postMessage", false]),
    );
    expect(saidBy(await post())).toBe("ok");
  });

  test("after it took effect makes a client that tries again post twice", async () => {
    const eager = new WebClient(slack.team.botToken, {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 1, minTimeout: 1, maxTimeout: 1 },
      logger: silent,
    });
    slack.faults.add({ method: "chat.postMessage", fault: { kind: "reset", when: "after" } });
    await eager.chat.postMessage({ channel: eng.id, text: "twice" });
    slack.faults.add({ method: "chat.postMessage", fault: { kind: "status_after", status: 500 } });
    await eager.chat.postMessage({ channel: eng.id, text: "again" });
    expect(words()).toEqual(["twice", "twice", "again", "again"]);
    expect(slack.callsOf("chat.postMessage")).toHaveLength(4);
  });

  test("is told to wait", async () => {
    slack.faults.add({ method: "chat.postMessage", fault: { kind: "ratelimited", retryAfter: 30 } });
    const refusing = new WebClient(slack.team.botToken, {
      slackApiUrl: slack.apiUrl,
      rejectRateLimitedCalls: true,
      logger: silent,
    });
    await expect(refusing.chat.postMessage({ channel: eng.id, text: "x" })).rejects.toMatchObject({ retryAfter: 30 });
  });

  test("takes its time, or for ever", async () => {
    slack.faults.add({ method: "chat.postMessage", fault: { kind: "slow", ms: 50 } });
    expect(saidBy(await post("slow"))).toBe("ok");
    const impatient = new WebClient(slack.team.botToken, {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
      timeout: 1_000,
      logger: silent,
    });
    for (const when of ["before", "after"] as const) {
      slack.faults.add({ method: "chat.postMessage", fault: { kind: "hang", when } });
      await expect(impatient.chat.postMessage({ channel: eng.id, text: when })).rejects.toThrow();
    }
    expect(words()).toEqual(["slow", "after"]);
  });

  test("can be picked by its arguments, and as often as wished", async () => {
    const takeBack = slack.faults.add({
      method: "chat.postMessage",
      fault: { kind: "status", status: 500 },
      times: Number.POSITIVE_INFINITY,
      when: (args: Json) => args.text === "unlucky",
    });
    expect(saidBy(await post())).toBe("ok");
    await expect(post("unlucky")).rejects.toThrow();
    await expect(post("unlucky")).rejects.toThrow();
    takeBack();
    expect(saidBy(await post("unlucky"))).toBe("ok");
  });
});

test("an outage refuses everything, and the real Bolt comes back by itself after it", async () => {
  slack.settings.retryDelaysMs = Array.from({ length: 100 }, () => 100);
  const bolt = await startBolt(slack, "socket", 1_000);
  await slack.outage();
  await expect(post()).rejects.toThrow();
  ada.says("is anyone there?", { channel: eng });
  await slack.until("two attempts in vain", () => bolt.refused() >= 2);
  await slack.recover();
  await slack.until("the message", () => bolt.heard.includes("message plain in channel"));
  expect(saidBy(await post())).toBe("ok");
  expect(slack.socket.opened).toBeGreaterThan(1);
  await bolt.stop();
});

describe("an app with less", () => {
  const manifest = {
    display_information: { name: "Claw" },
    features: {
      bot_user: { display_name: "claw" },
      app_home: { home_tab_enabled: false, messages_tab_enabled: false },
      slash_commands: [{ command: "/claw", should_escape: true }],
    },
    oauth_config: { scopes: { bot: ["commands", "chat:write", "app_mentions:read"] } },
    settings: {
      event_subscriptions: { bot_events: ["app_mention", "message.channels"] },
      interactivity: { is_enabled: false },
      socket_mode_enabled: false,
    },
  };

  test("hears and may do only what its manifest asks for", async () => {
    const poor = await startFakeSlack({ manifest, settings: { retryDelaysMs: [] } });
    const bob = poor.team.person("bob");
    const ops = poor.team.channel("ops", [bob, "claw"]);
    const asked = bob.says("@claw hello", { channel: ops });
    // Subscribed to messages, yet without the scope to read them.
    expect(poor.delivered("message")).toEqual([]);
    expect(poor.delivered("app_mention")).toHaveLength(1);
    const its = clientOf(poor.apiUrl, poor.team.botToken);
    expect(await answer(its, "users.info", { user: bob.id })).toMatchObject({ needed: "users:read" });
    expect(saidBy(await answer(its, "chat.postMessage", { channel: bob.id, text: "x" }))).toBe("messages_tab_disabled");
    const home = { user_id: bob.id, view: { type: "home", blocks: [] } };
    expect(saidBy(await answer(its, "views.publish", home))).toBe("not_enabled");
    expect(() => bob.opensHome()).toThrow("no Home tab");
    await expect(bob.uses("Ask Claw about this", asked)).rejects.toThrow("no message shortcut");
    const typed = await bob.types("/claw ask @bob in #ops", { channel: ops });
    expect(typed.delivery.payload.text).toBe(`ask <@${bob.id}> in <#${ops.id}|>`);
    await poor.close();
  });

  test("is not what a broken manifest makes", async () => {
    await expect(startFakeSlack({ manifest: { features: {} } })).rejects.toThrow("the manifest has no settings");
  });
});

test("a workspace that goes and one that comes", async () => {
  slack.settings.retryDelaysMs = [];
  const other = slack.addTeam("Globex");
  const hank = other.person("hank");
  const lab = other.channel("lab", [hank, "claw"]);
  const theirs = clientOf(slack.apiUrl, other.botToken);
  expect(saidBy(await answer(theirs, "chat.postMessage", { channel: lab.id, text: "hi" }))).toBe("ok");
  expect(saidBy(await answer(theirs, "chat.postMessage", { channel: eng.id, text: "hi" }))).toBe("channel_not_found");
  other.uninstall();
  expect(slack.delivered("app_uninstalled").map((each) => each.teamId)).toEqual([other.id]);
  expect(slack.delivered("tokens_revoked")).toHaveLength(1);
  const granted = await answer(
    new WebClient(undefined, { slackApiUrl: slack.apiUrl, logger: silent }),
    "oauth.v2.access",
    {
      code: other.consent(),
      client_id: slack.clientId,
      client_secret: slack.clientSecret,
    },
  );
  expect(granted).toMatchObject({ token_type: "bot", team: { id: other.id }, bot_user_id: other.botUserId });
  expect(saidBy(await answer(theirs, "auth.test"))).toBe("ok");
});
