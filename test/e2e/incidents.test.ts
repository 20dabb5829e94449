/** Failures, pauses and dead letters as people at the console meet them, with a real Claw and a real model client. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { json } from "../support/http-server.ts";
import { calls, finishes, refuses, serverError } from "../support/model-server.ts";
import { until } from "../support/patience.ts";
import { type ModelClaw, modelYaml, type Story, startModelClaw } from "./model-claw.ts";

let set: ModelClaw;
beforeAll(async () => {
  const yaml = modelYaml().replace(/policies: \{.*\}/, "policies: { retryDelays: [], pauseAfterFailures: 3 }");
  set = await startModelClaw({ yaml });
});
afterAll(async () => {
  await set?.close();
  expect(set.model.complaints).toEqual([]);
});

const nameOf = async (story: Story): Promise<string> => {
  const [row] = await set.database
    .sql`select name from workflows where channel_id = ${`console:demo:${story.channel}`}`;
  return String(row?.name);
};
/** Runs it now and waits for the end. */
async function runs(story: Story, name: string, status: string): Promise<number> {
  const [before] = await set.database.sql`select coalesce(max(number), 0)::int as last from runs`;
  await story.owner.say(`/claw run ${name}`, story.channel);
  await until(async () => (await story.run().catch(() => null))?.number === Number(before?.last) + 1);
  await story.ends(status);
  return Number(before?.last) + 1;
}
const failures = async (story: Story): Promise<string[]> =>
  (await story.owner.see(story.channel, story.root))
    .map(({ words }) => words)
    .filter((words) => /The model declined|recovered after/.test(words));

test("the same failure again edits its card; it is acknowledged, pauses with one alert, and is over when a run ends well", async () => {
  set.script("dunnock", refuses("Not today."), refuses("I would rather not, after 3 tries."), refuses("No."));
  const story = await set.story("open the gate, dunnock", { when: "every day at 9" });
  const name = await nameOf(story);
  const first = await runs(story, name, "failed");
  await story.see(new RegExp(`${name} failed, run ${first}: The model declined: Not today`));

  const second = await runs(story, name, "failed");
  const card = await story.see(
    new RegExp(`failed 2 times, last run ${second}: The model declined: I would rather not`),
  );
  expect(await failures(story)).toHaveLength(1);
  expect(card.words).toMatch(new RegExp(`2 times the same way: since .* \\(run ${first}\\), last `));

  const vic = await set.at("vic");
  await story.press(card, "Acknowledge", vic);
  await vic.waitFor(/Only the owner of .*, an approver or an admin can acknowledge this/, story.channel, story.root);
  const lin = await set.at("lin");
  await story.press(card, "Acknowledge", lin);
  await story.see(/acknowledged by @Lin/);
  await story.ask(`ack ${name}`, /Already acknowledged by @Lin/);
  await story.ask("status", new RegExp(`1 incident.*${name} failed 2 times since .* acknowledged by @Lin`));

  await runs(story, name, "failed");
  const alert = await story.see(/paused by Claw.*3 runs in a row failed.*The model declined: No\./);
  const counted = await story.see(/failed 3 times, last run/);
  expect(counted.words).toMatch(/acknowledged by @Lin.*|paused since/);
  expect(await failures(story)).toHaveLength(2);
  await story.ask(
    `why ${name}`,
    /does not run: paused by Claw since .*3 runs in a row failed.*It failed that way 3 times/,
  );
  await story.press(alert, "Resume");
  await story.see(/resumed by @Sam/);

  set.script("dunnock", finishes("report", "The gate is open."));
  const well = await runs(story, name, "succeeded");
  const over = await story.see(new RegExp(`recovered after 3 failures: run ${well} ended well`));
  expect(over.messageId).toBe(card.messageId);
  expect(over.buttons.map(({ label }) => label)).toEqual(["Inspect"]);
  await story.ask(`ack ${name}`, /has no open incident/);
});

test("a dead letter says where it stopped; begun anew it warns of what it had changed, and asks again", async () => {
  set.site.page("/orders", json({ id: 1 }));
  const url = `${set.site.url}/orders`;
  const order = { name: "http_request", arguments: { method: "POST", url, body: "two" } };
  set.script("firecrest", calls(order), serverError(500));
  const story = await set.story(`order two from ${url}, firecrest`);
  await story.press(await story.see(/May I send POST/), "Approve", await set.at("lin"));
  const { number } = await story.ends("dead");
  const posts = () => set.site.requests.filter(({ method, path }) => method === "POST" && path === "/orders");
  expect(posts()).toHaveLength(1);

  const dead = await story.ask("dead", new RegExp(`1 dead letter.*run ${number}.*dead since .*step 2\\.0 .*1 try`));
  await story.press(dead, "From the start");
  const asks = await story.owner.waitFor(new RegExp(`Begin run ${number} anew`), story.channel);
  expect(asks.words).toMatch(/changed send POST to/i);
  expect(await story.run(), "nothing was begun yet").toMatchObject({ number, status: "dead" });

  set.script("firecrest", calls(order), finishes("report", "Ordered."));
  await story.press(asks, "Begin anew");
  await story.owner.waitFor(new RegExp(`begins run ${number} anew`), story.channel);
  const again = await story.see(new RegExp(`run ${number}, which this one began anew, did exactly this already`));
  expect(posts(), "not without a new yes").toHaveLength(1);
  await story.see(/begun anew as run \d+ by @Sam/);
  await story.press(again, "Deny…", await set.at("lin"), "it was ordered");
  await story.ends("succeeded");
  expect(posts()).toHaveLength(1);
  expect(await set.database.sql`select from runs where number = ${number} and status = 'discarded'`).toHaveLength(1);
  await story.see(/recovered after 1 failure/);
});

test("a line about a workflow that there is not is an error with suggestions, and no preview", async () => {
  const story = await set.story("say hello, gadwall", { when: "every day at 9" });
  const name = await nameOf(story);
  const answer = await story.ask(`edit ${name}x every day at 10`, new RegExp(`There is no workflow "${name}x"`));
  expect(answer.buttons[0]).toMatchObject({ action: "command", value: `edit ${name} every day at 10` });
  const drafts = await set.database.sql`select from workflows where status = 'draft'`;
  expect(drafts).toHaveLength(0);
  await story.press(answer, answer.buttons[0]?.label ?? "");
  await story.owner.waitFor(new RegExp(`${name} is changed, revision 2`), story.channel);
});

test("a pause with a note leaves its slots out, says how many, and goes on at the next one", async () => {
  // A time of day that is far away.
  const hour = (new Date().getUTCHours() + 12) % 24;
  const story = await set.story("say hello, hoopoe", { when: `every day at ${hour}:30` });
  const name = await nameOf(story);
  await story.ask(`pause ${name} while I look`, /is paused/);
  await story.see(/paused by @Sam.*while I look/);
  // As if it had been so for two weeks.
  await set.database.sql`update workflows set paused_at = paused_at - interval '14 days',
    paused_slot_at = paused_slot_at - interval '14 days' where name = ${name}`;
  await story.ask(`why ${name}`, /paused by Sam since .*: while I look; 1[3-5] slots were left out/);
  await story.ask(`resume ${name}`, /goes on\. Next: .* 1[3-5] slots fell into the pause/);
  const rows = await set.database.sql`select f.count, f.outcome, f.reason from firings f
    join workflows w on w.id = f.workflow_id where w.name = ${name} and f.outcome <> 'ran'`;
  expect(rows).toEqual([
    { count: expect.any(Number), outcome: "skipped", reason: expect.stringContaining("paused by Sam") },
  ]);
  const [next] = await set.database.sql`select next_slot_at > now() as ahead from workflows where name = ${name}`;
  expect(next).toEqual({ ahead: true });
});
