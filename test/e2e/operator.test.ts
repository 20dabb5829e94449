/** What operators meet, with real processes: starts that cannot work, stops, second starts, and checks from the terminal. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer, connect as dial, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startEmbeddedPostgres } from "../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { packageRoot } from "../../src/package-root.ts";
import {
  type ClawProcess,
  CONSOLE_TOKEN,
  Person,
  QUICK_YAML,
  removeFolder,
  startClawProcess,
} from "../support/claw-process.ts";
import { quietLog, type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, hang, html, httpServer } from "../support/http-server.ts";
import { startModelServer } from "../support/model-server.ts";
import { until } from "../support/patience.ts";
import { freePort } from "../support/ports.ts";

let folder: string;
let database: TestDatabase;
let site: HttpServer;
/** Ends what a test started, whatever became of it. */
const ends: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "claw-operator-"));
  [database, site] = await Promise.all([testDatabase(), httpServer()]);
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await Promise.all([site.close(), database.close(), removeFolder(folder)]);
});

interface Terminal {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly exit: Promise<number | null>;
}

/** One command in the test's folder, with nothing in the environment but what is given. */
function claw(args: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
  const child = spawn(process.execPath, [join(packageRoot(), "bin", "claw.js"), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, CLAW_CONSOLE_PORT: "0", CLAW_TIMEZONE: "Europe/Paris", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    said.out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said.err += chunk.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  ends.push(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  return { child, out: () => said.out, err: () => said.err, exit };
}

async function started(options: Parameters<typeof startClawProcess>[0] = {}): Promise<ClawProcess> {
  const running = await startClawProcess({ databaseUrl: database.url, folder, ...options });
  ends.push(() => running.kill());
  return running;
}

/** Two, three lines for people: no stack, nothing that was to stay secret. */
function isForPeople(text: string): void {
  expect(text).not.toMatch(/^\s+at /m);
  expect(text).not.toMatch(/Error:/);
  expect(text.trim().split("\n").length).toBeLessThan(12);
}

const withPassword = (password: string): string => {
  const url = new URL(database.url);
  url.password = password;
  return url.href;
};

describe("a start that cannot work yet, or never", () => {
  test("waits for a database that is down, says so without the password, and goes on when it is there", async () => {
    const port = await freePort();
    const url = new URL(database.url);
    const target = { host: url.hostname, port: Number(url.port) };
    url.port = String(port);
    const waiting = claw(["start"], { DATABASE_URL: url.href, CLAW_CONSOLE_TOKEN: CONSOLE_TOKEN });
    await until(
      async () => /waiting for PostgreSQL/.test(waiting.err()),
      async () => waiting.err(),
    );
    expect(waiting.err()).toMatch(/nothing listens there/);
    expect(waiting.err()).toContain(`127.0.0.1:${port}`);
    expect(waiting.err()).not.toContain(url.password);
    expect(waiting.out()).toBe("");
    const proxy: Server = createServer((client) => {
      const server = dial(target);
      client.pipe(server).pipe(client);
      for (const socket of [client, server])
        socket.on("error", () => {
          client.destroy();
          server.destroy();
        });
    });
    await new Promise<void>((resolve) => proxy.listen(port, "127.0.0.1", resolve));
    ends.unshift(async () => proxy.close());
    await until(
      async () => /^model /m.test(waiting.out()),
      async () => waiting.err(),
    );
    const console_ = /(http:\/\/\S+?)\/\?key=/.exec(waiting.out())?.[1] ?? "";
    const sam = await Person.at(console_, "sam");
    await sam.say("/claw list");
    await sam.waitFor(/No workflows yet/);
    waiting.child.kill("SIGTERM");
    expect(await waiting.exit).toBe(0);
  });

  test("Ctrl-C while it waits for the database ends it in order", async () => {
    const waiting = claw(["start"], { DATABASE_URL: `postgres://claw:secret@127.0.0.1:${await freePort()}/claw` });
    await until(async () => /waiting for PostgreSQL/.test(waiting.err()));
    waiting.child.kill("SIGINT");
    expect(await waiting.exit).toBe(0);
  });

  test("ends at once at a wrong password, an unknown database, or a URL that is none", async () => {
    const wrong = claw(["start"], { DATABASE_URL: withPassword("not-the-password") });
    expect(await wrong.exit).toBe(1);
    expect(wrong.err()).toMatch(/refuses the password of user ".+"\. Correct it in DATABASE_URL/);
    expect(wrong.err()).not.toContain("not-the-password");
    isForPeople(wrong.err());

    const unknown = new URL(database.url);
    unknown.pathname = "/no_such_database";
    const missing = claw(["start"], { DATABASE_URL: unknown.href });
    expect(await missing.exit).toBe(1);
    expect(missing.err()).toMatch(/no database "no_such_database"\. Create it \(createdb no_such_database\)/);
    isForPeople(missing.err());

    const none = claw(["start"], { DATABASE_URL: "mysql://root:hunter2@localhost/claw" });
    expect(await none.exit).toBe(2);
    expect(none.err()).toMatch(/DATABASE_URL.*must be a PostgreSQL URL/);
    expect(none.err()).not.toContain("hunter2");
  });

  test("names a port that is in use, and leaves nothing running", async () => {
    const taken = claw(["start"], { DATABASE_URL: database.url, CLAW_CONSOLE_PORT: String(site.port) });
    expect(await taken.exit).toBe(1);
    expect(taken.err()).toMatch(new RegExp(`Port ${site.port} .*is in use`));
    expect(taken.err()).toContain("CLAW_CONSOLE_PORT");
    const connected = await database.sql<{ count: number }[]>`
      select count(*)::int from pg_stat_activity where datname = current_database() and application_name like 'claw%'
      and application_name <> 'claw-test'`;
    expect(connected[0]?.count).toBe(0);
  });

  test("says which data directory cannot be written, also to root", async () => {
    await writeFile(join(folder, "a-file"), "in the way");
    for (const dataDir of [join(folder, "a-file"), join(folder, "a-file", "data"), "/proc/claw"]) {
      const unwritable = claw(["start"], { CLAW_DATA_DIR: dataDir });
      expect(await unwritable.exit).toBe(1);
      expect(unwritable.err()).toContain(dataDir);
      expect(unwritable.err()).toMatch(/cannot be written[\s\S]*CLAW_DATA_DIR/);
      isForPeople(unwritable.err());
    }
  });

  test("says where a config file is wrong, or that it cannot be read", async () => {
    const start = async (env: Record<string, string> = {}) => {
      const process_ = claw(["start"], { DATABASE_URL: database.url, ...env });
      expect(await process_.exit).toBe(2);
      isForPeople(process_.err());
      return process_.err();
    };
    const file = join(folder, "claw.config.yaml");
    await writeFile(file, 'egress: { allow: ["127.0.0.1" }\n');
    expect(await start()).toMatch(/claw\.config\.yaml.*not valid YAML at line 1, column \d+/);
    await writeFile(file, "egres: { allow: [hunter2] }\npolicies: { maxSteps: none-of-yours }\nbudget: 5\n");
    const wrong = await start();
    expect(wrong).toMatch(/egres.*egress/);
    expect(wrong).toMatch(/policies\.maxSteps.*line 2/);
    expect(wrong).toMatch(/budget.*section/);
    expect(wrong).not.toMatch(/hunter2|none-of-yours/);
    await removeFolder(file);
    await mkdir(file);
    expect(await start()).toMatch(/claw\.config\.yaml.*is a directory, not a file/);
    await removeFolder(file);
    expect(await start({ CLAW_CONFIG: "elsewhere.yaml" })).toMatch(/CLAW_CONFIG.*elsewhere\.yaml does not exist/);
    expect(await start({ CLAW_CONFIG: "/proc/self/mem" })).toMatch(/CLAW_CONFIG.*\/proc\/self\/mem cannot be read/);
  });

  test("names every bad variable at once and shows no value", async () => {
    const bad = {
      DATABASE_URL: "postgres:secret-1",
      CLAW_ROLES: "bot,secret-2",
      CLAW_CONSOLE_PORT: "secret-3",
      CLAW_CONSOLE_TOKEN: "secret-4",
      CLAW_TIMEZONE: "Secret/Five",
      CLAW_SECRET_KEY: "secret-6",
      SLACK_BOT_TOKEN: "secret-7",
      OPENAI_BASE_URL: "secret-8",
      LOG_LEVEL: "secret-9",
    };
    const wrong = claw(["start"], bad);
    expect(await wrong.exit).toBe(2);
    for (const name of Object.keys(bad)) expect(wrong.err()).toContain(name);
    expect(wrong.err()).not.toMatch(/secret-\d|Secret\/Five/);
    expect(wrong.err()).not.toMatch(/^\s+at /m);
  });

  test("wants a shared database when a role is left to another process", async () => {
    const alone = claw(["start"], { CLAW_ROLES: "worker" });
    expect(await alone.exit).toBe(2);
    expect(alone.err()).toMatch(/DATABASE_URL.*is needed when CLAW_ROLES leaves a role to another process/);
  });
});

describe("stopping and starting again", () => {
  test("a second start on the same data goes on: what was created before runs after", async () => {
    const first = await startClawProcess({ folder });
    ends.push(() => first.kill());
    const sam = await Person.at(first.url ?? "", "sam");
    const root = await sam.create("every day at 9 remind stand up");
    expect(await first.stop()).toBe(0);

    const server = await startEmbeddedPostgres({ dataDir: join(folder, ".claw", "postgres"), log: quietLog });
    const sql = postgres(server.url, { max: 1 });
    await sql`update workflows set next_slot_at = now() - interval '5 seconds'`;
    await sql.end();
    await server.stop();

    const second = await startClawProcess({ folder });
    ends.push(() => second.kill());
    const again = await Person.at(second.url ?? "", "sam");
    await again.waitFor(/stand up.*rules model/, "general", root);
    expect(await second.stop()).toBe(0);
  });

  /** A run that reads a page which never answers. */
  async function amid(): Promise<{ running: ClawProcess; root: string }> {
    site.page("/slow", hang);
    const running = await started();
    const sam = await Person.at(running.url ?? "", "sam");
    const root = await sam.create(`now check ${site.url}/slow`);
    await until(async () => site.requests.length === 1);
    return { running, root };
  }

  test("Ctrl-C amid a slow call stops in order, and the next start finishes the run with one report", async () => {
    const { running, root } = await amid();
    running.child.kill("SIGINT");
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(running.stderr()).toMatch(/Stopping in order\. Ctrl-C again stops at once/);
    expect(running.stderr()).not.toMatch(/Not stopped after/);
    const [left] = await database.sql`select status, lease_owner from runs`;
    expect(["queued", "running"]).toContain(left?.status);

    site.page("/slow", html("<title>Here at last</title><p>Slow</p>"));
    const second = await started();
    const sam = await Person.at(second.url ?? "", "sam");
    await sam.waitFor(/Here at last/, "general", root);
    expect(site.requests).toHaveLength(2);
    const reports = (await sam.see("general", root)).filter(({ words }) => /Here at last/.test(words));
    expect(reports).toHaveLength(1);
    expect(await database.sql`select status from runs`).toEqual([{ status: "succeeded" }]);
  });

  test("a second Ctrl-C ends at once", async () => {
    const { running } = await amid();
    running.child.kill("SIGINT");
    await until(async () => /Stopping in order/.test(running.stderr()));
    running.child.kill("SIGINT");
    expect(await running.exited).toEqual({ code: 130, signal: null });
    expect(running.stderr()).toMatch(/Stopped at once/);
  });

  test("slots that were missed are accounted for: the latest runs, the others are told", async () => {
    const first = await started();
    const sam = await Person.at(first.url ?? "", "sam");
    // A slot that fires before the stop would be the latest one, and has run then.
    const untilNextMinute = 60_000 - (Date.now() % 60_000);
    if (untilNextMinute < 15_000) await sleep(untilNextMinute + 500);
    const root = await sam.create("every minute remind breathe");
    await first.stop();
    await database.sql`update workflows set next_slot_at = next_slot_at - interval '20 minutes'`;
    const second = await started();
    const back = await Person.at(second.url ?? "", "sam");
    const card = await back.waitFor(/missed \d+ slots/, "general", root);
    expect(card.words).toMatch(/Claw was not running/);
    expect(card.words).toMatch(/the latest one runs now/);
    expect(card.buttons.map(({ label }) => label)).toContain("Run now");
    await back.waitFor(/breathe.*rules model/, "general", root);
    const firings = await database.sql<{ outcome: string; slots: number; rows: number }[]>`
      select outcome, sum(count)::int as slots, count(*)::int as rows from firings where planned_at < now() - interval '5 seconds'
      or outcome <> 'ran' group by outcome order by outcome`;
    const of = (outcome: string) => firings.find((each) => each.outcome === outcome);
    expect(of("missed")).toMatchObject({ rows: 1 });
    const accounted = firings.reduce((sum, each) => sum + each.slots, 0);
    expect(accounted).toBeGreaterThanOrEqual(19);
    expect(of("ran")?.slots ?? 1).toBeLessThanOrEqual(2);
  });
});

describe("checks from the terminal", () => {
  test("doctor says what works beside a running Claw, and what to do about what does not", async () => {
    const model = await startModelServer();
    ends.push(() => model.close({ forgive: true }));
    const running = await started();
    const env = { DATABASE_URL: database.url, OPENAI_BASE_URL: model.url, CLAW_MODEL: "scripted-1" };
    const doctor = claw(["doctor"], { ...env, CLAW_CONSOLE_PORT: new URL(running.url ?? "").port });
    await doctor.exit;
    expect(doctor.out()).toMatch(/^ok +database/m);
    expect(doctor.out()).toMatch(/^off +slack/im);
    expect(doctor.out()).toMatch(/console port.*is served by a Claw that runs/);
    const away = claw(["doctor", "--json"], { DATABASE_URL: `postgres://a:b@127.0.0.1:${await freePort()}/c` });
    expect(await away.exit).toBe(1);
    const said = JSON.parse(away.out()) as { ok: boolean; checks: { state: string; what: string; advice: string }[] };
    expect(said.ok).toBe(false);
    expect(said.checks.filter(({ state }) => state === "broken").map(({ what }) => what)).toEqual(["database"]);
  });

  test("audit verify says intact after a story, and names the event that was changed by hand", async () => {
    const running = await started({ yaml: QUICK_YAML });
    const sam = await Person.at(running.url ?? "", "sam");
    const root = await sam.create("now remind stretch");
    await sam.waitFor(/stretch.*rules model/, "general", root);
    await running.stop();
    const env = { DATABASE_URL: database.url };
    const seal = claw(["audit", "seal"], env);
    expect(await seal.exit).toBe(0);
    const intact = claw(["audit", "verify"], env);
    expect(await intact.exit).toBe(0);
    expect(intact.out()).toMatch(/console:demo: intact\. \d+ seals? covers? \d+ events/);

    const [event] = await database.sql<{ id: string }[]>`
      update audit_events set detail = detail || '{"instruction": "something else"}' where action = 'workflow.drafted'
      returning id::text`;
    const changed = claw(["audit", "verify"], env);
    expect(await changed.exit).toBe(1);
    expect(changed.out()).toMatch(/TAMPERED WITH/);
    expect(changed.out()).toContain(`Event ${event?.id}, covered by seal`);
    expect(changed.out()).toMatch(/was changed/);
    expect(changed.out().match(/was changed/g)).toHaveLength(1);
  });
});
