/** What a workflow does in channels and with other workflows, by a real Claw with a model. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { calls, finishes } from "../support/model-server.ts";
import { until } from "../support/patience.ts";
import { type ModelClaw, resultsIn, startModelClaw } from "./model-claw.ts";

let set: ModelClaw;
beforeAll(async () => {
  set = await startModelClaw();
});
afterAll(async () => {
  await set?.close();
  expect(set.model.complaints).toEqual([]);
});

test("a channel is read, a message in it pinned and given an emoji, and people see that", async () => {
  const ada = await set.at("ada");
  await ada.say("who has the keys of the office?", "room-38");
  await ada.say("Lin has them", "room-38");
  const [, answer] = await set.database.sql<{ id: string }[]>`
    select id from console_messages where channel_id = 'console:demo:room-38' order by seq`;
  const message = answer?.id ?? "";
  set.script(
    "keys",
    calls({ name: "channel_history", arguments: { channel: "#room-38", hours: 1 } }),
    calls(
      { name: "channel_pin", arguments: { channel: "#room-38", message } },
      { name: "channel_react", arguments: { channel: "#room-38", message, emoji: "white_check_mark" } },
    ),
    finishes("report", "Lin has the keys"),
  );
  const story = await set.story("look in the channel #room-38 who has the keys, pin the answer and react to it");
  const lin = await set.at("lin");
  for (const what of [/May I pin a message in #room-38/, /May I react with white_check_mark in #room-38/]) {
    const asked = await story.see(what);
    // What people wrote there is outside text.
    expect(asked.words).toMatch(/read text from outside \(channel_history #room-38\)/);
    await story.press(asked, "Approve", lin);
  }
  await story.ends("succeeded");
  const [, read, marked] = story.requests();
  expect(resultsIn(read)[0]?.text).toMatch(
    /who has the keys of the office\?.*Ada|Ada.*who has the keys of the office\?/s,
  );
  expect(resultsIn(marked).map(({ ok }) => ok)).toEqual([true, true]);
  const page = await lin.visitor.get("/channels/room-38");
  expect(page.text).toMatch(/pinned by Claw/);
  expect(page.text).toContain("✅");
});

test("another workflow is run once although Claw is killed meanwhile, and one is created as it was shown", async () => {
  set.script("lighthouse", finishes("report", "The lighthouse is on"));
  const other = await set.story("look at the lighthouse", { when: "every day at 3" });
  const [row] = await set.database.sql<{ id: string; name: string }[]>`
    select id, name from workflows where channel_id = ${`console:demo:${other.channel}`}`;
  const workflow = row?.name ?? "";
  set.script(
    "harbour",
    calls({ name: "workflow_run", arguments: { workflow } }),
    calls({
      name: "workflow_create",
      arguments: { when: "every weekday at 9", instruction: "remind the crew about the harbour" },
    }),
    finishes("report", "All is set in the harbour"),
  );
  const story = await set.story("run the other workflow for the harbour, then create a workflow");
  const run = await story.see(/May I run the workflow/);
  await set.restart();
  let lin = await set.at("lin");
  await story.press(run, "Approve", lin);
  const create = await lin.waitFor(/May I create a workflow/, story.channel, story.root);
  expect(create.words).toMatch(/\+ when: Every weekday at 09:00/);
  expect(create.words).toMatch(/\+ next: /);
  expect(create.words).toMatch(/\+ does: remind the crew about the harbour/);
  expect(create.words).not.toContain("Always allow");
  await set.restart();
  lin = await set.at("lin");
  await story.press(create, "Approve", lin);
  await story.ends("succeeded");
  await until(async () => {
    const runs = await set.database.sql`select status from runs where workflow_id = ${row?.id ?? ""}`;
    return runs.length === 1 && runs[0]?.status === "succeeded";
  });
  const made = await set.database.sql<{ status: string; owner_id: string; channel_id: string }[]>`
    select status, owner_id, channel_id from workflows where created_from like 'run:%'`;
  expect(made).toEqual([
    { status: "active", owner_id: "console:demo:sam", channel_id: `console:demo:${story.channel}` },
  ]);
  await lin.waitFor(/remind the crew about the harbour/, story.channel);
});

test("a workflow that wants to run itself is told no", async () => {
  set.script(
    "ouroboros",
    calls({ name: "workflow_run", arguments: { workflow: "ouroboros" } }),
    finishes("report", "Stopped"),
  );
  const story = await set.story("run the workflow ouroboros");
  await set.database.sql`update workflows set name = 'ouroboros' where channel_id = ${`console:demo:${story.channel}`}`;
  const asked = await story.see(/May I run the workflow ouroboros/);
  await story.press(asked, "Approve", await set.at("lin"));
  await story.ends("succeeded");
  expect(resultsIn(story.requests()[1])[0]).toMatchObject({
    ok: false,
    text: expect.stringContaining("cannot run itself"),
  });
  const runs = await set.database
    .sql`select 1 from runs r join workflows w on w.id = r.workflow_id where w.name = 'ouroboros'`;
  expect(runs).toHaveLength(1);
});
