/**
 * A real Claw in a Slack, whose model wants what is said in a channel that its workflow's owner is not in. Judged by what
 * Slack was asked for, and what stands in that channel.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MODEL, resultsIn } from "../e2e/model-claw.ts";
import { type SlackCase, slackCase } from "../e2e/slack-case.ts";
import { calls, finishes, type ModelServer, type ScriptedCall, startModelServer } from "../support/model-server.ts";
import { until } from "../support/patience.ts";
import type { Channel, Person, SeenMessage } from "../support/slack/fake-slack.ts";

let c: SlackCase;
let model: ModelServer;
let secret: Channel;
let salary: SeenMessage;
beforeAll(async () => {
  model = await startModelServer();
  c = await slackCase("socket", { OPENAI_BASE_URL: model.url, CLAW_MODEL: MODEL });
  secret = c.slack.team.channel("secret", [c.people.ada, "claw"], { private: true });
  salary = c.people.ada.says("the salary is 4711", { channel: secret });
});
afterAll(async () => {
  await c?.close();
  await model?.close({ forgive: true });
});
beforeEach(() => void (c.slack.calls as unknown[]).splice(0));

const about = (word: string) => (request: ModelServer["requests"][number]) =>
  request.messages.some(({ role, content }) => role === "user" && (content ?? "").includes(word));
const told = (word: string) => model.requests.filter(about(word));
const script = (word: string, ...calling: readonly ScriptedCall[]) => {
  const replies = [...calling.map((call) => calls(call)), finishes("report", `done with ${word}`)];
  model.script(...replies.map((reply) => ({ when: about(word), reply })));
};
const says = (person: Person, line: string) => person.types(`/claw ${line}`, { channel: c.eng });
/** @param word stands in the line, and in no other */
async function creates(person: Person, line: string, word: string): Promise<void> {
  await says(person, line);
  const preview = await c.sees(person, new RegExp(`Create this workflow\\?(?:.|\\n)*${word}`));
  await person.presses("Create", preview);
}
/** An approver says yes to what is asked, wherever in the channel it is asked. */
async function approves(what: RegExp): Promise<void> {
  const asked = await c.slack.until(`${what}`, () =>
    c.slack.team.messages(c.eng).findLast(({ words, buttons }) => what.test(words) && buttons.includes("Approve")),
  );
  await c.people.lin.presses("Approve", asked);
}
/** Calls of the Web API that touched the secret channel, beside the question what it is and who is in it. */
const touched = () =>
  c.slack.calls.filter(
    ({ method, args }) => args.channel === secret.id && !/^conversations\.(info|members)$/.test(method),
  );
const inSecret = () => c.slack.team.messages(secret).length;

describe("a channel that the owner of a workflow is not in", () => {
  test.each(["#secret", "secret", "by id"])("is not read, whatever it is called: %s", async (named) => {
    const channel = named === "by id" ? secret.id : named;
    const word = `quokka${["#secret", "secret", "by id"].indexOf(named)}`;
    script(
      word,
      { name: "channel_history", arguments: { channel } },
      { name: "channel_history", arguments: { channel: "#eng", thread: `${secret.id}:${salary.ts}` } },
      { name: "channel_history", arguments: { channel: "#eng", before: `${secret.id}:${salary.ts}` } },
    );
    await creates(c.people.sam, `now summarise #eng about ${word}`, word);
    await until(async () => told(word).length === 4);
    const results = told(word)
      .slice(1)
      .map((request) => resultsIn(request)[0]);
    expect(results.map((result) => result?.ok)).toEqual([false, false, false]);
    expect(JSON.stringify(told(word))).not.toContain("4711");
    expect(touched()).toEqual([]);
  });

  test("is not posted to, pinned in or reacted in, even when an approver says yes", async () => {
    const word = "wombat";
    const message = `${secret.id}:${salary.ts}`;
    const before = inSecret();
    script(
      word,
      { name: "channel_post", arguments: { channel: "#secret", text: "hello" } },
      { name: "channel_pin", arguments: { channel: "#eng", message } },
      { name: "channel_react", arguments: { channel: secret.id, message, emoji: "eyes" } },
    );
    await creates(c.people.sam, `now post, pin and react with :eyes: to ${word}`, word);
    for (const what of [/May I post to #secret/, /May I pin a message/, /May I react with eyes/]) {
      await approves(what);
    }
    await until(async () => told(word).length === 4);
    const results = told(word)
      .slice(1)
      .map((request) => resultsIn(request)[0]);
    expect(results.map((result) => result?.ok)).toEqual([false, false, false]);
    expect(results[0]?.text).toMatch(/no channel #secret that Claw is in and \w+ can see/);
    expect([touched(), inSecret(), secret.pins]).toEqual([[], before, []]);
  });

  test("starts nothing: not when it is named, and not once its owner is no longer in it", async () => {
    await says(c.people.sam, 'when a message in #secret matches "salary" report it');
    await c.sees(c.people.sam, /do not know the channel #\S+, or you cannot see it/);

    const word = "numbat";
    const deploys = c.slack.team.channel("deploys", [c.people.sam, c.people.ada, "claw"], { private: true });
    script(word);
    await creates(c.people.sam, `when a message in #deploys matches "broken" report it, ${word}`, word);
    await until(async () => (await c.database.sql`select 1 from routes`).length === 1);
    c.people.ada.says("it is broken", { channel: deploys });
    await until(async () => told(word).length === 1);
    await until(
      async () => (await c.database.sql`select 1 from runs where status not in ('succeeded', 'waiting')`).length === 0,
    );
    c.slack.team.remove(deploys, c.people.sam);
    // Who is in a channel is remembered for half a minute, and of one workflow's messages one a minute starts a run.
    await c.database.sql`update firings set created_at = created_at - interval '2 minutes' where kind = 'message'`;
    await c.claw.kill();
    await c.start();
    c.people.ada.says("it is broken again: 4711", { channel: deploys });
    const skipped = () =>
      c.database.sql<{ reason: string; payload: unknown }[]>`
        select reason, payload from firings where kind = 'message' and outcome = 'skipped'`;
    await until(async () => (await skipped()).length === 1);
    expect(await skipped()).toEqual([{ reason: "its owner cannot see that channel", payload: null }]);
    expect(told(word)).toHaveLength(1);
  });
});

test("a workflow that only its name leads to is neither run, nor paused, nor seen by who may not", async () => {
  const word = "bilby";
  await creates(c.people.ada, "every day at 9 look after the payroll", "payroll");
  await until(
    async () =>
      (await c.database.sql`select 1 from workflows where status = 'active' and name like '%payroll%'`).length === 1,
  );
  const [row] = await c.database.sql<
    { id: string; name: string }[]
  >`select id, name from workflows where name like '%payroll%'`;
  // Its home is a channel that sam is not in.
  await c.database
    .sql`update workflows set channel_id = ${`slack:${c.slack.team.id}:${secret.id}`} where id = ${row?.id ?? ""}`;
  const workflow = row?.name ?? "";
  script(
    word,
    { name: "workflow_list", arguments: {} },
    { name: "workflow_run", arguments: { workflow } },
    { name: "workflow_pause", arguments: { workflow } },
  );
  await creates(c.people.sam, `now run the workflow about ${word}, then pause the workflow`, word);
  for (const what of [/May I run the workflow/, /May I pause the workflow/]) {
    await approves(what);
  }
  await until(async () => told(word).length === 4);
  const results = told(word)
    .slice(1)
    .map((request) => resultsIn(request)[0]);
  expect(results.map((result) => result?.ok)).toEqual([true, false, false]);
  expect(results[0]?.text).not.toContain(workflow);
  expect(await c.database.sql`select 1 from runs where workflow_id = ${row?.id ?? ""}`).toEqual([]);
  expect(await c.database.sql`select status from workflows where id = ${row?.id ?? ""}`).toEqual([
    { status: "active" },
  ]);
});
