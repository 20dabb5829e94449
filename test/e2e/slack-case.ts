/** A real Claw in a process of its own, in a Slack with people. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { packageRoot } from "../../src/package-root.ts";
import { type ClawProcess, QUICK_YAML, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { until } from "../support/patience.ts";
import { freePort } from "../support/ports.ts";
import {
  type Channel,
  type FakeSlack,
  type Person,
  type SeenMessage,
  startFakeSlack,
} from "../support/slack/fake-slack.ts";

export type SlackMode = "socket" | "http";

export interface SlackCase {
  readonly slack: FakeSlack;
  readonly database: TestDatabase;
  readonly eng: Channel;
  /** `sam` is a member, `vic` a guest, `lin` of the approvers, `ada` an admin of the workspace. */
  readonly people: Readonly<Record<"sam" | "vic" | "lin" | "ada", Person>>;
  claw: ClawProcess;
  start(): Promise<void>;
  /** What a person sees, once it is there; in the channel, or in the thread of a message. */
  sees(person: Person, words: RegExp, thread?: SeenMessage | null): Promise<SeenMessage>;
  close(): Promise<void>;
}

export async function slackCase(mode: SlackMode, env: Readonly<Record<string, string>> = {}): Promise<SlackCase> {
  // No more scopes and events than an installation from the manifest has.
  const slack = await startFakeSlack({ mode, manifest: await manifestOf(mode) });
  const database = await testDatabase();
  const { team } = slack;
  const people = {
    sam: team.person("sam"),
    vic: team.person("vic", { isRestricted: true }),
    lin: team.person("lin"),
    ada: team.person("ada", { isAdmin: true }),
  };
  team.group("leads", [people.lin]);
  const eng = team.channel("eng", [...Object.values(people), "claw"]);
  const port = await freePort();
  const entry: Record<string, string> =
    mode === "socket"
      ? { SLACK_APP_TOKEN: slack.appToken }
      : { SLACK_SIGNING_SECRET: slack.signingSecret, CLAW_SLACK_PORT: String(port) };
  const c: SlackCase = {
    slack,
    database,
    eng,
    people,
    claw: null as never,
    async start() {
      const options = c.claw ? { folder: c.claw.folder } : {};
      c.claw = await startClawProcess({
        ...options,
        databaseUrl: database.url,
        env: { ...entry, SLACK_BOT_TOKEN: team.botToken, SLACK_API_URL: slack.apiUrl, ...env },
        yaml: `${QUICK_YAML}slack: { roles: { approver: ["@leads"] } }\n`,
      });
      slack.http.requestUrl = `http://127.0.0.1:${port}/slack/events`;
      if (mode === "socket") await slack.connected();
      else await until(async () => (await database.sql`select 1 from workspaces where platform = 'slack'`).length > 0);
    },
    sees(person, words, thread = null) {
      return slack.until(`${person.name} to see ${words}`, () => {
        const seen = person.sees(eng, thread);
        return seen.findLast((message) => words.test(message.words));
      });
    },
    async close() {
      await c.claw.kill();
      await slack.close();
      await database.close();
      await removeFolder(c.claw.folder);
      if (slack.complaints.length > 0) throw new Error(`Slack complains: ${slack.complaints.join("; ")}`);
    },
  };
  await c.start();
  return c;
}

export async function manifestOf(mode: SlackMode): Promise<unknown> {
  const name = mode === "socket" ? "slack-manifest.yaml" : "slack-manifest-http.yaml";
  return parse(await readFile(join(packageRoot(), name), "utf8"));
}
