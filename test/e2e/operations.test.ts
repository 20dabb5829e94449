/** Firing policies as people and operators meet them, in real processes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WORKER_NAME } from "../../src/orchestrator/schedules/agenda.ts";
import { situationOf } from "../../src/orchestrator/watchdog/store.ts";
import { type ClawProcess, Person, QUICK_YAML, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, httpServer } from "../support/http-server.ts";

let database: TestDatabase;
let server: HttpServer;
const processes: ClawProcess[] = [];
beforeEach(async () => {
  [database, server] = [await testDatabase(), await httpServer()];
  server.page("/page", "all is well");
});
afterEach(async () => {
  for (const each of processes.splice(0)) {
    await each.stop();
    await removeFolder(each.folder);
  }
  await database.close();
  await server.close();
});
const start = async (env: Record<string, string> = {}, yaml = QUICK_YAML): Promise<ClawProcess> => {
  const started = await startClawProcess({ databaseUrl: database.url, env, yaml });
  processes.push(started);
  return started;
};
const at = async (claw: ClawProcess, name: string): Promise<Person> => Person.at(claw.url ?? "", name);

describe("the watchdog outside", () => {
  it("is pinged by a process that is well", async () => {
    server.page("/check", "OK");
    const claw = await start({ CLAW_WATCHDOG_URL: `${server.url}/check` });
    for (let tried = 0; server.requests.length === 0; tried++) {
      if (tried > 400) throw new Error(`no ping came: ${claw.stderr()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(server.requests[0]).toMatchObject({ method: "GET", path: "/check" });
    expect(claw.stdout() + claw.stderr()).not.toContain("/check");
  });
});

describe("the watchdog inside", () => {
  it("tells processes that execute runs from those that do not", async () => {
    await start({ CLAW_ROLES: "bot,console" });
    const seen = () => situationOf(database.db, new Date(), WORKER_NAME);
    expect(await seen()).toMatchObject({ readOnly: false, connections: 0, awake: 0 });
    await start();
    expect((await seen()).awake).toBeGreaterThan(0);
  });
});

describe("at the console", () => {
  it("times are skipped, taken back, left out at quiet hours, and run after all", async () => {
    // Closed at every hour but one that passes at most once within the test.
    const hour = (new Date().getUTCHours() + 23) % 24;
    const two = (value: number) => String(value).padStart(2, "0");
    const quiet = `calendar: { quietHours: "${two((hour + 1) % 24)}:00-${two(hour)}:00", zone: UTC }\n`;
    const claw = await start({}, QUICK_YAML + quiet);
    const sam = await at(claw, "sam");
    await sam.create(`every minute check ${server.url}/page`);
    const [workflow] = await database.sql`select id, name from workflows`;
    const name = String(workflow?.name);

    await sam.say(`/claw skip ${name} 2`);
    await sam.press(await sam.waitFor(/skips the next 2 times/), "Undo");
    await sam.waitFor(/skips nothing/);

    await database.sql`update workflows set next_slot_at = date_trunc('minute', now()) where id = ${workflow?.id}`;
    for (let tried = 0; (await database.sql`select from firings where outcome = 'skipped'`).length === 0; tried++) {
      if (tried > 600) throw new Error("the slot was not skipped");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await sam.say(`/claw why ${name}`);
    // A time that people can read, not the sign for one.
    await sam.waitFor(/did not run at \d{1,2} \w{3} .*quiet hours/);

    const [past] = await database.sql`select to_char(now() - interval '2 minutes', 'YYYY-MM-DD"T"HH24:MI"Z"') as at`;
    await sam.say(`/claw backfill ${name} ${past?.at}`);
    await sam.press(await sam.waitFor(/for 1 past time\?/), "Run 1");
    await sam.waitFor(/runs for 1 past time/);
    for (let tried = 0; (await database.sql`select from runs where status = 'succeeded'`).length === 0; tried++) {
      if (tried > 600) throw new Error("the backfill did not run");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(server.requests.map(({ path }) => path)).toContain("/page");
  });
});
