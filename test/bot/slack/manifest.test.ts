/** The manifests ask for just what Claw needs, in both ways of being reached. */
import { describe, expect, it } from "vitest";
import { read } from "../../../src/bot/slack/normalize.ts";
import { checkSlack, SLACK_SCOPES } from "../../../src/cli/checks/services.ts";
import { manifestOf } from "../../e2e/slack-case.ts";
import { startFakeSlack } from "../../support/slack/fake-slack.ts";

interface Manifest {
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly event_subscriptions: { readonly bot_events: readonly string[] };
    readonly socket_mode_enabled: boolean;
  };
  readonly features: unknown;
}
const manifest = async (mode: "socket" | "http") => (await manifestOf(mode)) as Manifest;
const ME = { team: "T1", teamName: "Acme", user: "UCLAW" };

/** What an event says beside its type, where Claw reads it. */
const PARTS: Readonly<Record<string, object>> = {
  app_home_opened: { user: "U1", tab: "home" },
  app_mention: { user: "U1", text: "<@UCLAW> status", channel: "C1", ts: "1.1" },
  message: { user: "U1", text: "hi", channel: "C1", ts: "1.2", thread_ts: "1.1" },
  reaction_added: {
    user: "U1",
    reaction: "eyes",
    item: { type: "message", channel: "C1", ts: "1.1" },
    event_ts: "1.2",
  },
  user_change: { user: { id: "U1" } },
};

describe.each(["socket", "http"] as const)("the manifest for %s", (mode) => {
  it("asks for the scopes that doctor looks for, and no other", async () => {
    const { scopes } = (await manifest(mode)).oauth_config;
    expect([...scopes.bot].sort()).toEqual([...SLACK_SCOPES].sort());
  });

  it("subscribes to nothing that Claw does not read", async () => {
    const { event_subscriptions } = (await manifest(mode)).settings;
    for (const name of event_subscriptions.bot_events) {
      const type = name.replace(/^message\..*/, "message");
      const event = { type, ...PARTS[type] };
      expect([name, read({ type: "event_callback", event_id: "E1", event }, ME, 0).kind]).not.toContain("nothing");
    }
  });

  it("is reached in its own way", async () => {
    expect((await manifest(mode)).settings.socket_mode_enabled).toBe(mode === "socket");
  });
});

it("the two differ in nothing else", async () => {
  const plain = (text: unknown) =>
    JSON.parse(
      JSON.stringify(text, (key, value) => (/^(request_)?url$|^socket_mode_enabled$/.test(key) ? undefined : value)),
    );
  expect(plain(await manifest("http"))).toEqual(plain(await manifest("socket")));
});

describe("claw doctor", () => {
  const examined = async (change: (manifest: Manifest) => unknown, breaks: "nothing" | "app token" = "nothing") => {
    const slack = await startFakeSlack({ mode: "socket", manifest: change(await manifest("socket")) });
    try {
      const config = {
        botToken: slack.team.botToken,
        appToken: slack.appToken,
        signingSecret: null,
        apiUrl: slack.apiUrl.replace(/\/$/, ""),
        host: "127.0.0.1",
        port: 0,
        roles: {},
      };
      if (breaks === "app token") slack.revokeAppToken();
      return await checkSlack(config);
    } finally {
      await slack.close();
    }
  };

  it("is content with an app made from the manifest", async () => {
    const findings = await examined((whole) => whole);
    expect(findings.map(({ what, state }) => [what, state])).toEqual([
      ["slack bot", "ok"],
      ["slack socket", "ok"],
    ]);
  });

  it.each(SLACK_SCOPES)("names %s when it is missing", async (missing) => {
    const findings = await examined((whole) => ({
      ...whole,
      oauth_config: { scopes: { bot: whole.oauth_config.scopes.bot.filter((scope) => scope !== missing) } },
    }));
    expect(findings[0]).toMatchObject({ state: "broken", advice: expect.stringContaining(`lacks ${missing}.`) });
  });

  it("says that an app token is not valid, and which variable it is", async () => {
    const findings = await examined((whole) => whole, "app token");
    expect(findings[0]?.state).toBe("ok");
    expect(findings[1]).toMatchObject({ state: "broken", advice: expect.stringMatching(/not valid.*SLACK_APP_TOKEN/) });
  });
});
