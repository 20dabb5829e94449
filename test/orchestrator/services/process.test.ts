/** A real Claw whose model endpoint is down for a while, on the wire. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ModelClaw, modelYaml, startModelClaw } from "../../e2e/model-claw.ts";
import { finishes, serverError } from "../../support/model-server.ts";

let set: ModelClaw;
beforeAll(async () => {
  set = await startModelClaw({
    yaml: modelYaml().replace(/retryDelays: \[.*?\]/, 'retryDelays: ["5s", "5s", "5s"]'),
  });
}, 120_000);
afterAll(() => set?.close());

test("runs wait for it without using up attempts, their threads say so, and go on when it is back", async () => {
  const endpoint = { up: false };
  set.model.always(() => (endpoint.up ? finishes("report", "Here again.") : serverError(503)));
  const stories = [];
  for (const bird of ["dunlin", "egret", "fulmar", "godwit", "hoopoe", "ibis"])
    stories.push(await set.story(`watch the ${bird}`));
  for (const story of stories) await story.see(/waits, run \d+:.*is not able to answer now \(503\)/, 60_000);
  expect((await set.database.sql`select status from breakers`).map((row) => row.status)).toEqual(["open"]);
  // Long enough for many a retry, had they gone on.
  const askedBefore = set.model.requests.length;
  await sleep(6_000);
  expect(set.model.requests.length - askedBefore).toBeLessThanOrEqual(1);

  endpoint.up = true;
  for (const story of stories) {
    await story.see(/Here again/, 90_000);
    await story.ends("succeeded");
    expect((await story.see(/is back since/)).words).toMatch(/the model at 127\.0\.0\.1/);
  }
  const [counts] = await set.database.sql`select max(failures_in_a_row)::int as failures from workflows`;
  expect(counts?.failures).toBe(0);
  const [spent] = await set.database.sql`select count(*)::int as n from attempts where outcome = 'failed'`;
  expect(Number(spent?.n)).toBeLessThanOrEqual(5 + 5);
}, 240_000);
