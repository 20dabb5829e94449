/** One bot process and two workers on one database: the same story, then hundreds of runs, each of them once. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClawProcess, Person, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, httpServer, type Reply } from "../support/http-server.ts";
import { press, say } from "../support/insist.ts";

const CHANNELS = ["general", "ops", "eng"] as const;
/** A person's previews that stand on one page. */
const BATCH = 15;
/** Milliseconds that anything here may take on a busy machine. */
const PATIENCE_MS = 100_000;

let database: TestDatabase;
let site: HttpServer;
let bot: ClawProcess;
let started: ClawProcess[];

async function startProcess(roles: string, again: { folder?: string; port?: number } = {}): Promise<ClawProcess> {
  const claw = await startClawProcess({ databaseUrl: database.url, env: { CLAW_ROLES: roles }, ...again });
  started.push(claw);
  return claw;
}
const startWorkers = () => Promise.all([startProcess("worker"), startProcess("worker")]);
const at = (name: string): Promise<Person> => Person.at(bot.url ?? "", name);

beforeEach(async () => {
  started = [];
  database = await testDatabase();
  site = await httpServer();
  bot = await startProcess("bot,console");
});

afterEach(async () => {
  for (const claw of started) await claw.kill();
  await site.close();
  await database.close();
  for (const claw of started) await removeFolder(claw.folder);
});

describe("three processes on one database", () => {
  it("play the main job: asked in one process, executed in another, once", { timeout: 120_000 }, async () => {
    site.page("/tickets", slowly("done", 0));
    const workers = await startWorkers();
    const sam = await at("sam");
    const root = await sam.create(`now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await sam.waitFor(/May I/, "general", root);
    const lin = await at("lin");
    await press(lin, asked, "Approve");
    await sam.waitFor(/rules model/, "general", root);
    expect(site.requests.map(({ method }) => method)).toEqual(["POST"]);
    expect(runsEndedBy(bot)).toBe(0);
    await until("the run's end is in a worker's log", async () => workers.map(runsEndedBy).includes(1));
  });

  it("execute 200 runs, each once, by both workers, and report each once", { timeout: 300_000 }, async () => {
    site.page("/page", slowly("all quiet", 100));
    const ids = numbers(200);
    await createAll(ids.map((id) => `now check ${site.url}/page?id=${id}`));
    // The queue is full before anybody works: two workers that start together race for every run.
    expect(await counts("runs")).toEqual({ queued: 200 });
    const workers = await startWorkers();
    await allSettled();
    expect(requested()).toEqual(ids.map((id) => `GET /page?id=${id}`).sort());
    expect(await counts("runs")).toEqual({ succeeded: 200 });
    await expectOneReportEach(200);
    const [one = 0, other = 0] = workers.map(runsEndedBy);
    expect(one + other).toBe(200);
    expect(Math.min(one, other)).toBeGreaterThan(0);
  });

  it("lose no run and double no call when a worker is killed among them", { timeout: 300_000 }, async () => {
    const tickets = held("done");
    site.page("/page", slowly("all quiet", 400));
    site.page("/tickets", tickets.reply);
    const reads = numbers(60);
    const writes = numbers(20);
    await createAll([
      ...writes.map((id) => `now use http_request method=POST url=${site.url}/tickets?id=${id} body=hello`),
      ...reads.map((id) => `now check ${site.url}/page?id=${id}`),
    ]);
    const workers = await startWorkers();
    const lin = await at("lin");
    await until("all calls are asked about", async () => (await counts("approvals")).pending === writes.length);
    const approved = Promise.all(writes.map((id) => say(lin, `/claw approve ${id}`)));
    const [doomed, survivor] = await callers(workers);
    await doomed.kill();
    const interrupted = await heldBy(doomed);
    tickets.release();
    await approved;

    await answerUnknowns(lin);
    await allSettled();
    expect(await counts("runs")).toEqual({ succeeded: 80 });
    await expectOneReportEach(80);
    const asked = requested();
    expect(asked.filter((request) => request.startsWith("POST"))).toEqual(
      writes.map((id) => `POST /tickets?id=${id}`).sort(),
    );
    // A read may be made again, but only where the lost worker was at it.
    expect(new Set(asked.filter((request) => request.startsWith("GET"))).size).toBe(reads.length);
    const doubled = asked.filter((request, index) => request === asked[index - 1]);
    for (const request of doubled) expect(interrupted.join("\n")).toContain(`${request.replace("GET ", "")} `);
    expect(runsEndedBy(survivor)).toBeGreaterThan(0);
  });

  it("leave nothing to a worker that froze past its leases and wakes up", { timeout: 300_000 }, async () => {
    const tickets = held("done");
    const page = held("all quiet");
    site.page("/page", page.reply);
    site.page("/tickets", tickets.reply);
    const ids = numbers(6);
    await createAll([
      ...ids.map((id) => `now use http_request method=POST url=${site.url}/tickets?id=${id} body=hello`),
      ...ids.map((id) => `now check ${site.url}/page?id=${id}`),
    ]);
    const workers = await startWorkers();
    const lin = await at("lin");
    await until("all calls are asked about", async () => (await counts("approvals")).pending === ids.length);
    await Promise.all(ids.map((id) => say(lin, `/claw approve ${id}`)));
    // Whether a call has left is what nobody can know of a frozen process; here all have.
    await until("every call has arrived", async () => requested().length === 2 * ids.length);
    const [frozen, other] = await callers(workers);
    frozen.child.kill("SIGSTOP");
    const interrupted = await heldBy(frozen);
    tickets.release();
    page.release();
    await answerUnknowns(lin);
    await allSettled();

    const before = await everythingWritten();
    frozen.child.kill("SIGCONT");
    const left = () =>
      frozen.stderr().match(/held by another worker|left to the next claim|run interrupted/g)?.length ?? 0;
    await until("it knows that its runs are not its own", async () => left() >= interrupted.length);
    expect(await everythingWritten()).toEqual(before);
    expect(interrupted.length).toBeGreaterThan(0);
    expect(runsEndedBy(frozen) + runsEndedBy(other)).toBe(12);
    expect(await counts("runs")).toEqual({ succeeded: 12 });
    await expectOneReportEach(12);
    expect(requested().filter((request) => request.startsWith("POST"))).toEqual(
      ids.map((id) => `POST /tickets?id=${id}`).sort(),
    );
  });

  it("are restarted one after the other under load, and nothing is lost or doubled", { timeout: 300_000 }, async () => {
    site.page("/page", slowly("all quiet", 200));
    site.page("/tickets", slowly("done", 200));
    const writes = numbers(8);
    const reads = numbers(30);
    await createAll([
      ...writes.map((id) => `now use http_request method=POST url=${site.url}/tickets?id=${id} body=hello`),
      ...reads.map((id) => `now check ${site.url}/page?id=${id}`),
    ]);
    const port = Number(new URL(bot.url ?? "").port);
    const workers = await startWorkers();
    const lin = await at("lin");
    await until("some calls are asked about", async () => ((await counts("approvals")).pending ?? 0) > 2);
    const approving = until("all are approved", async () => {
      for (const id of writes) await say(lin, `/claw approve ${id}`);
      return ((await counts("approvals")).pending ?? 0) === 0 && ((await counts("runs")).queued ?? 0) === 0;
    });
    for (const worker of workers) {
      expect(await worker.stop()).toBe(0);
      await startProcess("worker", { folder: worker.folder });
    }
    expect(await bot.stop()).toBe(0);
    bot = await startProcess("bot,console", { folder: bot.folder, port });
    await approving;
    await answerUnknowns(lin);
    await allSettled();
    expect(await counts("runs")).toEqual({ succeeded: 38 });
    await expectOneReportEach(38);
    const asked = requested();
    expect(asked.filter((request) => request.startsWith("POST"))).toEqual(
      writes.map((id) => `POST /tickets?id=${id}`).sort(),
    );
    expect(new Set(asked.filter((request) => request.startsWith("GET"))).size).toBe(reads.length);
  });
});

/** What runs have come to, as one line a table. */
async function everythingWritten(): Promise<readonly string[]> {
  const rows = await database.sql<{ rows: string }[]>`
    select md5(string_agg(t::text, ',' order by t::text)) as rows from steps t
    union all select md5(string_agg(t::text, ',' order by t::text)) from attempts t
    union all select md5(string_agg(t::text, ',' order by t::text)) from runs t
    union all select md5(string_agg(t::text, ',' order by t::text)) from waits t
    union all select md5(string_agg(t::text, ',' order by t::text)) from ledger t
    union all select md5(string_agg(t::text, ',' order by t::text)) from deliveries t`;
  return rows.map((row) => row.rows);
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

const slowly =
  (text: string, ms: number): Reply =>
  (_request, response) => {
    setTimeout(() => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.end(text);
    }, ms);
  };

/** Answers nothing until it is released, and then at once. */
function held(text: string): { readonly reply: Reply; readonly release: () => void } {
  const answers: (() => void)[] = [];
  const state = { open: false };
  const reply: Reply = (request, response) => {
    const answer = () => slowly(text, 0)(request, response);
    if (state.open) answer();
    else answers.push(answer);
  };
  const release = () => {
    state.open = true;
    for (const answer of answers) answer();
  };
  return { reply, release };
}

const requested = (): string[] => site.requests.map(({ method, path }) => `${method} ${path}`).sort();

/** Workflows that run once, each previewed and created by its owner. */
async function createAll(lines: readonly string[]): Promise<void> {
  const sam = await at("sam");
  for (let from = 0; from < lines.length; from += BATCH) {
    const channel = CHANNELS[(from / BATCH) % CHANNELS.length] ?? "general";
    const batch = lines.slice(from, from + BATCH);
    await Promise.all(batch.map((line) => say(sam, `/claw ${line}`, channel)));
    await until("all previews are there", async () => (await previews(sam, channel)).length === batch.length);
    await Promise.all((await previews(sam, channel)).map((preview) => press(sam, preview, "Create")));
    await until("all are created", async () => (await previews(sam, channel)).length === 0);
  }
}

const previews = async (person: Person, channel: string) =>
  (await person.see(channel)).filter((message) => message.buttons.some(({ label }) => label === "Create"));

async function counts(table: "runs" | "approvals"): Promise<Record<string, number>> {
  const rows = await database.sql<{ status: string; count: number }[]>`
    select status::text, count(*)::int from ${database.sql(table)} group by 1`;
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** Everything the page would show is there, and nothing is under way. */
async function allSettled(): Promise<void> {
  await until("nothing is under way", async () => {
    const [row] = await database.sql<{ open: number }[]>`
      select (select count(*) from runs where status in ('queued', 'running', 'waiting'))::int
        + (select count(*) from deliveries where status in ('pending', 'sending'))::int as open`;
    return row?.open === 0;
  });
}

/** In the thread of each workflow: its report, once. */
async function expectOneReportEach(runs: number): Promise<void> {
  const rows = await database.sql<{ threads: number; reports: number }[]>`
    select count(distinct thread_id)::int as threads, count(*)::int as reports from console_messages
    where thread_id is not null and card::text like '%rules model%' and card::text not like '%May I%'`;
  expect(rows).toEqual([{ threads: runs, reports: runs }]);
}

const runsEndedBy = (claw: ClawProcess): number => claw.stderr().match(/"msg":"run succeeded"/g)?.length ?? 0;

/** Leases name the process that holds them: host, process id and a random part. */
const ownedBy = (claw: ClawProcess): string => `%-${claw.pid}-%`;

/** The two workers, the one first whose call the outside has not answered. */
async function callers([one, other]: [ClawProcess, ClawProcess]): Promise<[ClawProcess, ClawProcess]> {
  const calls = async (claw: ClawProcess): Promise<number> => {
    const [row] = await database.sql<{ count: number }[]>`
      select count(*)::int from steps s join runs r on r.id = s.run_id
      where s.status = 'started' and s.name = 'http_request' and r.lease_owner like ${ownedBy(claw)}`;
    return row?.count ?? 0;
  };
  const under = { way: [0, 0] };
  await until("a call is under way", async () => {
    under.way = [await calls(one), await calls(other)];
    return Math.max(...under.way) > 0;
  });
  const [first = 0, second = 0] = under.way;
  return first >= second ? [one, other] : [other, one];
}

/** Instructions of the runs that a process held when it was lost. */
async function heldBy(claw: ClawProcess): Promise<readonly string[]> {
  const rows = await database.sql<{ instruction: string }[]>`
    select v.instruction from runs r join revisions v on v.workflow_id = r.workflow_id and v.number = r.revision
    where r.status = 'running' and r.lease_owner like ${ownedBy(claw)}`;
  return rows.map(({ instruction }) => `${instruction} `);
}

/** Where nobody knows whether a call was made, an approver looks outside, and says so or has it tried again. */
async function answerUnknowns(approver: Person): Promise<void> {
  const answered = new Set<string>();
  await until("no run waits for an answer", async () => {
    const open = await database.sql<{ thread: string; instruction: string }[]>`
      select d.thread_id as thread, v.instruction from deliveries d join revisions v using (workflow_id)
      where d.notice ->> 'kind' = 'unknownEffectAsked' and d.notice ->> 'decision' is null and d.status = 'sent'`;
    for (const { thread, instruction } of open.filter((each) => !answered.has(each.thread))) {
      const [channel = "", root = ""] = thread.split(":").slice(-2);
      const happened = site.requests.some(({ path }) => instruction.includes(`${path} `));
      const label = happened ? "It happened" : "Try again";
      const question = (await approver.see(channel, root)).find(({ words }) => /don't know whether/.test(words));
      if (!question?.buttons.some((button) => button.label === label)) continue;
      await press(approver, question, label);
      answered.add(thread);
    }
    const { running = 0, queued = 0, waiting = 0 } = await counts("runs");
    return running + queued + waiting === 0;
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const limit = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > limit) {
      const output = started.map((claw) => claw.stderr().slice(-3_000)).join("\n---\n");
      throw new Error(`it never came true that ${what}\n${output}`);
    }
    await sleep(100);
  }
}
