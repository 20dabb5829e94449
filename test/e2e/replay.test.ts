/** `/claw replay <run>` in a real Claw: a write that was approved once is not done again, and only the asker is told. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { json } from "../support/http-server.ts";
import { calls, finishes } from "../support/model-server.ts";
import { type ModelClaw, startModelClaw } from "./model-claw.ts";

let set: ModelClaw;
beforeAll(async () => {
  set = await startModelClaw();
});
afterAll(async () => {
  await set?.close();
  expect(set.model.complaints).toEqual([]);
});

test("a replay does nothing to the world, and says privately what differs", async () => {
  set.site.page("/orders", json({ id: 1 }));
  const url = `${set.site.url}/orders`;
  const order = { name: "http_request", arguments: { method: "POST", url, body: "two" } };
  set.script("auk", calls(order), finishes("report", "Ordered two."));
  const story = await set.story(`order two from ${url}, auk`);
  await story.press(await story.see(/May I send POST/), "Approve", await set.at("lin"));
  const original = await story.ends("succeeded");
  const posts = () => set.site.requests.filter(({ method }) => method === "POST");
  expect(posts()).toHaveLength(1);
  const thread = await story.all();

  set.script("auk", calls(order), finishes("report", "Ordered two pairs."));
  await story.ask(`replay ${original.number}`, /replays run/);
  const told = await story.owner.waitFor(/came out differently/, story.channel);
  expect(told.words).toMatch(/Ordered two pairs/);
  expect(posts()).toHaveLength(1);
  expect(await story.all()).toBe(thread);
  const ada = await set.at("ada");
  expect((await ada.see(story.channel)).some(({ words }) => /came out differently/.test(words))).toBe(false);
  await story.ask("runs", new RegExp(`replay of run ${original.number}`));
});
