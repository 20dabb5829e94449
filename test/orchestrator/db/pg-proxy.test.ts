/** Two clients, as Claw uses them: `postgres` for its own tables, `pg` inside Agenda's backend. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "../../../src/orchestrator/db/client.ts";
import { testDatabase } from "../../support/database.ts";
import { type PgProxyOptions, startPgProxy } from "../../support/pg-proxy.ts";

interface Rows {
  readonly rows: readonly Record<string, unknown>[];
}

interface Session {
  readonly name: string;
  /** Runs one statement on the only connection. */
  readonly run: (text: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;
}

interface PgClient {
  connect(): Promise<void>;
  query(config: { text: string; values?: readonly unknown[]; name?: string }): Promise<Rows>;
  on(event: "error", listener: () => void): void;
  end(): Promise<void>;
}

const resolveFromAgenda = createRequire(import.meta.resolve("@agendajs/postgres-backend"));
const { Client } = resolveFromAgenda("pg") as { Client: new (config: object) => PgClient };

async function nodePostgres(url: string): Promise<Session> {
  const client = new Client({ connectionString: url, application_name: "node-postgres" });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => void client.end().catch(() => {}));
  let used = 0;
  return {
    name: "node-postgres",
    run: async (text, values) => {
      used += 1;
      // Every other statement under a name: then only its first use sends the text.
      const name = values !== undefined && used % 2 === 0 ? { name: `named ${text.slice(0, 40)}` } : {};
      return (await client.query({ text, ...(values === undefined ? {} : { values }), ...name })).rows;
    },
  };
}

async function postgresJs(url: string): Promise<Session> {
  const client = connect(url, { max: 1, applicationName: "postgres.js" });
  onTestFinished(() => void client.sql.end({ timeout: 0 }));
  // One connection of its own, or it would open a second one while the first waits.
  const session = await client.sql.reserve();
  return {
    name: "postgres.js",
    run: (text, values) =>
      session.unsafe(text, [...(values ?? [])] as never[], values === undefined ? {} : { prepare: true }),
  };
}

const CLIENTS = [
  ["postgres.js", postgresJs],
  ["node-postgres", nodePostgres],
] as const;

async function proxied(onCommit?: PgProxyOptions["onCommit"]) {
  const database = await testDatabase({ empty: true });
  const { hostname: host, port } = new URL(database.url);
  const target = { host, port: Number(port) };
  const proxy = await startPgProxy(onCommit === undefined ? { target } : { target, onCommit });
  onTestFinished(async () => {
    await proxy.close();
    await database.close();
  });
  await database.sql`create table t (id int primary key, n int not null default 0)`;
  const ids = async () => (await database.sql`select id from t order by id`).map((row) => row.id as number);
  return { proxy, ids, url: proxy.through(database.url), direct: database };
}

test.each(CLIENTS)("%s: what becomes durable is numbered, and nothing else", async (name, open) => {
  const seen: string[] = [];
  const { proxy, ids, url } = await proxied((commit, phase) => {
    seen.push(`${phase} ${commit.n} ${commit.connection} ${commit.tables.join("+")} ${commit.statements.length}`);
    return "go";
  });
  const { run } = await open(url);
  await run("select 1");
  await run("insert into t values (1)");
  await run("insert into t values ($1)", [2]);
  await run("insert into t values ($1)", [3]);
  await run("update t set n = 1 where id = 99");
  await run("update t set n = 1 where id = $1", [98]);
  await run("begin");
  await run("select count(*) from t");
  await run("commit");
  await run("begin");
  await run("insert into t values ($1)", [4]);
  await run("rollback");
  await run("begin");
  await run("insert into t values ($1)", [5]);
  await run("update t set n = n + 1 where id < $1", [3]);
  await run("update t set n = n + 1 where id > 50");
  await run("commit");
  const claimed = await run(
    "with due as (select id from t where id = 5 for update) update t set n = 9 from due where t.id = due.id returning t.n",
  );
  expect(claimed).toEqual([{ n: 9 }]);
  const lines = [
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 1],
  ].flatMap(([n, statements]) => ["before", "after"].map((phase) => `${phase} ${n} ${name} t ${statements}`));
  expect(seen).toEqual(lines);
  expect(proxy.commits()).toBe(5);
  expect(await ids()).toEqual([1, 2, 3, 5]);
});

test.each(CLIENTS)("%s: errors arrive as without the proxy, and the connection lives on", async (_name, open) => {
  const { proxy, url, direct } = await proxied();
  const { run } = await open(url);
  await direct.sql`create table u (id int references t deferrable initially deferred)`;
  await run("insert into t values (1)");
  await expect(run("insert into t values (1)")).rejects.toMatchObject({ code: "23505" });
  await expect(run("insert into t values ($1)", [1])).rejects.toMatchObject({ code: "23505" });
  await expect(run("insert into nowhere values (1)")).rejects.toMatchObject({ code: "42P01" });
  await expect(run("insert into u values ($1)", [7])).rejects.toMatchObject({ code: "23503" });
  await run("begin");
  await expect(run("insert into t values (1)")).rejects.toMatchObject({ code: "23505" });
  await expect(run("select 1")).rejects.toMatchObject({ code: "25P02" });
  await run("commit");
  const before = proxy.commits();
  await run("insert into t values ($1)", [2]);
  expect(proxy.commits()).toBe(before + 1);
  expect(await direct.sql`select * from u`).toHaveLength(0);
});

for (const [name, open] of CLIENTS)
  test.each([
    ["before", "write", []],
    ["after", "write", [1]],
    ["before", "transaction", []],
    ["after", "transaction", [1]],
  ] as const)(`${name}: held %s the commit of a %s`, async (phase, kind, expected) => {
    let held = () => {};
    const reached = new Promise<void>((resolve) => {
      held = resolve;
    });
    const { ids, url, direct } = await proxied((_commit, now) => {
      if (now !== phase) return "go";
      held();
      return "hold";
    });
    const { run } = await open(url);
    if (kind === "transaction") await run("begin");
    const answers: string[] = [];
    const insert = run("insert into t values ($1)", [1]);
    const last = kind === "transaction" ? insert.then(() => run("commit")) : insert;
    last.then(
      () => answers.push("answered"),
      () => answers.push("failed"),
    );
    await reached;
    // The row's lock is gone once the server has noticed.
    await direct.sql.begin((tx) => tx`lock table t`);
    expect(await ids()).toEqual(expected);
    expect(answers).toEqual([]);
  });

test("a process is killed before and after each of its commits, and exactly those before count", async () => {
  const code = (url: string) => `
    import postgres from "postgres";
    const sql = postgres(${JSON.stringify(url)}, { max: 3 });
    await sql.begin(async (tx) => { await tx\`insert into t values (1)\`; await tx\`insert into t values (2)\`; });
    await sql\`insert into t values (\${3})\`;
    await sql\`update t set n = 1 where id = 77\`;
    await sql.begin((tx) => [tx\`update t set n = 5 where id = 3\`, tx\`insert into t values (4)\`]);
    await sql\`delete from t where id = 1\`;
    await sql.end();`;
  const states = [[], [1, 2], [1, 2, 3], [1, 2, 3, 4], [2, 3, 4]];
  const { ids, direct } = await proxied();
  const target = { host: "127.0.0.1", port: Number(new URL(direct.url).port) };
  const play = async (killAt: { readonly n: number; readonly phase: string } | null): Promise<number> => {
    await direct.sql`delete from t`;
    let kill = () => {};
    const proxy = await startPgProxy({
      target,
      onCommit: (commit, phase) => {
        if (commit.n !== killAt?.n || phase !== killAt.phase) return "go";
        kill();
        return "hold";
      },
    });
    const script = code(proxy.through(direct.url));
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
    kill = () => void child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    await proxy.close();
    return proxy.commits();
  };
  const total = await play(null);
  expect(total).toBe(4);
  expect(await ids()).toEqual(states[total]);
  for (let n = 1; n <= total; n += 1) {
    await play({ n, phase: "before" });
    expect(await ids()).toEqual(states[n - 1]);
    await play({ n, phase: "after" });
    expect(await ids()).toEqual(states[n]);
  }
});

test("pipelined statements, notifications and COPY pass through", async () => {
  const { proxy, ids, url } = await proxied();
  const client = connect(url, { max: 1, applicationName: "pipeline" });
  onTestFinished(() => client.close());
  const numbers = Array.from({ length: 60 }, (_, id) => id);
  await Promise.all(
    numbers.map((id) => (id % 3 === 0 ? client.sql`insert into t values (${id})` : client.sql`select ${id}::int`)),
  );
  expect(await ids()).toEqual(numbers.filter((id) => id % 3 === 0));
  expect(proxy.commits()).toBe(20);

  const heard: string[] = [];
  await client.sql.listen("news", (text) => void heard.push(text));
  await client.sql`select pg_notify('news', 'hello')`;
  await expect.poll(() => heard).toEqual(["hello"]);

  await pipeline(Readable.from(["100\t1\n", "101\t1\n"]), await client.sql`copy t from stdin`.writable());
  expect((await ids()).slice(-2)).toEqual([100, 101]);
});

test("faults: cut, refused, frozen", async () => {
  const { proxy, url } = await proxied();
  const client = connect(url, { max: 1, applicationName: "faults" });
  onTestFinished(() => void client.sql.end({ timeout: 0 }));
  await client.sql`select 1`;
  const asleep = client.sql`select pg_sleep(30)`.catch((error: { code: string }) => error.code);
  await sleep(50);
  proxy.cut();
  expect(await asleep).toBe("CONNECTION_CLOSED");

  await proxy.refuse();
  await expect(client.sql`select 1`).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await proxy.accept();
  expect(await client.sql`select 2 as n`).toEqual([{ n: 2 }]);

  proxy.pause();
  const answers: unknown[] = [];
  const frozen = client.sql`select 3 as n`.then(([row]) => answers.push(row));
  await sleep(100);
  expect(answers).toEqual([]);
  proxy.resume();
  await frozen;
  expect(answers).toEqual([{ n: 3 }]);
});

test("a statement is answered with an error, and what its transaction did before is undone", async () => {
  const { proxy, ids, url } = await proxied();
  for (const session of [await postgresJs(url), await nodePostgres(url)]) {
    const failing = (pattern: RegExp) =>
      proxy.failStatements(({ text }) => (pattern.test(text) ? { sqlState: "40001", message: "try again" } : null));
    failing(/values/);
    await expect(session.run("insert into t values ($1)", [1])).rejects.toMatchObject({ code: "40001" });
    await expect(session.run("insert into t values (2)")).rejects.toMatchObject({ code: "40001" });
    expect(await session.run("select $1::int as n", [7])).toMatchObject([{ n: 7 }]);

    failing(/values \(4\)/);
    await session.run("begin");
    await session.run("insert into t values ($1)", [3]);
    await expect(session.run("insert into t values (4)")).rejects.toMatchObject({ code: "40001" });
    await session.run("rollback");

    failing(/commit/);
    await session.run("begin");
    await session.run("insert into t values ($1)", [5]);
    await expect(session.run("commit")).rejects.toMatchObject({ code: "40001" });
    expect(await ids()).toEqual([]);

    proxy.failStatements(null);
    await session.run("insert into t values ($1)", [6]);
    expect(await ids()).toEqual([6]);
    await session.run("delete from t");
  }
});
