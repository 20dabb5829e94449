/** Money with a ceiling: what a priced model costs, and what happens when a run or a day has used up what it may. */
import { afterEach, expect, test } from "vitest";
import type { SeenMessage } from "../bot/console/visitor.ts";
import { calls, finishes, type Reply, says, serverError } from "../support/model-server.ts";
import { until } from "../support/patience.ts";
import { type ModelClaw, modelYaml, type Story, startModelClaw } from "./model-claw.ts";

let set: ModelClaw;

/** $20 and $100 for a million tokens; a call's answer has at most 100 tokens. */
const priced = (budget: string): string =>
  modelYaml(
    `budget: { ${budget} }\nmodel: { maxOutputTokens: 100, price: { input: 20, cachedInput: 10, output: 100 } }`,
  );

/** 3,500 tokens in at $20 a million, 1,000 from the cache at $10, 100 out at $100: $0.09. */
const dear = (reply: Extract<Reply, { kind: "answer" }>): Reply => ({
  ...reply,
  usage: { input: 4_500, cached: 1_000, output: 100 },
});
const nothing = { name: "no_such_tool", arguments: {} };
const looks = (): Reply => dear(calls(nothing) as Extract<Reply, { kind: "answer" }>);
const reports = (text: string): Reply => dear(finishes("report", text) as Extract<Reply, { kind: "answer" }>);

const labelled = (message: SeenMessage, label: RegExp): string =>
  message.buttons.find((button) => label.test(button.label))?.label ?? `a button like ${label}`;

const paused = (story: Story) => story.see(/Paused at .*wants one more model call/);

async function start(budget: string): Promise<void> {
  set = await startModelClaw({ yaml: priced(budget) });
}
afterEach(async () => {
  await set?.close();
  expect(set.model.complaints).toEqual([]);
});

test("what calls cost is booked to the millionth, and a run that reaches its ceiling waits for its owner", async () => {
  await start("runCeiling: 0.1");
  set.script("auk", looks(), reports("Affordable after all."));
  const story = await set.story("spend a little, auk");
  const card = await paused(story);
  expect(card.words).toMatch(/spent \$0\.09 of \$0\.10/);
  expect(card.buttons.map(({ label }) => label)).toEqual([expect.stringMatching(/^Allow \$0\.05 more$/), "Stop"]);
  const { number } = await story.ends("waiting");
  expect(story.requests()).toHaveLength(1);
  await story.ask(`inspect ${number}`, /waits.*for more money/);

  const allow = labelled(card, /^Allow/);
  await story.press(card, allow, await set.at("vic"));
  await (await set.at("vic")).waitFor(/Only the owner of .* or an admin can do that/, story.channel, story.root);
  expect((await story.run()).status).toBe("waiting");

  await story.press(card, allow);
  await story.see(/Affordable after all/);
  await story.ends("succeeded");
  await story.see(/more allowed by @Sam/);
  await story.press(card, allow);
  await story.see(/This was answered already/);

  const [booked] = await set.database.sql<{ micros: number; open: number }[]>`
    select sum(settled_micros)::int as micros, count(*) filter (where status = 'reserved')::int as open from ledger`;
  expect(booked).toEqual({ micros: 180_000, open: 0 });
  const cost = await story.ask("cost", /in 7 days/);
  expect(cost.words).toMatch(/\$0\.18 in 7 days · today \$0\.18 of \$5/);
  expect(cost.words).toMatch(/auk .*1 run/);
});

test("Stop at the ceiling fails the run and asks no more of the model", async () => {
  await start("runCeiling: 0.1");
  set.script("bunting", looks());
  const story = await set.story("spend too much, bunting");
  const card = await paused(story);
  await story.press(card, "Stop");
  await story.see(/Sam stopped it at its ceiling/);
  expect(await story.ends("failed")).toMatchObject({ failure: { code: "over_budget" } });
  const answered = await story.see(/Stopped by @Sam/);
  expect(answered.buttons).toEqual([]);
  expect(story.requests()).toHaveLength(1);
});

test("a call that failed with a 500 is counted at its worst, and what it may have cost is told", async () => {
  await start("runCeiling: 0.5");
  set.script("curlew", serverError(500), reports("It cost something."));
  const story = await set.story("fail once, curlew");
  await story.see(/It cost something/);
  const ledger = await set.database.sql<{ status: string; reserved: number; settled: number }[]>`
    select status, reserved_micros::int as reserved, settled_micros::int as settled from ledger order by created_at`;
  expect(ledger).toEqual([
    { status: "lost", reserved: expect.any(Number), settled: ledger[0]?.reserved },
    { status: "settled", reserved: expect.any(Number), settled: 90_000 },
  ]);
});

test("the workspace's ceiling for the day stops every workflow, and only an admin lifts it", async () => {
  await start("runCeiling: 1, dayCeiling: 0.1");
  set.script("dove", looks(), says("Hm."), reports("The day was long."));
  set.script("finch", reports("A little came of it."));
  const story = await set.story("spend all day, dove");
  const card = await paused(story);
  expect(card.words).toMatch(/the workspace's \$0\.10 a day/);
  expect(card.words).toMatch(/who an admin/);
  const allow = labelled(card, /^Allow/);
  await story.press(card, allow);
  await story.see(/Only an admin can lift the workspace's ceiling/);
  expect((await story.run()).status).toBe("waiting");

  const other = await set.story("spend too, finch");
  await paused(other);
  expect(other.requests()).toEqual([]);

  // One yes is for everybody who waits for the day; who finds too little left asks again.
  const ada = await set.at("ada");
  await story.press(card, allow, ada);
  await other.see(/more allowed by @Ada/);
  await until(async () => {
    for (const each of [story, other]) {
      const again = (await ada.see(each.channel, each.root)).find((message) =>
        message.buttons.some(({ label }) => /^Allow/.test(label)),
      );
      if (again) await each.press(again, labelled(again, /^Allow/), ada);
    }
    return (await story.run()).status === "succeeded" && (await other.run()).status === "succeeded";
  });
  await story.see(/The day was long/);
  await other.see(/A little came of it/);
});
