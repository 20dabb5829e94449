import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "../../../src/orchestrator/db/client.ts";
import { isPassing } from "../../../src/orchestrator/db/work.ts";
import { testDatabase } from "../../support/database.ts";
import { startPgProxy } from "../../support/pg-proxy.ts";

test("a statement fails, and is not tried without end, when the other side only hangs up", async () => {
  let greeted = 0;
  const server = createServer((socket) => {
    greeted += 1;
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  const client = connect(`postgres://claw:x@127.0.0.1:${port}/claw`, { max: 2, applicationName: "test" });
  const outcomes = await Promise.allSettled([client.sql`select 1`, client.sql`select 2`, client.sql`select 3`]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(greeted).toBeLessThanOrEqual(3);
  await client.close();
});

test("statements that follow a lost connection at once are answered, one way or the other", async () => {
  const database = await testDatabase({ empty: true });
  const { hostname: host, port } = new URL(database.url);
  const proxy = await startPgProxy({ target: { host, port: Number(port) } });
  const client = connect(proxy.through(database.url), { max: 2, applicationName: "test" });
  for (let round = 0; round < 5; round += 1) {
    await client.sql`select 1`;
    const asleep = [client.sql`select pg_sleep(30)`, client.sql`select pg_sleep(30)`].map((statement) =>
      statement.catch(() => client.sql`select 1 as n`.then(([row]) => row?.n)),
    );
    // The server's processes of earlier rounds sleep on: it does not look at who they work for.
    const asleepThere = () => database.sql`select from pg_stat_activity
      where wait_event = 'PgSleep' and datname = current_database()`;
    await expect.poll(asleepThere).toHaveLength(2 * (round + 1));
    proxy.cut();
    expect(await Promise.all(asleep)).toEqual([1, 1]);
  }
  await client.close();
  await proxy.close();
  await database.close();
});

test("a transaction whose connection is lost is rejected; the process lives, and the pool is as large as before", async () => {
  const database = await testDatabase({ empty: true });
  const { hostname: host, port } = new URL(database.url);
  const proxy = await startPgProxy({ target: { host, port: Number(port) } });
  const client = connect(proxy.through(database.url), { max: 3, applicationName: "test" });
  const thrown: unknown[] = [];
  const note = (error: unknown) => void thrown.push(error);
  process.on("uncaughtException", note);
  onTestFinished(() => void process.off("uncaughtException", note));
  for (let round = 0; round < 8; round += 1) {
    const lost = [1, 2, 3].map((n) =>
      client.sql
        .begin(async (tx) => {
          await tx`select ${n}::int`;
          await tx`select pg_sleep(30)`;
        })
        .then(
          () => "committed",
          () => "rejected",
        ),
    );
    const asleep = () => database.sql`select from pg_stat_activity
      where wait_event = 'PgSleep' and datname = current_database()`;
    await expect.poll(asleep).toHaveLength(3);
    // Half of the time by the server, half of the time on the way.
    if (round % 2 === 0) proxy.cut();
    await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'test'`;
    expect(await Promise.all(lost)).toEqual(["rejected", "rejected", "rejected"]);
    // One that the server is just ending may be handed out once more.
    const once = (n: number) => client.sql.begin((tx) => tx`select ${n}::int as n`.then(([row]) => row?.n));
    const later = [1, 2, 3].map((n) => once(n).catch(() => once(n)));
    expect(await Promise.all(later)).toEqual([1, 2, 3]);
  }
  expect(thrown).toEqual([]);
  await client.close();
  await proxy.close();
  await database.close();
});

test("a connection that is lost with a statement on its way out is as good as new afterwards", async () => {
  const database = await testDatabase({ empty: true });
  const { hostname: host, port } = new URL(database.url);
  const proxy = await startPgProxy({ target: { host, port: Number(port) } });
  const client = connect(proxy.through(database.url), { max: 1, applicationName: "test" });
  for (let round = 0; round < 20; round += 1) {
    const first = client.sql`select 1`;
    await first;
    proxy.cut();
    // Handed to the connection at every moment around its loss.
    const answers: Promise<unknown>[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      answers.push(client.sql`select ${turn}::int`.catch(() => null));
      await new Promise((resolve) => (turn % 2 === 0 ? setImmediate(resolve) : setTimeout(resolve, 0)));
    }
    await Promise.all(answers);
    expect(await client.sql`select 2 as n`).toEqual([{ n: 2 }]);
  }
  await client.close();
  await proxy.close();
  await database.close();
});

test("a connection whose own first question fails rejects the statement it was opened for, and the process lives", async () => {
  const database = await testDatabase({ empty: true });
  const { hostname: host, port } = new URL(database.url);
  const proxy = await startPgProxy({ target: { host, port: Number(port) } });
  const client = connect(proxy.through(database.url), { max: 2, applicationName: "test" });
  const thrown: unknown[] = [];
  const note = (error: unknown) => void thrown.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const shutDown = { sqlState: "57P01", message: "terminating connection" };
  proxy.failStatements(({ text }) => (text.includes("pg_type") ? shutDown : null));
  await expect(client.sql`select 1`).rejects.toSatisfy(isPassing);
  await expect(client.sql.begin((tx) => tx`select 1`)).rejects.toSatisfy(isPassing);
  proxy.failStatements(null);
  expect(await client.sql`select array[1, 2] as list`).toEqual([{ list: [1, 2] }]);
  expect(thrown).toEqual([]);
  await client.close();
  await proxy.close();
  await database.close();
});

test("a transaction of a process that says nothing more is ended by the server, and keeps its rows from nobody", async () => {
  const database = await testDatabase({ empty: true });
  const client = connect(database.url, { max: 1, applicationName: "test" });
  await database.sql`create table kept (n int)`;
  await database.sql`insert into kept values (1)`;
  const frozen = client.sql
    .begin(async (tx) => {
      await tx`select n from kept for update`;
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      await tx`update kept set n = 2`;
    })
    .catch((error: unknown) => error);
  const free = () => database.sql`select n from kept for update skip locked`;
  await expect.poll(free).toHaveLength(0);
  await expect.poll(free).toEqual([{ n: 1 }]);
  expect(await frozen).toSatisfy(isPassing);
  expect(await client.sql`select n from kept`).toEqual([{ n: 1 }]);
  await client.close();
  await database.close();
});
