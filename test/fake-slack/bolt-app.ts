/** A small app on the real Bolt, in either mode, that does one thing of each kind. */
import { App, HTTPReceiver, SocketModeReceiver } from "@slack/bolt";
import { freePort } from "../support/ports.ts";
import type { FakeSlack } from "../support/slack/fake-slack.ts";
import { silent } from "./client.ts";

export interface BoltApp {
  readonly app: App;
  /** What its listeners heard, in order. */
  readonly heard: string[];
  /** How often it could not reach Slack for a socket. */
  refused(): number;
  stop(): Promise<void>;
}

/**
 * @param pingTimeoutMs how long the client waits for a pong before it gives a socket up, and also, in this client, how
 * long it waits before it opens the next one. A busy machine needs it long.
 */
export async function startBolt(slack: FakeSlack, mode: "socket" | "http", pingTimeoutMs = 5_000): Promise<BoltApp> {
  let refused = 0;
  const counting = {
    ...silent,
    warn: (...words: unknown[]) => {
      if (words.includes("http request failed")) refused += 1;
    },
  };
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, logger: silent };
  const receiver =
    mode === "socket"
      ? new SocketModeReceiver({
          appToken: slack.appToken,
          logger: counting,
          clientPingTimeout: pingTimeoutMs,
          installerOptions: {
            clientOptions: {
              slackApiUrl: slack.apiUrl,
              // Without retries a refused connection is an unhandled rejection inside the client, which ends the process.
              retryConfig: { forever: true, minTimeout: 50, maxTimeout: 200 },
            },
          },
        })
      : new HTTPReceiver({ signingSecret: slack.signingSecret, logger: silent });
  const app = new App({
    token: slack.team.botToken,
    receiver,
    clientOptions,
    deferInitialization: true,
    ignoreSelf: true,
    logger: silent,
  });
  const heard: string[] = [];
  app.error(async (error) => void heard.push(`error ${error.message}`));
  listen(app, heard);
  await app.init();
  if (mode === "http") {
    const port = await freePort();
    await app.start(port);
    slack.http.requestUrl = `http://127.0.0.1:${port}/slack/events`;
  } else {
    await app.start();
    await slack.connected();
  }
  return {
    app,
    heard,
    refused: () => refused,
    stop: async () => {
      await app.stop();
    },
  };
}

function listen(app: App, heard: string[]): void {
  app.command("/claw", async ({ command, ack, respond }) => {
    await ack();
    heard.push(`command ${command.text}`);
    await respond({ text: `you typed ${command.text}` });
  });
  app.event("app_mention", async ({ event, client, body }) => {
    heard.push(`mention ${event.text} ${body.event_id}`);
    await client.chat.postMessage({
      channel: event.channel,
      thread_ts: event.thread_ts ?? event.ts,
      text: "May I?",
      blocks: [
        { type: "section", text: { type: "mrkdwn", text: `*May I*, <@${event.user}>?` } },
        {
          type: "actions",
          elements: [
            { type: "button", text: { type: "plain_text", text: "Approve" }, action_id: "approve", value: "a-77" },
            { type: "button", text: { type: "plain_text", text: "Deny…" }, action_id: "deny", value: "a-77" },
          ],
        },
      ],
    });
  });
  app.event("message", async ({ event }) => {
    heard.push(`message ${event.subtype ?? "plain"} in ${event.channel_type}`);
  });
  app.action("approve", async ({ ack, body, client, action }) => {
    await ack();
    if (body.type !== "block_actions" || action.type !== "button") return;
    heard.push(`approve ${action.value} by ${body.user.id}`);
    await client.chat.update({
      channel: body.channel?.id ?? "",
      ts: body.message?.ts ?? "",
      text: "Approved",
      blocks: [{ type: "section", text: { type: "mrkdwn", text: `Approved by <@${body.user.id}>` } }],
    });
  });
  app.action("deny", async ({ ack, body, client }) => {
    await ack();
    if (body.type !== "block_actions") return;
    await client.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: "modal",
        callback_id: "why",
        title: { type: "plain_text", text: "Deny" },
        submit: { type: "plain_text", text: "Deny" },
        private_metadata: "a-77",
        blocks: [
          {
            type: "input",
            block_id: "reason",
            label: { type: "plain_text", text: "Why?" },
            element: { type: "plain_text_input", action_id: "text" },
          },
        ],
      },
    });
  });
  app.view("why", async ({ ack, view }) => {
    const reason = view.state.values.reason?.text?.value ?? "";
    if (reason.length < 5) {
      await ack({ response_action: "errors", errors: { reason: "say more" } });
      return;
    }
    await ack();
    heard.push(`denied ${view.private_metadata}: ${reason}`);
  });
  app.shortcut("ask_claw", async ({ ack, shortcut }) => {
    await ack();
    heard.push(`asked about ${shortcut.type === "message_action" ? shortcut.message.text : "nothing"}`);
  });
  app.event("app_home_opened", async ({ event, client }) => {
    if (event.tab !== "home") return;
    await client.views.publish({
      user_id: event.user,
      view: { type: "home", blocks: [{ type: "header", text: { type: "plain_text", text: "My workflows" } }] },
    });
  });
}
