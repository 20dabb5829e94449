import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import type { Log } from "../../../src/log.ts";
import { startEmbeddedPostgres } from "../../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { waitForDatabase } from "../../../src/orchestrator/db/wait.ts";
import { quietLog } from "../../support/database.ts";
import { freePort } from "../../support/ports.ts";
import { folder } from "./embedded-fixtures.ts";

const PASSWORD = "very-secret-word";

function recording(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const add = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: add, info: add, warn: add, error: add, child: () => log };
  return { log, lines };
}

const never = new AbortController().signal;

async function refusal(url: string, timeoutMs: number | null = null): Promise<string> {
  const outcome = await waitForDatabase(url, { log: quietLog, signal: never, timeoutMs }).then(
    () => "let in",
    (error: { code?: unknown; message: string }) => `${String(error.code)}: ${error.message}`,
  );
  expect(outcome).not.toContain(PASSWORD);
  return outcome;
}

test("a database that answers is waited for no longer", async () => {
  const { log, lines } = recording();
  await waitForDatabase(inject("postgresUrl"), { log, signal: never, timeoutMs: 10_000 });
  expect(lines).toEqual([]);
});

test("what waiting cannot mend is said at once, with what to do", async () => {
  const url = new URL(inject("postgresUrl"));
  url.pathname = "/no_such_database";
  expect(await refusal(url.href)).toMatch(/database_unavailable: .*has no database "no_such_database".*createdb/);
  url.password = PASSWORD;
  expect(await refusal(url.href)).toMatch(/refuses the password of user "claw"/);
  expect(await refusal(`mysql://claw:${PASSWORD}@127.0.0.1/claw`)).toMatch(/not a PostgreSQL URL/);
  expect(await refusal(`postgres://claw:${PASSWORD}/#@127.0.0.1:5432/claw`)).toMatch(/not a PostgreSQL URL/);
});

test("a database that nobody starts is given up after the time limit", async () => {
  const url = `postgres://claw:${PASSWORD}@127.0.0.1:${await freePort()}/claw`;
  expect(await refusal(url, 400)).toMatch(/cannot be reached: nothing listens there/);
});

test("a server that takes connections and hangs up, or is no PostgreSQL, is not taken for one", async () => {
  const server = createServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  expect(await refusal(`postgres://claw:${PASSWORD}@127.0.0.1:${port}/claw`, 300)).toMatch(/cannot be reached/);
});

test("a database that starts late is waited for, and the waiting is told without the password", async () => {
  const dataDir = await folder();
  const first = await startEmbeddedPostgres({ dataDir, log: quietLog });
  await first.stop();
  const { log, lines } = recording();
  const url = new URL(first.url);
  const server = createServer((socket) => void socket.destroy());
  await new Promise<void>((resolve) => server.listen(Number(url.port), "127.0.0.1", resolve));
  const waiting = waitForDatabase(url.href, { log, signal: never, timeoutMs: null });
  await sleep(300);
  await new Promise((resolve) => server.close(resolve));
  const again = await startEmbeddedPostgres({ dataDir, log: quietLog });
  // The server chose another port: bring it to where it is expected.
  const bridge = createServer((socket) => {
    import("node:net").then(({ connect }) => {
      const upstream = connect(Number(new URL(again.url).port), "127.0.0.1");
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream]) end.on("error", () => end.destroy());
    });
  });
  await new Promise<void>((resolve) => bridge.listen(Number(url.port), "127.0.0.1", resolve));
  await waiting;
  expect(lines.join("\n")).toMatch(/waiting for PostgreSQL/);
  expect(lines.join("\n")).not.toContain(url.password);
  await again.stop();
  bridge.close();
});

test("the wait ends when it is called off", async () => {
  const stop = new AbortController();
  const url = `postgres://claw:${PASSWORD}@127.0.0.1:${await freePort()}/claw`;
  const waiting = waitForDatabase(url, { log: quietLog, signal: stop.signal, timeoutMs: null });
  stop.abort(new Error("shutting down"));
  await expect(waiting).rejects.toThrow();
});
