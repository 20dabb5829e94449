/** Wakes: hints that something is due. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { createWakes, type Wakes } from "../../../src/orchestrator/schedules/agenda.ts";
import { quietLog, type TestDatabase, testDatabase } from "../../support/database.ts";
import { gate } from "../engine-case.ts";

let database: TestDatabase;
const open: Wakes[] = [];
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  for (const wakes of open.splice(0)) await wakes.stop();
  await database.close();
});

const clock = { now: () => Date.now() };
async function wakesOf(owner: string, handlers: Parameters<typeof createWakes>[0]["handlers"]): Promise<Wakes> {
  const wakes = createWakes({ url: database.url, owner, clock, log: quietLog, handlers });
  open.push(wakes);
  await wakes.start();
  return wakes;
}
const alarms = (name: string) => database.sql`select locked_at from agenda_jobs where name = ${name}`;
const SOON = { timeout: 20_000 } as const;

it("an alarm asked for many times for the same time is one", async () => {
  const wakes = await wakesOf("a", {});
  const at = clock.now() + 3_600_000;
  for (let n = 0; n < 5; n++) await wakes.set("slots.due", at);
  await wakes.set("slots.due", at + 1_000);
  await wakes.set("runs.due", at);
  expect(await alarms("slots.due")).toHaveLength(2);
  expect(await alarms("runs.due")).toHaveLength(1);
});

it("a wake is attended by whoever knows its kind, and a failing handler stops no later wake", async () => {
  const seen: string[] = [];
  const worker = await wakesOf("worker", {
    "runs.due": async () => {
      seen.push("run");
      if (seen.length === 1) throw new Error("oops");
    },
  });
  const bot = await wakesOf("bot", { "deliveries.due": async () => void seen.push("delivery") });
  await bot.set("runs.due", clock.now());
  await expect.poll(() => seen, SOON).toEqual(["run"]);
  await worker.set("deliveries.due", clock.now());
  await expect.poll(() => seen, SOON).toEqual(["run", "delivery"]);
  await bot.set("runs.due", clock.now());
  await expect.poll(() => seen, SOON).toEqual(["run", "delivery", "run"]);
});

it("a wake asked for while one of its kind is attended is attended as well", async () => {
  const slow = gate();
  const seen = { begun: 0 };
  const wakes = await wakesOf("a", {
    "runs.due": async () => {
      seen.begun += 1;
      await slow.opened;
    },
  });
  await wakes.set("runs.due", clock.now());
  await expect.poll(() => seen.begun, SOON).toBe(1);
  await wakes.set("runs.due", clock.now());
  await expect.poll(() => seen.begun, SOON).toBe(2);
  slow.open();
  await expect.poll(() => alarms("runs.due"), SOON).toHaveLength(0);
});

it("a process that stops leaves no wake locked", async () => {
  const slow = gate();
  const seen = { begun: false };
  const wakes = await wakesOf("a", {
    "runs.due": async () => {
      seen.begun = true;
      await slow.opened;
    },
  });
  await wakes.set("runs.due", clock.now());
  await expect.poll(() => seen.begun, SOON).toBe(true);
  await wakes.stop();
  const left = await alarms("runs.due");
  expect(left.filter(({ locked_at }) => locked_at !== null)).toHaveLength(0);
  slow.open();
});

it("a database that went away is no error for whoever asks for a wake", async () => {
  const wakes = await wakesOf("a", {});
  await wakes.stop();
  await expect(wakes.set("runs.due", clock.now())).resolves.toBeUndefined();
});
