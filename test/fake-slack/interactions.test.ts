import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HttpServer, httpServer, json, send } from "../support/http-server.ts";
import {
  type Channel,
  type FakeSlack,
  type Person,
  type SeenView,
  startFakeSlack,
} from "../support/slack/fake-slack.ts";
import { isObject, type Json } from "../support/slack/json.ts";
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

const modal = (parts: Json = {}) => ({
  type: "modal",
  callback_id: "why",
  title: plain("Deny"),
  submit: plain("Deny"),
  blocks: [
    {
      type: "input",
      block_id: "reason",
      label: plain("Why?"),
      element: { type: "plain_text_input", action_id: "text", initial_value: "because" },
    },
    {
      type: "input",
      block_id: "until",
      optional: true,
      label: plain("Until"),
      element: { type: "datepicker", action_id: "date" },
    },
  ],
  ...parts,
});

async function open(view: Json = modal()): Promise<Json> {
  await ada.presses("Approve & go", await card());
  return call("views.open", { trigger_id: lastPayload().trigger_id, view });
}
const top = (): SeenView => {
  if (!ada.modal) throw new Error("no modal is open");
  return ada.modal;
};

describe("a click", () => {
  test("tells who, where and what, with the label escaped", async () => {
    const seen = await card();
    await ada.chooses("How long?", "1 day", seen);
    await ada.presses("Approve & go", seen);
    expect(lastPayload()).toMatchObject({
      type: "block_actions",
      user: { id: ada.id, team_id: slack.team.id },
      container: { type: "message", message_ts: seen.ts, channel_id: eng.id, is_ephemeral: false },
      channel: { id: eng.id, name: "eng" },
      message: { ts: seen.ts },
      state: { values: { decide: { long: { selected_option: { value: "1d" } } } } },
      actions: [{ action_id: "approve", block_id: "decide", value: "a-77", text: { text: "Approve &amp; go" } }],
    });
  });

  test("needs a button that is there, and someone who sees it", async () => {
    const seen = await card();
    await expect(ada.presses("Deny", seen)).rejects.toThrow(
      'no control "Deny" (there are "Approve & go", "How long?")',
    );
    const bob = slack.team.person("bob");
    await expect(bob.presses("Approve & go", seen)).rejects.toThrow("bob is not in #eng");
    await call("chat.delete", { channel: eng.id, ts: seen.ts });
    await expect(ada.presses("Approve & go", seen)).rejects.toThrow("does not see that message");
  });
});

describe("a trigger", () => {
  test("opens one view", async () => {
    expect(saidBy(await open())).toBe("ok");
    const again = await call("views.open", { trigger_id: lastPayload().trigger_id, view: modal() });
    expect(saidBy(again)).toBe("exchanged_trigger_id");
    expect(saidBy(await call("views.open", { trigger_id: "1.2.3", view: modal() }))).toBe("invalid_trigger_id");
  });

  test("dies after a while, and is not used up by a view that Slack does not take", async () => {
    expect(await open(modal({ title: plain("x".repeat(25)) }))).toMatchObject({
      error: "invalid_arguments",
      response_metadata: {
        messages: [
          "[ERROR] failed to match all allowed schemas [json-pointer:/view]",
          "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]",
        ],
      },
    });
    slack.links.expireTriggers();
    const late = await call("views.open", { trigger_id: lastPayload().trigger_id, view: modal() });
    expect(saidBy(late)).toBe("expired_trigger_id");
    slack.settings.triggerLifeMs = -1;
    expect(saidBy(await open())).toBe("expired_trigger_id");
  });
});

describe("a view", () => {
  test("is submitted with what it holds", async () => {
    await open();
    await ada.submits(top(), { Until: "2026-12-24" });
    expect(lastPayload()).toMatchObject({
      type: "view_submission",
      view: {
        callback_id: "why",
        state: { values: { reason: { text: { value: "because" } }, until: { date: { selected_date: "2026-12-24" } } } },
      },
    });
    expect(ada.modal).toBeNull();
  });

  test("shows errors, changes, goes deeper and closes by the app's answer", async () => {
    await open();
    app.page("/slack", json({ response_action: "errors", errors: { reason: "say more" } }));
    await ada.submits(top());
    expect(top().errors).toEqual({ reason: "say more" });
    app.page("/slack", json({ response_action: "update", view: modal({ title: plain("Sure?") }) }));
    await ada.submits(top());
    expect(top().title).toBe("Sure?");
    app.page("/slack", json({ response_action: "push", view: modal({ title: plain("Deeper") }) }));
    await ada.submits(top());
    expect(top().title).toBe("Deeper");
    app.page("/slack", json({ response_action: "clear" }));
    await ada.submits(top());
    expect(ada.modal).toBeNull();
  });

  test("stays with a word of trouble when the answer is none that Slack knows", async () => {
    await open();
    for (const wrong of [
      { response_action: "errors", errors: { nowhere: "x" } },
      { response_action: "update", view: { type: "modal" } },
      { response_action: "vanish" },
      { text: "thanks" },
    ]) {
      app.page("/slack", json(wrong));
      expect(await ada.submits(top())).toMatchObject({ trouble: "We had some trouble connecting. Try again?" });
    }
    app.page("/slack", send("", { status: 500 }));
    expect(await ada.submits(top())).toMatchObject({ acked: false });
    expect(top().title).toBe("Deny");
    expect(slack.complaints).toHaveLength(4);
  });

  test("is changed by its id while its hash is right and it is open", async () => {
    const { view } = await open();
    if (!isObject(view)) throw new Error("no view");
    ada.fills(top(), { "Why?": "typed meanwhile" });
    const changed = await call("views.update", {
      view_id: view.id,
      hash: view.hash,
      view: modal({ title: plain("2") }),
    });
    expect(saidBy(changed)).toBe("ok");
    expect(top().state).toMatchObject({ reason: { text: { value: "typed meanwhile" } } });
    const stale = await call("views.update", { view_id: view.id, hash: view.hash, view: modal() });
    expect(saidBy(stale)).toBe("hash_conflict");
    await ada.closes(top());
    expect(saidBy(await call("views.update", { view_id: view.id, view: modal() }))).toBe("not_found");
    const both = await call("views.update", { view_id: view.id, external_id: "x", view: modal() });
    expect(both.response_metadata).toMatchObject({
      messages: ["[ERROR] Cannot provide both `view_id` and `external_id`"],
    });
  });

  test("tells of being closed where it asked to", async () => {
    await open(modal({ notify_on_close: true }));
    await ada.closes(top());
    expect(lastPayload()).toMatchObject({ type: "view_closed", is_cleared: false });
    await open();
    expect(await ada.closes(top())).toBeNull();
  });

  test("lies at most three deep", async () => {
    const button = { type: "actions", elements: [{ type: "button", text: plain("More"), action_id: "more" }] };
    const deep = { ...modal(), submit: undefined, blocks: [button] };
    await open(deep);
    for (const outcome of ["ok", "ok", "push_limit_reached"]) {
      await ada.presses("More", top());
      expect(saidBy(await call("views.push", { trigger_id: lastPayload().trigger_id, view: deep }))).toBe(outcome);
    }
  });

  test("fills a Home tab", async () => {
    ada.opensHome();
    await slack.until("the event", () => slack.delivered("app_home_opened").length === 1);
    const button = {
      type: "actions",
      elements: [{ type: "button", text: plain("Run"), action_id: "run", value: "w1" }],
    };
    await call("views.publish", { user_id: ada.id, view: { type: "home", blocks: [button] } });
    const { home } = ada;
    if (!home) throw new Error("no Home tab");
    await ada.presses("Run", home);
    expect(lastPayload()).toMatchObject({
      container: { type: "view" },
      view: { type: "home" },
      actions: [{ value: "w1" }],
    });
    expect(lastPayload()).not.toHaveProperty("response_url");
    const stale = await call("views.publish", { user_id: ada.id, hash: "old", view: { type: "home", blocks: [] } });
    expect(saidBy(stale)).toBe("hash_conflict");
  });
});
