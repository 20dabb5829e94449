/** The embedded server dies while Claw runs. */
import { createServer, type Server } from "node:net";
import { expect, test, vi } from "vitest";
import type { Log } from "../../../src/log.ts";
import { startEmbeddedPostgres } from "../../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { folder, isRunning, query, serverPid } from "./embedded-fixtures.ts";

const SOON = { timeout: 60_000 } as const;

function heard(): { readonly log: Log; readonly said: string[] } {
  const said: string[] = [];
  const hear = (_: object, message: string) => void said.push(message);
  const log: Log = { debug() {}, info() {}, warn: hear, error: hear, child: () => log };
  return { log, said };
}

const rowsOf = async (url: string) => [...(await query(url, "select n from t").catch(() => []))];

test("a server that is killed is started again where it was, as often as it dies, until Claw stops", async () => {
  const dataDir = await folder();
  const { log, said } = heard();
  const server = await startEmbeddedPostgres({ dataDir, log });
  server.keepUp();
  await query(server.url, "create table t as select 42 as n");
  for (let times = 1; times <= 2; times += 1) {
    const before = serverPid(dataDir) ?? 0;
    process.kill(before, "SIGKILL");
    await expect.poll(() => rowsOf(server.url), SOON).toEqual([{ n: 42 }]);
    expect(serverPid(dataDir)).not.toBe(before);
    await expect.poll(() => said.filter((each) => each.endsWith("work goes on")).length, SOON).toBe(times);
  }
  const pid = serverPid(dataDir) ?? 0;
  await server.stop();
  expect(isRunning(pid)).toBe(false);
  expect(said.filter((each) => each.includes("has died"))).toHaveLength(2);
}, 180_000);

test("its port is taken meanwhile: it says so, and comes back once the port is free", async () => {
  const dataDir = await folder();
  const { log, said } = heard();
  const server = await startEmbeddedPostgres({ dataDir, log });
  await query(server.url, "create table t as select 42 as n");
  const port = Number(new URL(server.url).port);
  process.kill(serverPid(dataDir) ?? 0, "SIGKILL");
  const squatter = await listens(port);
  server.keepUp();
  await expect.poll(() => said.some((each) => each.includes("does not start")), SOON).toBe(true);
  await new Promise((resolve) => squatter.close(resolve));
  await expect.poll(() => rowsOf(server.url), SOON).toEqual([{ n: 42 }]);
  await server.stop();
}, 180_000);

/** As soon as it can: whoever had the port lets go of it a moment after it was killed. */
async function listens(port: number): Promise<Server> {
  const tryOnce = () =>
    new Promise<Server | null>((resolve) => {
      const server = createServer((socket) => socket.destroy());
      server.once("error", () => resolve(null));
      server.listen(port, "127.0.0.1", () => resolve(server));
    });
  return vi.waitFor(async () => (await tryOnce()) ?? Promise.reject(new Error(`port ${port} is taken`)), SOON);
}
