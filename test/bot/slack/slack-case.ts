/** A Slack adapter beside a fake Slack. */
import { expect } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import type { Slack, SlackDeps } from "../../../src/bot/slack/deps.ts";
import { channelIdOf, memberIdOf, workspaceIdOf } from "../../../src/bot/slack/places.ts";
import { createSlack } from "../../../src/bot/slack/slack.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import type { PostOutcome, PostTarget } from "../../../src/orchestrator/ports.ts";
import { RecordingInbox } from "../../contract/recording-inbox.ts";
import { quietLog } from "../../support/database.ts";
import { type Channel, type FakeSlack, type Person, startFakeSlack } from "../../support/slack/fake-slack.ts";

/** @param notices by delivery key: what a real Claw would have in its database */
export const slackDeps = (
  slack: FakeSlack,
  parts: Partial<SlackDeps> & Pick<SlackDeps, "entry">,
  notices: ReadonlyMap<string, Notice> = new Map(),
): SlackDeps => ({
  botToken: slack.team.botToken,
  apiUrl: slack.apiUrl,
  roles: {},
  clock: { now: () => Date.now() },
  log: quietLog,
  messageEveryMs: 0,
  noticeCard: (notice) => noticeCard(notice),
  noticeFor: async (_workspaceId, key) => notices.get(key) ?? null,
  callToChange: async () => null,
  workflowToEdit: async () => null,
  planEdit: async () => ({ kind: "gone" }),
  ensureWorkspace: async () => {},
  home: async () => ({}) as never,
  ...parts,
});

export interface AdapterCase {
  readonly slack: FakeSlack;
  readonly platform: Slack;
  readonly inbox: RecordingInbox;
  readonly workspaceId: string;
  readonly notices: Map<string, Notice>;
  readonly ada: Person;
  readonly lin: Person;
  readonly eng: Channel;
  target(channel: Channel, parts?: Partial<PostTarget>): PostTarget;
  post(key: string, title: string, to?: PostTarget): Promise<PostOutcome>;
  /** Waits until the adapter knows who it is, and is connected. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export const told = (title: string): Notice => ({ kind: "reply", card: card({ title }) });
export const signal = new AbortController().signal;

/** A started adapter; over Socket Mode unless said otherwise. */
export async function adapterCase(
  mode: "socket" | "http" = "socket",
  parts: (slack: FakeSlack) => Partial<SlackDeps> = () => ({}),
  waits = true,
): Promise<AdapterCase> {
  const slack = await startFakeSlack({ mode, settings: { retryDelaysMs: [0] } });
  const { team } = slack;
  const ada = team.person("ada", { isAdmin: true });
  const lin = team.person("lin");
  const eng = team.channel("eng", [ada, lin, "claw"]);
  const entry: SlackDeps["entry"] =
    mode === "socket"
      ? { kind: "socket", appToken: slack.appToken }
      : { kind: "http", signingSecret: slack.signingSecret, host: "127.0.0.1", port: 0 };
  const notices = new Map<string, Notice>();
  const platform = createSlack(slackDeps(slack, { entry, ...parts(slack) }, notices));
  const inbox = new RecordingInbox();
  const workspaceId = workspaceIdOf(team.id);
  const c: AdapterCase = {
    slack,
    platform,
    inbox,
    workspaceId,
    notices,
    ada,
    lin,
    eng,
    target: (channel, more = {}) => ({
      workspaceId,
      channelId: channelIdOf(team.id, channel.id),
      threadId: null,
      privateTo: null,
      replyToken: null,
      ...more,
    }),
    post(key, title, to = c.target(eng)) {
      notices.set(key, told(title));
      return platform.post(to, told(title), key, signal);
    },
    async ready() {
      const known = () => platform.introduce(memberIdOf(team.id, ada.id), workspaceId);
      await expect.poll(known).not.toBeNull();
      if (mode === "socket") await slack.connected();
    },
    async close() {
      await platform.stop();
      await slack.close();
      if (slack.complaints.length > 0) throw new Error(`Slack complains: ${slack.complaints.join("; ")}`);
    },
  };
  await platform.start(inbox);
  slack.http.requestUrl = platform.url();
  if (waits) await c.ready();
  return c;
}
