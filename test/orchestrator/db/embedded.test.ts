import { spawn } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { startEmbeddedPostgres } from "../../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { quietLog } from "../../support/database.ts";
import { PATIENCE_MS } from "../../support/patience.ts";
import { folder, isRunning, owner, query, serverPid } from "./embedded-fixtures.ts";

const start = (dataDir: string) => startEmbeddedPostgres({ dataDir, log: quietLog });

async function withRow(dataDir: string): Promise<void> {
  const server = await start(dataDir);
  await query(server.url, "create table t as select 42 as n");
  await server.stop();
}

test("a stopped server goes on where it stopped, and only this machine with the password gets in", async () => {
  const dataDir = await folder();
  const first = await start(dataDir);
  expect(first).toMatchObject({ attached: false, version: expect.stringMatching(/^1\d\./) });
  await query(first.url, "create table t as select 'grüße' as n");
  const [settings] = await query(
    first.url,
    `select current_setting('listen_addresses') as listens, current_setting('fsync') as fsync,
       current_setting('unix_socket_directories') as sockets, current_setting('server_encoding') as encoding`,
  );
  expect(settings).toEqual({ listens: "127.0.0.1", fsync: "on", sockets: "", encoding: "UTF8" });
  const guess = new URL(first.url);
  guess.password = "guess";
  await expect(query(guess.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
  expect((await stat(join(dataDir, "password"))).mode & 0o777).toBe(0o600);
  await Promise.all([first.stop(), first.stop()]);
  await first.stop();
  await expect(query(first.url, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });

  const second = await start(dataDir);
  expect([...(await query(second.url, "select n from t"))]).toEqual([{ n: "grüße" }]);
  await second.stop();
});

test("a server killed with SIGKILL comes back with every acknowledged row", async () => {
  const dataDir = await folder();
  const first = await start(dataDir);
  await query(first.url, "create table t (n int)");
  for (let n = 0; n < 20; n += 1) await query(first.url, `insert into t values (${n})`);
  process.kill(serverPid(dataDir) ?? 0, "SIGKILL");
  const second = await start(dataDir);
  expect(second.attached).toBe(false);
  expect([...(await query(second.url, "select count(*)::int as n from t"))]).toEqual([{ n: 20 }]);
  await second.stop();
});

test("after Claw was killed, the next one attaches to the server it left, and stops it at its end", async () => {
  const dataDir = await folder();
  const killed = await owner(dataDir);
  const before = await killed.started;
  killed.child.kill("SIGKILL");
  const pid = serverPid(dataDir) ?? 0;
  await sleep(50);
  const next = await start(dataDir);
  expect(next).toMatchObject({ attached: true, url: "url" in before ? before.url : "" });
  await query(next.url, "select 1");
  await next.stop();
  expect(isRunning(pid)).toBe(false);
});

test("four processes that start at once share one server, and the last one out stops it", async () => {
  const dataDir = await folder();
  const owners = await Promise.all([1, 2, 3, 4].map(() => owner(dataDir)));
  const started = await Promise.all(owners.map((one) => one.started));
  expect(new Set(started.map((one) => ("url" in one ? one.url : one.error))).size).toBe(1);
  expect(started.filter((one) => "attached" in one && !one.attached)).toHaveLength(1);
  const pid = serverPid(dataDir) ?? 0;
  const [last, ...others] = owners;
  await Promise.all(others.map((one) => one.quit()));
  expect(isRunning(pid)).toBe(true);
  await last?.quit();
  expect(isRunning(pid)).toBe(false);
  expect(await readdir(join(dataDir, "owners"))).toEqual([]);
  expect(await readdir(join(dataDir, "claims"))).toEqual([]);
});

test("the mark of a dead server does not block the start, not even when its id lives on as something else", async () => {
  const dataDir = await folder();
  await withRow(dataDir);
  // The child ends once the shell, which would ask how, has become `sleep`, which never does: a zombie.
  const parent = spawn("sh", ["-c", "sleep 1 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const zombie = await new Promise<string>((resolve) =>
    parent.stdout.once("data", (data) => resolve(String(data).trim())),
  );
  await vi.waitFor(async () => expect(await readFile(`/proc/${zombie}/stat`, "utf8")).toContain(") Z "), PATIENCE_MS);
  for (const pid of [process.pid, 1, zombie, 2 ** 22 - 7]) {
    const lines = [pid, `${dataDir}/data`, 1_700_000_000, 54_321, "", "127.0.0.1", "  1 2", "ready   "];
    await writeFile(join(dataDir, "data", "postmaster.pid"), `${lines.join("\n")}\n`);
    const server = await start(dataDir);
    expect(server.attached).toBe(false);
    expect([...(await query(server.url, "select n from t"))]).toEqual([{ n: 42 }]);
    await server.stop();
  }
});

test("marks of dead processes do not block the start", async () => {
  const dataDir = await folder();
  for (const name of ["claims", "owners"]) {
    await mkdir(join(dataDir, name), { recursive: true });
    await writeFile(join(dataDir, name, `${2 ** 22 - 7}.123.abcdef`), "");
    await writeFile(join(dataDir, name, `${process.pid}.123.abcdef`), "");
  }
  const server = await start(dataDir);
  const pid = serverPid(dataDir) ?? 0;
  await server.stop();
  expect(isRunning(pid)).toBe(false);
});

test("a first start that died half-way is begun anew", async () => {
  const dataDir = await folder();
  await mkdir(join(dataDir, "data.new", "base"), { recursive: true });
  await writeFile(join(dataDir, "data.new", "PG_VERSION"), "18\n");
  await withRow(dataDir);
  expect(await readdir(dataDir)).not.toContain("data.new");
});

test("a data folder under one that only its owner may enter works as it stands", async () => {
  const closed = await folder("inner/postgres");
  await chmod(closed, 0o700);
  const dataDir = join(closed, "inner", "postgres");
  await withRow(dataDir);
  const server = await start(dataDir);
  expect([...(await query(server.url, "select n from t"))]).toEqual([{ n: 42 }]);
  await query(server.url, "select pg_reload_conf()");
  await query(server.url, "checkpoint");
  await server.stop();
});

test("a server that does not start is explained by the end of its own log", async () => {
  const dataDir = await folder();
  await withRow(dataDir);
  await writeFile(join(dataDir, "data", "PG_VERSION"), "12\n");
  await expect(start(dataDir)).rejects.toThrow(/did not start[\s\S]*initialized by PostgreSQL version 12/);
  expect(await readdir(join(dataDir, "claims"))).toEqual([]);
});
