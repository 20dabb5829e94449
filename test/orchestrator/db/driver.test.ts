import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "../../../src/orchestrator/db/client.ts";
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
