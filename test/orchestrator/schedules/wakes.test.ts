/** Wakes: hints that something is due. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, type DatabaseClient } from "../../../src/orchestrator/db/client.ts";
import { createSignals } from "../../../src/orchestrator/db/signals.ts";
import { createWakes, type Wakes } from "../../../src/orchestrator/schedules/wakes.ts";
import { quietLog, type TestDatabase, testDatabase } from "../../support/database.ts";
import { type PgProxy, startPgProxy } from "../../support/pg-proxy.ts";
import { gate } from "../engine-case.ts";

let database: TestDatabase;
let proxy: PgProxy;
const open: { readonly wakes: Wakes; readonly client: DatabaseClient }[] = [];
beforeEach(async () => {
  database = await testDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = await startPgProxy({ target: { host: hostname, port: Number(port) } });
});
afterEach(async () => {
  for (const { wakes, client } of open.splice(0)) {
    await wakes.stop();
    await client.close();
  }
  await proxy.close();
  await database.close();
});

const clock = { now: () => Date.now() };
type Handlers = Parameters<typeof createWakes>[0]["handlers"];
async function wakesOf(owner: string, handlers: Handlers, url = database.url): Promise<Wakes> {
  const client = connect(url, { max: 2, applicationName: "wakes-test" });
  const signals = createSignals(client.sql, client.sql);
  const wakes = createWakes({ url, signals, owner, clock, log: quietLog, handlers });
  open.push({ wakes, client });
  await wakes.start();
  return wakes;
}
const alarms = (name: string) => database.sql`select locked_at from agenda_jobs where name = ${name}`;

/** What was looked at, after the look that every process begins with. */
async function looks(): Promise<{ seen: string[]; handler: (name: string) => () => Promise<void> }> {
  const seen: string[] = [];
  return { seen, handler: (name) => async () => void seen.push(name) };
}

describe("now", () => {
  it("a wake is attended by whoever knows its kind, and a failing handler stops no later wake", async () => {
    const { seen, handler } = await looks();
    const worker = await wakesOf("worker", {
      "runs.due": async () => {
        seen.push("run");
        if (seen.filter((each) => each === "run").length === 2) throw new Error("oops");
      },
    });
    const bot = await wakesOf("bot", { "deliveries.due": handler("delivery") });
    await expect.poll(() => seen.toSorted()).toEqual(["delivery", "run"]);
    seen.length = 1;
    seen[0] = "run";
    await bot.set("runs.due", clock.now());
    await expect.poll(() => seen).toEqual(["run", "run"]);
    await worker.set("deliveries.due", clock.now());
    await expect.poll(() => seen).toEqual(["run", "run", "delivery"]);
    await bot.set("runs.due", clock.now());
    await expect.poll(() => seen).toEqual(["run", "run", "delivery", "run"]);
  });

  it("who knows the kind itself looks, and so do the others", async () => {
    const { seen, handler } = await looks();
    const one = await wakesOf("one", { "runs.due": handler("one") });
    await wakesOf("two", { "runs.due": handler("two") });
    await expect.poll(() => seen.toSorted()).toEqual(["one", "two"]);
    await one.set("runs.due", clock.now());
    await expect.poll(() => seen.toSorted()).toEqual(["one", "one", "two", "two"]);
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
    await expect.poll(() => seen.begun).toBe(1);
    await wakes.set("runs.due", clock.now());
    await expect.poll(() => seen.begun).toBe(2);
    slow.open();
  });

  it("what is asked for a hundred times at once is told a few times", async () => {
    const { seen, handler } = await looks();
    await wakesOf("worker", { "runs.due": handler("run") });
    const bot = await wakesOf("bot", {});
    await expect.poll(() => seen).toEqual(["run"]);
    for (let n = 0; n < 100; n++) await bot.set("runs.due", clock.now());
    await expect.poll(() => seen.length).toBeGreaterThanOrEqual(3);
    expect(seen.length).toBeLessThan(20);
  });
});

describe("later", () => {
  it("what is due in a moment is looked at then, not before, by every process that knows its kind", async () => {
    const { seen } = await looks();
    const at = { due: 0, looked: [] as number[] };
    const handler = (name: string) => async () => {
      if (at.due === 0) return;
      seen.push(name);
      at.looked.push(clock.now());
    };
    await wakesOf("one", { "slots.due": handler("one") });
    await wakesOf("two", { "slots.due": handler("two") });
    const bot = await wakesOf("bot", {});
    at.due = clock.now() + 300;
    await bot.set("slots.due", at.due);
    await expect.poll(() => seen.toSorted()).toEqual(["one", "two"]);
    // Clocks are read in milliseconds, and rounded.
    for (const looked of at.looked) expect(looked).toBeGreaterThanOrEqual(at.due - 2);
    expect(await alarms("slots.due")).toHaveLength(0);
  });

  it("an alarm that is some time away is kept in the database, one for each second", async () => {
    const wakes = await wakesOf("a", { "runs.due": async () => {} });
    const at = Math.ceil(clock.now() / 1_000) * 1_000 + 3_600_000;
    for (let n = 0; n < 5; n++) await wakes.set("slots.due", at - n * 100);
    await wakes.set("slots.due", at + 1_000);
    await wakes.set("runs.due", at);
    expect(await alarms("slots.due")).toHaveLength(2);
    expect(await alarms("runs.due")).toHaveLength(1);
  });

  it("an alarm goes off at its time, whoever set it", async () => {
    const setter = await wakesOf("setter", {});
    const at = Math.ceil(clock.now() / 1_000) * 1_000 + 7_000;
    await setter.set("slots.due", at);
    await setter.stop();
    const looked: number[] = [];
    await wakesOf("worker", { "slots.due": async () => void looked.push(clock.now()) });
    await expect.poll(() => looked.length).toBe(2);
    expect(looked[1]).toBeGreaterThanOrEqual(at);
    await expect.poll(() => alarms("slots.due")).toHaveLength(0);
  });
});

describe("trouble", () => {
  it("a process that stops leaves no alarm locked", async () => {
    const wakes = await wakesOf("a", { "slots.due": async () => {} });
    // It is taken some time before it is due, and held until then; a machine that is slow gets another one.
    const held = async () => {
      const [alarm] = await alarms("slots.due");
      if (!alarm)
        await database.sql`insert into agenda_jobs (name, next_run_at) values ('slots.due', now() + interval '3 seconds')`;
      return alarm?.locked_at ?? null;
    };
    await expect.poll(held).not.toBeNull();
    await wakes.stop();
    const left = await alarms("slots.due");
    expect(left.filter(({ locked_at }) => locked_at !== null)).toHaveLength(0);
  });

  it("a database that went away is no error for whoever asks for a wake", async () => {
    const wakes = await wakesOf("a", {});
    await wakes.stop();
    await expect(wakes.set("runs.due", clock.now())).resolves.toBeUndefined();
    await expect(wakes.set("runs.due", clock.now() + 3_600_000)).resolves.toBeUndefined();
  });

  it("after an outage a process looks at what it may have missed, and hears again", { timeout: 60_000 }, async () => {
    const { seen, handler } = await looks();
    await wakesOf("worker", { "runs.due": handler("run") }, proxy.through(database.url));
    const bot = await wakesOf("bot", {});
    await expect.poll(() => seen.length).toBe(1);
    await proxy.refuse();
    proxy.cut();
    // Until it has tried in vain.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await proxy.accept();
    await expect.poll(() => seen.length).toBeGreaterThanOrEqual(2);
    const before = seen.length;
    await bot.set("runs.due", clock.now());
    await expect.poll(() => seen.length).toBeGreaterThan(before);
  });
});
